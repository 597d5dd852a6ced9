"""All keys, by place; a double click or Enter changes one. Clashes are shown as they arise, before anything is kept."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QKeySequenceEdit, QLineEdit, QWidget

from labeler.core.i18n import tr
from labeler.gui import actions
from labeler.gui.actions import Action, Clash
from labeler.gui.widgets.pieces import button, column, label, row, set_role
from labeler.gui.widgets.table import Column, Table


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the sheet."""

    action: Action
    keys: tuple[str, ...]

    @property
    def shown(self) -> str:
        return "   ".join(actions.shown(k) for k in self.keys) or "–"


class KeySheet(QDialog):
    """The key sheet: the keys of the page in front, `first`, before those that are heard everywhere and the other pages'.

    Changes are kept when they are made.
    """

    def __init__(self, parent: QWidget | None = None, *, first: str = "") -> None:
        super().__init__(parent)
        self._first = first
        self.setWindowTitle(tr("Keys"))
        self.resize(620, 640)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search what it does, or a key"))
        self.search.setClearButtonEnabled(True)
        self.table: Table[Line] = Table(
            [
                Column(tr("What it does"), lambda r: r.action.text, wide=True),
                Column(tr("Where"), lambda r: place(r.action.context), muted=True),
                Column(tr("Keys"), lambda r: r.shown, strong=lambda r: r.keys != r.action.keys),
            ]
        )
        self.report = label("", "muted", wrap=True)
        self.edit = button(tr("Change …"), self.change, icon="keys")
        self.reset = button(tr("Built-in key"), self.take_back, icon="rollback")
        close = button(tr("Close"), self.accept, kind="primary")
        self.setLayout(
            column(
                label(tr("Keys"), "heading"),
                self.search,
                self.table,
                self.report,
                row(self.edit, self.reset, None, close),
                margins=(20, 18, 20, 16),
                gap=10,
            )
        )
        self.search.textChanged.connect(self.refresh)
        self.table.chosen.connect(self._chosen)
        self.table.opened.connect(lambda _: self.change())
        actions.notice().changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the keys in use."""
        wanted = self.search.text().strip().casefold()
        rank = {self._first: 0, actions.WINDOW: 1}
        ordered = sorted(actions.table(), key=lambda a: rank.get(a.context, 2))
        lines = [Line(a, actions.keys(a.id)) for a in ordered]
        shown = [x for x in lines if not wanted or wanted in f"{x.action.text} {x.shown}".casefold()]
        self.table.set_rows(shown, key=lambda x: x.action.id)
        found = actions.clashes()
        self.report.setText(clash_text(found) if found else tr("No key does two things."))
        set_role(self.report, "bad" if found else "muted")

    def change(self) -> None:
        """Ask for the chosen action's new keys."""
        line = self.table.current()
        if line is not None:
            dialog = KeyDialog(line.action, line.keys, self)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.accepted.connect(lambda: actions.set_keys({line.action.id: dialog.keys}))
            dialog.open()

    def take_back(self) -> None:
        """The chosen action's built-in keys again."""
        line = self.table.current()
        if line is not None:
            actions.set_keys({line.action.id: None})

    def _chosen(self, line: Line | None) -> None:
        self.edit.setEnabled(line is not None)
        self.reset.setEnabled(line is not None and line.keys != line.action.keys)


class KeyDialog(QDialog):
    """Asks for the keys of one action, first and second; says at once what they would clash with."""

    def __init__(self, action: Action, keys: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Change a key"))
        self.setMinimumWidth(400)
        self._action = action
        self.fields = [QKeySequenceEdit(QKeySequence(keys[n]) if n < len(keys) else QKeySequence()) for n in range(2)]
        for field in self.fields:
            field.setMaximumSequenceLength(1)
            field.setClearButtonEnabled(True)
            field.keySequenceChanged.connect(self._changed)
        self.report = label("", "bad", wrap=True)
        self.go = button(tr("Use it"), self.accept, kind="primary")
        self.setLayout(
            column(
                label(action.text, "heading"),
                label(tr("Press the key. A second one is optional."), "muted"),
                row(*self.fields),
                self.report,
                8,
                row(None, button(tr("Cancel"), self.reject), self.go),
                margins=(20, 18, 20, 16),
                gap=10,
            )
        )
        self._changed()

    @property
    def keys(self) -> tuple[str, ...]:
        """What was pressed."""
        found = (f.keySequence().toString(QKeySequence.SequenceFormat.PortableText) for f in self.fields)
        return tuple(dict.fromkeys(k for k in found if k))

    def clashes(self) -> list[Clash]:
        """What these keys would clash with."""
        own = {a.id: actions.keys(a.id) for a in actions.table()} | {self._action.id: self.keys}
        return [c for c in actions.clashes(own) if self._action.id in (c.first.id, c.second.id)]

    def _changed(self) -> None:
        found = self.clashes()
        self.report.setText(clash_text(found))
        self.report.setVisible(bool(found))
        self.go.setEnabled(not found)


def clash_text(clashes: list[Clash]) -> str:
    """Clashes as sentences."""
    return "\n".join(
        tr("{key} would do two things: “{first}” and “{second}”.",
           key=actions.shown(c.key), first=c.first.text, second=c.second.text)
        for c in clashes
    )  # fmt: skip


def place(context: str) -> str:
    """Where an action's keys are heard, in words."""
    names = {
        "window": tr("everywhere"),
        "desk": tr("desk"),
        "collect": tr("collecting"),
        "data": tr("data"),
        "check": tr("check"),
        "train": tr("training"),
        "models": tr("models"),
    }
    return names.get(context, context)
