"""The list of images: thumbnails, names and review states, however many there are. Shows and selects; reads nothing itself."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from labeler.core.i18n import ntr, tr
from labeler.core.pages import Image
from labeler.gui import theme
from labeler.gui.widgets.image_model import IMAGE_ROLE, THUMBNAIL_ROLE, ImageModel
from labeler.gui.widgets.lines import Lines
from labeler.gui.widgets.states import draw_state, split_text

ROW = 60


class ImageList(Lines):
    """A view on an `ImageModel`. `chosen` follows a person's click or arrow key, not `show_current`."""

    chosen = Signal(int)  # image id

    def __init__(self, model: ImageModel, parent: QWidget | None = None) -> None:
        super().__init__(ROW, parent)
        self._images = model
        self._quiet = False
        self.setModel(model)
        self.setItemDelegate(_Delegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAccessibleName(tr("Images"))
        self.selectionModel().currentChanged.connect(self._current_changed)

    def show_current(self, image_id: int | None) -> None:
        """Mark an image as the one in front, if it is in the list."""
        row = self._images.row_of(image_id)
        index = self._images.index(row) if row is not None else QModelIndex()
        self._quiet = True
        self.setCurrentIndex(index)
        self._quiet = False
        if row is not None:
            for near in (row + 1, row - 1, row):  # where one comes from and goes to stays in sight
                if 0 <= near < len(self._images.ids):
                    self.scrollTo(self._images.index(near), QAbstractItemView.ScrollHint.EnsureVisible)

    def _current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if not self._quiet and current.isValid():
            self.chosen.emit(self._images.ids[current.row()])


class _Delegate(QStyledItemDelegate):
    """Paints one row: picture, name, what is on it and how far it has come."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: ARG002
        return QSize(120, ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        painter.save()
        now = theme.current()
        area: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(now.selection))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(now.hover))
        _paint_thumbnail(painter, QRect(area.left() + 8, area.top() + 6, 64, ROW - 12), index.data(THUMBNAIL_ROLE))
        image = index.data(IMAGE_ROLE)
        if isinstance(image, Image):
            _paint_words(painter, area.adjusted(80, 0, -8, 0), image)
        painter.restore()


def _paint_thumbnail(painter: QPainter, place: QRect, picture: object) -> None:
    painter.fillRect(place, QColor(theme.current().sunken))
    if isinstance(picture, QImage) and not picture.isNull():
        size = picture.size().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRect(0, 0, size.width(), size.height())
        target.moveCenter(place.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(target, picture)


def _paint_words(painter: QPainter, area: QRect, image: Image) -> None:
    now = theme.current()
    draw_state(painter, QRectF(area.right() - 15, area.top() + 10, 15, 15), image.state)
    line = QRect(area.left(), area.top() + 8, area.width() - 22, 20)
    painter.setPen(QColor(now.text))
    painter.setFont(theme.font())
    metrics = painter.fontMetrics()
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    painter.drawText(line, flags, metrics.elidedText(image.name, Qt.TextElideMode.ElideMiddle, line.width()))
    painter.setPen(QColor(now.muted))
    painter.setFont(theme.font(size=-1))
    second = line.adjusted(0, 21, 22, 21)
    count = ntr("{count} box", "{count} boxes", image.boxes) if image.boxes else ""
    painter.drawText(second, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, count)
    room = second.width() - (painter.fontMetrics().horizontalAdvance(count) + 8 if count else 0)
    words = image.writer or (split_text(image.split) if image.split else image.source)
    painter.drawText(second, flags, painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room))
