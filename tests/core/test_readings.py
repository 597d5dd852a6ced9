"""A model as the second witness: it objects only firmly, and confirms only what it read itself."""

from labeler.core.boxes import ClassRect, Detection
from labeler.core.doubts import Doubt, Kind
from labeler.core.readings import confirms, differs_in_extent, objections, outcome

NAMES = tuple("0123456789")
FOUR, NINE = ClassRect(10, 10, 20, 40, 4), ClassRect(40, 10, 20, 40, 9)


def seen(box: ClassRect, class_id: int, score: float, shift: float = 0.0) -> Detection:
    return Detection(box.x + shift, box.y, box.w, box.h, class_id, score)


def test_a_firm_reading_of_another_digit_is_an_objection() -> None:
    assert objections([FOUR, NINE], [seen(FOUR, 9, 0.93), seen(NINE, 9, 0.9)], NAMES) == (
        Doubt(Kind.DISAGREES, "4", "9"),
    )


def test_an_unsure_reading_one_elsewhere_or_one_that_hints_at_the_asked_digit_is_none() -> None:
    assert objections([FOUR], [seen(FOUR, 9, 0.7)], NAMES) == ()
    assert objections([FOUR], [seen(FOUR, 9, 0.95, shift=15)], NAMES) == ()
    assert objections([FOUR], [seen(FOUR, 9, 0.95), seen(FOUR, 4, 0.12)], NAMES) == ()
    assert objections([FOUR], [], NAMES) == ()


def test_a_model_confirms_exactly_what_it_read() -> None:
    right = [seen(FOUR, 4, 0.8), seen(NINE, 9, 0.6, shift=1)]
    assert confirms([FOUR, NINE], right)
    assert confirms([FOUR, NINE], [*right, Detection(100, 100, 9, 9, 1, 0.3)])
    assert not confirms([FOUR, NINE], right[:1])
    assert not confirms([FOUR, NINE], [right[0], seen(NINE, 9, 0.4)])
    assert not confirms([FOUR, NINE], [right[0], seen(NINE, 4, 0.9)])
    assert not confirms([FOUR, NINE], [right[0], seen(NINE, 9, 0.9, shift=8)])
    assert not confirms([FOUR, NINE], [right[0], right[0]])
    assert not confirms([], [])


def test_a_model_asked_about_some_digits_may_overlook_the_others() -> None:
    four = seen(FOUR, 4, 0.8)
    assert confirms([FOUR, NINE], [four], [0])
    assert confirms([FOUR, NINE], [four, seen(NINE, 7, 0.9)], [0])
    assert not confirms([FOUR, NINE], [four], [1])
    assert not confirms([FOUR, NINE], [four], [0, 1])
    assert not confirms([FOUR, NINE], [four], [])
    assert not confirms([FOUR, NINE], [], [0])
    more = [four, seen(NINE, 9, 0.8), Detection(80, 10, 20, 40, 1, 0.8)]
    assert not confirms([FOUR, NINE], more, [0])  # it saw a digit that has no box


def test_a_digit_read_clearly_but_larger_or_smaller_than_its_box_has_another_extent() -> None:
    half = Detection(FOUR.x, FOUR.y, FOUR.w, FOUR.h / 2, 4, 0.9)
    assert differs_in_extent([FOUR, NINE], [half])
    assert not differs_in_extent([FOUR, NINE], [half, seen(FOUR, 4, 0.75)])  # it also reads it just so
    assert not differs_in_extent([FOUR, NINE], [seen(FOUR, 4, 0.9, shift=2)])
    assert not differs_in_extent([FOUR, NINE], [Detection(half.x, half.y, half.w, half.h, 4, 0.6)])
    assert not differs_in_extent([FOUR, NINE], [Detection(half.x, half.y, half.w, half.h, 7, 0.9)])
    assert not differs_in_extent([FOUR], [seen(NINE, 4, 0.9)])
    assert not differs_in_extent([], [half])
    assert not differs_in_extent([FOUR], [])


def test_the_outcome_counts_each_digit_once() -> None:
    found = outcome([FOUR, NINE, ClassRect(90, 10, 20, 40, 4)], [seen(FOUR, 4, 0.3), seen(NINE, 4, 0.9)])
    assert found.right == {4: 1}
    assert found.wrong == {9: 1, 4: 1}
