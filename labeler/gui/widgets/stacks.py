"""Columns cut into parts, over an axis, with a legend: a plot that paints itself and knows nothing of what it counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from labeler.gui import theme
from labeler.gui.widgets.chart import nice_above, ticks

LEFT, RIGHT = 44.0, 8.0
WIDEST = 72.0


@dataclass(frozen=True, slots=True)
class Stack:
    """One column: its name and the height of each part, bottom first."""

    name: str
    values: tuple[float, ...]

    @property
    def total(self) -> float:
        """How high it is."""
        return sum(self.values)


class Stacks(QWidget):
    """`unit` names what the height means, in the table of numbers; heights are written with so many `decimals`."""

    def __init__(self, *, unit: str = "", decimals: int = 1) -> None:
        super().__init__()
        self._unit = unit
        self._decimals = decimals
        self._parts: tuple[str, ...] = ()
        self._stacks: tuple[Stack, ...] = ()
        self._colours: Mapping[str, str] = {}
        self.setMouseTracking(True)
        self.setMinimumSize(260, 180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def stacks(self) -> tuple[Stack, ...]:
        """What is shown."""
        return self._stacks

    def set_stacks(
        self, parts: Sequence[str], stacks: Sequence[Stack], *, colours: Mapping[str, str] | None = None
    ) -> None:
        """Show these columns; `parts` names their parts, `colours` the theme's colour of a part that has one everywhere."""
        self._parts, self._stacks, self._colours = tuple(parts), tuple(stacks), colours or {}
        self.setAccessibleDescription(", ".join(f"{s.name}: {self._text(s.total)}" for s in stacks))
        self.update()

    def numbers(self) -> list[list[object]]:
        """What is shown: a row a column."""
        head: list[object] = [self._unit, *self._parts]
        return [head, *([s.name, *map(_plain, s.values)] for s in self._stacks)]

    def sizeHint(self) -> QSize:
        return QSize(520, 240)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._stacks:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        high = self._high()
        self._axis(painter, high)
        for n, stack in enumerate(self._stacks):
            self._column(painter, n, stack, high)
        self._legend(painter)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        words = self._words(event.position())
        if words:
            QToolTip.showText(event.globalPosition().toPoint(), words, self)
        else:
            QToolTip.hideText()

    def leaveEvent(self, event: QEvent) -> None:
        QToolTip.hideText()
        super().leaveEvent(event)

    def _text(self, value: float) -> str:
        return f"{value:,.{self._decimals}f}"

    def _line(self) -> float:
        return QFontMetricsF(self.font()).height()

    def _plot(self) -> QRectF:
        line = self._line()
        top = 2 * line + 16
        return QRectF(LEFT, top, max(1.0, self.width() - LEFT - RIGHT), max(1.0, self.height() - top - line - 10))

    def _high(self) -> float:
        return nice_above(max(s.total for s in self._stacks))

    def _slot(self, n: int) -> QRectF:
        plot = self._plot()
        width = min(plot.width() / len(self._stacks), 2.4 * WIDEST)
        return QRectF(plot.left() + n * width, plot.top(), width, plot.height())

    def _axis(self, painter: QPainter, high: float) -> None:
        now, plot, line = theme.current(), self._plot(), self._line()
        for value in ticks(0, high, 4):
            y = plot.bottom() - value / high * plot.height()
            painter.setPen(QPen(QColor(now.line if value else now.strong_line), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(now.faint))
            painter.drawText(QRectF(0, y - line / 2, LEFT - 8, line), Qt.AlignmentFlag.AlignRight, f"{value:g}")

    def _column(self, painter: QPainter, n: int, stack: Stack, high: float) -> None:
        now, slot, line = theme.current(), self._slot(n), self._line()
        width = min(WIDEST, slot.width() * 0.62)
        left, bottom = slot.center().x() - width / 2, slot.bottom()
        for part, value in enumerate(stack.values):
            height = value / high * slot.height()
            box = QRectF(left, bottom - height, width, height)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.fillRect(box, self._colour(part))
            if height > line + 2:
                painter.setPen(QColor(now.panel))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._text(value))
            bottom -= height
        painter.setPen(QColor(now.text))
        painter.setFont(theme.font(bold=True))
        above = QRectF(slot.left(), bottom - line - 3, slot.width(), line)
        painter.drawText(above, Qt.AlignmentFlag.AlignCenter, self._text(stack.total))
        painter.setFont(theme.font())
        name = painter.fontMetrics().elidedText(stack.name, Qt.TextElideMode.ElideMiddle, int(slot.width()) - 6)
        painter.drawText(QRectF(slot.left(), slot.bottom() + 6, slot.width(), line), Qt.AlignmentFlag.AlignCenter, name)

    def _legend(self, painter: QPainter) -> None:
        now, metrics = theme.current(), QFontMetricsF(self.font())
        left = LEFT
        for part, name in enumerate(self._parts):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._colour(part))
            painter.drawRoundedRect(QRectF(left, (metrics.height() - 10) / 2, 10, 10), 3, 3)
            painter.setPen(QColor(now.muted))
            width = metrics.horizontalAdvance(name)
            line = QRectF(
                left + 16, -4, width + 4, metrics.height() + 8
            )  # some scripts stand higher than the font says
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
            left += 16 + width + 20

    def _colour(self, part: int) -> QColor:
        named = self._colours.get(self._parts[part])
        now = theme.current()
        return QColor(getattr(now, named)) if named else theme.class_colour(part, dark=now.dark)

    def _words(self, where: QPointF) -> str:
        for n, stack in enumerate(self._stacks):
            if self._slot(n).contains(where):
                lines = (f"{name}: {self._text(value)}" for name, value in zip(self._parts, stack.values, strict=True))
                return "\n".join((stack.name, *lines))
        return ""


def _plain(value: float) -> float:
    """A whole number without decimals."""
    return int(value) if value.is_integer() else value
