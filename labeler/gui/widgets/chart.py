"""A line chart that paints itself: a few series over one axis, a legend, and the values under the mouse. Knows nothing of training."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from labeler.gui import theme

LEFT, RIGHT, BOTTOM = 44.0, 12.0, 24.0
X_ROOM = 76.0
"""How wide a value below the x axis may be; the last one ends where the widget does."""


@dataclass(frozen=True, slots=True)
class Series:
    """One line: points (x, y) in order of x; a y that is not finite breaks the line. `colour` indexes the class colours.

    A `faint` line is thin and stands in no legend; `dots` marks the points.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    colour: int = 0
    dashed: bool = False
    faint: bool = False
    dots: bool = False


class Chart(QWidget):
    """Lines over a common x axis. `top` fixes the upper end of the y axis (1 for a rate), else it follows the data.

    `across` fixes both ends of the x axis, which else counts in whole numbers. `x_name` stands below it,
    `x_text` says how its values are written. `height` is the one it likes to have.
    """

    def __init__(
        self,
        *,
        top: float | None = None,
        empty: str = "",
        across: tuple[float, float] | None = None,
        x_name: str = "",
        x_text: Callable[[float], str] | None = None,
        height: int = 210,
    ) -> None:
        super().__init__()
        self._series: tuple[Series, ...] = ()
        self._top = top
        self._empty = empty
        self._across = across
        self._x_name = x_name
        self._x_text = x_text
        self._height = height
        self._mark: float | None = None
        self._hover: float | None = None
        self.setMouseTracking(True)
        self.setMinimumSize(220, 150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def series(self) -> tuple[Series, ...]:
        """What is shown."""
        return self._series

    def set_empty(self, text: str) -> None:
        """Say this where there is nothing to show."""
        self._empty = text
        self.set_series(self._series)

    def set_series(self, series: Sequence[Series]) -> None:
        """Show these lines."""
        self._series = tuple(s for s in series if s.points)
        last = ", ".join(f"{s.name}: {s.points[-1][1]:.4g}" for s in self._series if not s.faint)
        self.setAccessibleDescription(last or self._empty)
        self.update()

    def set_mark(self, x: float | None) -> None:
        """Mark a place on the x axis, or none."""
        self._mark = x
        self.update()

    def numbers(self) -> list[list[object]]:
        """What is shown, as a table: one row an x, one column a line."""
        by_line = [dict(s.points) for s in self._series]
        xs = sorted({x for line in by_line for x in line})
        head: list[object] = [self._x_name or "x", *(s.name for s in self._series)]
        rows: list[list[object]] = [
            [self._x_text(x) if self._x_text else x, *(line.get(x, "") for line in by_line)] for x in xs
        ]
        return [head, *rows]

    def sizeHint(self) -> QSize:
        return QSize(380, self._height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        now = theme.current()
        if not self._series:
            painter.setPen(QColor(now.faint))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._empty)
            return
        frame = _Frame.around(self._series, self._plot(), self._top, self._across)
        self._axes(painter, frame)
        if self._mark is not None:
            painter.setPen(QPen(QColor(now.strong_line), 1.5, Qt.PenStyle.DashLine))
            place = frame.x(self._mark)
            painter.drawLine(QPointF(place, frame.plot.top()), QPointF(place, frame.plot.bottom()))
        for series in self._series:
            _draw_line(painter, frame, series, self._colour(series))
        self._legend(painter)
        if self._hover is not None:
            self._readout(painter, frame, self._hover)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = event.position().x()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = None
        self.update()
        super().leaveEvent(event)

    def _plot(self) -> QRectF:
        line = QFontMetricsF(self.font()).height()
        below = BOTTOM + (line if self._x_name else 0)
        return QRectF(
            LEFT, line + 10, max(1.0, self.width() - LEFT - RIGHT), max(1.0, self.height() - line - 10 - below)
        )

    def _colour(self, series: Series) -> QColor:
        return theme.class_colour(series.colour, dark=theme.current().dark)

    def _axes(self, painter: QPainter, frame: "_Frame") -> None:
        now, plot = theme.current(), frame.plot
        height = QFontMetricsF(self.font()).height()
        for value in ticks(frame.low, frame.high, 4):
            y = frame.y(value)
            painter.setPen(QPen(QColor(now.line), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(now.faint))
            painter.drawText(QRectF(0, y - height / 2, LEFT - 8, height), Qt.AlignmentFlag.AlignRight, f"{value:.4g}")
        for value in ticks(frame.start, frame.end, max(2, int(plot.width() / 70))):
            if self._across is not None or value == int(value):
                left = min(frame.x(value) - X_ROOM / 2, self.width() - X_ROOM)
                box = QRectF(left, plot.bottom() + 6, X_ROOM, height)
                in_place = left == frame.x(value) - X_ROOM / 2
                side = Qt.AlignmentFlag.AlignHCenter if in_place else Qt.AlignmentFlag.AlignRight
                painter.drawText(box, side, self._written(value))
        name = QRectF(plot.left(), plot.bottom() + 6 + height, plot.width(), height)
        painter.drawText(name, Qt.AlignmentFlag.AlignHCenter, self._x_name)

    def _written(self, x: float) -> str:
        return self._x_text(x) if self._x_text else f"{x:g}"

    def _legend(self, painter: QPainter) -> None:
        now, metrics = theme.current(), QFontMetricsF(self.font())
        # Chinese characters come from another font, which reaches lower than the lines of this one.
        left, height = LEFT, metrics.height() + 6
        beside = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        for series in self._series:
            if series.faint:
                continue
            painter.setPen(_pen(series, self._colour(series)))
            middle = height / 2
            painter.drawLine(QPointF(left, middle), QPointF(left + 14, middle))
            painter.setPen(QColor(now.muted))
            width = metrics.horizontalAdvance(series.name)
            painter.drawText(QRectF(left + 18, 0, width + 4, height), beside, series.name)
            left += 18 + width + 18

    def _readout(self, painter: QPainter, frame: "_Frame", at: float) -> None:
        """A line at the point nearest to the mouse, and the values there."""
        xs = sorted({x for s in self._series for x, _ in s.points})
        x = min(xs, key=lambda value: abs(frame.x(value) - at))
        now, place = theme.current(), frame.x(x)
        painter.setPen(QPen(QColor(now.strong_line), 1))
        painter.drawLine(QPointF(place, frame.plot.top()), QPointF(place, frame.plot.bottom()))
        found = [(s, y) for s in self._series for px, y in s.points if px == x and math.isfinite(y)]
        for series, y in found:
            painter.setPen(QPen(QColor(now.panel), 1.5))
            painter.setBrush(self._colour(series))
            painter.drawEllipse(QPointF(place, frame.y(y)), 4, 4)
        lines = [self._written(x), *(f"{s.name}  {y:.4g}" for s, y in found)]
        self._bubble(painter, frame.plot, place, lines)

    def _bubble(self, painter: QPainter, plot: QRectF, place: float, lines: Sequence[str]) -> None:
        now, metrics = theme.current(), QFontMetricsF(self.font())
        width = max(metrics.horizontalAdvance(line) for line in lines) + 18
        left = place + 10 if place + 10 + width < self.width() else place - 10 - width
        box = QRectF(left, plot.top() + 4, width, metrics.height() * len(lines) + 10)
        painter.setPen(QPen(QColor(now.strong_line), 1))
        painter.setBrush(QColor(now.raised))
        painter.drawRoundedRect(box, 5, 5)
        painter.setPen(QColor(now.text))
        painter.drawText(box.adjusted(9, 5, -9, -5), int(Qt.AlignmentFlag.AlignLeft), "\n".join(lines))


@dataclass(frozen=True, slots=True)
class _Frame:
    """From values to the widget's coordinates."""

    plot: QRectF
    start: float
    end: float
    low: float
    high: float

    @classmethod
    def around(
        cls, series: Sequence[Series], plot: QRectF, top: float | None, across: tuple[float, float] | None
    ) -> "_Frame":
        xs = [x for s in series for x, _ in s.points]
        ys = [y for s in series for _, y in s.points if math.isfinite(y)] or [0.0]
        high = top if top is not None else nice_above(max(ys))
        start, end = across or (min(xs), max(xs))
        return cls(plot, start, end if end > start else start + 1, min(0.0, *ys), high)

    def x(self, value: float) -> float:
        return self.plot.left() + (value - self.start) / (self.end - self.start) * self.plot.width()

    def y(self, value: float) -> float:
        return self.plot.bottom() - (value - self.low) / (self.high - self.low) * self.plot.height()


def ticks(low: float, high: float, count: int) -> list[float]:
    """About `count` round values from `low` to `high`, steps of 1, 2 or 5 times a power of ten."""
    step = _nice((high - low) / max(1, count))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(n * step, 12) for n in range(first, last + 1)]


def nice_above(value: float) -> float:
    """The first round value at or above `value`, 1 where there is none above 0."""
    if value <= 0:
        return 1.0
    step = _nice(value / 4)
    return math.ceil(value / step - 1e-9) * step


def _nice(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step)) if step > 0 else 1.0
    return next(power * n for n in (1, 2, 5, 10) if power * n >= step - 1e-12 or n == 10)


def _draw_line(painter: QPainter, frame: _Frame, series: Series, colour: QColor) -> None:
    painter.setPen(_pen(series, colour))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    piece: list[QPointF] = []
    for x, y in (*series.points, (math.nan, math.nan)):
        if math.isfinite(y):
            piece.append(QPointF(frame.x(x), frame.y(min(y, frame.high))))
            continue
        if len(piece) == 1:
            painter.drawEllipse(piece[0], 2, 2)
        elif piece:
            painter.drawPolyline(QPolygonF(piece))
        if series.dots:
            painter.setBrush(colour)
            for point in piece:
                painter.drawEllipse(point, 3, 3)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        piece = []


def _pen(series: Series, colour: QColor) -> QPen:
    pen = QPen(colour, 1 if series.faint else 2, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin)
    if series.dashed:
        pen.setDashPattern([2, 2.5])
    return pen
