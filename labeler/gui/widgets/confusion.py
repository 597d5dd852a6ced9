"""A confusion matrix that paints itself: rows are what was written, columns what was seen; the last of each is missed and imagined."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from labeler.core.i18n import tr
from labeler.gui import theme

GAP = 2.0


class Confusion(QWidget):
    """Shows counts: `matrix[i][j]` of class i found as class j."""

    def __init__(self) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()
        self._matrix: tuple[tuple[int, ...], ...] = ()
        self.setMouseTracking(True)
        self.setMinimumSize(260, 240)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_matrix(self, names: Sequence[str], matrix: Sequence[Sequence[int]]) -> None:
        """Show these counts of these classes; the matrix has one row and one column more than there are classes."""
        self._names = tuple(names)
        self._matrix = tuple(tuple(row) for row in matrix)
        self.setAccessibleDescription(self._summary())
        self.update()

    def numbers(self) -> list[list[object]]:
        """The counts as a table with names."""
        head: list[object] = ["", *self._names, tr("missed")]
        rows = [*self._names, tr("imagined")]
        return [head, *([name, *counts] for name, counts in zip(rows, self._matrix, strict=False))]

    def sizeHint(self) -> QSize:
        return QSize(320, 300)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._matrix:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        now = theme.current()
        for i, counts in enumerate(self._matrix):
            total = max(1, sum(counts))
            for j, count in enumerate(counts):
                painter.setPen(Qt.PenStyle.NoPen)
                strength = min(1.0, count / total * (1 if i == j else 3))
                painter.setBrush(self._colour(i, j, strength))
                cell = self._cell(i, j)
                painter.drawRoundedRect(cell, 3, 3)
                if count:
                    painter.setPen(QColor(now.on_accent if strength > 0.5 else now.text))
                    painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, str(count))
        self._headings(painter)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position())
        if found is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(event.globalPosition().toPoint(), self._words(*found), self)

    def leaveEvent(self, event: QEvent) -> None:
        QToolTip.hideText()
        super().leaveEvent(event)

    def _grid(self) -> QRectF:
        """Where the cells are: beside the rows' names and below the columns'."""
        text = QFontMetricsF(self.font())
        left, top = max(map(text.horizontalAdvance, [*self._names, tr("imagined")])) + 8, text.height() + 6
        return QRectF(left, top, max(1.0, self.width() - left), max(1.0, self.height() - top))

    def _cell(self, i: int, j: int) -> QRectF:
        grid, last = self._grid(), len(self._names)
        # The last column is as wide as its heading needs.
        widest = max(grid.width() / (last + 1), QFontMetricsF(self.font()).horizontalAdvance(tr("missed")) + GAP)
        width, height = (grid.width() - widest) / max(1, last), grid.height() / (last + 1)
        x, y = grid.left() + j * width, grid.top() + i * height
        return QRectF(x, y, (widest if j == last else width) - GAP, height - GAP)

    def _at(self, where: QPointF) -> tuple[int, int] | None:
        for i, counts in enumerate(self._matrix):
            for j in range(len(counts)):
                if self._cell(i, j).contains(where):
                    return i, j
        return None

    def _colour(self, i: int, j: int, strength: float) -> QColor:
        """Right answers in the accent colour, wrong ones in red."""
        now = theme.current()
        if i == j == len(self._names):
            return QColor(Qt.GlobalColor.transparent)
        base, ground = QColor(now.accent if i == j else now.danger), QColor(now.sunken)
        mixed = [round(g + (b - g) * strength) for g, b in zip(_rgb(ground), _rgb(base), strict=True)]
        return QColor(*mixed)

    def _headings(self, painter: QPainter) -> None:
        now, line = theme.current(), QFontMetricsF(self.font()).height()
        painter.setPen(QColor(now.muted))
        left = self._grid().left() - 8
        for n, (column, row) in enumerate(
            zip([*self._names, tr("missed")], [*self._names, tr("imagined")], strict=True)
        ):
            cell = self._cell(n, n)
            painter.drawText(QRectF(cell.left(), 0, cell.width(), line), Qt.AlignmentFlag.AlignCenter, column)
            beside = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, cell.top(), left, cell.height()), beside, row)

    def _summary(self) -> str:
        """The most frequent mistakes in words."""
        wrong = [(n, i, j) for i, row in enumerate(self._matrix) for j, n in enumerate(row) if n and i != j]
        return "; ".join(self._words(i, j) for _, i, j in sorted(wrong, reverse=True)[:5])

    def _words(self, i: int, j: int) -> str:
        count, last = self._matrix[i][j], len(self._names)
        if i == last:
            return (
                ""
                if j == last
                else tr("{count} × imagined a {seen} where there is no digit", count=count, seen=self._names[j])
            )
        if j == last:
            return tr("{count} × missed a {written}", count=count, written=self._names[i])
        if i == j:
            return tr("{count} × {written} seen as {written}", count=count, written=self._names[i])
        return tr("{count} × {written} taken for {seen}", count=count, written=self._names[i], seen=self._names[j])


def _rgb(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()
