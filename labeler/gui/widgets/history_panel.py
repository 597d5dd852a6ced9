"""The history of edits, newest first, with those that can be done again: what, where and when. A click steps back or forth to it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from labeler.core.i18n import tr
from labeler.gui import theme
from labeler.gui.widgets.words import when
from labeler.services.labeling import HistoryEntry

Index = QModelIndex | QPersistentModelIndex
UNDONE = "undone"
ROW, LINE, TEXT = 44, 20, 34
"""Height of a step; where its mark on the time line and its words begin, from the left."""
ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1
NOW_ROLE = Qt.ItemDataRole.UserRole + 2


class HistoryModel(QAbstractListModel):
    """Edits, newest first; `names` are the images' names by id."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: Sequence[HistoryEntry] = ()
        self._names: Mapping[int, str] = {}
        self._now = 0

    def show_entries(self, entries: Sequence[HistoryEntry], names: Mapping[int, str]) -> None:
        """Show these."""
        self.beginResetModel()
        self.entries, self._names = entries, names
        self._now = next((n for n, entry in enumerate(entries) if entry.state != UNDONE), len(entries))
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        if role == ENTRY_ROLE:
            return entry
        if role == NOW_ROLE:
            return index.row() == self._now
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return f"{entry.text}\n{self._names.get(entry.image_id, '')} · {_clock(entry.at)}"
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                words = f"{entry.text} · {self._names.get(entry.image_id, '')} · {when(entry.at)} · {entry.annotator}"
                return tr("{step} (taken back)", step=words) if entry.state == UNDONE else words
            case Qt.ItemDataRole.SizeHintRole:
                return QSize(0, ROW)
        return None


class HistoryList(QListView):
    """`wanted` says how many steps to take to come to the state after a clicked entry: negative back, positive forth."""

    wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.history = HistoryModel()
        self.setModel(self.history)
        self.setItemDelegate(_Delegate(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("History"))
        self.setToolTip(tr("Click a step to come back to the state after it."))
        self.clicked.connect(self._clicked)

    def _clicked(self, index: QModelIndex) -> None:
        steps = steps_to(self.history.entries, index.row())
        if steps:
            self.wanted.emit(steps)


class _Delegate(QStyledItemDelegate):
    """Paints a step on a time line: a dot, a larger one for where the project is now, an open one for what was taken back."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        now, area = theme.current(), option.rect
        entry, is_now = index.data(ENTRY_ROLE), bool(index.data(NOW_ROLE))
        undone = isinstance(entry, HistoryEntry) and entry.state == UNDONE
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(now.hover))
        _mark(painter, area, undone=undone, is_now=is_now)
        what, _, where = str(index.data()).partition("\n")
        words = area.adjusted(TEXT, 4, -10, -4)
        for text, colour, top, font in (
            (what, now.faint if undone else now.text, True, theme.font(bold=is_now)),
            (where, now.faint if undone else now.muted, False, theme.font(size=-1)),
        ):
            half = QRect(words.left(), words.top() if top else words.center().y(), words.width(), words.height() // 2)
            painter.setFont(font)
            painter.setPen(QColor(colour))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, half.width())
            painter.drawText(half, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.restore()


def _mark(painter: QPainter, area: QRect, *, undone: bool, is_now: bool) -> None:
    now = theme.current()
    painter.setPen(QPen(QColor(now.line), 1.5))
    painter.drawLine(QPointF(area.left() + LINE, area.top()), QPointF(area.left() + LINE, area.bottom() + 1))
    painter.setPen(QPen(QColor(now.accent if is_now else now.faint), 1.5))
    painter.setBrush(QColor(now.panel if undone else now.accent if is_now else now.faint))
    radius = 5.0 if is_now else 3.0
    painter.drawEllipse(QPointF(area.left() + LINE, area.top() + 14), radius, radius)


def steps_to(entries: Sequence[HistoryEntry], row: int) -> int:
    """How many redos (positive) or undos (negative) lead to the state just after the entry at `row`, newest first."""
    if entries[row].state == UNDONE:
        return sum(entry.state == UNDONE for entry in entries[row:])
    return -sum(entry.state != UNDONE for entry in entries[:row])


def _clock(at: datetime) -> str:
    local = at.astimezone()
    return f"{local:%H:%M}" if local.date() == datetime.now().astimezone().date() else when(at)
