"""Two plots of how things are spread: a histogram of numbers, and a map of where on the page things lie. They paint what they are given."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from labeler.core.distributions import Histogram
from labeler.core.i18n import tr
from labeler.gui import theme
from labeler.gui.widgets.chart import nice_above, ticks

LEFT, RIGHT, BOTTOM = 48.0, 10.0, 26.0


class HistogramPlot(QWidget):
    """Counts over a number; `unit` names the number below the axis."""

    def __init__(self, *, unit: str) -> None:
        super().__init__()
        self._unit = unit
        self._shown = Histogram((), ())
        self.setMinimumSize(240, 170)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_histogram(self, shown: Histogram) -> None:
        """Show these counts."""
        self._shown = shown
        self.setAccessibleDescription(
            ", ".join(f"{low:g}: {n}" for low, n in zip(shown.edges, shown.counts, strict=False))
        )
        self.update()

    def numbers(self) -> list[list[object]]:
        """A row a bin."""
        edges = self._shown.edges
        bins = zip(edges, edges[1:], self._shown.counts, strict=False)
        rows: list[list[object]] = [[low, high, n] for low, high, n in bins]
        return [[tr("from"), tr("to"), tr("count")], *rows]

    def sizeHint(self) -> QSize:
        return QSize(380, 220)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._shown.counts:
            return
        now, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = QFontMetricsF(self.font()).height()
        plot = QRectF(LEFT, 10, self.width() - LEFT - RIGHT, self.height() - 10 - BOTTOM - line)
        high, end = nice_above(max(self._shown.counts)), self._shown.edges[-1]
        for value in ticks(0, high, 4):
            y = plot.bottom() - value / high * plot.height()
            painter.setPen(QPen(QColor(now.line if value else now.strong_line), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(now.faint))
            painter.drawText(QRectF(0, y - line / 2, LEFT - 8, line), Qt.AlignmentFlag.AlignRight, f"{value:g}")
        painter.setPen(Qt.PenStyle.NoPen)
        for low, edge, n in zip(self._shown.edges, self._shown.edges[1:], self._shown.counts, strict=False):
            left, right = plot.left() + low / end * plot.width(), plot.left() + edge / end * plot.width()
            height = n / high * plot.height()
            painter.fillRect(
                QRectF(left + 0.5, plot.bottom() - height, max(1.0, right - left - 1), height), QColor(now.accent)
            )
        painter.setPen(QColor(now.faint))
        for value in ticks(0, end, max(2, int(plot.width() / 80))):
            place = QRectF(plot.left() + value / end * plot.width() - 30, plot.bottom() + 6, 60, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{value:g}")
        under = QRectF(plot.left(), plot.bottom() + 8 + line, plot.width(), line)
        painter.drawText(under, Qt.AlignmentFlag.AlignCenter, self._unit)
        painter.end()


class PlaceMap(QWidget):
    """How many things lie where on the page: the stronger the colour, the more. The page is drawn 4 wide to 3 high."""

    def __init__(self) -> None:
        super().__init__()
        self._cells: npt.NDArray[np.int64] = np.zeros((0, 0), dtype=np.int64)
        self.setMinimumSize(240, 180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_density(self, cells: npt.NDArray[np.int64]) -> None:
        """Show these counts, (rows, columns), the page's upper left first."""
        self._cells = cells
        self.update()

    def numbers(self) -> list[list[object]]:
        """The counts, a row a row of the page."""
        rows, columns = self._cells.shape
        head: list[object] = [tr("row"), *range(1, columns + 1)]
        return [head, *([r + 1, *self._cells[r].tolist()] for r in range(rows))]

    def sizeHint(self) -> QSize:
        return QSize(380, 220)

    def paintEvent(self, _event: QPaintEvent) -> None:
        now, painter = theme.current(), QPainter(self)
        line = QFontMetricsF(self.font()).height()
        room = QRectF(0, 4, self.width(), self.height() - line - 12)
        scale = min(room.width() / 4, room.height() / 3)
        page = QRectF(0, room.top(), 4 * scale, 3 * scale)
        page.moveLeft((self.width() - page.width()) / 2)
        painter.fillRect(page, QColor(now.sunken))
        most = int(self._cells.max()) if self._cells.size else 0
        rows, columns = self._cells.shape
        for r, c in zip(*np.nonzero(self._cells), strict=True):
            colour = QColor(now.accent)
            colour.setAlphaF(0.12 + 0.88 * float(self._cells[r, c]) / most)
            cell = QRectF(
                page.left() + c * page.width() / columns, page.top() + r * page.height() / rows,
                page.width() / columns, page.height() / rows,
            )  # fmt: skip
            painter.fillRect(cell, colour)
        painter.setPen(QColor(now.strong_line))
        painter.drawRect(page)
        painter.setPen(QColor(now.faint))
        words = tr("strongest colour: {count} digits", count=most) if most else ""
        painter.drawText(QRectF(0, page.bottom() + 6, self.width(), line), Qt.AlignmentFlag.AlignCenter, words)
        painter.end()


def described(values: Sequence[float]) -> str:
    """Median and the middle ninety of a hundred, in words."""
    if not len(values):
        return ""
    low, middle, high = np.percentile(np.asarray(values), (5, 50, 95))
    return tr(
        "Half are below {middle}; 90 of 100 lie between {low} and {high}.", low=f"{low:.0f}", middle=f"{middle:.0f}",
        high=f"{high:.0f}",
    )  # fmt: skip
