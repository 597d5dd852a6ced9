"""Geometry of boxes: cutting to the page, overlap, and the array forms that must agree with the plain ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.core.boxes import (
    MIN_SIDE,
    Detection,
    Origin,
    Rect,
    Suggestion,
    accepted,
    as_array,
    clip,
    from_corners,
    intersection,
    iou,
    iou_matrix,
    is_finite,
    move_inside,
    new_box,
    new_id,
)

numbers = st.floats(-1000, 1000)
sides = st.floats(0, 1000)
rects = st.builds(Rect, numbers, numbers, sides, sides)
pages = st.tuples(st.integers(1, 800), st.integers(1, 800))
close = pytest.approx


@given(rects, pages)
def test_a_clipped_rectangle_lies_on_the_page_and_can_be_seen(rect: Rect, page: tuple[int, int]) -> None:
    cut = clip(rect, *page)
    assert cut.x >= 0
    assert cut.y >= 0
    assert cut.right <= page[0] + 1e-9
    assert cut.bottom <= page[1] + 1e-9
    assert cut.w >= MIN_SIDE - 1e-9
    assert cut.h >= MIN_SIDE - 1e-9


@given(st.floats(0, 50), st.floats(0, 50), st.floats(1, 50), st.floats(1, 50))
def test_what_lies_on_the_page_stays_as_it_is(x: float, y: float, w: float, h: float) -> None:
    cut = clip(Rect(x, y, w, h), 100, 100)
    assert (cut.x, cut.y, cut.w, cut.h) == close((x, y, w, h))


@given(rects, pages)
def test_pushing_inside_keeps_the_size_where_it_fits(rect: Rect, page: tuple[int, int]) -> None:
    moved = move_inside(rect, *page)
    assert moved.w == min(rect.w, page[0])
    assert moved.h == min(rect.h, page[1])
    assert 0 <= moved.x <= max(page[0] - moved.w, 0)
    assert 0 <= moved.y <= max(page[1] - moved.h, 0)


@given(rects, rects)
def test_overlap_is_symmetric_and_between_nothing_and_all(a: Rect, b: Rect) -> None:
    assert iou(a, b) == close(iou(b, a))
    assert 0 <= iou(a, b) <= 1 + 1e-9
    assert intersection(a, b) <= min(a.area, b.area) + 1e-6 * max(a.area, b.area, 1)


@given(st.lists(rects, max_size=6), st.lists(rects, max_size=6))
def test_the_matrix_holds_the_overlap_of_every_pair(a: list[Rect], b: list[Rect]) -> None:
    want = np.array([[iou(p, q) for q in b] for p in a]).reshape(len(a), len(b))
    assert iou_matrix(as_array(a), as_array(b)) == close(want)


def test_known_overlaps() -> None:
    assert iou(Rect(0, 0, 10, 10), Rect(0, 0, 10, 10)) == 1
    assert iou(Rect(0, 0, 10, 10), Rect(5, 0, 10, 10)) == close(1 / 3)
    assert iou(Rect(0, 0, 10, 10), Rect(10, 0, 10, 10)) == 0
    assert iou(Rect(3, 3, 0, 0), Rect(3, 3, 0, 0)) == 0


@given(numbers, numbers, numbers, numbers)
def test_corners_come_in_any_order(x1: float, y1: float, x2: float, y2: float) -> None:
    assert from_corners(x1, y1, x2, y2) == from_corners(x2, y2, x1, y1) == from_corners(x1, y2, x2, y1)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_only_numbers_are_finite(bad: float) -> None:
    assert is_finite(Rect(1, 2, 3, 4))
    assert not any(is_finite(Rect(*(bad if n == m else 1.0 for m in range(4)))) for n in range(4))


def test_accepting_keeps_place_and_class_and_remembers() -> None:
    suggestion = Suggestion(1, 2, 3, 4, 5, 0.5, 6, 7)
    box = accepted(suggestion)
    assert (box.x, box.y, box.w, box.h, box.class_id, box.suggestion_id) == (1, 2, 3, 4, 5, 6)
    assert box.origin is Origin.SUGGESTION
    assert box.placed(Rect(9, 9, 9, 9)).suggestion_id == 6
    assert isinstance(suggestion, Detection)


def test_ids_are_fresh_and_fit_their_column() -> None:
    ids = {new_id() for _ in range(1000)} | {new_box(Rect(1, 1, 1, 1), 0).id}
    assert len(ids) == 1001
    assert {len(i) for i in ids} == {32}
