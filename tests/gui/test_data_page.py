"""The data page on a real project: counts, splits, writers moved by hand, versions and exports."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMenu
from pytestqt.qtbot import QtBot

from labeler.core import gestures
from labeler.core.boxes import Rect
from labeler.formats.registry import WRITERS
from labeler.gui.dialogs.export import ExportChoice
from labeler.gui.main_window import MainWindow
from labeler.gui.pages.data import DataPage
from labeler.services import images, labeling, versions, writers
from labeler.services.project import Project
from tests.gui.conftest import OpenWindow
from tests.helpers.fake_detector import add_model, add_pages


@pytest.fixture
def filled(new_project: Callable[[str], Project]) -> Path:
    """Three writers with two pages each, one box a page."""
    project = new_project("класс")
    for n, code in enumerate(("w1", "w2", "w3")):
        for image_id in add_pages(project, 2, writer=code, first=2 * n):
            page = labeling.page(project, image_id)
            labeling.apply(project, gestures.draw(page, Rect(5, 5, 20, 20), n))
    project.close()
    return project.folder


def data_page(window: MainWindow) -> DataPage:
    assert window.workspace is not None
    page = window.workspace.pages["data"]
    assert isinstance(page, DataPage)
    return page


def splits(window: MainWindow) -> dict[str, str | None]:
    assert window.session is not None
    return {w.code: w.split for w in images.writers(window.session.project)}


def test_an_empty_project_says_what_to_do_next(qtbot: QtBot, open_window: OpenWindow, folder: Path) -> None:
    page = data_page(open_window(folder))
    qtbot.waitUntil(lambda: page._empty.isVisible())
    assert not page.export.isEnabled()


def test_it_counts_what_is_there(qtbot: QtBot, open_window: OpenWindow, filled: Path) -> None:
    page = data_page(open_window(filled))
    qtbot.waitUntil(lambda: page.overview._figures["images"].text() == "6")
    assert page.overview._figures["boxes"].text() == "6"
    assert [b.count for b in page.overview.digits._bars][:4] == [2, 2, 2, 0]
    assert [w.code for w in page.writers.table.rows] == ["w1", "w2", "w3"]


def test_it_follows_changes_while_it_is_in_front(qtbot: QtBot, open_window: OpenWindow, filled: Path) -> None:
    window = open_window(filled)
    page = data_page(window)
    qtbot.waitUntil(lambda: page.overview._figures["images"].text() == "6")
    assert window.session is not None
    project = window.session.project
    labeling.apply(project, gestures.draw(labeling.page(project, images.image_ids(project)[0]), Rect(1, 1, 9, 9), 7))
    qtbot.waitUntil(lambda: page.overview._figures["boxes"].text() == "7")


def test_splits_are_assigned_with_one_button(qtbot: QtBot, open_window: OpenWindow, filled: Path) -> None:
    window = open_window(filled)
    page = data_page(window)
    qtbot.waitUntil(lambda: page.overview.assign.isEnabled())
    qtbot.mouseClick(page.overview.assign, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: None not in splits(window).values())
    qtbot.waitUntil(lambda: not page.overview.assign.isEnabled())
    qtbot.waitUntil(lambda: "Splits assigned" in window.frame.strip.text)


def test_moving_a_writer_that_has_a_split_asks_first(qtbot: QtBot, open_window: OpenWindow, filled: Path) -> None:
    with Project.open(filled) as project:
        writers.set_split(project, "w1", "train", allow_harm=True)
    window = open_window(filled)
    page = data_page(window)
    qtbot.waitUntil(lambda: len(page.writers.table.rows) == 3)
    page.writers.table.choose(0)
    page.writers.ask_move("test")
    qtbot.waitUntil(lambda: page.writers.dialog is not None)
    dialog = page.writers.dialog
    assert dialog is not None
    dialog.reject()
    assert splits(window)["w1"] == "train"
    page.writers.ask_move("test")
    qtbot.waitUntil(lambda: page.writers.dialog is not dialog)
    assert page.writers.dialog is not None
    page.writers.dialog.go.click()
    qtbot.waitUntil(lambda: splits(window)["w1"] == "test")
    qtbot.waitUntil(lambda: window.frame.strip.text == "w1 is in test now.")
    window.frame.strip.undo_button.click()
    qtbot.waitUntil(lambda: splits(window)["w1"] == "train")


def test_moving_what_was_learnt_from_says_what_it_does_to_figures(
    qtbot: QtBot, open_window: OpenWindow, filled: Path
) -> None:
    with Project.open(filled) as project:
        for code, split in (("w1", "train"), ("w2", "val"), ("w3", "test")):
            writers.set_split(project, code, split, allow_harm=True)
        add_model(project, "trained", version_id=versions.freeze(project).id)
    window = open_window(filled)
    page = data_page(window)
    qtbot.waitUntil(lambda: len(page.writers.table.rows) == 3)
    page.writers.table.choose(0)
    page.writers.ask_move("test")
    qtbot.waitUntil(lambda: page.writers.dialog is not None)
    assert page.writers.dialog is not None
    words = " ".join(part.text() for part in page.writers.dialog.findChildren(QLabel))
    assert "2 images were learnt from" in words
    assert page.writers.dialog.go.text() == "Move anyway"


def test_a_writer_without_a_split_is_moved_at_once(qtbot: QtBot, open_window: OpenWindow, filled: Path) -> None:
    window = open_window(filled)
    page = data_page(window)
    qtbot.waitUntil(lambda: len(page.writers.table.rows) == 3)
    page.writers.table.choose(1)
    menu = page.writers.move_button.menu()
    assert isinstance(menu, QMenu)
    menu.actions()[1].trigger()
    qtbot.waitUntil(lambda: splits(window)["w2"] == "val")
    assert page.writers.dialog is None


def test_a_version_is_frozen_and_exported_as_it_was(
    qtbot: QtBot, open_window: OpenWindow, filled: Path, tmp_path: Path
) -> None:
    window = open_window(filled)
    page = data_page(window)
    page.versions.freeze()
    qtbot.waitUntil(lambda: len(page.versions.versions) == 1)
    version = page.versions.versions[0]
    assert (version.images, version.boxes) == (6, 6)
    page.ask_export(version.name)
    dialog = page.dialog
    assert dialog is not None
    dialog.folder.setText(str(tmp_path / "出口"))
    assert dialog.choice == ExportChoice(tmp_path / "出口", "yolo", version.name)
    assert {dialog.format.itemData(n) for n in range(dialog.format.count())} == set(WRITERS)
    dialog.go.click()
    qtbot.waitUntil(lambda: "6 images, 6 boxes" in window.frame.strip.text)
    assert (tmp_path / "出口" / "data.yaml").is_file()
    labels = list((tmp_path / "出口").rglob("*.txt"))
    assert sum(bool(f.read_text(encoding="utf-8").strip()) for f in labels) == 6


def test_an_export_over_something_else_is_refused_in_words(
    qtbot: QtBot, open_window: OpenWindow, filled: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious", encoding="utf-8")
    window = open_window(filled)
    data_page(window).start_export(ExportChoice(tmp_path / "mine", "yolo", None))
    qtbot.waitUntil(lambda: window.frame.strip.level == "error")
    assert (tmp_path / "mine" / "thesis.txt").read_text(encoding="utf-8") == "precious"
