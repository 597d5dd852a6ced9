"""The way back in the window: a damaged project is recognised as it is opened, and a backup brings it back; so it does on request."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from labeler.gui.app import build
from labeler.gui.dialogs.restore import RestoreDialog
from labeler.gui.main_window import MainWindow
from labeler.services import backup, images, recovery
from labeler.services.project import DATABASE, Project
from tests.gui.conftest import OpenWindow
from tests.helpers.fake_detector import add_pages
from tests.helpers.older import older


@pytest.fixture
def saved(new_project: Callable[[str], Project]) -> Path:
    """A project with three pages, and in its folder a backup from when there were two."""
    project = new_project("запас")
    add_pages(project, 2)
    backup.backup(project, project.folder / "backups" / "monday.db")
    add_pages(project, 1, first=9)
    project.close()
    return project.folder


def pages(window: MainWindow) -> int | None:
    return None if window.session is None else len(images.image_ids(window.session.project))


def test_a_damaged_project_is_recognised_and_the_newest_backup_brings_it_back(
    qtbot: QtBot, open_window: OpenWindow, saved: Path
) -> None:
    (saved / DATABASE).write_bytes(b"\0" * 9000)
    window = open_window()
    window.files.open(saved)
    qtbot.waitUntil(lambda: window.files.restore_dialog is not None)
    assert "is damaged" in window.frame.strip.text
    dialog = window.files.restore_dialog
    assert dialog is not None
    assert [(b.path.name, b.images) for b in dialog.table.rows] == [("monday.db", 2)]
    dialog.go.click()
    qtbot.waitUntil(lambda: pages(window) == 2)
    qtbot.waitUntil(lambda: window.frame.strip.text == "Restored from monday.db.")
    assert "-replaced-" in window.frame.strip.hint
    assert window.files.restore_dialog is None


def test_damage_that_opening_does_not_look_for_is_found_right_after(
    qtbot: QtBot, open_window: OpenWindow, saved: Path
) -> None:
    file = saved / DATABASE
    with closing(sqlite3.connect(file)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'rejections'").fetchone()
    data = bytearray(file.read_bytes())
    size = int.from_bytes(data[16:18], "big")
    data[(root - 1) * size : root * size] = b"\xff" * size
    file.write_bytes(data)
    window = open_window()
    window.files.open(saved)
    qtbot.waitUntil(lambda: window.files.restore_dialog is not None)
    assert "is damaged" in window.frame.strip.text
    assert window.files.restore_dialog is not None
    window.files.restore_dialog.go.click()
    qtbot.waitUntil(lambda: pages(window) == 2)


def test_without_a_backup_one_is_asked_for(qtbot: QtBot, open_window: OpenWindow, saved: Path) -> None:
    elsewhere = saved.parent / "elsewhere.db"
    (saved / "backups" / "monday.db").rename(elsewhere)
    (saved / DATABASE).write_bytes(b"\0" * 9000)
    window = open_window()
    window.files.open(saved)
    qtbot.waitUntil(lambda: window.files.restore_dialog is not None)
    dialog = window.files.restore_dialog
    assert dialog is not None
    assert not dialog.table.isVisible()
    assert not dialog.go.isEnabled()
    dialog._chosen(str(elsewhere))
    qtbot.waitUntil(lambda: pages(window) == 2)


def test_where_there_is_no_backup_yet_it_is_said(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = RestoreDialog(tmp_path, [])
    qtbot.addWidget(dialog)
    assert any("No backup lies" in label.text() for label in dialog.findChildren(QLabel))
    assert not dialog.go.isEnabled()


def test_an_open_project_is_restored_on_request(qtbot: QtBot, open_window: OpenWindow, saved: Path) -> None:
    window = open_window(saved)
    qtbot.waitUntil(lambda: pages(window) == 3)
    assert window.session is not None
    window.session.do("restore")
    qtbot.waitUntil(lambda: window.files.restore_dialog is not None)
    assert window.files.restore_dialog is not None
    window.files.restore_dialog.go.click()
    qtbot.waitUntil(lambda: pages(window) == 2)


def test_a_bad_backup_leaves_the_project_open_as_it_was(
    qtbot: QtBot, open_window: OpenWindow, saved: Path, tmp_path: Path
) -> None:
    window = open_window(saved)
    qtbot.waitUntil(lambda: pages(window) == 3)
    (tmp_path / "bad.db").write_bytes(b"bad" * 3000)
    window.files.restore(saved, tmp_path / "bad.db")
    assert window.session is None
    qtbot.waitUntil(lambda: pages(window) == 3)
    assert window.frame.strip.level == "error"


def test_an_older_project_is_brought_up_to_date_in_the_window_which_says_where_it_is_kept(
    qtbot: QtBot, saved: Path
) -> None:
    window = build(older(saved))
    qtbot.addWidget(window)
    assert window.session is None
    qtbot.waitUntil(lambda: pages(window) == 3)
    assert "was brought up to date" in window.frame.strip.text
    assert window.session is not None
    window.session.do("restore")
    qtbot.waitUntil(lambda: window.files.restore_dialog is not None)
    dialog = window.files.restore_dialog
    assert dialog is not None
    newest = dialog.table.rows[0]
    assert newest.occasion == "before an update of Labeler"
    assert newest.path.name in window.frame.strip.hint
    dialog.go.click()
    qtbot.waitUntil(lambda: window.frame.strip.text == f"Restored from {newest.path.name}.")
    window.close_now()


def test_what_was_replaced_is_offered_again_unless_the_project_is_damaged(qtbot: QtBot, saved: Path) -> None:
    recovery.restore(saved, saved / "backups" / "monday.db")
    found = recovery.backups(saved)
    shown = {}
    for damaged in (False, True):
        dialog = RestoreDialog(saved, found, damaged=damaged)
        qtbot.addWidget(dialog)
        shown[damaged] = [b.is_replaced for b in dialog.table.rows]
    assert shown == {False: [True, False], True: [False]}
