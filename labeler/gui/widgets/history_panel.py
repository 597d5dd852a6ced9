"""The history of edits, newest first, with those that can be done again: what, where and when. A click steps back or forth to it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from labeler.core.i18n import tr
from labeler.gui import theme
from labeler.gui.widgets.words import when
from labeler.services.labeling import HistoryEntry

Index = QModelIndex | QPersistentModelIndex
UNDONE = "undone"


class HistoryModel(QAbstractListModel):
    """Edits, newest first; `names` are the images' names by id."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: Sequence[HistoryEntry] = ()
        self._names: Mapping[int, str] = {}

    def show_entries(self, entries: Sequence[HistoryEntry], names: Mapping[int, str]) -> None:
        """Show these."""
        self.beginResetModel()
        self.entries, self._names = entries, names
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        undone = entry.state == UNDONE
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return f"{entry.text}\n{self._names.get(entry.image_id, '')} · {_clock(entry.at)}"
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                words = f"{entry.text} · {self._names.get(entry.image_id, '')} · {when(entry.at)} · {entry.annotator}"
                return tr("{step} (taken back)", step=words) if undone else words
            case Qt.ItemDataRole.ForegroundRole:
                return QColor(theme.current().faint if undone else theme.current().text)
            case Qt.ItemDataRole.SizeHintRole:
                return QSize(0, 42)
        return None


class HistoryList(QListView):
    """`wanted` says how many steps to take to come to the state after a clicked entry: negative back, positive forth."""

    wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.history = HistoryModel()
        self.setModel(self.history)
        self.setUniformItemSizes(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAccessibleName(tr("History"))
        self.setToolTip(tr("Click a step to come back to the state after it."))
        self.clicked.connect(self._clicked)

    def _clicked(self, index: QModelIndex) -> None:
        steps = steps_to(self.history.entries, index.row())
        if steps:
            self.wanted.emit(steps)


def steps_to(entries: Sequence[HistoryEntry], row: int) -> int:
    """How many redos (positive) or undos (negative) lead to the state just after the entry at `row`, newest first."""
    if entries[row].state == UNDONE:
        return sum(entry.state == UNDONE for entry in entries[row:])
    return -sum(entry.state != UNDONE for entry in entries[:row])


def _clock(at: datetime) -> str:
    local = at.astimezone()
    return f"{local:%H:%M}" if local.date() == datetime.now().astimezone().date() else when(at)
