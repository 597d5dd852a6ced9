"""What the labelling desk shows of one image, as frozen values."""

from dataclasses import dataclass, replace
from datetime import datetime

from labeler.core.boxes import Box, ReviewState, Suggestion
from labeler.core.doubts import Doubt
from labeler.core.edits import Edit


@dataclass(frozen=True, slots=True)
class Image:
    """One picture of the project. `width`, `height` in upright pixels; `split` is the writer's or the group's.

    `doubts` say why a person must look before its boxes count; they are settled once it is reviewed.
    """

    id: int
    name: str
    width: int
    height: int
    state: ReviewState
    source: str = ""
    writer: str | None = None
    split: str | None = None
    kind: str = "picture"
    prompt: str | None = None
    suggested_by: int | None = None
    uncertainty: float | None = None
    boxes: int = 0
    added_at: datetime | None = None
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """An image with its boxes and with the suggestions that nobody has judged yet, both in reading order of their making."""

    image: Image
    boxes: tuple[Box, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    rejected: frozenset[int] = frozenset()

    def box(self, box_id: str) -> Box | None:
        """The box with this id."""
        return next((b for b in self.boxes if b.id == box_id), None)


def settled(state: ReviewState, suggested_by: int | None) -> ReviewState:
    """A person decides whether a page is reviewed; whether it else is new or suggested follows from a model having looked at it."""
    if state is ReviewState.REVIEWED:
        return state
    return ReviewState.NEW if suggested_by is None else ReviewState.SUGGESTED


def after_edit(page: Page, edit: Edit, suggestions: tuple[Suggestion, ...]) -> Page:
    """The page once `edit` is applied; `suggestions` are all that this image's model made, judged or not.

    The same rule as the store's, so that a window can show the result without reading it back.
    """
    gone = {b.id for b in edit.before.boxes}
    by_id = {b.id: b for b in edit.after.boxes}
    kept = [by_id.pop(b.id, b) if b.id in gone else b for b in page.boxes if b.id not in gone or b.id in by_id]
    boxes = (*kept, *(b for b in edit.after.boxes if b.id in by_id))
    rejected = (page.rejected - edit.before.rejected) | edit.after.rejected
    judged = rejected | {b.suggestion_id for b in boxes if b.suggestion_id is not None}
    state = settled(edit.after.state, page.image.suggested_by) if edit.after.state else page.image.state
    return replace(
        page,
        image=replace(page.image, state=state, boxes=len(boxes)),
        boxes=boxes,
        rejected=rejected,
        suggestions=tuple(s for s in suggestions if s.id not in judged),
    )
