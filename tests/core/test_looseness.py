"""A person's looseness: what boxes they dragged says how much paper the next box leaves around its ink."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.core.boxes import Rect
from labeler.core.looseness import LAST, Looseness

SIDES = st.floats(1, 500)


def loose(width: float, height: float, share: float) -> tuple[Rect, float]:
    """A box around ink of that size, and its margin."""
    by = share * max(width, height)
    return Rect(10, 20, width + 2 * by, height + 2 * by), by


@given(SIDES, SIDES, SIDES, SIDES, st.floats(0, 1))
def test_a_share_seen_on_one_digit_is_left_around_digits_of_any_size(
    w1: float, h1: float, w2: float, h2: float, share: float
) -> None:
    habit = Looseness()
    habit.learn(*loose(w1, h1, share))
    tight = Rect(100, 200, w2, h2)
    assert habit.around(tight).w == pytest.approx(loose(w2, h2, share)[0].w, rel=1e-6)
    assert habit.around(tight).x == pytest.approx(100 - loose(w2, h2, share)[1], rel=1e-6, abs=1e-6)


def test_nothing_learnt_leaves_the_ink_alone() -> None:
    habit = Looseness()
    assert not habit
    assert habit.around(Rect(1, 2, 3, 4)) == Rect(1, 2, 3, 4)


def test_one_odd_box_changes_no_habit_and_old_ones_are_forgotten() -> None:
    habit = Looseness()
    for share in (0.1, 0.1, 0.9):
        habit.learn(*loose(20, 40, share))
    assert habit.around(Rect(0, 0, 20, 40)).h == pytest.approx(48)
    for _ in range(LAST):
        habit.learn(*loose(20, 40, 0.3))
    assert habit.around(Rect(0, 0, 20, 40)).h == pytest.approx(64)


def test_a_box_that_is_all_paper_teaches_nothing() -> None:
    habit = Looseness()
    habit.learn(Rect(0, 0, 10, 10), 5)
    assert not habit
