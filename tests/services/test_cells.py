"""One cell of a sheet: ink by its prompt, and a model that may confirm, object, miss what was taken for ink, or see what was not."""

import numpy as np
import pytest

from labeler.core.boxes import Detection, Rect
from labeler.core.doubts import Doubt, Kind
from labeler.core.sheets import CELL_SPACE, Cell
from labeler.formats.sheet_cells import CellInk, State, read_cells
from labeler.services._cells import label_cell

NAMES = tuple("0123456789")
FRAME, INK = Rect(100, 100, 110, 124), Rect(130, 120, 40, 80)
WRITTEN = CellInk(Cell(Rect(0, 0, 14, 15.5), "7", "B3"), FRAME, State.WRITTEN, (INK,))
EMPTY = CellInk(WRITTEN.cell, FRAME, State.EMPTY)
STRUCK = CellInk(WRITTEN.cell, FRAME, State.STRUCK)
UNCLEAR = (Doubt(Kind.UNCLEAR, asked="7", place="B3"),)
K = 8.0


def seen(class_id: int, score: float, dx: float = 0.0) -> Detection:
    return Detection(INK.x + dx, INK.y, INK.w, INK.h, class_id, score)


@pytest.mark.parametrize(
    ("found", "doubts"),
    [
        ([seen(7, 0.9)], ()),
        ([seen(7, 0.2)], ()),
        ([seen(1, 0.6)], ()),  # no firm reading of another digit
        ([seen(1, 0.9)], (Doubt(Kind.DISAGREES, asked="7", found="1", place="B3"),)),
        ([], UNCLEAR),  # dirt is no digit to the model, and a faint digit is for a person
        ([seen(7, 0.9, dx=200)], UNCLEAR),
    ],
)
def test_ink_is_the_digit_asked_for_unless_the_model_reads_another_or_nothing(
    found: list[Detection], doubts: tuple[Doubt, ...]
) -> None:
    boxes, why = label_cell(WRITTEN, found, NAMES)
    assert why == doubts
    assert [(b.class_id, b.x, b.y) for b in boxes] == ([] if doubts else [(7, INK.x, INK.y)])


def test_an_empty_cell_in_which_the_model_reads_a_digit_is_for_a_person() -> None:
    assert label_cell(EMPTY, [], NAMES) == ((), ())
    assert label_cell(EMPTY, [seen(4, 0.4)], NAMES) == ((), ())
    assert label_cell(EMPTY, [seen(4, 0.6, dx=200)], NAMES) == ((), ())
    assert label_cell(EMPTY, [seen(4, 0.6)], NAMES) == ((), UNCLEAR)


def test_a_cell_struck_out_in_which_the_model_still_reads_what_was_asked_for_is_for_a_person() -> None:
    assert label_cell(STRUCK, [], NAMES) == ((), ())
    assert label_cell(STRUCK, [seen(4, 0.9)], NAMES) == ((), ())
    assert label_cell(STRUCK, [seen(7, 0.9)], NAMES) == ((), UNCLEAR)


def states(*lines: tuple[float, float]) -> list[State]:
    """Three cells side by side, with an upright line from `x` to `x2` millimetres of the sheet for each of `lines`."""
    cells = [Cell(Rect(5 + n * (14 + CELL_SPACE), 5, 14, 15.5), "1", f"A{n + 1}") for n in range(3)]
    part = Rect(0, 0, 60, 26)
    picture = np.full((round(part.h * K), round(part.w * K), 3), 235, np.uint8)
    for x, x2 in lines:
        picture[round(8 * K) : round(16 * K), round(x * K) : round(x2 * K)] = 30
    return [cell.state for cell in read_cells(picture, cells, part, pixels_per_mm=K)]


def test_a_digit_beside_every_cell_is_missed_by_none() -> None:
    assert states() == [State.EMPTY] * 3
    assert states((10, 10.8), (29, 29.8), (46, 46.8)) == [State.WRITTEN] * 3
    gap = 5 + 14 + CELL_SPACE / 2
    assert states((10, 10.8), (gap - 0.4, gap + 0.4), (46, 46.8)) == [State.WRITTEN, State.LEAVES, State.WRITTEN]
    first = 5 + 14 + 0.6  # nearer to its neighbour, which has ink of its own
    assert states((10, 10.8), (first, first + 0.8), (46, 46.8))[1] is State.LEAVES


def test_what_leaves_its_own_cell_is_not_the_empty_neighbours() -> None:
    right = 5 + 14
    found = states((right - 3, right + 2.2))  # a broad stroke of the first cell that reaches far into the gap
    assert found == [State.LEAVES, State.EMPTY, State.EMPTY]
