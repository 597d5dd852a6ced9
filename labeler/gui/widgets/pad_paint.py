"""How the pad draws: ink as lines of varying width, paper, and what a model reads. Functions over a painter in page coordinates."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from labeler.core.boxes import FloatArray, Rect
from labeler.core.ink_render import Look, Paper, rule_places
from labeler.gui import theme

WIDTH_STEP = 0.25
"""Pixels of width that one run of a line spans: finer cannot be seen."""
MARK_LINE = 1.5
MARK_TEXT = 13


@dataclass(frozen=True, slots=True)
class Mark:
    """What a model reads at one place of the page."""

    rect: Rect
    text: str
    class_id: int


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A stroke ready to be painted: `rect` is what it covers, `parts` are lines (or dots) with their widths, in page coordinates."""

    rect: QRectF
    parts: tuple[tuple[QPolygonF | QPointF, float], ...]


def prepare(outline: FloatArray) -> Line:
    """A stroke's outline, (m, 3) of x, y and half the width: runs of one width, to be drawn each with round ends and corners."""
    low = (outline[:, :2] - outline[:, 2:]).min(axis=0)
    high = (outline[:, :2] + outline[:, 2:]).max(axis=0)
    rect = QRectF(QPointF(*low.tolist()), QPointF(*high.tolist()))
    return Line(rect, tuple((_shape(points), width) for points, width in _runs(outline)))


def paint_line(painter: QPainter, line: Line, colour: QColor) -> None:
    """Paint a stroke."""
    pen = QPen(colour, 1.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    for shape, width in line.parts:
        pen.setWidthF(width)
        painter.setPen(pen)
        if isinstance(shape, QPointF):
            painter.drawPoint(shape)
        else:
            painter.drawPolyline(shape)


def _shape(points: FloatArray) -> QPolygonF | QPointF:
    if np.ptp(points, axis=0).max() < 0.01:  # Qt draws no line where there is no way
        return QPointF(*points[0].tolist())
    return QPolygonF([QPointF(x, y) for x, y in points.tolist()])


def paint_paper(painter: QPainter, width: int, height: int, look: Look) -> None:
    """The empty page."""
    painter.fillRect(QRectF(0, 0, width, height), QColor(*look.ground))
    line = QColor(*look.lines)
    if look.paper is not Paper.PLAIN:
        for y in rule_places(height, look.pitch):
            painter.fillRect(QRectF(0, y, width, 1), line)
    if look.paper is Paper.SQUARED:
        for x in rule_places(width, look.pitch):
            painter.fillRect(QRectF(x, 0, 1, height), line)


def paint_marks(painter: QPainter, marks: Sequence[Mark], *, scale: float) -> None:
    """Boxes with what was read, lines and letters as large on the screen whatever the page's `scale` is."""
    font = QFont(painter.font())
    font.setPixelSize(max(1, round(MARK_TEXT / scale)))
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    plates: list[QRectF] = []
    for mark in marks:
        colour = theme.class_colour(mark.class_id)
        box = QRectF(mark.rect.x, mark.rect.y, mark.rect.w, mark.rect.h)
        painter.setPen(QPen(colour, MARK_LINE / scale))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        plate = QRectF(0, 0, metrics.horizontalAdvance(mark.text) + 8 / scale, metrics.height())
        plate.moveTopLeft(box.topLeft() - QPointF(0, metrics.height() + 2 / scale))
        if plate.top() < 0 or any(plate.intersects(other) for other in plates):
            plate.moveTop(box.bottom() + 2 / scale)
        plates.append(plate)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(plate, 3 / scale, 3 / scale)
        painter.setPen(QColor("#ffffff"))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, mark.text)


def mark_reach(mark: Mark, *, scale: float) -> QRectF:
    """Where a mark may paint, in page coordinates."""
    more = (MARK_TEXT * 2 + 8) / scale
    wide = max(mark.rect.w, len(mark.text) * MARK_TEXT / scale)
    return QRectF(mark.rect.x - 4 / scale, mark.rect.y - more, wide + more, mark.rect.h + 2 * more)


def _runs(outline: FloatArray) -> Iterator[tuple[FloatArray, float]]:
    """The outline cut where its width has changed by a step, and between two runs a link as narrow as the narrower: the round ends
    of the runs cover the rest, so nothing is painted wider than the outline says."""
    widths = 2 * outline[:, 2]
    level = np.round(widths / WIDTH_STEP).astype(np.int64)
    cuts = [0, *(np.flatnonzero(np.diff(level)) + 1).tolist(), len(outline)]
    for start, end in itertools.pairwise(cuts):
        yield outline[start:end, :2], float(widths[start:end].mean())
        if end < len(outline):
            yield outline[end - 1 : end + 1, :2], float(widths[end - 1 : end + 1].min())
