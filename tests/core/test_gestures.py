"""From gestures to edits: what each touches, that it stays on the page, and that a reviewed page has nothing open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.core import gestures
from labeler.core.boxes import Box, Origin, Rect, ReviewState, Suggestion, new_box
from labeler.core.edits import Edit, inverse
from labeler.core.pages import Image, Page, after_edit

SUGGESTIONS = (Suggestion(10, 10, 20, 20, 3, 0.9, 1, 1), Suggestion(50, 10, 20, 20, 8, 0.4, 2, 1))
IMAGE = Image(7, "page.png", 100, 80, ReviewState.SUGGESTED, suggested_by=1)
wild = st.floats(-500, 500)
rects = st.builds(Rect, wild, wild, st.floats(0, 500), st.floats(0, 500))


def page(*boxes: Box, suggestions: tuple[Suggestion, ...] = SUGGESTIONS) -> Page:
    return Page(IMAGE, boxes, suggestions)


def applied(on: Page, edit: Edit) -> Page:
    return after_edit(on, edit, SUGGESTIONS)


@given(rects)
def test_whatever_is_drawn_placed_pasted_or_corrected_lies_on_the_page(rect: Rect) -> None:
    box = new_box(Rect(5, 5, 10, 10), 1)
    on = page(box)
    for edit in (
        gestures.draw(on, rect, 4),
        gestures.place(on, {box.id: rect}),
        gestures.add(on, [box.placed(rect)], "Paste"),
        gestures.correct(on, SUGGESTIONS[0], rect=rect),
    ):
        for made in edit.after.boxes:
            assert made.x >= 0
            assert made.y >= 0
            assert made.w >= 1 - 1e-9
            assert made.h >= 1 - 1e-9
            assert made.right <= 100 + 1e-9
            assert made.bottom <= 80 + 1e-9


def test_placing_touches_only_the_boxes_named() -> None:
    a, b = new_box(Rect(5, 5, 10, 10), 1), new_box(Rect(30, 5, 10, 10), 2)
    edit = gestures.place(page(a, b), {b.id: Rect(31, 5, 10, 10), "gone": Rect(1, 1, 1, 1)})
    assert (edit.before.boxes, [x.id for x in edit.after.boxes]) == ((b,), [b.id])
    assert edit.text == "Move box"
    assert gestures.place(page(a, b), {a.id: Rect(1, 1, 5, 5), b.id: Rect(2, 2, 5, 5)}).text == "Move 2 boxes"


def test_relabelling_keeps_where_a_box_came_from_and_passes_over_those_that_are_right() -> None:
    a, b = Box(5, 5, 10, 10, 1, "a", Origin.SUGGESTION, 1), new_box(Rect(30, 5, 10, 10), 2)
    edit = gestures.relabel(page(a, b), {a.id, b.id}, 2)
    assert edit.before.boxes == (a,)
    assert edit.after.boxes == (Box(5, 5, 10, 10, 2, "a", Origin.SUGGESTION, 1),)
    assert gestures.relabel(page(a, b), {b.id}, 2).is_empty


def test_deleting_rejects_the_suggestions_that_the_boxes_came_from() -> None:
    a, b = Box(5, 5, 10, 10, 1, "a", Origin.SUGGESTION, 1), new_box(Rect(30, 5, 10, 10), 2)
    on = page(a, b, suggestions=SUGGESTIONS[1:])
    left = applied(on, gestures.delete(on, {a.id, b.id}))
    assert (left.boxes, left.rejected, left.suggestions) == ((), {1}, SUGGESTIONS[1:])


def test_a_correction_keeps_what_it_does_not_change() -> None:
    moved = gestures.correct(page(), SUGGESTIONS[0], rect=Rect(12, 12, 18, 18)).after.boxes[0]
    assert (moved.class_id, moved.x, moved.suggestion_id) == (3, 12, 1)
    other = gestures.correct(page(), SUGGESTIONS[0], class_id=8).after.boxes[0]
    assert (other.class_id, other.x, other.suggestion_id) == (8, 10, 1)


def test_a_reviewed_page_has_nothing_open_whichever_way() -> None:
    for accept_rest in (True, False):
        done = applied(page(), gestures.review(page(), accept_rest=accept_rest))
        assert done.suggestions == ()
        assert done.image.state is ReviewState.REVIEWED
        assert len(done.boxes) == 2 * accept_rest
        assert len(done.rejected) == 2 * (not accept_rest)


def test_a_reopened_page_is_suggested_where_a_model_has_looked_and_new_where_none_has() -> None:
    assert gestures.reopen(page()).after.state is ReviewState.SUGGESTED
    blank = Page(Image(1, "p", 10, 10, ReviewState.REVIEWED))
    assert gestures.reopen(blank).after.state is ReviewState.NEW


def test_pasted_boxes_are_new_and_know_no_suggestion() -> None:
    a = Box(5, 5, 10, 10, 1, "a", Origin.SUGGESTION, 1)
    pasted = gestures.add(page(a), gestures.copies([a], offset=4), "Paste").after.boxes[0]
    assert pasted.id != "a"
    assert (pasted.x, pasted.suggestion_id, pasted.origin) == (9, None, Origin.PERSON)


def test_changed_boxes_keep_their_place_in_the_order_and_new_ones_come_last() -> None:
    a, b = new_box(Rect(5, 5, 10, 10), 1), new_box(Rect(30, 5, 10, 10), 2)
    moved = applied(page(a, b), gestures.place(page(a, b), {a.id: Rect(6, 5, 10, 10)}))
    assert [x.id for x in moved.boxes] == [a.id, b.id]
    more = applied(moved, gestures.draw(moved, Rect(60, 50, 10, 10), 9))
    assert [x.class_id for x in more.boxes] == [1, 2, 9]
    assert more.image.boxes == 3
    assert more.box(a.id) == moved.boxes[0]
    assert more.box("none") is None


def test_edits_of_different_things_become_one_step_that_does_and_undoes_them_all() -> None:
    first, second = new_box(Rect(5, 40, 10, 10), 1), new_box(Rect(25, 40, 10, 10), 2)
    on = page(first, second)
    whole = gestures.together(
        [
            gestures.relabel(on, {first.id}, 9),
            gestures.delete(on, {second.id}),
            gestures.correct(on, SUGGESTIONS[0], class_id=4),
            gestures.reject(on, {2}),
        ],
        "Change all",
    )
    there = applied(on, whole)
    assert sorted(b.class_id for b in there.boxes) == [4, 9]
    assert there.suggestions == ()
    back = applied(there, inverse(whole))
    assert (set(back.boxes), back.suggestions, back.rejected) == (set(on.boxes), on.suggestions, on.rejected)
    with pytest.raises(ValueError, match="nothing"):
        gestures.together([], "Nothing")
