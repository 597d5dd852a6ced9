"""Pictures with marked boxes as a grid of cards, however many: what a card shows is read off the GUI thread once it is looked at."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from labeler.core.boxes import Rect
from labeler.gui import theme
from labeler.gui.session import Session
from labeler.gui.widgets.marked import Mark, paint

CELL = QSize(320, 266)
PICTURE = QSize(304, 204)
SIDE = 2 * PICTURE.width()
"""Pictures are read this large, so that they are sharp on fine screens."""
KEPT = 120
PAD, LINE = 8, 20
CARD_ROLE = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True, eq=False)
class MarkedCard:
    """One picture of an upright image of `width` × `height` pixels, its marks, its name and what there is to say of it."""

    title: str
    note: str
    picture: QImage
    width: int
    height: int
    marks: tuple[Mark, ...] = ()


Read = Callable[[Sequence[int]], list[MarkedCard]]
"""Reads the cards at these places; called off the GUI thread."""


class _Cards(QAbstractListModel):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._count = 0
        self._read: Read | None = None
        self._order = 0
        self._cards: OrderedDict[int, MarkedCard] = OrderedDict()
        self._wanted: list[int] = []
        self._reading: set[int] = set()
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._fetch)

    def replace(self, count: int, read: Read) -> None:
        self.beginResetModel()
        self._count, self._read = count, read
        self._order += 1
        self._cards.clear()
        self._wanted.clear()
        self._reading.clear()
        self.endResetModel()

    def stop(self) -> None:
        self._soon.stop()
        self._order += 1

    def card(self, place: int) -> MarkedCard | None:
        return self._cards.get(place)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else self._count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or role not in (
            CARD_ROLE,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return None
        card = self._cards.get(index.row())
        if card is None:
            if index.row() not in self._reading:
                self._wanted.append(index.row())
                self._soon.start()
            return None
        return card if role == CARD_ROLE else "\n".join(filter(None, (card.title, card.note)))

    def _fetch(self) -> None:
        places, read, order = list(dict.fromkeys(self._wanted))[-KEPT // 2 :], self._read, self._order
        self._wanted.clear()
        if read is None or not places:
            return
        self._reading.update(places)
        self._session.tasks.read(lambda: read(places), lambda cards: self._take(order, places, cards))

    def _take(self, order: int, places: list[int], cards: list[MarkedCard]) -> None:
        if order != self._order:
            return
        self._reading.difference_update(places)
        for place, card in zip(places, cards, strict=True):
            self._cards[place] = card
            self.dataChanged.emit(self.index(place), self.index(place))
        while len(self._cards) > KEPT:
            self._cards.popitem(last=False)


class MarkedGallery(QListView):
    """`opened` carries the place of the card that was double-clicked, or chosen with Enter; `picked` follows the selection."""

    opened = Signal(int)
    picked = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._cards = _Cards(session)
        self._cards.setParent(self)
        self.setModel(self._cards)
        self.setItemDelegate(_Delegate(self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setSpacing(4)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.activated.connect(lambda index: self.opened.emit(index.row()))
        self.selectionModel().selectionChanged.connect(lambda *_: self.picked.emit())

    @property
    def chosen(self) -> list[int]:
        """The places of the chosen cards, in order."""
        return sorted(index.row() for index in self.selectionModel().selectedIndexes())

    def show_cards(self, count: int, read: Read) -> None:
        """Show so many cards; `read` makes those that are looked at."""
        self._cards.replace(count, read)
        self.scrollToTop()
        self.picked.emit()

    def card(self, place: int) -> MarkedCard | None:
        """What a card shows, None while it is not read."""
        return self._cards.card(place)

    def stop(self) -> None:
        """Read nothing more."""
        self._cards.stop()


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002 - Qt's own signature
        return CELL

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        now, area = theme.current(), QRect(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        over = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.setPen(QPen(QColor(now.accent if chosen else now.line), 1.5 if chosen else 1))
        painter.setBrush(QColor(now.selection if chosen else now.hover if over else now.panel))
        painter.drawRoundedRect(QRectF(area).adjusted(1, 1, -1, -1), 8, 8)
        place = QRectF(area.left() + PAD, area.top() + PAD, PICTURE.width(), PICTURE.height())
        painter.fillRect(place, QColor(now.sunken))
        card = index.data(CARD_ROLE)
        if isinstance(card, MarkedCard):
            if not card.picture.isNull():
                paint(painter, place, card.picture, Rect(0, 0, card.width, card.height), card.marks, width=card.width)
            for n, (text, colour) in enumerate(((card.title, now.text), (card.note, now.muted))):
                line = QRect(area.left() + PAD, int(place.bottom()) + 6 + n * LINE, PICTURE.width(), LINE)
                painter.setPen(QColor(colour))
                painter.setFont(theme.font())
                shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width())
                painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.restore()
