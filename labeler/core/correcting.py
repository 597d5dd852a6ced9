"""The edit that a careful person would make: from suggestions to the truth. Used where the truth is known, to rehearse and to measure."""

from collections.abc import Sequence

from labeler.core.boxes import Box, ClassRect, Origin, ReviewState, Suggestion, accepted, clip, new_id
from labeler.core.corrections import GOOD_IOU
from labeler.core.edits import Edit, Side
from labeler.core.i18n import tr
from labeler.core.matching import Page as Judged
from labeler.core.matching import match
from labeler.core.pages import Page


def correct_page(page: Page, truth: Sequence[ClassRect]) -> Edit:
    """Accept what is right, move and relabel what is nearly right, reject the rest, draw what is missing, mark reviewed.

    Boxes that the page has already stay; `truth` they cover is not drawn again.
    """
    covered = match(Judged(truth, [_as_detection(b) for b in page.boxes]), min_score=0.0)
    missing = [truth[i] for i in covered.missed]
    found = match(Judged(missing, page.suggestions), min_score=0.0)
    kept = [
        _corrected(page.suggestions[p.found], missing[p.truth], right=p.same_class and p.iou >= GOOD_IOU)
        for p in found.pairs
    ]
    drawn = [_draw(page, missing[i]) for i in found.missed]
    rejected = frozenset(page.suggestions[i].id for i in found.imagined)
    after = Side((*kept, *drawn), rejected, ReviewState.REVIEWED)
    return Edit(page.image.id, tr("Correct page"), Side(state=page.image.state), after)


def _corrected(suggestion: Suggestion, truth: ClassRect, *, right: bool) -> Box:
    box = accepted(suggestion)
    if right:
        return box
    return Box(truth.x, truth.y, truth.w, truth.h, truth.class_id, box.id, Origin.SUGGESTION, suggestion.id)


def _draw(page: Page, truth: ClassRect) -> Box:
    where = clip(truth, page.image.width, page.image.height)
    return Box(where.x, where.y, where.w, where.h, truth.class_id, new_id())


def _as_detection(box: Box) -> Suggestion:
    return Suggestion(box.x, box.y, box.w, box.h, box.class_id, 1.0, 0, 0)
