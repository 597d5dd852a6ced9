"""How large a person draws boxes beside a model, as a margin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.core import habit
from labeler.core.boxes import Rect

side = st.floats(4.0, 200.0)
by = st.floats(-0.2, 0.25)


@given(st.floats(100.0, 400.0), st.floats(100.0, 400.0), side, side, by)
def test_the_models_own_box_comes_back(x: float, y: float, w: float, h: float, margin: float) -> None:
    seen = Rect(x, y, w, h)
    if min(w, h) + 2 * margin * max(w, h) < 2:
        return
    back = habit.as_seen(habit.sized(seen, margin, width=1000, height=1000), margin)
    assert (back.x, back.y, back.w, back.h) == pytest.approx((x, y, w, h), abs=1e-6)


@given(side, side, st.floats(-0.1, 0.2))
def test_a_margin_is_what_a_sized_box_has(w: float, h: float, given_margin: float) -> None:
    seen = Rect(300, 300, w, h)
    found = habit.margin(seen, habit.sized(seen, given_margin, width=1000, height=1000))
    assert (
        found is None or found == pytest.approx(given_margin, abs=1e-6) or min(w, h) + 2 * given_margin * max(w, h) < 2
    )


def test_a_box_elsewhere_tells_nothing() -> None:
    assert habit.margin(Rect(0, 0, 10, 10), Rect(9, 9, 10, 10)) is None


def test_no_box_counts_for_more_than_the_most() -> None:
    assert habit.margin(Rect(50, 50, 20, 20), Rect(42, 42, 36, 36)) == habit.MOST


def test_a_few_boxes_are_no_habit() -> None:
    assert habit.habit([0.1] * (habit.FEWEST - 1)) == 0
    assert habit.habit([0.1] * habit.FEWEST) == pytest.approx(0.1)


def test_a_sized_box_stays_on_the_page() -> None:
    assert habit.sized(Rect(0, 90, 10, 10), 0.2, width=100, height=100) == Rect(0, 88, 12, 12)


def test_a_person_who_corrects_only_what_is_off_soon_has_little_to_correct() -> None:
    """Truth is half as far around again as the model; boxes are corrected where they overlap it by less than 0.7."""
    truth, seen = Rect(80, 80, 60, 60), Rect(87, 87, 46, 46)
    margins: list[float] = []
    corrected = []
    for _ in range(60):
        by = habit.habit(margins[-habit.LAST :])
        shown = habit.sized(seen, by, width=400, height=400)
        corrected.append(shown.area / truth.area < 0.7)
        margins.append(habit.margin(seen, truth if corrected[-1] else shown) or 0.0)
    assert all(corrected[: habit.FEWEST])
    assert sum(corrected[-30:]) == 0
