"""From a gesture to an edit: pure functions that turn what a person does on a page into an `Edit`. Nothing here changes anything."""

from collections.abc import Collection, Iterable

from labeler.core.boxes import Box, Rect, ReviewState, Suggestion, accepted, clip, move_inside, new_box, new_id
from labeler.core.edits import Edit, Side
from labeler.core.i18n import ntr, tr
from labeler.core.pages import Page, settled


def draw(page: Page, rect: Rect, class_id: int) -> Edit:
    """A new box, cut to the page."""
    box = new_box(clip(rect, page.image.width, page.image.height), class_id)
    return Edit(page.image.id, tr("Draw box"), after=Side((box,)))


def add(page: Page, boxes: Iterable[Box], text: str) -> Edit:
    """Boxes from elsewhere (pasted, duplicated): fresh ids, cut to the page, no memory of suggestions."""
    width, height = page.image.width, page.image.height
    fresh = tuple(new_box(clip(move_inside(b, width, height), width, height), b.class_id) for b in boxes)
    return Edit(page.image.id, text, after=Side(fresh))


def place(page: Page, rects: dict[str, Rect], *, merge_key: str | None = None, text: str | None = None) -> Edit:
    """Boxes moved or resized, by box id."""
    width, height = page.image.width, page.image.height
    before = tuple(b for b in page.boxes if b.id in rects)
    after = tuple(b.placed(clip(rects[b.id], width, height)) for b in before)
    return Edit(
        page.image.id, text or ntr("Move box", "Move {count} boxes", len(before)), Side(before), Side(after), merge_key
    )


def relabel(page: Page, ids: Collection[str], class_id: int) -> Edit:
    """Another class for boxes, by box id."""
    before = tuple(b for b in page.boxes if b.id in ids and b.class_id != class_id)
    after = tuple(Box(b.x, b.y, b.w, b.h, class_id, b.id, b.origin, b.suggestion_id) for b in before)
    return Edit(
        page.image.id, ntr("Change class", "Change the class of {count} boxes", len(before)), Side(before), Side(after)
    )


def delete(page: Page, ids: Collection[str]) -> Edit:
    """Boxes deleted. A box that came from a suggestion rejects it, so the ledger knows that it was wrong."""
    before = tuple(b for b in page.boxes if b.id in ids)
    rejected = frozenset(b.suggestion_id for b in before if b.suggestion_id is not None)
    return Edit(
        page.image.id, ntr("Delete box", "Delete {count} boxes", len(before)), Side(before), Side(rejected=rejected)
    )


def accept(page: Page, ids: Collection[int]) -> Edit:
    """Suggestions accepted as they are, by suggestion id."""
    boxes = tuple(accepted(s) for s in page.suggestions if s.id in ids)
    return Edit(page.image.id, ntr("Accept suggestion", "Accept {count} suggestions", len(boxes)), after=Side(boxes))


def correct(page: Page, suggestion: Suggestion, *, rect: Rect | None = None, class_id: int | None = None) -> Edit:
    """A suggestion made a box elsewhere or of another class; the box remembers its suggestion."""
    box = accepted(suggestion)
    where = clip(rect, page.image.width, page.image.height) if rect is not None else box
    changed = Box(
        where.x,
        where.y,
        where.w,
        where.h,
        box.class_id if class_id is None else class_id,
        box.id,
        box.origin,
        suggestion.id,
    )
    return Edit(page.image.id, tr("Correct suggestion"), after=Side((changed,)))


def together(edits: Iterable[Edit], text: str) -> Edit:
    """Edits of one page that touch different things, as one step. Raises ValueError for none."""
    parts = tuple(edits)
    if not parts:
        raise ValueError("nothing to do together")
    before, after = (
        Side(
            tuple(box for side in sides for box in side.boxes),
            frozenset(s for side in sides for s in side.rejected),
            next((side.state for side in sides if side.state is not None), None),
        )
        for sides in ([e.before for e in parts], [e.after for e in parts])
    )
    return Edit(parts[0].image_id, text, before, after)


def reject(page: Page, ids: Collection[int]) -> Edit:
    """Suggestions rejected, by suggestion id."""
    gone = frozenset(s.id for s in page.suggestions if s.id in ids)
    return Edit(
        page.image.id, ntr("Reject suggestion", "Reject {count} suggestions", len(gone)), after=Side(rejected=gone)
    )


def review(page: Page, *, accept_rest: bool = False) -> Edit:
    """The image marked reviewed. Suggestions still open are accepted, or else rejected: a reviewed page has none left."""
    boxes = tuple(accepted(s) for s in page.suggestions) if accept_rest else ()
    gone = frozenset() if accept_rest else frozenset(s.id for s in page.suggestions)
    text = tr("Accept all and mark reviewed") if boxes else tr("Mark reviewed")
    return Edit(page.image.id, text, Side(state=page.image.state), Side(boxes, gone, ReviewState.REVIEWED))


def reopen(page: Page) -> Edit:
    """The image no longer reviewed."""
    state = settled(ReviewState.NEW, page.image.suggested_by)
    return Edit(page.image.id, tr("Reopen page"), Side(state=page.image.state), Side(state=state))


def copies(boxes: Iterable[Box], *, offset: float = 0.0) -> tuple[Box, ...]:
    """The same boxes with fresh ids, shifted right and down by `offset` pixels."""
    return tuple(Box(b.x + offset, b.y + offset, b.w, b.h, b.class_id, new_id()) for b in boxes)
