"""Images as a grid of thumbnails of which many can be chosen. Shows and selects; reads nothing itself."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from labeler.core.i18n import tr
from labeler.core.pages import Image
from labeler.gui import theme
from labeler.gui.widgets.image_model import IMAGE_ROLE, THUMBNAIL_ROLE, ImageModel
from labeler.gui.widgets.states import draw_state, split_text

CELL = QSize(156, 158)
PICTURE = QSize(144, 108)
SIDE = 2 * PICTURE.width()
"""Thumbnails are read this large, so that they are sharp on fine screens."""
PAD = 6


class ImageGrid(QListView):
    """A view on an `ImageModel`. `picked` follows every change of what is chosen, `opened` a double click or Enter."""

    picked = Signal()
    opened = Signal(int)  # image id

    def __init__(self, model: ImageModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images = model
        self.setModel(model)
        self.setItemDelegate(_Delegate(self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setSpacing(4)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionRectVisible(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Images"))
        self.selectionModel().selectionChanged.connect(lambda *_: self.picked.emit())
        model.modelReset.connect(self.picked.emit)
        self.activated.connect(lambda index: self.opened.emit(self._images.ids[index.row()]))

    @property
    def chosen(self) -> list[int]:
        """Ids of the chosen images, in the order of the grid."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        return [self._images.ids[row] for row in rows]


class _Delegate(QStyledItemDelegate):
    """Paints one image: picture, state, name, writer and split."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: ARG002
        return CELL

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        _ground(painter, option)
        area: QRect = option.rect
        place = QRect(area.left() + PAD, area.top() + PAD, PICTURE.width(), PICTURE.height())
        _picture(painter, place, index.data(THUMBNAIL_ROLE))
        image = index.data(IMAGE_ROLE)
        if isinstance(image, Image):
            draw_state(painter, QRectF(place.right() - 18, place.top() + 4, 15, 15), image.state)
            _words(painter, QRect(place.left() + 2, place.bottom() + 4, place.width() - 4, 36), image)
        painter.restore()


def _ground(painter: QPainter, option: QStyleOptionViewItem) -> None:
    now, state = theme.current(), option.state
    chosen = bool(state & QStyle.StateFlag.State_Selected)
    over = bool(state & QStyle.StateFlag.State_MouseOver)
    if chosen or over:
        painter.setPen(QPen(QColor(now.accent), 1.5) if chosen else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(now.selection if chosen else now.hover))
        painter.drawRoundedRect(QRectF(option.rect).adjusted(1, 1, -1, -1), 8, 8)
    if state & QStyle.StateFlag.State_HasFocus and not chosen:
        painter.setPen(QPen(QColor(now.accent), 1, Qt.PenStyle.DotLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(option.rect).adjusted(1, 1, -1, -1), 8, 8)


def _picture(painter: QPainter, place: QRect, picture: object) -> None:
    now = theme.current()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(now.sunken))
    painter.drawRoundedRect(QRectF(place), 4, 4)
    if isinstance(picture, QImage) and not picture.isNull():
        size = picture.size().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRect(0, 0, size.width(), size.height())
        target.moveCenter(place.center())
        painter.drawImage(target, picture)


def _words(painter: QPainter, area: QRect, image: Image) -> None:
    now = theme.current()
    second = " · ".join(
        p for p in (image.writer or tr("no writer"), split_text(image.split) if image.split else "") if p
    )
    for n, (text, colour) in enumerate(((image.name, now.text), (second, now.muted))):
        line = QRect(area.left(), area.top() + 18 * n, area.width(), 18)
        painter.setPen(QColor(colour))
        painter.setFont(theme.font(size=-1))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
