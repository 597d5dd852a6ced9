"""What becomes of one cell of a sheet: boxes by its prompt, or why a person must look; the model is the second witness. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from labeler.core.boxes import Box, Detection, Origin, Rect, new_box
from labeler.core.doubts import Doubt, Kind
from labeler.core.readings import SURE, confirms, objections
from labeler.formats.sheet_cells import CellInk, State


def label_cell(
    cell: CellInk, seen: Sequence[Detection], names: Sequence[str]
) -> tuple[tuple[Box, ...], tuple[Doubt, ...]]:
    """The boxes of a cell, or why a person must look; neither for a cell that is empty or struck out.

    `seen` is what the model read on the sheet: it may confirm, object, miss what was taken for ink, or see what was not.
    """
    asked, place = cell.cell.prompt, cell.cell.name
    match cell.state:
        case State.EMPTY | State.STRUCK:
            return (), (Doubt(Kind.UNCLEAR, asked=asked, place=place),) if _is_read(cell, seen, names) else ()
        case State.LEAVES:
            return (), (Doubt(Kind.LEAVES_CELL, asked=asked, place=place),)
        case State.COUNT:
            return (), (Doubt(Kind.COUNT, asked=asked, place=place),)
        case State.WRITTEN:
            boxes = tuple(
                new_box(rect, names.index(digit), origin=Origin.INK)
                for digit, rect in zip(asked, cell.boxes, strict=True)
            )
            against = _against(cell, boxes, seen, names)
            return ((), against) if against else (boxes, ())


def _against(cell: CellInk, boxes: Sequence[Box], seen: Sequence[Detection], names: Sequence[str]) -> tuple[Doubt, ...]:
    """What the model has against the boxes of a cell: it reads another digit, or nothing at all where the ink should be."""
    if confirms(boxes, _near(cell, seen)):
        return ()
    place = cell.cell.name
    if not any(_is_in(cell.frame, d) for d in seen):
        return (Doubt(Kind.UNCLEAR, asked=cell.cell.prompt, place=place),)
    return tuple(replace(d, place=place) for d in objections(boxes, seen, names))


def _is_read(cell: CellInk, seen: Sequence[Detection], names: Sequence[str]) -> bool:
    """Whether the model reads a digit in an empty cell, or in one struck out just the digit that was asked for."""
    read = [d for d in seen if d.score >= SURE and _is_in(cell.frame, d)]
    return bool(read) if cell.state is State.EMPTY else any(names[d.class_id] in cell.cell.prompt for d in read)


def _is_in(frame: Rect, seen: Detection) -> bool:
    """Whether a detection's middle lies in a frame."""
    return frame.x < seen.x + seen.w / 2 < frame.right and frame.y < seen.y + seen.h / 2 < frame.bottom


def _near(cell: CellInk, seen: Sequence[Detection]) -> list[Detection]:
    """What the model read in this cell."""
    if not cell.boxes:
        return []
    left, right = min(r.x for r in cell.boxes) - 20, max(r.right for r in cell.boxes) + 20
    top, bottom = min(r.y for r in cell.boxes) - 20, max(r.bottom for r in cell.boxes) + 20
    return [d for d in seen if left <= d.x + d.w / 2 <= right and top <= d.y + d.h / 2 <= bottom]
