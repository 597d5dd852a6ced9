"""The table of actions: keys that do one thing each, a person's own keys, clashes, and bare keys beside a text field."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from labeler.gui import actions, settings


def test_every_action_has_one_id_a_text_and_keys_qt_knows() -> None:
    table = actions.table()
    assert len({a.id for a in table}) == len(table)
    assert all(a.text for a in table)
    assert all(not QKeySequence(key).isEmpty() for a in table for key in a.keys)


def test_the_built_in_keys_do_not_clash() -> None:
    assert actions.clashes() == []


def test_digit_keys_name_their_digit() -> None:
    assert [actions.keys(f"desk.class_{n}") for n in range(10)] == [(str(n),) for n in range(10)]


def test_a_clash_on_one_page_and_with_the_window_is_reported() -> None:
    found = actions.clashes({"desk.draw": ("D",), "desk.undo": ("ctrl+s",)})
    assert {(c.key, c.first.id, c.second.id) for c in found} == {
        ("D", "desk.next", "desk.draw"),
        ("Ctrl+S", "window.saved", "desk.undo"),
    }


def test_own_keys_are_remembered_and_taken_back() -> None:
    actions.set_keys({"desk.draw": ["Q"]})
    assert actions.keys("desk.draw") == ("Q",)
    actions.reload()
    assert actions.keys("desk.draw") == ("Q",)
    actions.set_keys({"desk.draw": None})
    assert actions.keys("desk.draw") == ("W", "R")
    assert settings.load().keys == {}


def test_keys_of_actions_that_are_gone_do_no_harm() -> None:
    settings.change(keys={"desk.gone": ("Q",), "desk.draw": ("Q",)})
    actions.reload()
    assert actions.keys("desk.draw") == ("Q",)
    assert actions.clashes() == []


def test_an_unknown_action_is_a_bug() -> None:
    with pytest.raises(KeyError):
        actions.keys("desk.gone")


@pytest.mark.parametrize(
    ("key", "bare"),
    [("W", True), ("Shift+Return", True), ("Tab", True), ("Del", True), ("Ctrl+Z", False), ("Alt+1", False), ("F1", False),
     ("Shift+F3", False), ("Ctrl++", False), ("", False)],
)  # fmt: skip
def test_which_keys_are_bare(key: str, bare: bool) -> None:
    assert actions.is_bare(QKeySequence(key)) is bare


class Bound(QWidget):
    """A page with two bound actions, a text field and something else that can have the focus."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.field, self.body = QLineEdit(), QWidget()
        self.body.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        layout = QVBoxLayout(self)
        layout.addWidget(self.field)
        layout.addWidget(self.body)
        actions.bind(
            self,
            {"desk.accept": lambda: self.calls.append("accept"), "desk.draw": lambda: self.calls.append("draw"),
             "desk.suggest_all": lambda: self.calls.append("suggest")},
        )  # fmt: skip


@pytest.fixture
def bound(qtbot: QtBot) -> Bound:
    widget = Bound()
    qtbot.addWidget(widget)
    with qtbot.waitActive(widget):
        widget.show()
        widget.activateWindow()
    widget.body.setFocus()
    return widget


def test_keys_call_their_slots(qtbot: QtBot, bound: Bound) -> None:
    qtbot.keyClick(bound.body, Qt.Key.Key_W)
    qtbot.keyClick(bound.body, Qt.Key.Key_Return)
    qtbot.keyClick(bound.body, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert bound.calls == ["draw", "accept", "suggest"]


def test_bare_keys_sleep_while_a_text_field_has_the_focus(qtbot: QtBot, bound: Bound) -> None:
    entered: list[bool] = []
    bound.field.returnPressed.connect(lambda: entered.append(True))
    bound.field.setFocus()
    qtbot.keyClicks(bound.field, "w")
    qtbot.keyClick(bound.field, Qt.Key.Key_Return)
    qtbot.keyClick(bound.field, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert (bound.field.text(), entered, bound.calls) == ("w", [True], ["suggest"])
    bound.body.setFocus()
    qtbot.keyClick(bound.body, Qt.Key.Key_W)
    assert bound.calls == ["suggest", "draw"]


def test_a_changed_key_works_at_once(qtbot: QtBot, bound: Bound) -> None:
    actions.set_keys({"desk.draw": ["Q"]})
    qtbot.keyClick(bound.body, Qt.Key.Key_W)
    qtbot.keyClick(bound.body, Qt.Key.Key_Q)
    assert bound.calls == ["draw"]


def test_a_key_that_is_held_down_walks_on_but_accepts_and_deletes_only_once(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    done: list[str] = []
    names = ("desk.next", "desk.undo", "desk.accept_next", "desk.delete")
    binding = actions.bind(widget, {name: lambda n=name: done.append(n) for name in names})
    repeats = {s.key().toString(): s.autoRepeat() for s in binding._shortcuts}
    assert repeats["D"]
    assert repeats["Ctrl+Z"]
    assert not repeats["Ctrl+Return"]
    assert not repeats["Del"]
