"""Pages as small pictures with what a model found drawn on them, beside each other where two models are compared. Reads nothing itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from labeler.core.boxes import ClassRect
from labeler.gui import theme
from labeler.services.viewing import Mark, PageView

PANE = QSize(300, 220)
SIDE = 2 * PANE.width()
"""Pictures are read this large, so that they are sharp on fine screens."""
MARGIN, LINE = 8, 20
Index = QModelIndex | QPersistentModelIndex
CARD_ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True, eq=False)
class Pane:
    """One model's view of a page. `picture` is the page at most `SIDE` pixels large."""

    caption: str
    picture: QImage
    view: PageView


@dataclass(frozen=True, slots=True, eq=False)
class Card:
    """One page of the gallery."""

    title: str
    note: str
    panes: tuple[Pane, ...]

    @property
    def image_id(self) -> int:
        """The page that it shows."""
        return self.panes[0].view.image.id


class _Cards(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.cards: list[Card] = []

    def replace(self, cards: Sequence[Card]) -> None:
        self.beginResetModel()
        self.cards = list(cards)
        self.endResetModel()

    def add(self, cards: Sequence[Card]) -> None:
        if cards:
            self.beginInsertRows(QModelIndex(), len(self.cards), len(self.cards) + len(cards) - 1)
            self.cards.extend(cards)
            self.endInsertRows()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.cards)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        card = self.cards[index.row()]
        if role == CARD_ROLE:
            return card
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return "\n".join(filter(None, (card.title, card.note)))
        return None


class Gallery(QListView):
    """`opened` carries the id of the image that was clicked, or chosen with Enter."""

    opened = Signal(int)

    def __init__(self, classes: Sequence[str], *, panes: int = 1) -> None:
        super().__init__()
        self._cards = _Cards()
        self._cards.setParent(self)
        self.setModel(self._cards)
        self.setItemDelegate(_Delegate(tuple(classes), panes, self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setSpacing(6)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._open)

    @property
    def cards(self) -> tuple[Card, ...]:
        """What is shown."""
        return tuple(self._cards.cards)

    def set_cards(self, cards: Sequence[Card]) -> None:
        """Show these pages in place of the old ones."""
        self._cards.replace(cards)

    def add_cards(self, cards: Sequence[Card]) -> None:
        """Show these pages, too."""
        self._cards.add(cards)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._open(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(self._cards.cards[index.row()].image_id)


class _Delegate(QStyledItemDelegate):
    def __init__(self, classes: tuple[str, ...], panes: int, parent: QListView) -> None:
        super().__init__(parent)
        self._classes = classes
        self._panes = panes

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002 - Qt's own signature
        across = self._panes * (PANE.width() + MARGIN) + MARGIN
        captions = LINE if self._panes > 1 else 0
        return QSize(across, PANE.height() + 2 * LINE + captions + 2 * MARGIN)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        card = index.data(CARD_ROLE)
        if not isinstance(card, Card):
            return
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        self._ground(painter, option)
        area = QRect(option.rect).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        now = theme.current()
        for n, pane in enumerate(card.panes):
            place = QRect(area.left() + n * (PANE.width() + MARGIN), area.top(), PANE.width(), PANE.height())
            paint_pane(painter, place, pane, self._classes)
            if len(card.panes) > 1:
                line = QRect(place.left(), place.bottom() + 2, place.width(), LINE)
                painter.setPen(QColor(now.muted))
                painter.drawText(line, int(Qt.AlignmentFlag.AlignCenter), pane.caption)
        below = area.bottom() - 2 * LINE
        for n, (text, colour) in enumerate(((card.title, now.text), (card.note, now.muted))):
            line = QRect(area.left(), below + n * LINE, area.width(), LINE)
            painter.setPen(QColor(colour))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, line.width())
            painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        now = theme.current()
        state = option.state
        over = bool(state & QStyle.StateFlag.State_MouseOver)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.setPen(QPen(QColor(now.accent if state & QStyle.StateFlag.State_HasFocus else now.line), 1))
        painter.setBrush(QColor(now.selection if chosen else now.hover if over else now.panel))
        painter.drawRoundedRect(QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)


def paint_pane(painter: QPainter, place: QRect, pane: Pane, classes: Sequence[str]) -> None:
    """The page, true boxes as hairlines, finds in green (right), amber (right but off) or red, missed digits dashed in red."""
    painter.fillRect(place, QColor(theme.current().sunken))
    if pane.picture.isNull():
        return
    size = pane.picture.size().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
    target = QRect(0, 0, size.width(), size.height())
    target.moveCenter(place.center())
    painter.drawImage(target, pane.picture)
    scale = target.width() / max(1, pane.view.image.width)
    origin = QPointF(target.topLeft())
    colours = {Mark.RIGHT: QColor("#188a4c"), Mark.MOVED: QColor("#b26a00"), Mark.WRONG: QColor("#c62828")}
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for truth in pane.view.truth:
        painter.setPen(QPen(QColor(60, 60, 70, 130), 0.8))
        painter.drawRect(_placed(truth, origin, scale))
    for missed in pane.view.missed:
        _box(painter, _placed(missed, origin, scale), colours[Mark.WRONG], _name(missed, classes), dashed=True)
    for found, mark in zip(pane.view.found, pane.view.marks, strict=True):
        _box(painter, _placed(found, origin, scale), colours[mark], _name(found, classes))


def _box(painter: QPainter, box: QRectF, colour: QColor, text: str, *, dashed: bool = False) -> None:
    painter.setPen(QPen(colour, 1.6, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box)
    font = theme.font(size=-2, bold=True)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    width, height = metrics.horizontalAdvance(text) + 4, metrics.height() - 2
    plate = QRectF(box.left() - 1, max(0.0, box.top() - height), width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(255, 255, 255, 225) if dashed else colour)
    painter.drawRect(plate)
    painter.setPen(colour if dashed else QColor(Qt.GlobalColor.white))
    painter.drawText(plate, int(Qt.AlignmentFlag.AlignCenter), text)
    painter.setFont(theme.font())


def _placed(rect: ClassRect, origin: QPointF, scale: float) -> QRectF:
    return QRectF(origin.x() + rect.x * scale, origin.y() + rect.y * scale, rect.w * scale, rect.h * scale)


def _name(rect: ClassRect, classes: Sequence[str]) -> str:
    return classes[rect.class_id] if rect.class_id < len(classes) else str(rect.class_id)
