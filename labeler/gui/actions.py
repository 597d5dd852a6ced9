"""The one table of actions and their keys, the person's own keys, and what clashes. A page binds its methods to action ids."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from PySide6.QtCore import QKeyCombination, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from labeler.core.i18n import tr
from labeler.gui import settings

WINDOW = "window"


@dataclass(frozen=True, slots=True)
class Action:
    """One row of the table. `keys` are in Qt's portable spelling; a `held` action lasts while its key is down, its page watches it.

    Holding the key down repeats an action, unless it is done `once`: nobody means to accept page after page unseen.
    An `outranking` action is watched by its page too, and takes its keys from other actions while it can do something.
    """

    id: str
    text: str
    keys: tuple[str, ...]
    held: bool = False
    outranking: bool = False
    once: bool = False

    @property
    def context(self) -> str:
        """Where it is heard: "window" everywhere, else on one page."""
        return self.id.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Clash:
    """One key that would do two things at one place."""

    key: str
    first: Action
    second: Action


class _Notice(QObject):
    changed = Signal()


class _State:
    """The person's own keys, read once, and who wants to hear of a change."""

    notice: _Notice | None = None
    own: dict[str, tuple[str, ...]] | None = None


def table() -> tuple[Action, ...]:
    """Every action with its built-in keys, in the order of the key sheet and in the language in use."""
    return (*_window_rows(), *_collect_rows(), *_desk_rows(), *_data_rows(), *_check_rows())


def keys(action_id: str) -> tuple[str, ...]:
    """The keys in use for an action: the person's own, else the built-in ones. Raises KeyError for an unknown action."""
    own = _own()
    return own[action_id] if action_id in own else _builtin_keys()[action_id]


def hint(action_id: str) -> str:
    """The first key of an action as people read it, or nothing."""
    found = keys(action_id)
    return shown(found[0]) if found else ""


def shown(key: str) -> str:
    """A key as people read it on this system."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def tip(action_id: str, text: str = "") -> str:
    """A tooltip: what it does and its key."""
    words, key = text or _by_id()[action_id].text, hint(action_id)
    return f"{words}  ({key})" if key else words


def pressed(event: QKeyEvent, action_id: str) -> bool:
    """Whether this key event is one of the action's keys: for held keys, which no shortcut can watch."""
    combination = QKeySequence(
        QKeyCombination(event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier, Qt.Key(event.key()))
    )
    return any(combination == QKeySequence(key) for key in keys(action_id))


def set_keys(changes: Mapping[str, Iterable[str] | None]) -> None:
    """Use these keys from now on and remember them; None takes an action back to its built-in keys."""
    own = dict(_own())
    known = _by_id()
    for action_id, wanted in changes.items():
        if wanted is None or tuple(wanted) == known[action_id].keys:
            own.pop(action_id, None)
        else:
            own[action_id] = tuple(
                QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText) for key in wanted
            )
    settings.change(keys=own)
    _State.own = own
    notice().changed.emit()


def reload() -> None:
    """Read the person's own keys again."""
    _State.own = None
    notice().changed.emit()


def clashes(own: Mapping[str, tuple[str, ...]] | None = None) -> list[Clash]:
    """Keys that would do two things at one place, with the keys in use or with `own` in their stead."""
    chosen = _own() if own is None else own
    users: dict[str, list[Action]] = {}
    for action in table():
        for key in dict.fromkeys(_canonical(k) for k in chosen.get(action.id, action.keys)):
            users.setdefault(key, []).append(action)
    return [
        Clash(key, first, second)
        for key, actions in users.items()
        for first, second in combinations(actions, 2)
        if first.outranking == second.outranking
        and (WINDOW in (first.context, second.context) or first.context == second.context)
    ]


def notice() -> _Notice:
    """Emits `changed` when keys change."""
    if _State.notice is None:
        _State.notice = _Notice()
    return _State.notice


class Binding(QObject):
    """The shortcuts of one widget; a child of it. Bare keys sleep while a text field has the focus."""

    def __init__(self, widget: QWidget, slots: Mapping[str, Callable[[], object]], context: Qt.ShortcutContext) -> None:
        super().__init__(widget)
        self._widget = widget
        self._slots = dict(slots)
        self._context = context
        self._shortcuts: list[QShortcut] = []
        self._rebuild()
        notice().changed.connect(self._rebuild)
        application = QGuiApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._focus_changed)

    def _rebuild(self) -> None:
        for shortcut in self._shortcuts:
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        self._shortcuts = []
        repeating = {action.id for action in table() if not action.held and not action.once}
        for action_id, slot in self._slots.items():
            for key in keys(action_id):
                shortcut = QShortcut(QKeySequence(key), self._widget, context=self._context)
                shortcut.setAutoRepeat(action_id in repeating)
                shortcut.activated.connect(slot)
                self._shortcuts.append(shortcut)
        self._focus_changed(None, QApplication.focusWidget())

    def _focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        typing = is_text_field(new)
        for shortcut in self._shortcuts:
            if is_bare(shortcut.key()):
                shortcut.setEnabled(not typing)


def bind(
    widget: QWidget,
    slots: Mapping[str, Callable[[], object]],
    *,
    context: Qt.ShortcutContext = Qt.ShortcutContext.WidgetWithChildrenShortcut,
) -> Binding:
    """Call a slot when one of its action's keys is pressed while `widget` or something in it has the focus."""
    return Binding(widget, slots, context)


def is_text_field(widget: QWidget | None) -> bool:
    """Whether keys pressed now are text."""
    if isinstance(widget, QLineEdit | QTextEdit | QPlainTextEdit):
        return not widget.isReadOnly()
    return isinstance(widget, QAbstractSpinBox)


def is_bare(sequence: QKeySequence) -> bool:
    """Whether a key is pressed without Ctrl, Alt or Meta, and is no function key."""
    text = sequence.toString(QKeySequence.SequenceFormat.PortableText)
    return bool(text) and not re.search(r"(Ctrl|Alt|Meta)\+|^(Shift\+)?F\d+$", text)


def _own() -> dict[str, tuple[str, ...]]:
    if _State.own is None:
        known = _by_id()
        _State.own = {k: v for k, v in settings.load().keys.items() if k in known}
    return _State.own


def _by_id() -> dict[str, Action]:
    return {action.id: action for action in table()}


@cache
def _builtin_keys() -> dict[str, tuple[str, ...]]:
    """The same in every language, and asked for at every key press: so they are kept."""
    return {action.id: action.keys for action in table()}


def _canonical(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)


def _window_rows() -> tuple[Action, ...]:
    return (
        Action("window.keys", tr("Show the keys"), ("F1",)),
        Action("window.saved", tr("Is everything saved?"), ("Ctrl+S",)),
        Action("window.open", tr("Open a project"), ("Ctrl+O",)),
        Action("window.new", tr("New project"), ("Ctrl+N",)),
        Action("window.import", tr("Import files"), ("Ctrl+Shift+I",)),
        Action("window.settings", tr("Settings"), ("Ctrl+,",)),
        Action("window.collect", tr("Go to collecting"), ("Alt+5",)),
        Action("window.desk", tr("Go to the desk"), ("Alt+1",)),
        Action("window.data", tr("Go to the data"), ("Alt+2",)),
        Action("window.check", tr("Go to the check"), ("Alt+7",)),
        Action("window.train", tr("Go to training"), ("Alt+3",)),
        Action("window.models", tr("Go to the models"), ("Alt+4",)),
        Action("window.ledger", tr("Go to the effort"), ("Alt+6",)),
        Action("window.full", tr("Full screen"), ("F11",)),
        Action("window.close", tr("Close the window"), ("Ctrl+Q",)),
    )


def _collect_rows() -> tuple[Action, ...]:
    return (
        Action("collect.save", tr("Keep the page, next prompt"), ("Return", "Enter")),
        Action("collect.skip", tr("Skip the prompt"), ("S",)),
        Action("collect.take_back", tr("Take the last page back"), ("B",)),
        Action("collect.new_writer", tr("Add a writer"), ("N",)),
        Action("collect.next_writer", tr("Next writer"), ("PgDown",)),
        Action("collect.previous_writer", tr("Previous writer"), ("PgUp",)),
        Action("collect.pen", tr("Pen"), ("P",)),
        Action("collect.eraser", tr("Eraser"), ("E",)),
        Action("collect.clear", tr("Clear the page"), ("Del",)),
        Action("collect.undo", tr("Undo"), ("Ctrl+Z",)),
        Action("collect.redo", tr("Redo"), ("Ctrl+Y", "Ctrl+Shift+Z")),
        Action("collect.paste", tr("Paste a picture"), ("Ctrl+V",)),
        Action("collect.live", tr("Read along, or not"), ("L",)),
    )


def _desk_rows() -> tuple[Action, ...]:
    return (
        *(Action(f"desk.class_{n}", tr("Class {n}", n=n), (str(n),)) for n in range(10)),
        Action("desk.next", tr("Next image"), ("D", "Right")),
        Action("desk.previous", tr("Previous image"), ("A", "Left")),
        Action("desk.next_open", tr("Next image not reviewed"), ("Ctrl+Shift+D",)),
        Action("desk.previous_open", tr("Previous image not reviewed"), ("Ctrl+Shift+A",)),
        Action("desk.draw", tr("Draw boxes"), ("W", "R"), once=True),
        Action("desk.next_box", tr("Next box"), ("Tab",)),
        Action("desk.previous_box", tr("Previous box"), ("Shift+Tab",)),
        Action("desk.accept", tr("Accept the suggestion"), ("Return", "Enter"), once=True),
        Action("desk.reject", tr("Reject the suggestion"), ("X",), once=True),
        Action("desk.accept_all", tr("Accept all shown"), ("Shift+Return", "Shift+Enter"), once=True),
        Action("desk.accept_next", tr("Accept all, mark reviewed, next"), ("Ctrl+Return", "Ctrl+Enter"), once=True),
        Action("desk.reviewed", tr("Reviewed or not"), ("Space",), held=True),
        Action("desk.hide", tr("Hide the boxes while held"), ("H",), held=True),
        Action("desk.tighten", tr("Tighten the box to its ink"), ("T",), once=True),
        Action("desk.delete", tr("Delete"), ("Del", "Backspace"), once=True),
        Action("desk.nudge_left", tr("Nudge what is selected to the left"), ("Left", "Shift+Left"), outranking=True),
        Action(
            "desk.nudge_right", tr("Nudge what is selected to the right"), ("Right", "Shift+Right"), outranking=True
        ),
        Action("desk.nudge_up", tr("Nudge what is selected up"), ("Up", "Shift+Up"), outranking=True),
        Action("desk.nudge_down", tr("Nudge what is selected down"), ("Down", "Shift+Down"), outranking=True),
        Action("desk.undo", tr("Undo"), ("Ctrl+Z",)),
        Action("desk.redo", tr("Redo"), ("Ctrl+Y", "Ctrl+Shift+Z")),
        Action("desk.copy", tr("Copy"), ("Ctrl+C",)),
        Action("desk.paste", tr("Paste"), ("Ctrl+V",), once=True),
        Action("desk.duplicate", tr("Duplicate"), ("Ctrl+D",), once=True),
        Action("desk.paste_previous", tr("Paste the previous image's boxes once"), ("Ctrl+Shift+V",), once=True),
        Action("desk.select_all", tr("Select all boxes"), ("Ctrl+A",)),
        Action("desk.deselect", tr("Select nothing, stop drawing"), ("Esc",)),
        Action("desk.zoom_in", tr("Zoom in"), ("Ctrl++", "Ctrl+=")),
        Action("desk.zoom_out", tr("Zoom out"), ("Ctrl+-",)),
        Action("desk.fit", tr("Fit the page"), ("Ctrl+0",)),
        Action("desk.actual", tr("Zoom to 100 %"), ("Ctrl+1",)),
        Action("desk.suggest", tr("Suggest for this image"), ("I",), once=True),
        Action("desk.suggest_all", tr("Suggest for all not reviewed"), ("Ctrl+B",), once=True),
        Action("desk.fit_suggestions", tr("Suggestions take the size of my boxes"), ("Ctrl+Shift+B",), once=True),
    )


def _data_rows() -> tuple[Action, ...]:
    return (Action("data.undo", tr("Take back what was done to writers"), ("Ctrl+Z",)),)


def _check_rows() -> tuple[Action, ...]:
    return (
        Action("check.run", tr("Check the labels"), ("F5",)),
        Action("check.fix", tr("Correct as proposed, next"), ("Return", "Enter")),
        Action("check.right", tr("It is right, next"), ("X",)),
        Action("check.delete", tr("Delete the box, next"), ("Del", "Backspace")),
        *(Action(f"check.class_{n}", tr("It is class {n}, next", n=n), (str(n),)) for n in range(10)),
        Action("check.next", tr("Next doubt"), ("D", "N")),
        Action("check.previous", tr("Previous doubt"), ("A", "P")),
        Action("check.open", tr("Open the page on the desk"), ("O",)),
        Action("check.undo", tr("Take back the last step"), ("Ctrl+Z",)),
    )
