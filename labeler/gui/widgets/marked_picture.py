"""One picture with marked boxes, close up around what matters; the wheel shows more or less around it. Reads nothing itself."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from labeler.core.boxes import Rect
from labeler.gui import theme
from labeler.gui.widgets.marked import Mark, paint

AROUND = 4.0
"""How many times the side of what matters is shown at first."""
LEAST = 160.0
"""Pixels of the image that are shown at least."""
STEP = 1.25


class MarkedPicture(QWidget):
    """Shows nothing until `show_picture`; `caption` stands below."""

    def __init__(self) -> None:
        super().__init__()
        self._picture = QImage()
        self._size = (1, 1)
        self._focus: Rect | None = None
        self._marks: tuple[Mark, ...] = ()
        self._caption = ""
        self._more = 1.0
        self.setMinimumSize(220, 200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks shown."""
        return self._marks

    def show_picture(
        self, picture: QImage, size: tuple[int, int], marks: Sequence[Mark], *, focus: Rect | None, caption: str = ""
    ) -> None:
        """Show an upright image of `size` pixels close up around `focus`, or whole."""
        self._picture, self._size, self._marks = picture, size, tuple(marks)
        self._focus, self._caption, self._more = focus, caption, 1.0
        self.setAccessibleDescription(caption)
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._picture = QImage()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(520, 420)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._more *= STEP if event.angleDelta().y() < 0 else 1 / STEP
        self._more = min(max(self._more, 0.3), 40.0)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        now, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(now.canvas))
        painter.drawRoundedRect(self.rect(), 8, 8)
        if self._picture.isNull():
            return
        line = painter.fontMetrics().height() + 8 if self._caption else 0
        place = QRectF(self.rect()).adjusted(8, 8, -8, -8 - line)
        part = around(self._focus, self._size, place.width() / max(1.0, place.height()), self._more)
        paint(painter, place, self._picture, part, self._marks, width=self._size[0])
        painter.setPen(QColor(now.muted))
        under = QRectF(8, place.bottom() + 6, self.width() - 16, line)
        shown = painter.fontMetrics().elidedText(self._caption, Qt.TextElideMode.ElideMiddle, int(under.width()))
        painter.drawText(under, Qt.AlignmentFlag.AlignCenter, shown)
        painter.end()


def around(focus: Rect | None, size: tuple[int, int], aspect: float, more: float = 1.0) -> Rect:
    """The part of an image of `size` to show around `focus`: as wide as `aspect` times its height, inside the image, holding `focus`."""
    width, height = float(size[0]), float(size[1])
    if focus is None:
        return Rect(0, 0, width, height)
    side = max(AROUND * max(focus.w, focus.h) * more, LEAST * more)
    w, h = (side * aspect, side) if aspect >= 1 else (side, side / aspect)
    w, h = min(max(w, focus.w), width), min(max(h, focus.h), height)
    x = min(max(focus.x + focus.w / 2 - w / 2, 0.0), width - w)
    y = min(max(focus.y + focus.h / 2 - h / 2, 0.0), height - h)
    return Rect(x, y, w, h)
