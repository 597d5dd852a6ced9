"""An edit is data: what one page held before and after. Undo is the inverse, through the same door."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from labeler.core.boxes import Box, Origin, ReviewState


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an edit: only what the edit touches.

    `boxes` are the touched boxes, `rejected` the touched suggestions that are rejected on this side, `state` the review state
    where the edit changes it.
    """

    boxes: tuple[Box, ...] = ()
    rejected: frozenset[int] = frozenset()
    state: ReviewState | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one image. `text` is what the history shows; edits with the same `merge_key` in a row become one step."""

    image_id: int
    text: str
    before: Side = field(default_factory=Side)
    after: Side = field(default_factory=Side)
    merge_key: str | None = None

    @property
    def is_empty(self) -> bool:
        return self.before == self.after


def inverse(edit: Edit) -> Edit:
    """The edit that takes `edit` back."""
    return replace(edit, before=edit.after, after=edit.before, merge_key=None)


def merge(first: Edit, second: Edit) -> Edit | None:
    """Both as one edit, or None where they are not one gesture."""
    if first.merge_key is None or first.merge_key != second.merge_key or first.image_id != second.image_id:
        return None
    if {b.id: b for b in first.after.boxes} != {b.id: b for b in second.before.boxes}:
        return None
    if first.after.rejected != second.before.rejected or first.after.state != second.before.state:
        return None
    return replace(second, before=first.before)


def change_boxes(
    image_id: int, text: str, before: Iterable[Box], after: Iterable[Box], *, merge_key: str | None = None
) -> Edit:
    """An edit of boxes alone."""
    return Edit(image_id, text, Side(tuple(before)), Side(tuple(after)), merge_key)


def box_to_json(box: Box) -> dict[str, Any]:
    """A box as plain values."""
    return {
        "id": box.id, "class": box.class_id, "x": box.x, "y": box.y, "w": box.w, "h": box.h,
        "origin": str(box.origin), "suggestion": box.suggestion_id,
    }  # fmt: skip


def box_from_json(value: dict[str, Any]) -> Box:
    """The inverse of `box_to_json`."""
    return Box(
        value["x"], value["y"], value["w"], value["h"], value["class"], value["id"],
        Origin(value["origin"]), value["suggestion"],
    )  # fmt: skip


def side_to_json(side: Side) -> dict[str, Any]:
    """A side as plain values, boxes in order."""
    return {
        "boxes": [box_to_json(b) for b in side.boxes],
        "rejected": sorted(side.rejected),
        "state": str(side.state) if side.state else None,
    }


def side_from_json(value: dict[str, Any]) -> Side:
    """The inverse of `side_to_json`."""
    state = ReviewState(value["state"]) if value["state"] else None
    return Side(tuple(box_from_json(b) for b in value["boxes"]), frozenset(value["rejected"]), state)
