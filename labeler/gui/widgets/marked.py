"""A picture with marked boxes on it: what is there, what came, what went, what was and what is now. Functions that paint."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from labeler.core.boxes import Rect
from labeler.gui import theme


class Kind(StrEnum):
    """How a box is marked: told apart by line and sign, not by colour alone."""

    PLAIN = "plain"
    ADDED = "added"
    REMOVED = "removed"
    WAS = "was"
    NOW = "now"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True)
class Mark:
    """One box in pixels of the upright image, and what its plate says."""

    rect: Rect
    text: str
    kind: Kind = Kind.PLAIN


# On paper, whatever the theme: the pictures are light.
_COLOURS = {
    Kind.PLAIN: "#5b6470", Kind.ADDED: "#11783f", Kind.REMOVED: "#b3261e", Kind.WAS: "#b26a00", Kind.NOW: "#1f58c9",
    Kind.DOUBT: "#b3261e",
}  # fmt: skip
_SIGNS = {Kind.ADDED: "+ ", Kind.REMOVED: "− "}
ROOM = 44.0
"""Pixels of the screen from which a plain box is wide enough to say what it is."""
_DASHED = frozenset({Kind.REMOVED, Kind.WAS})


def paint(
    painter: QPainter, place: QRectF, picture: QImage, part: Rect, marks: Sequence[Mark], *, width: float
) -> QRectF:
    """Paint `part` (pixels of the upright image, which is `width` wide) of the picture as large as fits `place`, centred, and its marks.

    Returns where it lies. The painter is clipped to it while painting.
    """
    scale = min(place.width() / part.w, place.height() / part.h)
    target = QRectF(0, 0, part.w * scale, part.h * scale)
    target.moveCenter(place.center())
    painter.save()
    painter.setClipRect(target)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    by = picture.width() / width
    painter.drawImage(target, picture, QRectF(part.x * by, part.y * by, part.w * by, part.h * by))
    for mark in sorted(marks, key=lambda m: m.kind is not Kind.PLAIN):
        box = QRectF(
            target.left() + (mark.rect.x - part.x) * scale, target.top() + (mark.rect.y - part.y) * scale,
            mark.rect.w * scale, mark.rect.h * scale,
        )  # fmt: skip
        _mark(painter, box, mark, target)
    painter.restore()
    return target


def _mark(painter: QPainter, box: QRectF, mark: Mark, inside: QRectF) -> None:
    colour, plain = QColor(_COLOURS[mark.kind]), mark.kind is Kind.PLAIN
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if not plain:
        painter.setPen(QPen(QColor(255, 255, 255, 180), 4))
        painter.drawRect(box)
    style = Qt.PenStyle.DashLine if mark.kind in _DASHED else Qt.PenStyle.SolidLine
    painter.setPen(QPen(colour, 1 if plain else 2, style))
    painter.drawRect(box)
    if plain and mark.text and box.width() >= ROOM:
        painter.setFont(theme.font(size=-1))
        painter.drawText(box.adjusted(3, 1, 0, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, mark.text)
    elif mark.text and not plain:
        _plate(painter, box, _SIGNS.get(mark.kind, "") + mark.text, colour, inside, below=mark.kind is Kind.WAS)


def _plate(painter: QPainter, box: QRectF, text: str, colour: QColor, inside: QRectF, *, below: bool) -> None:
    font = theme.font(size=-1, bold=True)
    metrics = QFontMetricsF(font)
    width, height = metrics.horizontalAdvance(text) + 8, metrics.height()
    top = box.bottom() + 1 if below else box.top() - height - 1
    corner = QPointF(
        min(max(box.left() - 1, inside.left()), max(inside.left(), inside.right() - width)),
        min(max(top, inside.top()), inside.bottom() - height),
    )
    plate = QRectF(corner.x(), corner.y(), width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(plate, 3, 3)
    painter.setPen(QColor(Qt.GlobalColor.white))
    painter.setFont(font)
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
