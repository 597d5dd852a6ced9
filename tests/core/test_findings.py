"""Doubts that need nothing but boxes, and the edits that settle them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.core.boxes import Box, Rect, ReviewState, new_box
from labeler.core.findings import Finding, Kind, Labels, doubled, fix, labels_differ, laid_over, merged, prompt_differs
from labeler.core.pages import Image, Page, after_edit

PAGE = Image(1, "p", 200, 100, ReviewState.REVIEWED)
corners = st.tuples(st.floats(0, 150), st.floats(0, 60), st.floats(5, 40), st.floats(5, 40), st.integers(0, 9))
boxes = st.lists(corners.map(lambda c: new_box(Rect(*c[:4]), c[4])), max_size=6)


def test_two_boxes_on_one_digit_are_found_and_neighbours_are_not() -> None:
    first, again = new_box(Rect(10, 10, 20, 30), 3), new_box(Rect(12, 11, 20, 29), 8)
    beside, inside, small = (
        new_box(Rect(27, 10, 20, 30), 4),
        new_box(Rect(11, 11, 17, 22), 3),
        new_box(Rect(12, 12, 5, 6), 1),
    )
    assert [(a.id, b.id) for a, b, _ in doubled([first, again, beside])] == [(again.id, first.id)]
    assert [(a.id, b.id) for a, b, _ in doubled([first, inside])] == [(inside.id, first.id)]
    assert doubled([first, beside, small]) == []
    assert doubled([first]) == []


@pytest.mark.parametrize(
    ("prompt", "digits", "differs"),
    [("123", "312", False), ("1 2-3", "123", False), ("112", "12", True), ("12", "112", True), (None, "1", False), ("abc", "1", False)],
)  # fmt: skip
def test_boxes_hold_the_digits_of_the_prompt_in_any_order(prompt: str | None, digits: str, differs: bool) -> None:
    assert prompt_differs(prompt, digits) is differs


SHIFT = np.array([[0.5, 0, 10], [0, 0.5, 5], [0, 0, 1.0]])


@given(boxes)
def test_a_page_and_its_copy_with_the_same_labels_do_not_differ(held: list[Box]) -> None:
    kept: list[Box] = []
    for box in held:
        if all(abs(box.x - b.x) + abs(box.y - b.y) > 60 for b in kept):
            kept.append(box)
    copies = [replace(b.placed(laid_over(b, SHIFT)), id="copy" + b.id) for b in kept]
    assert labels_differ(Labels(200, 100, kept), Labels(200, 100, copies), SHIFT) == []


def test_another_class_a_box_more_and_a_box_less_are_told() -> None:
    a, b, c = (new_box(Rect(x, 10, 20, 30), 3) for x in (10, 60, 110))
    other = [replace(x.placed(laid_over(x, SHIFT)), id=x.id + "'") for x in (a, b)]
    other[0] = replace(other[0], class_id=8)
    more = new_box(Rect(80, 20, 10, 14), 7)
    found = labels_differ(Labels(200, 100, [a, b, c]), Labels(200, 100, [*other, more]), SHIFT)
    assert found == [(a, other[0]), (c, None), (None, more)]


def test_what_one_picture_does_not_show_is_not_compared() -> None:
    cut = np.array([[1.0, 0, -100], [0, 1, 0], [0, 0, 1]])
    left, right = new_box(Rect(10, 10, 20, 30), 3), new_box(Rect(150, 10, 20, 30), 4)
    shown = replace(right, x=50.0, id="copy")
    beyond = new_box(Rect(120, 50, 20, 30), 5)
    assert labels_differ(Labels(200, 100, [left, right]), Labels(150, 100, [shown, beyond]), cut) == []


def settled(page: Page, finding: Finding) -> Page:
    edit = fix(page, finding)
    assert edit is not None
    return after_edit(page, edit, ())


def test_each_doubt_that_can_be_settled_is_settled_by_one_edit() -> None:
    box, again = new_box(Rect(10, 10, 20, 30), 3), new_box(Rect(11, 10, 20, 30), 3)
    page = Page(PAGE, (box, again))
    about = Finding(Kind.CLASS, 1, box.id, 0.9, "", box, class_id=8)
    assert [b.class_id for b in settled(page, about).boxes] == [8, 3]
    moved = settled(page, replace(about, kind=Kind.PLACE, better=Rect(12, 12, 20, 25)))
    assert (moved.boxes[0].y, moved.boxes[0].class_id) == (12, 3)
    assert settled(page, replace(about, kind=Kind.NOTHING)).boxes == (again,)
    assert settled(page, replace(about, kind=Kind.DOUBLED, box=again.id)).boxes == (box,)
    missed = replace(about, kind=Kind.MISSED, box=None, rect=Rect(80, 10, 20, 30), class_id=7)
    assert settled(page, missed).boxes[-1].class_id == 7


def test_what_needs_a_person_or_is_gone_proposes_nothing() -> None:
    page = Page(PAGE, (new_box(Rect(10, 10, 20, 30), 3),))
    for kind in Kind:
        assert fix(page, Finding(kind, 1, "gone", 0.9, "")) is None
    assert fix(page, Finding(Kind.LEAK, 1, None, 1.0, "", other=2)) is None
    assert fix(page, Finding(Kind.PLACE, 1, page.boxes[0].id, 1.0, "")) is None


def test_doubts_come_surest_first_and_are_known_again_until_the_box_changes() -> None:
    low, high = Finding(Kind.CLASS, 1, "b", 0.6, "", class_id=3), Finding(Kind.PLACE, 2, "c", 0.9, "")
    assert merged([low, high]) == [high, low]
    assert low.key == replace(low, score=0.7, text="other").key
    assert low.key != replace(low, class_id=4).key
    assert high.key != replace(high, rect=Rect(1, 2, 3, 4), box=None).key
