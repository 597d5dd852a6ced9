"""The key sheet: searching, changing a key with the real keyboard, clashes refused, going back to the built-in key."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from labeler.gui import actions
from labeler.gui.dialogs.key_sheet import KeyDialog, KeySheet


@pytest.fixture
def sheet(qtbot: QtBot) -> Iterator[KeySheet]:
    made = KeySheet()
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    yield made
    made.close()


def choose(sheet: KeySheet, action_id: str) -> None:
    place = next(n for n, line in enumerate(sheet.table.rows) if line.action.id == action_id)
    sheet.table.choose(place)


def asked(qtbot: QtBot, sheet: KeySheet) -> KeyDialog:
    sheet.edit.click()
    dialog = sheet.findChild(KeyDialog)
    assert isinstance(dialog, KeyDialog)
    return dialog


def press(qtbot: QtBot, dialog: KeyDialog, key: Qt.Key, *, field: int = 0) -> None:
    line = dialog.fields[field].findChild(QLineEdit)
    assert isinstance(line, QLineEdit)
    dialog.fields[field].setFocus()
    qtbot.keyClick(dialog.fields[field], key)


def test_it_lists_every_action(sheet: KeySheet) -> None:
    assert [line.action.id for line in sheet.table.rows] == [a.id for a in actions.table()]


@pytest.mark.parametrize(("words", "found"), [("tighten", ["desk.tighten"]), ("ctrl+b", ["desk.suggest_all"])])
def test_it_finds_by_words_and_by_keys(sheet: KeySheet, words: str, found: list[str]) -> None:
    sheet.search.setText(words)
    assert [line.action.id for line in sheet.table.rows] == found


def test_a_key_is_changed_by_pressing_it_and_taken_back(qtbot: QtBot, sheet: KeySheet) -> None:
    choose(sheet, "desk.tighten")
    dialog = asked(qtbot, sheet)
    press(qtbot, dialog, Qt.Key.Key_Q)
    dialog.go.click()
    assert actions.keys("desk.tighten") == ("Q",)
    line = sheet.table.current()
    assert line is not None
    assert (line.action.id, line.shown) == ("desk.tighten", "Q")
    sheet.reset.click()
    assert actions.keys("desk.tighten") == ("T",)


def test_a_key_that_is_taken_is_refused_and_says_by_whom(qtbot: QtBot, sheet: KeySheet) -> None:
    choose(sheet, "desk.tighten")
    dialog = asked(qtbot, sheet)
    press(qtbot, dialog, Qt.Key.Key_X)
    assert not dialog.go.isEnabled()
    assert "Reject the suggestion" in dialog.report.text()
    press(qtbot, dialog, Qt.Key.Key_Q)
    assert dialog.go.isEnabled()
    assert not dialog.report.isVisible()
    dialog.reject()
    assert actions.keys("desk.tighten") == ("T",)


def test_clashes_made_elsewhere_are_reported(sheet: KeySheet) -> None:
    assert "No key does two things" in sheet.report.text()
    actions.set_keys({"desk.tighten": ["X"]})
    assert "X would do two things" in sheet.report.text()
