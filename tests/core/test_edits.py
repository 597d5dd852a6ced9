"""Edits as data: the inverse of the inverse, merging, and the JSON in which they are kept."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from labeler.core.boxes import Box, Origin, Rect, ReviewState, new_box
from labeler.core.edits import Edit, Side, change_boxes, inverse, merge, side_from_json, side_to_json

numbers = st.floats(allow_nan=False, allow_infinity=False)
boxes = st.builds(
    Box, numbers, numbers, numbers, numbers, st.integers(0, 99), st.text(min_size=1, max_size=32), st.sampled_from(Origin),
    st.none() | st.integers(1, 10**9),
)  # fmt: skip
sides = st.builds(
    Side,
    st.lists(boxes, max_size=4).map(tuple),
    st.frozensets(st.integers(1, 100), max_size=4),
    st.none() | st.sampled_from(ReviewState),
)


@given(sides)
def test_a_side_survives_the_log_exactly(side: Side) -> None:
    assert side_from_json(json.loads(json.dumps(side_to_json(side)))) == side


@given(sides, sides)
def test_taking_back_twice_is_the_edit_itself(before: Side, after: Side) -> None:
    edit = Edit(1, "x", before, after)
    assert inverse(inverse(edit)) == edit
    assert inverse(edit).before == after


def nudged(box: Box, *, dx: float, key: str | None = "n", image: int = 1) -> Edit:
    return change_boxes(image, "Move box", [box], [box.placed(Rect(box.x + dx, box.y, box.w, box.h))], merge_key=key)


def test_two_nudges_in_a_row_are_one() -> None:
    box = new_box(Rect(0, 0, 5, 5), 1)
    first = nudged(box, dx=1)
    second = nudged(first.after.boxes[0], dx=2)
    both = merge(first, second)
    assert both is not None
    assert (both.before.boxes[0].x, both.after.boxes[0].x) == (0, 3)


def test_what_is_no_single_gesture_does_not_merge() -> None:
    box = new_box(Rect(0, 0, 5, 5), 1)
    first = nudged(box, dx=1)
    then = first.after.boxes[0]
    assert merge(first, nudged(then, dx=1, key=None)) is None
    assert merge(nudged(box, dx=1, key=None), nudged(then, dx=1)) is None
    assert merge(first, nudged(then, dx=1, key="other")) is None
    assert merge(first, nudged(then, dx=1, image=2)) is None
    assert merge(first, nudged(replace(then, x=50.0), dx=1)) is None
    assert merge(first, nudged(new_box(Rect(0, 0, 5, 5), 1), dx=1)) is None
    assert merge(first, replace(nudged(then, dx=1), before=Side((then,), frozenset({3})))) is None
    assert merge(first, replace(nudged(then, dx=1), before=Side((then,), state=ReviewState.NEW))) is None
