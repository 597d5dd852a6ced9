"""Frames around boxes as filled strips on whole pixels: crisp, cheap in thousands, and the same whichever part of them is painted.

A box has a solid frame on a pale halo; a suggestion's frame is striped, which tells it apart without colour. Keeps nothing but brushes.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPixmap

from labeler.core.boxes import FloatArray
from labeler.gui.canvas.view import View

HALO = QColor(255, 255, 255, 170)
_STRIPE, _GAP = 4, 2


def on_page(rects: FloatArray, view: View) -> npt.NDArray[np.int64]:
    """Rectangles (n, 4) of the image as x1, y1, x2, y2 in whole screen pixels, counted from where the page begins.

    Not from where the widget begins: a pan then shifts everything by the same.
    """
    corners = np.concatenate([rects[:, :2], rects[:, :2] + rects[:, 2:]], axis=1) * view.scale
    return np.rint(corners).astype(np.int64)


def draw_halos(painter: QPainter, corners: npt.NDArray[np.int64], width: int) -> None:
    """The pale lines beneath frames of this width, which make them stand out on dark ink."""
    _fill(painter, corners, width + 2, QBrush(HALO))


def draw_solid(painter: QPainter, corners: npt.NDArray[np.int64], width: int, colour: QColor) -> None:
    """Frames of boxes."""
    _fill(painter, corners, width, QBrush(colour))


def draw_striped(painter: QPainter, corners: npt.NDArray[np.int64], width: int, colour: QColor) -> None:
    """Frames of suggestions."""
    painter.setBrushOrigin(QPoint(0, 0))
    _fill(painter, corners, width, QBrush(_stripes(colour.name())))


def draw_shades(painter: QPainter, corners: npt.NDArray[np.int64], colour: QColor) -> None:
    """The inside of frames, shaded."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(colour))
    painter.drawRects([QRect(x1, y1, x2 - x1, y2 - y1) for x1, y1, x2, y2 in corners.tolist()])


def _fill(painter: QPainter, corners: npt.NDArray[np.int64], width: int, brush: QBrush) -> None:
    if not len(corners):
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(brush)
    half, high = width // 2, width
    strips = []
    for x1, y1, x2, y2 in corners.tolist():
        left, top, across, down = x1 - half, y1 - half, x2 - x1 + high, y2 - y1 - high
        strips.append(QRect(left, top, across, high))
        strips.append(QRect(left, y2 - half, across, high))
        if down > 0:
            strips.append(QRect(left, top + high, high, down))
            strips.append(QRect(x2 - half, top + high, high, down))
    painter.drawRects(strips)


@lru_cache(maxsize=64)
def _stripes(colour: str) -> QPixmap:
    """A tile of slanting stripes, which make dashes of a thin line in either direction."""
    side = _STRIPE + _GAP
    tile = QPixmap(side, side)
    tile.fill(QColor(255, 255, 255, 230))
    painter = QPainter(tile)
    painter.setPen(QColor(colour))
    for y in range(side):
        for x in range(side):
            if (x + y) % side < _STRIPE:
                painter.drawPoint(x, y)
    painter.end()
    return tile
