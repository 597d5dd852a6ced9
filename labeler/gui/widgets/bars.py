"""Two small plots of counts: columns side by side, and shares of a whole. They paint what they are given and know no project."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from labeler.gui import theme


@dataclass(frozen=True, slots=True)
class Bar:
    """One count with its name and colour; `text` is shown in the number's place."""

    name: str
    count: float
    colour: QColor
    text: str = ""


class Columns(QWidget):
    """Counts as columns side by side, each with its number above and its name below. `top` is what fills the height, else the most."""

    def __init__(self, *, top: float | None = None) -> None:
        super().__init__()
        self._bars: tuple[Bar, ...] = ()
        self._top = top
        self.setMinimumHeight(150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_bars(self, bars: Sequence[Bar]) -> None:
        """Show these counts."""
        self._bars = tuple(bars)
        self.setAccessibleDescription(", ".join(f"{b.name}: {b.count}" for b in bars))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(360, 170)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._bars:
            return
        now, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = QFontMetricsF(self.font()).height()
        slot = self.width() / len(self._bars)
        floor, top = self.height() - line - 6, line + 4
        most = self._top or max(1, *(b.count for b in self._bars))
        painter.setPen(QColor(now.line))
        painter.drawLine(0, round(floor), self.width(), round(floor))
        for n, bar in enumerate(self._bars):
            height = (floor - top) * bar.count / most
            width = min(44.0, slot * 0.62)
            left = n * slot + (slot - width) / 2
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(bar.colour)
            if bar.count:
                painter.drawPath(_column(QRectF(left, floor - max(2.0, height), width, max(2.0, height))))
            painter.setPen(QColor(now.muted if bar.count else now.faint))
            painter.drawText(
                QRectF(n * slot, floor - height - line - 2, slot, line),
                Qt.AlignmentFlag.AlignCenter,
                bar.text or _short(bar.count),
            )
            painter.setPen(QColor(now.text))
            painter.drawText(QRectF(n * slot, floor + 5, slot, line), Qt.AlignmentFlag.AlignCenter, bar.name)


class Shares(QWidget):
    """Counts as one bar cut into shares, with a legend below."""

    BAR = 14

    def __init__(self) -> None:
        super().__init__()
        self._bars: tuple[Bar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_bars(self, bars: Sequence[Bar]) -> None:
        """Show these counts."""
        self._bars = tuple(bars)
        self.setAccessibleDescription(", ".join(f"{b.name}: {b.count}" for b in bars))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        line = QFontMetricsF(self.font()).height()
        return QSize(240, round(self.BAR + 10 + max(1, len(self._bars)) * (line + 6)))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        now, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        total = sum(b.count for b in self._bars)
        clip = QPainterPath()
        clip.addRoundedRect(QRectF(0, 0, self.width(), self.BAR), 5, 5)
        painter.fillPath(clip, QColor(now.line))
        painter.save()
        painter.setClipPath(clip)
        left = 0.0
        for bar in self._bars:
            width = self.width() * bar.count / total if total else 0.0
            painter.fillRect(QRectF(left, 0, width, self.BAR), bar.colour)
            left += width
        painter.restore()
        self._legend(painter, total)

    def _legend(self, painter: QPainter, total: float) -> None:
        now, line = theme.current(), QFontMetricsF(self.font()).height()
        for n, bar in enumerate(self._bars):
            top = self.BAR + 10 + n * (line + 6)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(bar.colour)
            painter.drawRoundedRect(QRectF(0, top + (line - 10) / 2, 10, 10), 3, 3)
            painter.setPen(QColor(now.text if bar.count else now.faint))
            row = QRectF(0, top - 4, self.width(), line + 8)  # some scripts stand higher than the font says
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(row.adjusted(18, 0, 0, 0), Qt.AlignmentFlag.AlignLeft | middle, bar.name)
            share = f"{bar.count:,}   {100 * bar.count / total:3.0f} %" if total else f"{bar.count:,}"
            painter.setPen(QColor(now.muted if bar.count else now.faint))
            painter.drawText(row, Qt.AlignmentFlag.AlignRight | middle, share)


def _column(box: QRectF) -> QPainterPath:
    """A column with a rounded top."""
    radius = min(4.0, box.width() / 2, box.height())
    path = QPainterPath()
    path.moveTo(box.bottomLeft())
    path.lineTo(box.left(), box.top() + radius)
    path.quadTo(box.topLeft(), box.topLeft() + QPointF(radius, 0))
    path.lineTo(box.right() - radius, box.top())
    path.quadTo(box.topRight(), box.topRight() + QPointF(0, radius))
    path.lineTo(box.bottomRight())
    path.closeSubpath()
    return path


def _short(count: float) -> str:
    return f"{count / 1000:.1f}k" if count >= 10_000 else f"{count:g}"
