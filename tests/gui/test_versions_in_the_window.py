"""Versions on the data page: frozen with name and note, looked into, compared as pictures, their boxes restored and that undone."""

from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from labeler.core import gestures
from labeler.core.boxes import Rect
from labeler.core.version_diff import ImageChange
from labeler.core.versions import FrozenImage
from labeler.gui.main_window import MainWindow
from labeler.gui.pages.data import DataPage
from labeler.gui.pages.data_version_view import note_of
from labeler.gui.widgets import marked
from labeler.gui.widgets.marked import Kind, Mark
from labeler.services import _removal, images, labeling, versions
from labeler.services.project import Project
from tests.gui.conftest import OpenWindow
from tests.helpers.fake_detector import add_labelled


@pytest.fixture
def frozen(project: Project) -> Path:
    """Four labelled pages frozen as v1, then one box drawn and one relabelled."""
    add_labelled(project, writers=2)
    versions.freeze(project, note="as it was")
    ids = images.image_ids(project)
    labeling.apply(project, gestures.draw(labeling.page(project, ids[0]), Rect(3, 30, 9, 9), 5))
    page = labeling.page(project, ids[1])
    labeling.apply(project, gestures.relabel(page, {page.boxes[0].id}, 9))
    project.close()
    return project.folder


def test_the_list_stays_where_it_is_when_the_first_version_comes(
    qtbot: QtBot, open_window: OpenWindow, project: Project
) -> None:
    add_labelled(project, writers=2)
    project.close()
    window = open_window(project.folder, page="data")
    assert window.workspace is not None
    page = window.workspace.pages["data"]
    assert isinstance(page, DataPage)
    page.show_section("versions")
    qtbot.waitUntil(page.versions._none.isVisible)
    before = page.versions.freeze_button.parentWidget().geometry()
    page.versions.freeze()
    qtbot.waitUntil(page.versions.table.isVisible)
    qtbot.waitUntil(lambda: page.versions.view.isVisible())
    assert (
        page.versions.freeze_button.parentWidget().x()
        == before.x()
        < page.versions.view.mapTo(page, page.rect().topLeft()).x()
    )


def opened(qtbot: QtBot, window: MainWindow) -> DataPage:
    assert window.workspace is not None
    page = window.workspace.pages["data"]
    assert isinstance(page, DataPage)
    page.show_section("versions")
    qtbot.waitUntil(lambda: len(page.versions.versions) == 1)
    qtbot.waitUntil(lambda: len(page.versions.view._shown.images) == 4)
    return page


def boxes(window: MainWindow) -> list[int]:
    assert window.session is not None
    project = window.session.project
    return sorted(b.class_id for i in images.image_ids(project) for b in labeling.page(project, i).boxes)


def show(page: DataPage, text: str) -> None:
    what = page.versions.view.what
    what.setCurrentIndex(what.findText(text))
    what.activated.emit(what.currentIndex())


def test_a_version_is_frozen_with_name_and_note(qtbot: QtBot, open_window: OpenWindow, frozen: Path) -> None:
    window = open_window(frozen)
    page = opened(qtbot, window)
    page.versions.ask_freeze()
    dialog = page.versions.dialog
    assert dialog is not None
    dialog.name.setText("v1")
    assert not dialog.go.isEnabled()
    dialog.name.setText("after the second round")
    dialog.note.setText("two pages corrected")
    dialog.go.click()
    qtbot.waitUntil(lambda: len(page.versions.versions) == 2)
    newest = page.versions.versions[-1]
    assert (newest.name, newest.note) == ("after the second round", "two pages corrected")
    qtbot.waitUntil(lambda: page.versions.view.title.text() == newest.name)  # it is the one in front now
    page.versions.freeze()
    qtbot.waitUntil(lambda: "there is no second one" in window.frame.strip.hint)


def test_name_and_note_can_be_changed_later(qtbot: QtBot, open_window: OpenWindow, frozen: Path) -> None:
    page = opened(qtbot, open_window(frozen))
    view, digest = page.versions.view, page.versions.versions[0].hash
    view.ask_edit()
    dialog = view.edit_dialog
    assert dialog is not None
    assert (dialog.name.text(), dialog.note.text()) == ("v1", "as it was")
    dialog.name.setText(" ")
    assert not dialog.go.isEnabled()
    dialog.name.setText("before the holidays")
    dialog.note.setText("")
    dialog.go.click()
    qtbot.waitUntil(lambda: view.title.text() == "before the holidays")
    assert not view.note.isVisible()
    assert [v.hash for v in page.versions.versions] == [digest]


def test_it_shows_what_a_version_holds(qtbot: QtBot, open_window: OpenWindow, frozen: Path) -> None:
    page = opened(qtbot, open_window(frozen))
    view = page.versions.view
    assert (view.title.text(), view.note.text()) == ("v1", "as it was")
    qtbot.waitUntil(lambda: view.gallery.card(0) is not None)
    card = view.gallery.card(0)
    assert card is not None
    assert card.note.startswith("2 digits, ")
    assert {m.kind for m in card.marks} == {Kind.PLAIN}
    assert not view.gallery.grab().isNull()


def test_what_changed_since_is_shown_as_pictures(qtbot: QtBot, open_window: OpenWindow, frozen: Path) -> None:
    page = opened(qtbot, open_window(frozen))
    view = page.versions.view
    show(page, "Changes since, until now")
    qtbot.waitUntil(lambda: len(view._shown.images) == 2)
    assert view.words.text() == "1 box added, 1 box changed. 2 images are the same."
    qtbot.waitUntil(lambda: None not in (view.gallery.card(0), view.gallery.card(1)))
    kinds = {m.kind for n in (0, 1) for m in view.gallery.card(n).marks}  # type: ignore[union-attr]
    assert kinds == {Kind.PLAIN, Kind.ADDED, Kind.WAS, Kind.NOW}
    assert {view.gallery.card(n).note for n in (0, 1)} == {"1 added", "1 changed"}  # type: ignore[union-attr]


def test_boxes_are_restored_and_one_button_takes_that_back(qtbot: QtBot, open_window: OpenWindow, frozen: Path) -> None:
    window = open_window(frozen)
    page = opened(qtbot, window)
    view, spoilt = page.versions.view, boxes(window)
    show(page, "Changes since, until now")
    qtbot.waitUntil(lambda: len(view._shown.images) == 2)
    view.ask_restore()
    assert view.dialog is not None
    view.dialog.go.click()
    qtbot.waitUntil(lambda: window.frame.strip.text == "2 images have their boxes of v1 again.")
    assert len(boxes(window)) == len(spoilt) - 1
    qtbot.waitUntil(lambda: view._stack.currentIndex() == 1)  # nothing differs any more
    window.frame.strip.undo_button.click()
    qtbot.waitUntil(lambda: boxes(window) == spoilt)
    qtbot.waitUntil(lambda: len(view._shown.images) == 2)


def test_only_selected_images_are_restored(qtbot: QtBot, open_window: OpenWindow, frozen: Path) -> None:
    window = open_window(frozen)
    page = opened(qtbot, window)
    view = page.versions.view
    show(page, "Changes since, until now")
    qtbot.waitUntil(lambda: len(view._shown.images) == 2)
    view.gallery.setCurrentIndex(view.gallery.model().index(0, 0))
    view.ask_restore()
    assert view.dialog is not None
    view.dialog.go.click()
    qtbot.waitUntil(lambda: window.frame.strip.text == "1 image has its boxes of v1 again.")
    qtbot.waitUntil(lambda: len(view._shown.images) == 1)


def test_an_image_that_is_gone_is_shown_still(qtbot: QtBot, open_window: OpenWindow, frozen: Path) -> None:
    with Project.open(frozen) as project, project.write() as session:
        _removal.remove_images(session, [images.image_ids(project)[3]])
    page = opened(qtbot, open_window(frozen))
    view = page.versions.view
    show(page, "Changes since, until now")
    qtbot.waitUntil(lambda: "1 image gone" in view.words.text())
    place = next(n for n, c in enumerate(view._shown.images) if c.after is None)
    view.gallery.scrollTo(view.gallery.model().index(place, 0))
    qtbot.waitUntil(lambda: view.gallery.card(place) is not None)
    card = view.gallery.card(place)
    assert card is not None
    assert card.note.startswith("Gone: 2 digits")
    assert not card.picture.isNull()


def test_notes_tell_new_gone_and_moved_images() -> None:
    image = FrozenImage("a" * 64, "png", 64, 48, "train", ())
    moved = FrozenImage("a" * 64, "png", 64, 48, "test", ())
    assert note_of(ImageChange(None, image, (), ())) == "New: 0 digits, training"
    assert note_of(ImageChange(image, None, (), ())) == "Gone: 0 digits, training"
    assert note_of(ImageChange(image, moved, (), ())) == "training → test"


def test_marks_lie_where_the_boxes_are(qtbot: QtBot) -> None:
    canvas = QImage(200, 120, QImage.Format.Format_RGB32)
    canvas.fill(QColor("black"))
    page = QImage(100, 50, QImage.Format.Format_RGB32)
    page.fill(QColor("white"))
    painter = QPainter(canvas)
    from PySide6.QtCore import QRectF

    place = marked.paint(
        painter, QRectF(0, 0, 200, 120), page, Rect(0, 0, 400, 200), [Mark(Rect(200, 100, 100, 60), "7", Kind.NOW)],
        width=400,
    )  # fmt: skip
    painter.end()
    assert (place.left(), place.top(), place.width(), place.height()) == (0, 10, 200, 100)
    assert canvas.pixelColor(100, 75).name() == "#1f58c9"  # the left edge: 200 of 400 pixels
    assert canvas.pixelColor(125, 75).name() == "#ffffff"
    assert canvas.pixelColor(20, 5).name() == "#000000"
