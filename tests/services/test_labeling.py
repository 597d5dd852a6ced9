"""The one door for edits, case by case: conflicts, refusals that leave nothing behind, merging, and undo beside other programs."""

import dataclasses

import pytest

from labeler.core import gestures
from labeler.core.boxes import Box, Detection, Rect, ReviewState, new_box, new_id
from labeler.core.changes import Changes
from labeler.core.edits import Edit, Side
from labeler.core.errors import BadInput, Conflict, NotFound, UserError
from labeler.core.pages import Page
from labeler.services import labeling, suggesting
from labeler.services.project import Project
from tests.helpers.fake_detector import add_model, add_pages

FIVE = Detection(10, 10, 12, 14, 5, 0.9)
SEVEN = Detection(30, 12, 10, 16, 7, 0.6)


@pytest.fixture
def page(project: Project) -> Page:
    """A page with two open suggestions and no box."""
    model = add_model(project, "a")
    ids = add_pages(project, 2)
    suggesting._write(project, model.id, [(ids[0], [FIVE, SEVEN])])
    return labeling.page(project, ids[0])


def again(project: Project, page: Page) -> Page:
    return labeling.page(project, page.image.id)


def test_an_unknown_image_is_not_found(project: Project) -> None:
    with pytest.raises(NotFound):
        labeling.page(project, 999)
    with pytest.raises(NotFound):
        labeling.apply(project, Edit(999, "Draw box", after=Side((new_box(Rect(1, 1, 5, 5), 3),))))


def test_an_accepted_suggestion_is_a_box_that_remembers_it(project: Project, page: Page) -> None:
    labeling.apply(project, gestures.accept(page, {page.suggestions[0].id}))
    now = again(project, page)
    assert [(b.class_id, b.x, b.suggestion_id, str(b.origin)) for b in now.boxes] == [
        (5, 10.0, page.suggestions[0].id, "suggestion")
    ]
    assert now.suggestions == page.suggestions[1:]
    assert now.image.state == ReviewState.SUGGESTED


def test_deleting_a_box_from_a_suggestion_rejects_it_and_undo_lifts_that(project: Project, page: Page) -> None:
    labeling.apply(project, gestures.accept(page, {page.suggestions[0].id}))
    boxed = again(project, page)
    labeling.apply(project, gestures.delete(boxed, {boxed.boxes[0].id}))
    assert again(project, page).rejected == {page.suggestions[0].id}
    labeling.undo(project)
    assert again(project, page) == boxed


def test_a_page_changed_by_somebody_else_is_a_conflict_that_changes_nothing(project: Project, page: Page) -> None:
    drawn = gestures.draw(page, Rect(5, 5, 10, 10), 3)
    labeling.apply(project, drawn)
    stale = again(project, page)
    with Project.open(project.folder) as other:
        labeling.apply(other, gestures.relabel(stale, {stale.boxes[0].id}, 4))
    for edit in (
        gestures.relabel(stale, {stale.boxes[0].id}, 5),
        gestures.delete(stale, {stale.boxes[0].id}),
        gestures.place(stale, {stale.boxes[0].id: Rect(1, 1, 9, 9)}),
        drawn,
    ):
        before = (again(project, page), labeling.history(project))
        with pytest.raises(Conflict):
            labeling.apply(project, edit)
        assert (again(project, page), labeling.history(project)) == before


def test_a_suggestion_is_taken_once_whoever_comes_first(project: Project, page: Page) -> None:
    suggestion = page.suggestions[0]
    labeling.apply(project, gestures.accept(page, {suggestion.id}))
    for edit in (gestures.accept(page, {suggestion.id}), gestures.reject(page, {suggestion.id})):
        with pytest.raises(Conflict):
            labeling.apply(project, edit)
    labeling.apply(project, gestures.reject(page, {page.suggestions[1].id}))
    with pytest.raises(Conflict):
        labeling.apply(project, gestures.accept(page, {page.suggestions[1].id}))


def test_an_edit_made_before_the_model_looked_again_is_a_conflict(project: Project, page: Page) -> None:
    suggesting._write(project, add_model(project, "b").id, [(page.image.id, [FIVE])])
    for edit in (gestures.accept(page, {page.suggestions[0].id}), gestures.review(page)):
        with pytest.raises(Conflict):
            labeling.apply(project, edit)
    assert again(project, page).boxes == ()


def test_an_edit_never_takes_a_box_from_another_page(project: Project, page: Page) -> None:
    box = new_box(Rect(5, 5, 10, 10), 3)
    labeling.apply(project, Edit(page.image.id, "Draw box", after=Side((box,))))
    other = labeling.page(project, page.image.id + 1)
    with pytest.raises(Conflict):
        labeling.apply(project, Edit(other.image.id, "Draw box", after=Side((box,))))
    assert again(project, page).boxes == (box,)


@pytest.mark.parametrize(
    "bad",
    [
        Box(float("nan"), 5, 10, 10, 3, new_id()), Box(5, 5, float("inf"), 10, 3, new_id()), Box(5, 5, 0, 10, 3, new_id()),
        Box(5, 5, 10, -1, 3, new_id()), Box(-2, 5, 10, 10, 3, new_id()), Box(60, 5, 10, 10, 3, new_id()), Box(5, 5, 10, 10, 10, new_id()),
        Box(5, 5, 10, 10, -1, new_id()),
    ],
)  # fmt: skip
def test_a_box_no_page_can_hold_is_refused_and_the_rest_of_its_edit_with_it(
    project: Project, page: Page, bad: Box
) -> None:
    good = new_box(Rect(5, 5, 10, 10), 3)
    edit = Edit(page.image.id, "Paste", after=Side((good, bad), frozenset({page.suggestions[0].id})))
    with pytest.raises(BadInput):
        labeling.apply(project, edit)
    assert again(project, page) == page
    assert labeling.history(project) == []


def test_one_box_given_twice_is_refused(project: Project, page: Page) -> None:
    box = new_box(Rect(5, 5, 10, 10), 3)
    with pytest.raises(BadInput):
        labeling.apply(project, Edit(page.image.id, "Paste", after=Side((box, dataclasses.replace(box, x=8)))))
    assert again(project, page).boxes == ()


def test_nudges_of_one_gesture_are_one_step(project: Project, page: Page) -> None:
    labeling.apply(project, gestures.draw(page, Rect(5, 5, 10, 10), 3))
    for n in range(4):
        now = again(project, page)
        box = now.boxes[0]
        labeling.apply(
            project, gestures.place(now, {box.id: Rect(box.x + 1, 5, 10, 10)}, merge_key="n"), seconds=float(n)
        )
    assert [h.text for h in labeling.history(project)] == ["Move box", "Draw box"]
    labeling.undo(project)
    assert again(project, page).boxes[0].x == 5
    labeling.redo(project)
    assert again(project, page).boxes[0].x == 9


def test_nudges_on_either_side_of_an_undo_do_not_merge(project: Project, page: Page) -> None:
    labeling.apply(project, gestures.draw(page, Rect(5, 5, 10, 10), 3))
    for _ in range(2):
        now = again(project, page)
        labeling.apply(
            project,
            gestures.place(now, {now.boxes[0].id: Rect(now.boxes[0].x + 1, 5, 10, 10)}, merge_key="n"),
        )
        labeling.undo(project)
        labeling.redo(project)
    assert [h.text for h in labeling.history(project)] == ["Move box", "Move box", "Draw box"]


def test_nudging_there_and_back_leaves_no_step(project: Project, page: Page) -> None:
    labeling.apply(project, gestures.draw(page, Rect(5, 5, 10, 10), 3))
    for dx in (1, -1):
        now = again(project, page)
        box = now.boxes[0]
        labeling.apply(project, gestures.place(now, {box.id: Rect(box.x + dx, 5, 10, 10)}, merge_key="n"))
    assert [h.text for h in labeling.history(project)] == ["Draw box"]


def test_an_edit_that_changes_nothing_is_no_step_and_keeps_what_can_be_redone(project: Project, page: Page) -> None:
    labeling.apply(project, gestures.draw(page, Rect(5, 5, 10, 10), 3))
    labeling.undo(project)
    labeling.apply(project, gestures.accept(page, set()))
    assert labeling.next_steps(project) == (None, "Draw box")


def test_a_new_edit_overtakes_what_was_undone(project: Project, page: Page) -> None:
    labeling.apply(project, gestures.draw(page, Rect(5, 5, 10, 10), 3))
    labeling.undo(project)
    labeling.apply(project, gestures.draw(page, Rect(20, 5, 10, 10), 4))
    assert labeling.redo(project) is None
    assert labeling.next_steps(project) == ("Draw box", None)
    assert [b.class_id for b in again(project, page).boxes] == [4]


def test_undo_goes_across_images_and_programs_in_the_order_of_the_edits(project: Project, page: Page) -> None:
    second = labeling.page(project, page.image.id + 1)
    labeling.apply(project, gestures.draw(page, Rect(5, 5, 10, 10), 1))
    with Project.open(project.folder) as other:
        labeling.apply(other, gestures.draw(second, Rect(5, 5, 10, 10), 2))
        done = [labeling.undo(project), labeling.undo(other), labeling.undo(project)]
    assert [d.image_id if d else None for d in done] == [second.image.id, page.image.id, None]


def test_a_step_that_lost_its_suggestion_says_so_and_does_not_bar_the_way(project: Project, page: Page) -> None:
    labeling.apply(project, gestures.draw(page, Rect(40, 30, 10, 10), 1))
    labeling.apply(project, gestures.accept(again(project, page), {page.suggestions[0].id}))
    labeling.undo(project)
    suggesting._write(project, add_model(project, "b").id, [(page.image.id, [SEVEN])])
    with pytest.raises(Conflict, match="has changed since"):
        labeling.redo(project)
    assert labeling.next_steps(project) == ("Draw box", None)
    assert labeling.undo(project) is not None
    assert again(project, page).boxes == ()


def test_reopening_is_undone_even_when_a_model_has_looked_meanwhile(project: Project, page: Page) -> None:
    other = labeling.page(project, page.image.id + 1)
    labeling.apply(project, gestures.review(other))
    labeling.apply(project, gestures.reopen(again(project, other)))
    suggesting._write(project, add_model(project, "b").id, [(other.image.id, [SEVEN])])
    assert again(project, other).image.state == ReviewState.SUGGESTED
    labeling.undo(project)
    assert again(project, other).image.state == ReviewState.REVIEWED
    labeling.undo(project)
    assert again(project, other).image.state == ReviewState.SUGGESTED


def test_a_page_reviewed_again_has_no_open_suggestion(project: Project, page: Page) -> None:
    labeling.apply(project, gestures.review(page, accept_rest=True))
    assert len(again(project, page).boxes) == 2
    labeling.undo(project)
    labeling.apply(project, gestures.review(again(project, page)))
    assert again(project, page).rejected == {s.id for s in page.suggestions}
    with pytest.raises(Conflict):
        labeling.apply(
            project,
            Edit(page.image.id, "x", Side(state=ReviewState.SUGGESTED), Side(state=ReviewState.REVIEWED)),
        )


def test_each_committed_edit_is_told_once_with_whoever_asked(project: Project, page: Page) -> None:
    told: list[Changes] = []
    stop = project.changes.subscribe(told.append)
    labeling.apply(project, gestures.draw(page, Rect(5, 5, 10, 10), 3), initiator="me")
    labeling.undo(project, initiator="you")
    labeling.redo(project)
    with pytest.raises(UserError):
        labeling.apply(project, gestures.draw(page, Rect(5, 5, 10, 10), 99))
    stop()
    labeling.undo(project)
    assert told == [Changes(frozenset({page.image.id}), initiator=who) for who in ("me", "you", None)]
    assert labeling.history(project)[0].state == "undone"


def test_the_history_names_the_annotator(project: Project, page: Page) -> None:
    labeling.apply(project, gestures.draw(page, Rect(5, 5, 10, 10), 3), annotator="林")
    assert [(h.image_id, h.annotator, h.state) for h in labeling.history(project)] == [(page.image.id, "林", "applied")]
