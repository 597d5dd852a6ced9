"""Review states and splits as people see them: words, and marks that differ in shape, not only in colour."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from labeler.core.boxes import ReviewState
from labeler.core.i18n import tr
from labeler.gui import theme

COLOURS = {"train": "accent", "val": "amber", "test": "green", "suggested": "amber", "reviewed": "green"}
"""Theme colours of splits and review states; the rest is grey."""


def state_text(state: ReviewState) -> str:
    """A review state in words."""
    match state:
        case ReviewState.NEW:
            return tr("new")
        case ReviewState.SUGGESTED:
            return tr("suggested")
        case ReviewState.REVIEWED:
            return tr("reviewed")


def split_text(split: str | None) -> str:
    """A split in words."""
    names = {"train": tr("training"), "val": tr("validation"), "test": tr("test")}
    return names.get(split or "", tr("no split"))


def draw_state(painter: QPainter, place: QRectF, state: ReviewState) -> None:
    """An open ring for new, a dashed ring with a dot for suggested, a filled disc with a tick for reviewed."""
    now = theme.current()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ring = place.adjusted(1, 1, -1, -1)
    match state:
        case ReviewState.NEW:
            painter.setPen(QPen(QColor(now.faint), 1.5))
            painter.drawEllipse(ring)
        case ReviewState.SUGGESTED:
            painter.setPen(QPen(QColor(now.accent), 1.5, Qt.PenStyle.DotLine))
            painter.drawEllipse(ring)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(now.accent))
            painter.drawEllipse(ring.center(), ring.width() * 0.22, ring.width() * 0.22)
        case ReviewState.REVIEWED:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(now.success))
            painter.drawEllipse(ring)
            painter.setPen(QPen(QColor(now.panel), 1.8))
            painter.drawPolyline(_tick(ring))
    painter.restore()


def _tick(ring: QRectF) -> QPolygonF:
    points = ((0.28, 0.52), (0.44, 0.68), (0.73, 0.35))
    return QPolygonF([QPointF(ring.x() + x * ring.width(), ring.y() + y * ring.height()) for x, y in points])
