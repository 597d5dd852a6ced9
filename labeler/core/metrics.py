"""How good a detector is on pages whose truth is known: COCO's measures, and the teacher's (what must still be corrected).

Average precision follows the COCO evaluation (Lin et al. 2014) and agrees with pycocotools. The measures at a score count
what a person would see on the screen. Owns no detector, no threshold policy and no database.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labeler.core.boxes import FloatArray, iou_matrix
from labeler.core.corrections import Corrections, needed, total
from labeler.core.matching import IntArray, Page, arrays, greedy, match

IOUS: FloatArray = np.linspace(0.5, 0.95, 10)
"""Overlaps at which COCO judges."""
RECALLS: FloatArray = np.linspace(0.0, 1.0, 101)
"""Recalls at which COCO reads the precision."""
SCORES: FloatArray = np.linspace(0.0, 1.0, 101)
"""Scores at which the curves are read."""


@dataclass(frozen=True, slots=True)
class ClassMetrics:
    """One class. None where the class has no true box (or, for `precision`, no detection) to judge by."""

    class_id: int
    support: int
    precision: float | None
    recall: float | None
    ap50: float | None
    ap50_95: float | None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall."""
        if self.precision is None or self.recall is None:
            return None
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Curve:
    """Precision, recall and F1 at IoU 0.5, read at each of `SCORES`. Precision is 1 where nothing scores so high."""

    precision: tuple[float, ...]
    recall: tuple[float, ...]
    f1: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Blank:
    """Pages without a digit: how many, on how many something was imagined, and how many detections in all."""

    pages: int
    with_false_alarm: int
    false_alarms: int


@dataclass(frozen=True, slots=True)
class Metrics:
    """Everything that is known of a detector on some pages. `map50` and `map50_95` are None without any true box.

    `confusion[truth][found]` counts pairs with IoU ≥ 0.5; the last column is "missed", the last row "imagined".
    `precision_at_recall` is COCO's curve at IoU 0.5, read at `RECALLS`, averaged over the classes.
    """

    pages: int
    boxes: int
    min_score: float
    map50: float | None
    map50_95: float | None
    precision: float | None
    recall: float | None
    per_class: tuple[ClassMetrics, ...]
    confusion: tuple[tuple[int, ...], ...]
    curve: Curve
    class_curves: tuple[Curve, ...]
    precision_at_recall: tuple[float, ...]
    best_score: float
    """The score with the highest F1 over all digits."""
    blank: Blank
    corrections: Corrections


@dataclass(frozen=True, slots=True)
class Ranked:
    """All detections of all pages by falling score. `hits` (10, n): whether each is right at each of `IOUS`.

    `page` is the number of the page that each detection is on, `support` (pages, classes) the true boxes.
    """

    classes: IntArray
    scores: FloatArray
    hits: FloatArray
    page: IntArray
    support: IntArray


def evaluate(pages: Sequence[Page], *, classes: int, min_score: float = 0.25, max_dets: int = 1000) -> Metrics:
    """Judge `pages`. Class ids are 0 … `classes` - 1; `max_dets` bounds the detections of one class on one page.

    Average precision uses every detection given, so run the detector with a very low score; the rest uses `min_score`.
    """
    ranked = rank(pages, classes=classes, max_dets=max_dets)
    precision = (
        np.stack([precision_at_recall(ranked, c) for c in range(classes)]) if classes else np.zeros((0, 10, 101))
    )
    ap = precision.mean(axis=2)
    support = ranked.support.sum(axis=0)
    judged = support > 0
    curves = [_curve(ranked, np.flatnonzero(ranked.classes == c), int(support[c])) for c in range(classes)]
    overall = _curve(ranked, np.arange(len(ranked.scores)), int(support.sum()))
    confusion, corrections = _at_score(pages, classes=classes, min_score=min_score)
    per_class = tuple(_class_metrics(c, ap[c], confusion, int(support[c])) for c in range(classes))
    return Metrics(
        pages=len(pages),
        boxes=int(support.sum()),
        min_score=min_score,
        map50=float(ap[judged, 0].mean()) if judged.any() else None,
        map50_95=float(ap[judged].mean()) if judged.any() else None,
        precision=_mean(c.precision for c in per_class),
        recall=_mean(c.recall for c in per_class),
        per_class=per_class,
        confusion=tuple(tuple(int(v) for v in row) for row in confusion),
        curve=overall,
        class_curves=tuple(curves),
        precision_at_recall=_floats(precision[judged, 0].mean(axis=0)) if judged.any() else (0.0,) * len(RECALLS),
        best_score=float(SCORES[int(np.argmax(overall.f1))]),
        blank=_blank(pages, min_score=min_score),
        corrections=corrections,
    )


def rank(pages: Sequence[Page], *, classes: int, max_dets: int = 1000) -> Ranked:
    """Match the detections of every page to its truth at each of `IOUS`, and put them in order of score."""
    found, scores, hits, page_of = (
        [np.empty(0, np.int64)],
        [np.empty(0)],
        [np.empty((len(IOUS), 0))],
        [np.empty(0, np.int64)],
    )
    support = np.zeros((len(pages), classes), dtype=np.int64)
    for number, page in enumerate(pages):
        a = arrays(page)
        support[number] = np.bincount(a.truth_classes, minlength=classes)[:classes]
        keep = _within(a.found_classes, max_dets)
        same = a.found_classes[keep, None] == a.truth_classes[None, :]
        table = np.where(same, iou_matrix(a.found_boxes[keep], a.truth_boxes), 0.0)
        found.append(a.found_classes[keep])
        scores.append(a.scores[keep])
        hits.append((greedy(table, IOUS) >= 0).astype(np.float64))
        page_of.append(np.full(int(keep.sum()), number, dtype=np.int64))
    flat = np.concatenate(scores)
    order = np.argsort(-flat, kind="stable")
    return Ranked(
        np.concatenate(found)[order],
        flat[order],
        np.concatenate(hits, axis=1)[:, order],
        np.concatenate(page_of)[order],
        support,
    )


def _within(classes: IntArray, max_dets: int) -> npt.NDArray[np.bool_]:
    """True for the first `max_dets` detections of each class."""
    keep = np.ones(len(classes), dtype=bool)
    for c in np.unique(classes):
        keep[np.flatnonzero(classes == c)[max_dets:]] = False
    return keep


def precision_at_recall(ranked: Ranked, class_id: int, *, weights: FloatArray | None = None) -> FloatArray:
    """(10, 101): the best precision at each of `RECALLS` or any higher recall; zeros where there is no truth.

    `weights` (pages) says how often each page counts, as a bootstrap sample has it; None counts each once.
    """
    out = np.zeros((len(IOUS), len(RECALLS)))
    rows = ranked.classes == class_id
    times = np.ones(int(rows.sum())) if weights is None else weights[ranked.page[rows]]
    support = float(ranked.support[:, class_id].sum() if weights is None else weights @ ranked.support[:, class_id])
    count = len(times)
    if not support or not count:
        return out
    right = (ranked.hits[:, rows] * times).cumsum(axis=1)
    shown = times.cumsum()
    recall = right / support
    precision = np.divide(right, shown, out=np.zeros_like(right), where=shown > 0)
    envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    for level in range(len(IOUS)):
        at = np.searchsorted(recall[level], RECALLS, side="left")
        reached = at < count
        out[level, reached] = envelope[level, at[reached]]
    return out


def _curve(ranked: Ranked, rows: IntArray, support: int) -> Curve:
    scores, hits = ranked.scores[rows], ranked.hits[0, rows]
    # Rows fall in score, so those of at least s are the first `shown`.
    shown = np.searchsorted(-scores, -SCORES, side="right")
    right = np.concatenate([[0.0], hits.cumsum()])[shown]
    precision = np.divide(right, shown, out=np.ones_like(right), where=shown > 0)
    recall = right / support if support else np.zeros_like(right)
    both = shown + support
    f1 = np.divide(2 * right, both, out=np.zeros_like(right), where=both > 0)
    return Curve(_floats(precision), _floats(recall), _floats(f1))


def _at_score(pages: Sequence[Page], *, classes: int, min_score: float) -> tuple[IntArray, Corrections]:
    confusion = np.zeros((classes + 1, classes + 1), dtype=np.int64)
    parts = []
    for page in pages:
        matching = match(page, min_score=min_score)
        parts.append(needed(page, matching))
        for pair in matching.pairs:
            confusion[page.truth[pair.truth].class_id, page.found[pair.found].class_id] += 1
        for t in matching.missed:
            confusion[page.truth[t].class_id, classes] += 1
        for f in matching.imagined:
            confusion[classes, page.found[f].class_id] += 1
    return confusion, total(parts)


def _class_metrics(class_id: int, ap: FloatArray, confusion: IntArray, support: int) -> ClassMetrics:
    right = int(confusion[class_id, class_id])
    shown = int(confusion[:, class_id].sum())
    return ClassMetrics(
        class_id,
        support,
        precision=right / shown if shown else None,
        recall=right / support if support else None,
        ap50=float(ap[0]) if support else None,
        ap50_95=float(ap.mean()) if support else None,
    )


def _blank(pages: Sequence[Page], *, min_score: float) -> Blank:
    alarms = [sum(d.score >= min_score for d in page.found) for page in pages if not page.truth]
    return Blank(len(alarms), sum(a > 0 for a in alarms), sum(alarms))


def _mean(values: Iterable[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) / len(known) if known else None


def _floats(values: FloatArray) -> tuple[float, ...]:
    return tuple(float(v) for v in values)
