"""Which images the desk shows and how one goes through them; its history, suggestions, empty states and what it remembers."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QWidget
from pytestqt.qtbot import QtBot

from labeler.core import gestures
from labeler.core.boxes import ReviewState
from labeler.core.filters import ImageFilter, Order
from labeler.gui import actions
from labeler.gui.pages import desk_pictures, desk_queue
from labeler.gui.pages.desk import DeskPage
from labeler.gui.widgets.filter_bar import describe
from labeler.gui.widgets.history_panel import steps_to
from labeler.gui.widgets.image_model import IMAGE_ROLE, THUMBNAIL_ROLE
from labeler.services import images, labeling
from labeler.services.project import Project
from tests.gui.desk_window import Desk, OpenWindow, fill, open_desk
from tests.helpers.fake_detector import add_pages
from tests.helpers.pictures import encoded, pixels

ENTER = Qt.Key.Key_Return
OPEN = frozenset({ReviewState.NEW, ReviewState.SUGGESTED})


@pytest.fixture
def desk(project: Project, tmp_path: Path, open_window: OpenWindow, qtbot: QtBot) -> Desk:
    return open_desk(open_window, project, fill(project, tmp_path / "pages"), qtbot)


def row(desk: Desk, n: int) -> object:
    return desk.page.images.index(n).data(IMAGE_ROLE)


def test_rows_are_read_when_they_are_looked_at(desk: Desk) -> None:
    desk.wait(lambda: row(desk, 3) is not None)
    assert row(desk, 3).name == "page-3.png"  # type: ignore[attr-defined]
    assert desk.page.images.index(3).data(THUMBNAIL_ROLE).width() == 96
    assert "page-3.png" in desk.page.images.index(3).data()


def test_a_click_in_the_list_shows_that_image(desk: Desk) -> None:
    view = desk.page.left.images
    where = view.visualRect(desk.page.images.index(2)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)
    assert desk.page.editor.image_id == desk.ids[2]
    assert desk.page.toolbar.place.text() == "3 / 4"


def test_the_list_follows_the_keys_and_says_where_it_ends(desk: Desk) -> None:
    desk.key("d", "d", "d", "d")
    assert desk.page.left.images.currentIndex().row() == 3
    assert "last" in desk.window.frame.strip.text
    desk.key("a", "a", "a", "a")
    assert desk.page.left.images.currentIndex().row() == 0
    assert "first" in desk.window.frame.strip.text


def test_searching_and_filtering_narrow_the_list_and_show_all_brings_it_back(desk: Desk) -> None:
    bar = desk.page.left.filters
    QTest.keyClicks(bar.search, "page-2")
    desk.wait(lambda: list(desk.page.images.ids) == [desk.ids[2]])
    assert desk.page.editor.image_id == desk.ids[0], "the page in front stays in front"
    bar.clear()
    desk.wait(lambda: len(desk.page.images.ids) == 4)
    bar.show_filters(ImageFilter(states=frozenset({ReviewState.REVIEWED})))
    desk.wait(lambda: len(desk.page.images.ids) == 0)
    assert bar.words.text() == "Only: reviewed"
    show_all = [b for b in desk.page.left.findChildren(QAbstractButton) if b.text() == "Show all" and b.isVisible()]
    show_all[-1].click()
    desk.wait(lambda: len(desk.page.images.ids) == 4)


def test_the_filter_menu_offers_what_there_is(desk: Desk) -> None:
    bar = desk.page.left.filters
    bar._fill()
    titles = {a.text().partition("\t")[0]: a for a in bar.menu.actions() if a.text()}
    assert titles["suggested"].text().endswith("\t4")
    assert {"Writer", "Split", "Source", "With a box of class", "suggested"} <= set(titles)
    writers = titles["Writer"].menu().actions()
    assert (writers[0].text(), writers[-1].text()) == ("All", "w1")
    writers[-1].trigger()
    assert bar.filters.writer == "w1"
    titles["suggested"].trigger()
    assert bar.filters.states == {ReviewState.SUGGESTED}
    assert describe(bar.filters, desk.project.classes) == "Only: suggested, writer w1"


def test_the_least_certain_pages_come_first_when_asked(desk: Desk) -> None:
    page = desk.held(desk.ids[0])
    labeling.apply(desk.project, gestures.review(page, accept_rest=True))
    box = desk.page.left.filters.order_box
    box.setCurrentIndex(box.findData(Order.UNCERTAIN))
    wanted = images.image_ids(desk.project, ImageFilter(), Order.UNCERTAIN)
    desk.wait(lambda: list(desk.page.images.ids) == wanted)


def test_the_next_image_not_reviewed_is_found_past_reviewed_ones_and_round_the_end(desk: Desk) -> None:
    for image_id in desk.ids[1:3]:
        labeling.apply(desk.project, gestures.review(desk.held(image_id), accept_rest=True), initiator=desk.page.editor)
    desk.key("d", shift=True, control=True)
    desk.wait(lambda: desk.page.editor.image_id == desk.ids[3])
    desk.key("d", shift=True, control=True)
    desk.wait(lambda: desk.page.editor.image_id == desk.ids[0])
    desk.key("a", shift=True, control=True)
    desk.wait(lambda: desk.page.editor.image_id == desk.ids[3])


def test_the_history_shows_what_where_when_and_a_click_steps_back_and_forth(desk: Desk) -> None:
    desk.key(ENTER, shift=True)
    desk.key("d")
    desk.key(ENTER, shift=True)
    desk.key("d")
    desk.key(ENTER, shift=True)
    desk.page.right.history_button.click()
    panel = desk.page.right.history
    desk.wait(lambda: panel.history.rowCount() == 3)
    assert "page-2.png" in panel.history.index(0).data()
    assert "page-0.png" in panel.history.index(2).data()
    where = panel.visualRect(panel.history.index(2)).center()
    QTest.mouseClick(panel.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)
    assert [len(desk.held(i).boxes) for i in desk.ids] == [4, 0, 0, 0]
    desk.wait(lambda: [e.state for e in panel.history.entries] == ["undone", "undone", "applied"])
    assert desk.page.editor.image_id == desk.ids[1]
    QTest.mouseClick(
        panel.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
        panel.visualRect(panel.history.index(0)).center(),
    )  # fmt: skip
    assert [len(desk.held(i).boxes) for i in desk.ids] == [4, 4, 4, 0]


def test_steps_to_a_state_in_the_history(desk: Desk) -> None:
    desk.key(ENTER, ENTER, ENTER, ENTER)  # the first one selects
    desk.key(Qt.Key.Key_Z, control=True)
    entries = labeling.history(desk.project)
    assert [e.state for e in entries] == ["undone", "applied", "applied"]
    assert [steps_to(entries, n) for n in range(3)] == [1, 0, -1]


def test_undo_and_redo_say_what_they_would_do(desk: Desk) -> None:
    bar = desk.page.toolbar
    desk.wait(lambda: not bar.undo.isEnabled())
    desk.key(ENTER, shift=True)
    desk.wait(lambda: bar.undo.isEnabled())
    assert "Accept 4 suggestions" in bar.undo.toolTip()
    bar.undo.click()
    desk.wait(lambda: bar.redo.isEnabled() and not bar.undo.isEnabled())


def test_suggesting_here_writes_suggestions_that_appear(
    project: Project, tmp_path: Path, open_window: OpenWindow, qtbot: QtBot
) -> None:
    desk = open_desk(open_window, project, fill(project, tmp_path / "pages", suggest=False), qtbot)
    assert not desk.shown.suggestions
    desk.key("i")
    desk.wait(lambda: bool(desk.shown.suggestions))
    assert desk.shown == desk.held()
    assert desk.held(desk.ids[1]).image.state is ReviewState.NEW
    desk.key(Qt.Key.Key_B, control=True)
    desk.wait(lambda: all(desk.held(i).image.state is ReviewState.SUGGESTED for i in desk.ids))
    desk.wait(lambda: not desk.page.session.tasks.busy)


def test_an_empty_project_says_what_to_do_and_fills_when_images_come(
    project: Project, tmp_path: Path, open_window: OpenWindow, qtbot: QtBot
) -> None:
    desk = open_desk(open_window, project, [], qtbot)
    words = [
        w for w in desk.page.findChildren(QWidget) if w.isVisible() and getattr(w, "text", str)() == "No images yet"
    ]
    assert words
    for key in ("d", "x", "w", "7", Qt.Key.Key_Delete, "t", "i", "h"):
        desk.key(key)
    desk.key(Qt.Key.Key_V, Qt.Key.Key_A, Qt.Key.Key_Z, control=True)
    add_pages(desk.project, 2)
    desk.page.session.look_for_foreign_changes()
    desk.page.queue.refresh()
    desk.wait(lambda: desk.page.editor.page is not None)
    desk.wait(lambda: desk.page.canvas.hasFocus())


def test_large_pictures_are_decoded_off_the_gui_thread(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_pictures, "AT_ONCE", 0)
    desk.page.pictures.forget()
    desk.page.show_image(desk.ids[3])
    assert desk.page.canvas.scene.picture is None
    desk.wait(lambda: desk.page.canvas.scene.picture is not None)
    assert desk.page.canvas.scene.picture.width == 400


def test_pictures_kept_are_bounded_in_bytes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    one = desk.page.pictures.get(desk.shown.image)
    assert one is not None
    monkeypatch.setattr(desk_pictures, "ROOM", one.bytes * 2)
    for image_id in desk.ids:
        desk.page.show_image(image_id)
    assert len(desk.page.pictures._kept) == 2


def test_neighbours_are_ready_before_they_are_asked_for(desk: Desk) -> None:
    desk.wait(lambda: row(desk, 2) is not None)
    desk.key("d")
    desk.wait(lambda: {desk.ids[0], desk.ids[2]} <= desk.page.pictures._kept.keys())


def test_a_picture_that_went_away_is_said_calmly(desk: Desk) -> None:
    with desk.project.write() as session:
        from labeler_db.models import BlobRow

        for blob in session.query(BlobRow):
            blob.data = encoded(pixels(8, 8))[:40]
    desk.page.pictures.forget()
    desk.page.show_image(desk.ids[2])
    desk.wait(lambda: "cannot be read" in desk.window.frame.strip.text)
    assert len(desk.shown.suggestions) == 4


def test_an_image_of_another_page_can_be_asked_for(desk: Desk) -> None:
    desk.window.show_page("data")
    desk.window.show_page("desk", desk.ids[2])
    assert desk.page.editor.image_id == desk.ids[2]
    desk.window.show_page("desk", ImageFilter(states=OPEN))
    assert desk.page.left.filters.filters.states == OPEN


def test_a_removed_image_leaves_the_desk(desk: Desk) -> None:
    desk.page.show_image(10_000)
    assert desk.page.editor.image_id == desk.ids[0]


def test_everything_on_the_desk_has_a_name_for_screen_readers(desk: Desk) -> None:
    nameless = [
        w for w in desk.page.findChildren(QWidget)
        if isinstance(w, QAbstractButton | QAbstractItemView) and not (w.accessibleName() or getattr(w, "text", str)())
        and w.isVisible() and not w.objectName().startswith("qt_")
    ]  # fmt: skip
    assert not nameless
    assert desk.page.canvas.accessibleName() == "Page"
    assert "4 suggestions" in desk.page.canvas.accessibleDescription()


def test_class_buttons_do_what_digit_keys_do(desk: Desk) -> None:
    desk.page.classes.buttons[3].click()
    assert desk.page.commands.next_class == 3
    desk.key(Qt.Key.Key_Tab)
    desk.page.classes.buttons[4].click()
    assert desk.held().boxes[0].class_id == 4


def test_the_box_list_selects_on_the_canvas_and_leaves_the_keys_there(desk: Desk) -> None:
    view = desk.page.right.boxes
    where = view.visualRect(view.boxes.index(1)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)
    assert desk.page.canvas.selection == (view.boxes.things[1].id,)
    assert desk.page.canvas.hasFocus()


def test_changed_keys_work_at_once_and_the_toolbar_says_so(desk: Desk) -> None:
    actions.set_keys({"desk.next": ["N"]})
    desk.key("d")
    assert desk.page.editor.image_id == desk.ids[0]
    desk.key("n")
    assert desk.page.editor.image_id == desk.ids[1]
    assert "(N)" in desk.page.toolbar.next.toolTip()


def test_a_language_change_builds_the_desk_anew_with_everything_where_it_was(desk: Desk) -> None:
    desk.key(ENTER, shift=True)
    desk.window.set_language("zh_CN")
    page = desk.window.workspace.pages["desk"]  # type: ignore[union-attr]
    assert isinstance(page, DeskPage)
    desk.wait(lambda: page.editor.page is not None)
    assert page.left.filters.search.placeholderText() != "Search name, writer, source"
    desk.wait(lambda: page.toolbar.undo.isEnabled())


def test_the_wheel_over_the_list_scrolls_it(project: Project, open_window: OpenWindow, qtbot: QtBot) -> None:
    desk = open_desk(open_window, project, add_pages(project, 60), qtbot)
    view = desk.page.left.images
    desk.wait(lambda: desk.page.images.rowCount() == 60)
    desk.wait(lambda: row(desk, 0) is not None)
    known = len(desk.page.images._rows)
    assert known < 60, "only rows in sight are read"
    view.scrollToBottom()
    view.viewport().repaint()
    desk.wait(lambda: row(desk, 59) is not None)
    assert view.indexAt(QPoint(5, 5)).row() > 30
    assert json.dumps(list(desk.page.images.ids)) == json.dumps(desk.ids)


def test_a_long_list_shows_its_beginning_first_and_then_all_of_it(
    project: Project, open_window: OpenWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_queue, "HEAD", 10)
    ids = add_pages(project, 25)
    desk = open_desk(open_window, project, [], qtbot)
    lengths: list[int] = []
    desk.page.queue.listed.connect(lambda listing: lengths.append(len(listing.ids)))
    desk.wait(lambda: len(desk.page.images.ids) == 25)
    assert desk.page.editor.image_id == ids[0]
    assert lengths in ([25], [10, 25])
    assert images.image_ids(desk.project, limit=10) == ids[:10]
    desk.page.go(1)
    assert desk.page.editor.image_id == ids[1]
