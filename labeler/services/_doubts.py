"""Weighs what look-alikes and a model say about the boxes of one page, and about ink without one. Pure but for its texts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from labeler.core.boxes import Box, Detection, FloatArray, Rect, as_array, grown, intersection, iou_matrix
from labeler.core.findings import Finding, Kind
from labeler.core.i18n import tr
from labeler.core.neighbours import Shares
from labeler.services._looking import PageLook
from labeler.services._witness import SURE

SAME_DIGIT = 0.5
TOUCHES = 0.3
FITS, MISSES = 0.7, 0.3
"""Overlaps (IoU) with a model's box from which a box surely fits, and below which it surely does not."""
BESIDE = 0.1
"""Share of its longer side up to which ink lies beside a box."""


@dataclass(frozen=True, slots=True)
class Jury:
    """Who speaks on a page: shares of each answer among look-alikes of its boxes and of its spare ink, and a model's detections.

    Answers are the classes, then "off its digit", then "nothing". `trust` 0…1 is the model's weight beside the look-alikes' 1.
    """

    boxes: Shares
    spare: Shares
    found: Sequence[Detection] = ()
    trust: float = 0.0
    model: str = ""

    @property
    def witness(self) -> str:
        if not self.trust:
            return tr("look-alikes on other pages")
        return tr(
            "look-alikes on other pages and the model {model}, which has not learnt from this one", model=self.model
        )


def doubts(page: PageLook, jury: Jury, name: Callable[[int], str]) -> list[Finding]:
    """At most one doubt a box, and one for each spare ink that looks like a digit; scores 0…1, low ones too."""
    overlap = iou_matrix(as_array(page.boxes), as_array(jury.found))
    boxes = [_box(page, n, jury, overlap[n], name) for n in range(len(page.boxes))]
    return [*boxes, *_missed(page, jury, name)]


def _box(page: PageLook, n: int, jury: Jury, overlap: FloatArray, name: Callable[[int], str]) -> Finding:
    box, shares = page.boxes[n], jury.boxes[n]
    off, none = shares[-2], max(float(shares[-1]), page.faint[n])
    classes = jury.trust * _class_scores(jury.found, overlap, len(shares) - 2) + shares[:-2]
    classes = classes / (1 + jury.trust)
    best = int(np.argmax(classes))
    there = max((d.score for d, o in zip(jury.found, overlap, strict=True) if o >= TOUCHES), default=0.0)
    astray, better = _astray(jury.found, overlap)
    scores = {
        Kind.CLASS: classes[best] - classes[box.class_id],
        Kind.PLACE: (off + jury.trust * astray) / (1 + jury.trust),
        Kind.NOTHING: (none + jury.trust * (1 - there)) / (1 + jury.trust),
    }
    kind = max(scores, key=lambda k: scores[k])
    texts = {
        Kind.CLASS: tr("Labelled {label}, looks like {other}.", label=name(box.class_id), other=name(best)),
        Kind.PLACE: tr("The box does not fit its digit."),
        Kind.NOTHING: tr("There is no digit in this box."),
    }
    return Finding(
        kind, page.image_id, box.id, float(scores[kind]), texts[kind], box, better if kind is Kind.PLACE else None,
        best if kind is Kind.CLASS else None, by=jury.witness,
    )  # fmt: skip


def _missed(page: PageLook, jury: Jury, name: Callable[[int], str]) -> list[Finding]:
    """Where much ink looks like digits and has no box, it is something else (letters, say), so that each counts for less."""
    overlap = iou_matrix(as_array(page.spare), as_array(jury.found))
    like = jury.spare[:, :-2].sum(axis=1) * (1 - _claimed(page, jury))
    rival = int((like > 0.3).sum())
    usual = len(page.boxes) / (len(page.boxes) + max(rival - 1, 0))
    findings = []
    for n, rect in enumerate(page.spare):
        classes = jury.spare[n, :-2] + jury.trust * _class_scores(jury.found, overlap[n], jury.spare.shape[1] - 2)
        best = int(np.argmax(classes))
        seen = max((d.score for d, o in zip(jury.found, overlap[n], strict=True) if o >= TOUCHES), default=0.0)
        score = (usual * like[n] + jury.trust * seen) / (1 + jury.trust)
        text = tr("This looks like {digit} and has no box.", digit=name(best))
        findings.append(
            Finding(Kind.MISSED, page.image_id, None, float(score), text, rect, class_id=best, by=jury.witness)
        )
    return findings


def _claimed(page: PageLook, jury: Jury) -> FloatArray:
    """For each spare ink (n,) that touches ink with a box: how likely it is that of a box beside it, which does not fit its digit.

    A model that is trusted would have seen a digit there.
    """
    shares = np.zeros(len(page.spare))
    for n, ink in list(enumerate(page.spare))[page.whole :]:
        around = grown(ink, BESIDE * max(ink.w, ink.h))
        beside = [off for box, off in zip(page.boxes, jury.boxes[:, -2], strict=True) if intersection(around, box) > 0]
        shares[n] = max([jury.trust, *beside])
    return shares


def _class_scores(found: Sequence[Detection], overlap: FloatArray, classes: int) -> FloatArray:
    """For each class the best score of a detection on the same digit."""
    scores = np.zeros(classes)
    for detection, over in zip(found, overlap, strict=True):
        if over >= SAME_DIGIT:
            scores[detection.class_id] = max(scores[detection.class_id], detection.score)
    return scores


def _astray(found: Sequence[Detection], overlap: FloatArray) -> tuple[float, Rect | None]:
    """How much a box misses what the model found nearest to it (a half where it found nothing), and where that is."""
    near = [(o, d) for d, o in zip(found, overlap, strict=True) if d.score >= SURE and o >= 0.2]
    if not near:
        return 0.5, None
    over, best = max(near, key=lambda pair: pair[0])
    return float(np.clip((FITS - over) / (FITS - MISSES), 0, 1)), Rect(best.x, best.y, best.w, best.h)


def boxes_too_many(image_id: int, boxes: Sequence[tuple[Box, Box, float]]) -> list[Finding]:
    """Findings for doubled boxes."""
    text = tr("A second box on one digit.")
    return [Finding(Kind.DOUBLED, image_id, box.id, over, text, box, by=tr("the boxes")) for box, _, over in boxes]
