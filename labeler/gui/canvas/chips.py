"""The small labels of boxes and suggestions: a digit on its class colour, or a digit with its score in an outline. Owns their pictures."""

from functools import lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QApplication

from labeler.gui import theme
from labeler.gui.canvas.scene import CHIP_HEIGHT

_PAD = 3.5
_PAPER = QColor(255, 255, 255, 240)


def box_chip(class_id: int, name: str, ratio: float, *, dark: bool = False) -> QPixmap:
    """The label of a box; `dark` for a dark panel, else for paper."""
    return _box_chip(name, theme.class_colour(class_id, dark=dark).name(), ratio, "#0d1526" if dark else "#ffffff")


def suggestion_chip(class_id: int, name: str, per_cent: int, ratio: float, *, dark: bool = False) -> QPixmap:
    """The label of a suggestion: class and score in per cent, never filled with the class colour. `dark` as for a box."""
    return _suggestion_chip(name, f"{per_cent}", theme.class_colour(class_id, dark=dark).name(), ratio, not dark)


@lru_cache(maxsize=256)
def _box_chip(name: str, colour: str, ratio: float, ink: str) -> QPixmap:
    font = _font(12)
    width = QFontMetricsF(font).horizontalAdvance(name) + 2 * _PAD
    picture, painter = _blank(width, ratio)
    painter.setBrush(QColor(colour))
    painter.setPen(QPen(QColor(255, 255, 255, 190), 1) if ink == "#ffffff" else QPen(Qt.PenStyle.NoPen))
    painter.drawRoundedRect(QRectF(0.5, 0.5, round(width) - 1, CHIP_HEIGHT - 1), 3, 3)
    painter.setFont(font)
    painter.setPen(QColor(ink))
    painter.drawText(QRectF(0, 0, width, CHIP_HEIGHT), Qt.AlignmentFlag.AlignCenter, name)
    painter.end()
    return picture


@lru_cache(maxsize=2048)
def _suggestion_chip(name: str, score: str, colour: str, ratio: float, on_paper: bool) -> QPixmap:
    bold, small = _font(12), _font(10, bold=False)
    first, second = QFontMetricsF(bold).horizontalAdvance(name), QFontMetricsF(small).horizontalAdvance(score)
    width = first + second + 3 + 2 * _PAD
    picture, painter = _blank(width, ratio)
    painter.setBrush(_PAPER if on_paper else Qt.BrushStyle.NoBrush)
    pen = QPen(QColor(colour), 1)
    pen.setDashPattern([3, 2])
    painter.setPen(pen)
    painter.drawRoundedRect(QRectF(0.5, 0.5, round(width) - 1, CHIP_HEIGHT - 1), 3, 3)
    painter.setPen(QColor(colour))
    painter.setFont(bold)
    painter.drawText(QRectF(_PAD, 0, first + 1, CHIP_HEIGHT), Qt.AlignmentFlag.AlignVCenter, name)
    painter.setFont(small)
    painter.drawText(QRectF(_PAD + first + 3, 0, second + 2, CHIP_HEIGHT), Qt.AlignmentFlag.AlignVCenter, score)
    painter.end()
    return picture


def _blank(width: float, ratio: float) -> tuple[QPixmap, QPainter]:
    picture = QPixmap(round(round(width) * ratio), round(CHIP_HEIGHT * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return picture, painter


def _font(size: int, *, bold: bool = True) -> QFont:
    font = QFont(QApplication.font())
    font.setPixelSize(size)
    if bold:
        font.setWeight(QFont.Weight.Bold)
    return font
