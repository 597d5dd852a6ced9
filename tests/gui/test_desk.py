"""The desk in the real window: reviewing, correcting, drawing, undoing by hand; every step is read back from the database."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSplitter
from pytestqt.qtbot import QtBot

from labeler.core import gestures, habit
from labeler.core.boxes import Origin, ReviewState, Suggestion, grown, iou
from labeler.services import labeling
from labeler.services.project import Project
from tests.gui.desk_window import SCORES, Desk, OpenWindow, fill, open_desk

ENTER, TAB, ESCAPE, SPACE, DELETE = (
    Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Escape, Qt.Key.Key_Space, Qt.Key.Key_Delete,
)  # fmt: skip


@pytest.fixture
def desk(project: Project, tmp_path: Path, open_window: OpenWindow, qtbot: QtBot) -> Desk:
    return open_desk(open_window, project, fill(project, tmp_path / "pages"), qtbot)


def selected(desk: Desk) -> list[object]:
    items = desk.page.canvas.scene.items
    return [items.things[i] for i in desk.page.canvas.scene.selected]


def test_the_first_image_is_in_front_with_the_keys_on_the_canvas(desk: Desk) -> None:
    assert desk.page.canvas.hasFocus()
    assert desk.shown == desk.held()
    assert len(desk.shown.suggestions) == 4
    assert desk.page.canvas.scene.picture is not None
    assert desk.page.right.boxes.boxes.rowCount() == 4


def test_tab_goes_through_suggestions_least_certain_first_and_round(desk: Desk) -> None:
    seen = []
    for _ in range(5):
        desk.key(TAB)
        seen += [thing.score for thing in selected(desk) if isinstance(thing, Suggestion)]
    assert seen == [*sorted(SCORES), min(SCORES)]
    desk.key(TAB, shift=True)
    assert selected(desk)[0].score == max(SCORES)  # type: ignore[attr-defined]


def test_enter_accepts_the_selected_suggestion_and_goes_on(desk: Desk) -> None:
    desk.key(ENTER)
    assert not desk.held().boxes, "nothing was selected, so nothing is accepted unseen"
    assert selected(desk)[0].score == 0.4  # type: ignore[attr-defined]
    desk.key(ENTER)
    assert [b.suggestion_id is not None for b in desk.held().boxes] == [True]
    assert selected(desk)[0].score == 0.6  # type: ignore[attr-defined]
    assert desk.shown == desk.held()


def test_x_rejects_and_undo_brings_it_back(desk: Desk) -> None:
    before = desk.held()
    desk.key(TAB, Qt.Key.Key_X)
    assert len(desk.held().suggestions) == 3
    assert len(desk.held().rejected) == 1
    desk.key(Qt.Key.Key_Z, control=True)
    assert desk.held() == before == desk.shown


def test_a_digit_corrects_a_suggestion_which_the_box_remembers(desk: Desk) -> None:
    desk.key(TAB)
    wrong = selected(desk)[0]
    assert isinstance(wrong, Suggestion)
    right = (wrong.class_id + 5) % 10
    desk.key(str(right))
    (box,) = desk.held().boxes
    assert (box.class_id, box.suggestion_id) == (right, wrong.id)
    assert [thing.id for thing in selected(desk)] == [box.id]  # type: ignore[attr-defined]


def test_the_suggestions_own_digit_accepts_it(desk: Desk) -> None:
    desk.key(TAB)
    guess = selected(desk)[0]
    assert isinstance(guess, Suggestion)
    desk.key(str(guess.class_id))
    (box,) = desk.held().boxes
    assert (box.x, box.y, box.w, box.h, box.suggestion_id) == (guess.x, guess.y, guess.w, guess.h, guess.id)


def test_dragging_a_suggestion_makes_it_a_box_that_remembers_it(desk: Desk) -> None:
    guess = desk.shown.suggestions[0]
    middle = guess.x + guess.w / 2, guess.y + guess.h / 2
    desk.drag(middle, (middle[0] + 15, middle[1] + 10))
    (box,) = desk.held().boxes
    assert box.suggestion_id == guess.id
    assert (box.x, box.y) == pytest.approx((guess.x + 15, guess.y + 10), abs=1)
    assert desk.shown == desk.held()


def test_shift_enter_accepts_all_and_it_is_one_step(desk: Desk) -> None:
    desk.key(ENTER, shift=True)
    assert len(desk.held().boxes) == 4
    assert desk.held().image.state is ReviewState.SUGGESTED
    desk.key(Qt.Key.Key_Z, control=True)
    assert len(desk.held().suggestions) == 4


def test_control_enter_accepts_all_marks_reviewed_and_goes_on(desk: Desk) -> None:
    for n, image_id in enumerate(desk.ids):
        desk.wait(lambda i=image_id: desk.page.editor.image_id == i)
        desk.key(ENTER, control=True)
        held = desk.held(image_id)
        assert (held.image.state, len(held.boxes), held.suggestions) == (ReviewState.REVIEWED, 4, ())
        assert len(labeling.history(desk.project)) == n + 1
    desk.wait(lambda: "reviewed" in desk.window.frame.strip.text)
    desk.wait(lambda: desk.page.left.counts.text() == "4 of 4 reviewed")


def test_space_tapped_toggles_reviewed_and_says_what_that_did(desk: Desk) -> None:
    desk.key(SPACE)
    assert desk.held().image.state is ReviewState.REVIEWED
    assert len(desk.held().rejected) == 4
    assert "4" in desk.window.frame.strip.text
    desk.key(SPACE)
    assert desk.held().image.state is ReviewState.SUGGESTED


def test_space_held_for_a_drag_pans_and_toggles_nothing(desk: Desk) -> None:
    canvas = desk.page.canvas
    canvas.zoom(3)
    before = canvas.view
    QTest.keyPress(canvas, SPACE)
    desk.drag((200, 150), (210, 160))
    QTest.keyRelease(canvas, SPACE)
    assert canvas.view != before
    assert desk.held().image.state is ReviewState.SUGGESTED
    assert not labeling.history(desk.project)


def test_h_hides_boxes_while_it_is_down(desk: Desk) -> None:
    canvas = desk.page.canvas
    QTest.keyPress(canvas, Qt.Key.Key_H)
    assert canvas.scene.hide_boxes
    QTest.keyRelease(canvas, Qt.Key.Key_H)
    assert not canvas.scene.hide_boxes


def test_draw_mode_stays_on_and_draws_with_the_next_class(desk: Desk) -> None:
    desk.key(ENTER, shift=True)
    desk.key("5", Qt.Key.Key_W)
    desk.drag((5, 5), (30, 40))
    desk.drag((365, 255), (390, 290))
    made = [b for b in desk.held().boxes if b.origin is Origin.PERSON]
    assert [b.class_id for b in made] == [5, 5]
    assert desk.page.canvas.drawing
    desk.key("6")  # the digit is for the box just drawn, and for the next
    assert desk.held().boxes[-1].class_id == 6
    assert desk.page.commands.next_class == 6
    desk.key(ESCAPE)
    assert not desk.page.canvas.drawing


def test_a_double_tapped_digit_draws_with_it_and_leaves_the_selected_box_alone(desk: Desk) -> None:
    desk.key(ENTER, shift=True)
    box = desk.held().boxes[0]
    other = (box.class_id + 3) % 10
    desk.page.canvas.select([box.id])
    desk.key(str(other), str(other))
    assert desk.page.canvas.drawing
    assert desk.page.commands.next_class == other
    assert desk.held().boxes[0] == box


def test_the_same_digit_for_one_box_after_the_other_is_no_double_tap(desk: Desk) -> None:
    desk.page.commands._clock = lambda: 0.0  # as fast as anybody can be
    desk.key("w", "4")
    desk.drag((20, 20), (60, 80))
    desk.key("5")
    desk.drag((100, 20), (140, 80))
    desk.key("5")
    assert [b.class_id for b in desk.held().boxes] == [5, 5]
    desk.key("6")
    desk.drag((200, 20), (240, 80))
    desk.key("6")
    assert [b.class_id for b in desk.held().boxes] == [5, 6, 6]


def test_a_click_on_ink_draws_a_box_around_that_digit(
    project: Project, tmp_path: Path, open_window: OpenWindow, qtbot: QtBot
) -> None:
    from tests.helpers import handwriting

    desk = open_desk(open_window, project, fill(project, tmp_path / "pages", suggest=False), qtbot)
    desk.key("d", Qt.Key.Key_W)
    truth = [rect for _, rect in handwriting.page(1, digits=4).boxes]
    for rect in truth:
        desk.click(rect.x + rect.w / 2, rect.y + rect.h / 2)
    found = desk.held().boxes
    assert len(found) == 4
    assert all(max(iou(box, rect) for rect in truth) > 0.75 for box in found)


def test_t_tightens_a_loose_box_to_its_ink(desk: Desk) -> None:
    guess = desk.shown.suggestions[0]
    desk.key(ENTER, shift=True)
    box = desk.held().boxes[0]
    desk.page.canvas.select([box.id])
    for _ in range(2):
        desk.page.commands.place({box.id: grown(box, 6)})
    desk.key(Qt.Key.Key_T)
    assert iou(desk.held().boxes[0], guess) > 0.75
    assert iou(grown(box, 6), guess) < iou(desk.held().boxes[0], guess)


def test_arrows_nudge_what_is_selected_and_a_row_of_nudges_is_one_step(desk: Desk) -> None:
    desk.key(ENTER, shift=True)
    box = desk.held().boxes[0]
    desk.page.canvas.select([box.id])
    desk.key(Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down)
    desk.key(Qt.Key.Key_Down, shift=True)
    there = desk.held().boxes[0]
    assert (there.x, there.y) == pytest.approx((box.x + 2, box.y + 11))
    assert len(labeling.history(desk.project)) == 2
    desk.key(Qt.Key.Key_Z, control=True)
    assert desk.held().boxes[0] == box
    assert desk.page.editor.image_id == desk.ids[0]


def test_arrows_go_from_image_to_image_while_nothing_is_selected(desk: Desk) -> None:
    desk.key(Qt.Key.Key_Right)
    assert desk.page.editor.image_id == desk.ids[1]
    desk.key("d")
    assert desk.page.editor.image_id == desk.ids[2]
    desk.key("a", Qt.Key.Key_Left)
    assert desk.page.editor.image_id == desk.ids[0]


def test_several_boxes_move_and_change_class_and_go_together(desk: Desk) -> None:
    desk.key(Qt.Key.Key_A, control=True)
    desk.key("7")
    assert [b.class_id for b in desk.held().boxes] == [7] * 4
    assert len(labeling.history(desk.project)) == 1
    first = desk.held().boxes[0]
    desk.drag((first.x + first.w / 2, first.y + first.h / 2), (first.x + first.w / 2 + 5, first.y + first.h / 2))
    assert len(labeling.history(desk.project)) == 2
    desk.key(DELETE)
    assert desk.held().boxes == ()
    assert len(desk.held().rejected) == 4
    desk.key(Qt.Key.Key_Z, Qt.Key.Key_Z, Qt.Key.Key_Z, control=True)
    assert len(desk.held().suggestions) == 4


def test_copy_and_paste_duplicate_and_paste_from_the_previous_image(desk: Desk) -> None:
    desk.key(ENTER, shift=True)
    desk.key(Qt.Key.Key_A, control=True)
    desk.key(Qt.Key.Key_C, control=True)
    original = desk.held().boxes
    desk.key("d")
    desk.key(Qt.Key.Key_V, control=True)
    pasted = desk.held().boxes
    assert [(b.x, b.y, b.class_id, b.suggestion_id) for b in pasted] == [(b.x, b.y, b.class_id, None) for b in original]
    assert {b.id for b in pasted}.isdisjoint(b.id for b in original)
    desk.key(Qt.Key.Key_V, Qt.Key.Key_D, control=True)
    assert len(desk.held().boxes) == 12
    desk.key("d")
    for _ in range(2):
        desk.key(Qt.Key.Key_V, shift=True, control=True)
    assert len(desk.held().boxes) == 12


def test_copying_and_pasting_nothing_says_why(desk: Desk) -> None:
    def said() -> str:
        return desk.window.frame.strip.text

    desk.key(Qt.Key.Key_V, control=True)
    assert "No box has been copied" in said()
    desk.key(Qt.Key.Key_Tab)
    desk.key(Qt.Key.Key_C, control=True)
    assert "once it is accepted" in said()
    desk.key("d")
    desk.key(Qt.Key.Key_V, shift=True, control=True)
    assert "has no boxes" in said()
    desk.key(ENTER, shift=True)
    desk.key("d")
    for _ in range(2):
        desk.key(Qt.Key.Key_V, shift=True, control=True)
    assert "all here already" in said()


def test_undo_and_redo_go_to_the_image_concerned(desk: Desk) -> None:
    desk.key(ENTER, shift=True)
    desk.key("d")
    desk.key(ENTER, shift=True)
    desk.key("d", "d")
    desk.key(Qt.Key.Key_Z, control=True)
    assert desk.page.editor.image_id == desk.ids[1]
    assert len(desk.shown.suggestions) == 4
    desk.key(Qt.Key.Key_Z, control=True)
    assert desk.page.editor.image_id == desk.ids[0]
    desk.key(Qt.Key.Key_Y, control=True)
    desk.key(Qt.Key.Key_Z, shift=True, control=True)
    assert desk.page.editor.image_id == desk.ids[1]
    assert [len(desk.held(i).boxes) for i in desk.ids[:2]] == [4, 4]
    assert desk.shown == desk.held()


def test_seconds_between_edits_are_logged_and_a_break_counts_as_thirty(desk: Desk) -> None:
    from labeler_db.models import EditRow

    now = [100.0]
    desk.page.editor._clock = lambda: now[0]
    desk.page.editor._since = now[0]
    for wait in (4.0, 500.0):
        now[0] += wait
        desk.key(TAB, ENTER)
    with desk.project.read() as session:
        assert [row.seconds for row in session.query(EditRow).order_by(EditRow.id)] == [4.0, 30.0]


def test_a_change_from_elsewhere_is_shown_and_a_conflict_is_explained(desk: Desk) -> None:
    canvas = desk.page.canvas
    canvas.zoom(1.5)
    view, other = canvas.view, Project.open(desk.project.folder)
    try:
        page = labeling.page(other, desk.ids[0])
        labeling.apply(other, gestures.accept(page, {page.suggestions[0].id}))
        canvas.select([page.suggestions[0].id])
        desk.key(Qt.Key.Key_X)
        assert "first" in desk.window.frame.strip.text
        assert desk.shown == desk.held()
        assert len(desk.shown.boxes) == 1
        labeling.undo(other)
        desk.page.session.look_for_foreign_changes()
        desk.wait(lambda: len(desk.shown.suggestions) == 4)
        assert canvas.view == view
    finally:
        other.close()


def test_a_change_from_elsewhere_waits_for_the_end_of_a_gesture(desk: Desk) -> None:
    canvas, guess = desk.page.canvas, desk.shown.suggestions[0]
    start = desk.at(guess.x + guess.w / 2, guess.y + guess.h / 2)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(canvas, start + QPoint(20, 0))
    other = desk.held().suggestions[3]
    labeling.apply(desk.project, gestures.reject(desk.held(), {other.id}))
    desk.qtbot.wait(20)
    assert canvas.scene.lifted
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start + QPoint(20, 0))
    assert [b.suggestion_id for b in desk.held().boxes] == [guess.id]
    desk.wait(lambda: desk.shown == desk.held())
    assert desk.shown.rejected == {other.id}


def test_the_sides_can_be_pushed_away_and_fetched_back_but_never_the_page(desk: Desk) -> None:
    split = desk.page.findChild(QSplitter, "desk")
    assert isinstance(split, QSplitter)
    desk.window.resize(1280, 800)
    wide = desk.page.canvas.width()

    def drag(handle: int, by: int) -> None:
        grip = split.handle(handle)
        QTest.mousePress(grip, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, grip.rect().center())
        QTest.mouseMove(grip, grip.rect().center() + QPoint(by, 0))
        QTest.mouseRelease(grip, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, grip.rect().center())

    drag(1, -split.sizes()[0])
    drag(2, split.sizes()[2])
    assert (split.sizes()[0], split.sizes()[2]) == (0, 0)
    assert desk.page.canvas.width() > wide + 300
    drag(1, 240)
    assert split.sizes()[0] > 200
    drag(1, 2000)
    assert split.sizes()[1] > 200


def test_keys_are_text_while_a_text_field_has_the_focus(desk: Desk) -> None:
    search = desk.page.left.filters.search
    search.setFocus()
    for key in "dx7wh ":
        QTest.keyClick(search, key)
    assert search.text() == "dx7wh "
    assert desk.page.editor.image_id == desk.ids[0]
    assert not labeling.history(desk.project)
    assert not desk.page.canvas.drawing


def _boxes_are_looser_on_two_pages(desk: Desk) -> None:
    for image_id in desk.ids[:2]:
        for suggestion in desk.held(image_id).suggestions:
            page = desk.held(image_id)
            rect = habit.sized(suggestion, 0.1, width=page.image.width, height=page.image.height)
            labeling.apply(desk.project, gestures.correct(page, suggestion, rect=rect))
        labeling.apply(desk.project, gestures.review(desk.held(image_id)))
    desk.window.show_page("desk", desk.ids[2])
    desk.qtbot.waitUntil(lambda: desk.shown.image.id == desk.ids[2])


def test_the_next_pages_suggestions_are_as_loose_as_this_persons_boxes(desk: Desk) -> None:
    later = desk.held(desk.ids[2]).suggestions
    _boxes_are_looser_on_two_pages(desk)
    assert desk.shown == desk.held()
    assert [(s.class_id, s.score) for s in desk.shown.suggestions] == [(s.class_id, s.score) for s in later]
    assert all(new.area > 1.2 * old.area for new, old in zip(desk.shown.suggestions, later, strict=True))


def test_suggestions_can_be_left_as_the_model_makes_them(desk: Desk) -> None:
    later = desk.held(desk.ids[2]).suggestions
    _boxes_are_looser_on_two_pages(desk)
    menu = desk.page.toolbar.suggest_menu
    menu.aboutToShow.emit()
    entry = menu.actions()[-1]
    assert entry.isChecked()
    entry.trigger()
    assert [s.area for s in desk.shown.suggestions] == pytest.approx([s.area for s in later])
    menu.aboutToShow.emit()
    assert not entry.isChecked()
    desk.key("b", shift=True, control=True)
    assert all(new.area > 1.2 * old.area for new, old in zip(desk.shown.suggestions, later, strict=True))
