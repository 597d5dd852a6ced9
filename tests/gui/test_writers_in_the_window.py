"""Saying who wrote what, in the window: on the data page's grid, from the desk, in the table of writers; and taking it back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from labeler.core.coverage import Cell, Coverage, gaps
from labeler.core.filters import ImageFilter
from labeler.gui.main_window import MainWindow
from labeler.gui.pages.data import DataPage
from labeler.gui.pages.data_splits import advice, sentences
from labeler.gui.pages.desk import DeskPage
from labeler.gui.widgets.coverage_table import CoverageTable
from labeler.services import images, splitting, versions, writers
from labeler.services.project import Project
from tests.gui.conftest import OpenWindow
from tests.helpers.fake_detector import add_labelled, add_model, add_pages


@pytest.fixture
def filled(new_project: Callable[[str], Project]) -> Path:
    """Three images without a writer, two of S01 in training."""
    project = new_project("手")
    add_pages(project, 3)
    add_pages(project, 2, writer="S01", first=10)
    writers.set_split(project, "S01", "train", allow_harm=True)
    project.close()
    return project.folder


def data_page(window: MainWindow) -> DataPage:
    assert window.workspace is not None
    page = window.workspace.pages["data"]
    assert isinstance(page, DataPage)
    return page


def whose(window: MainWindow) -> list[str | None]:
    assert window.session is not None
    project = window.session.project
    return [i.writer for i in images.images(project, images.image_ids(project))]


def split_of(window: MainWindow, code: str) -> str | None:
    assert window.session is not None
    return next(w.split for w in images.writers(window.session.project) if w.code == code)


def shown_images(qtbot: QtBot, window: MainWindow, count: int) -> DataPage:
    page = data_page(window)
    page.show_section("images")
    qtbot.waitUntil(lambda: page.images.count.text() == f"{count} images")
    return page


def test_chosen_images_get_a_writer_and_one_message_takes_it_back(
    qtbot: QtBot, open_window: OpenWindow, filled: Path
) -> None:
    window = open_window(filled)
    page = shown_images(qtbot, window, 5)
    assert not page.images.give_button.isEnabled()
    grid = page.images.grid
    grid.setFocus()
    for row in (0, 1):
        index = grid.model().index(row, 0)
        grid.selectionModel().select(index, grid.selectionModel().SelectionFlag.Select)
    assert page.images.count.text() == "2 of 5 images selected"
    qtbot.mouseClick(page.images.give_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.flow.dialog is not None and page.flow.dialog.go.isEnabled())
    dialog = page.flow.dialog
    assert dialog is not None
    assert dialog.wanted == "S02"  # the code that follows
    dialog.go.click()
    qtbot.waitUntil(lambda: whose(window) == ["S02", "S02", None, "S01", "S01"])
    qtbot.waitUntil(lambda: window.frame.strip.text == "2 images are by S02 now.")
    qtbot.mouseClick(window.frame.strip.undo_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: whose(window) == [None, None, None, "S01", "S01"])
    qtbot.waitUntil(lambda: "Taken back" in window.frame.strip.text)
    assert window.frame.strip.undo_button.isHidden()


def test_the_key_for_undo_takes_it_back_too(qtbot: QtBot, open_window: OpenWindow, filled: Path) -> None:
    window = open_window(filled)
    page = shown_images(qtbot, window, 5)
    page.flow.give([1], "S09")
    qtbot.waitUntil(lambda: whose(window)[0] == "S09")
    qtbot.waitUntil(lambda: window.frame.strip.text != "")
    page.images.grid.setFocus()
    QTest.keyClick(page.images.grid, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: whose(window)[0] is None)
    qtbot.waitUntil(lambda: "Taken back" in window.frame.strip.text)
    QTest.keyClick(page.images.grid, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: split_of(window, "S01") is None)  # and the step before it, which gave S01 a split
    QTest.keyClick(page.images.grid, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.frame.strip.text == "There is nothing to take back here.")


def test_the_dialog_warns_before_figures_would_lie(qtbot: QtBot, open_window: OpenWindow, filled: Path) -> None:
    with Project.open(filled) as project:
        add_labelled(project, writers=3)
        splitting.assign(project)
        ids = {w.code: w.split for w in images.writers(project)}
        judge = next(code for code, split in ids.items() if split == "test")
        add_model(project, "trained", version_id=versions.freeze(project).id)
        learnt = next(i.id for i in images.images(project, images.image_ids(project)) if i.split == "train" and i.boxes)
    window = open_window(filled)
    page = data_page(window)
    page.flow.ask([learnt])
    qtbot.waitUntil(lambda: page.flow.dialog is not None and page.flow.dialog.go.isEnabled())
    dialog = page.flow.dialog
    assert dialog is not None
    assert dialog.warning.isHidden()
    dialog.code.setCurrentText(judge)
    assert not dialog.go.isEnabled()
    qtbot.waitUntil(dialog.go.isEnabled)
    assert not dialog.warning.isHidden()
    assert dialog.go.text() == "Give anyway"
    dialog.reject()
    qtbot.waitUntil(lambda: page.flow.dialog is None)


def test_images_without_a_writer_are_found(qtbot: QtBot, open_window: OpenWindow, filled: Path) -> None:
    window = open_window(filled)
    page = shown_images(qtbot, window, 5)
    page.show_item(ImageFilter(writer=""))
    qtbot.waitUntil(lambda: page.images.count.text() == "3 images")
    assert page.images.filters.words.text() == "Only: no writer"


def test_the_desk_asks_who_wrote_the_page_in_front(qtbot: QtBot, open_window: OpenWindow, filled: Path) -> None:
    window = open_window(filled, page="desk")
    assert window.workspace is not None
    desk = window.workspace.pages["desk"]
    assert isinstance(desk, DeskPage)
    qtbot.waitUntil(lambda: desk.editor.image_id is not None)
    assert desk.right.facts.writer_button.text() == "Say who …"
    desk.right.facts.writer_button.click()
    qtbot.waitUntil(lambda: desk.writer_flow.dialog is not None and desk.writer_flow.dialog.go.isEnabled())
    assert desk.writer_flow.dialog is not None
    desk.writer_flow.dialog.code.setCurrentText("S01")
    qtbot.waitUntil(desk.writer_flow.dialog.go.isEnabled)
    desk.writer_flow.dialog.go.click()
    qtbot.waitUntil(lambda: whose(window)[0] == "S01")
    qtbot.waitUntil(lambda: desk.right.facts.values["writer"][1].text() == "S01")
    assert desk.right.facts.writer_button.text() == "Change …"


def test_a_writer_gets_a_note_and_another_code(qtbot: QtBot, open_window: OpenWindow, filled: Path) -> None:
    window = open_window(filled)
    page = data_page(window)
    qtbot.waitUntil(lambda: len(page.writers.table.rows) == 1)
    page.writers.table.choose(0)
    page.writers.ask_edit()
    dialog = page.writers.edit_dialog
    assert dialog is not None
    dialog.code.setText("S07")
    dialog.note.setText("left-handed")
    dialog.go.click()
    qtbot.waitUntil(lambda: [(w.code, w.note) for w in page.writers.table.rows] == [("S07", "left-handed")])


def test_another_writers_code_merges_the_two(qtbot: QtBot, open_window: OpenWindow, filled: Path) -> None:
    with Project.open(filled) as project:
        add_pages(project, 1, writer="anna", first=30)
    window = open_window(filled)
    page = data_page(window)
    qtbot.waitUntil(lambda: [w.code for w in page.writers.table.rows] == ["S01", "anna"])
    page.writers.table.choose(1)
    page.writers.ask_edit()
    dialog = page.writers.edit_dialog
    assert dialog is not None
    dialog.code.setText("S01")
    assert not dialog.go.isEnabled()
    qtbot.waitUntil(dialog.go.isEnabled)
    assert dialog.go.text() == "Merge"
    dialog.go.click()
    qtbot.waitUntil(lambda: [(w.code, w.images) for w in page.writers.table.rows] == [("S01", 3)])
    qtbot.waitUntil(lambda: window.frame.strip.text == "anna and S01 are one writer now.")


def test_what_is_thin_is_said_in_sentences() -> None:
    classes = ("0", "1")
    cells = {
        ("train", 0): Cell(90, 4), ("train", 1): Cell(40, 4), ("val", 0): Cell(31, 3), ("val", 1): Cell(40, 2),
        ("test", 0): Cell(12, 3),
    }  # fmt: skip
    coverage = Coverage(classes, cells, {"train": 4, "val": 3, "test": 3}, {0: 13.3, 1: 8.0})
    found = gaps(coverage)
    assert sentences(coverage, found).splitlines() == [
        "No 1 by any writer in test.",
        "Too few of 0 in test.",
        "Too few of 1 in validation.",
    ]
    assert "4 more writers in test, 1 more writer in validation" in advice(coverage, found)


def test_of_little_it_is_said_what_is_missing_and_what_it_takes_at_least() -> None:
    coverage = Coverage(("0", "1"), {("train", 0): Cell(8, 2)}, {"train": 2}, {0: 4.0})
    found = gaps(coverage)
    assert sentences(coverage, found).splitlines() == [
        "Nothing at all in test yet.",
        "Nothing at all in validation yet.",
        "No 1 by any writer in training.",
        "Too few of 0 in training.",
    ]
    said = advice(coverage, found)
    assert "8 more writers in test, 8 more writers in validation, 6 more writers in training at least" in said
    assert "Fewer will do where each writes more." in said
    assert "nobody has written 1 yet" in said
    nothing = Coverage(("0", "1"), {}, {}, {})
    assert sentences(nothing, gaps(nothing)) == "No digit is labelled yet."
    assert advice(nothing, gaps(nothing)) == ""


def test_the_coverage_table_gives_its_numbers(qtbot: QtBot) -> None:
    table = CoverageTable()
    qtbot.addWidget(table)
    table.show_coverage(Coverage(("0",), {("train", 0): Cell(3, 1), ("none", 0): Cell(2, 1)}, {"train": 1}, {0: 3.0}))
    table.resize(400, 200)
    assert not table.grab().isNull()
    assert table.numbers()[1:] == [
        ["training", "0", 3, 1],
        ["validation", "0", 0, 0],
        ["test", "0", 0, 0],
        ["no split", "0", 2, 1],
    ]


def test_a_writer_who_withdraws_is_asked_for_once_and_then_gone(
    qtbot: QtBot, open_window: OpenWindow, filled: Path
) -> None:
    window = open_window(filled)
    page = data_page(window)
    qtbot.waitUntil(lambda: [w.code for w in page.writers.table.rows] == ["S01"])
    page.writers.table.choose(0)
    page.writers.withdraw_button.click()
    assert page.writers.dialog is not None
    QTest.keyClick(page.writers.dialog, Qt.Key.Key_Return)  # it cannot be taken back, so Enter is not enough
    qtbot.waitUntil(lambda: not page.writers.dialog.isVisible())
    assert "S01" in whose(window)
    page.writers.ask_withdraw()
    page.writers.dialog.go.click()
    qtbot.waitUntil(lambda: "Removed 2 images of S01" in window.frame.strip.text, timeout=10_000)
    assert whose(window) == [None, None, None]
    qtbot.waitUntil(lambda: not page.writers.table.rows)
