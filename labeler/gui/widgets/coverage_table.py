"""What each split holds of each digit, as a table that paints itself: how many, by how many hands, and what is missing or thin."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from labeler.core.coverage import Cell, Coverage
from labeler.core.i18n import ntr, tr
from labeler.core.splits import SPLITS
from labeler.gui import theme
from labeler.gui.widgets.states import split_text

ROW, GAP = 46.0, 4.0


class CoverageTable(QWidget):
    """Rows are splits, columns classes. What is missing is red and says so, what is thin is amber with a dotted edge."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: Coverage | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Digits by split"))

    def show_coverage(self, coverage: Coverage) -> None:
        """Show these counts."""
        self._shown = coverage
        rows = (
            "{}: {}".format(
                split_text(_key(s)), ", ".join(f"{n}×{coverage.cell(s, i).digits}" for i, n in _names(coverage))
            )
            for s in self._rows()
        )
        self.setAccessibleDescription("; ".join(rows))
        self.updateGeometry()
        self.update()

    def numbers(self) -> list[list[object]]:
        """What is shown, a row for each split and class."""
        head: list[object] = [tr("Split"), tr("Class"), tr("Digits"), tr("Writers")]
        if self._shown is None:
            return [head]
        return [
            head,
            *(
                [split_text(_key(s)), name, (cell := self._shown.cell(s, i)).digits, cell.writers]
                for s in self._rows()
                for i, name in _names(self._shown)
            ),
        ]

    def sizeHint(self) -> QSize:
        return QSize(520, round(self._head() + len(self._rows()) * ROW))

    def minimumSizeHint(self) -> QSize:
        return QSize(320, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._shown is None:
            return
        now, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(now.muted))
        for i, name in _names(self._shown):
            place = self._cell(0, i)
            painter.drawText(
                QRectF(place.left(), 0, place.width(), self._head() - 4), Qt.AlignmentFlag.AlignCenter, name
            )
        for r, split in enumerate(self._rows()):
            self._heading(painter, r, split)
            for i, _name in _names(self._shown):
                self._paint_cell(painter, self._cell(r, i), split, self._shown.cell(split, i))
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

    def _rows(self) -> tuple[str, ...]:
        """The splits, and a row for what has none where there is something."""
        loose = self._shown is not None and any(split == "none" for split, _ in self._shown.cells)
        return (*SPLITS, "none") if loose else SPLITS

    def _head(self) -> float:
        return QFontMetricsF(self.font()).height() + 8

    def _side(self) -> float:
        names, small = QFontMetricsF(theme.font(bold=True)), QFontMetricsF(theme.font(size=-1))
        widths = [names.horizontalAdvance(split_text(_key(s))) for s in (*SPLITS, "none")]
        if self._shown is not None:
            hands = max(self._shown.writers.values(), default=0)
            widths.append(small.horizontalAdvance(ntr("{count} writer", "{count} writers", hands)))
        return max(widths) + 18

    def _cell(self, row: int, column: int) -> QRectF:
        count = len(self._shown.classes) if self._shown is not None else 1
        width = max(20.0, (self.width() - self._side()) / count)
        return QRectF(self._side() + column * width, self._head() + row * ROW, width - GAP, ROW - GAP)

    def _heading(self, painter: QPainter, row: int, split: str) -> None:
        assert self._shown is not None
        now, top = theme.current(), self._head() + row * ROW
        line = QFontMetricsF(self.font()).height()
        hands = self._shown.writers.get(split, 0)
        block = QRectF(0, top + (ROW - GAP - 2 * line) / 2, self._side(), line)
        painter.setFont(theme.font(bold=True))
        painter.setPen(QColor(now.text))
        painter.drawText(block, Qt.AlignmentFlag.AlignLeft, split_text(_key(split)))
        painter.setFont(theme.font(size=-1))
        painter.setPen(QColor(now.muted))
        if self._shown.writers:
            words = ntr("{count} writer", "{count} writers", hands)
            painter.drawText(block.translated(0, line), Qt.AlignmentFlag.AlignLeft, words)
        painter.setFont(theme.font())

    def _paint_cell(self, painter: QPainter, place: QRectF, split: str, cell: Cell) -> None:
        assert self._shown is not None
        now = theme.current()
        judged = split != "none"
        missing, enough = judged and not cell.digits, not judged or self._shown.is_enough(cell)
        ground = now.danger_soft if missing else now.sunken if enough else now.warning_soft
        colour = now.danger if missing else now.text if enough else now.warning
        painter.setPen(Qt.PenStyle.NoPen if enough else QPen(QColor(colour), 1, Qt.PenStyle.DotLine))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.setPen(QColor(colour))
        line = QFontMetricsF(self.font()).height()
        if not self._shown.writers or not cell.digits:
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(cell.digits) if cell.digits else tr("none"))
            return
        upper = QRectF(place.left(), place.center().y() - line, place.width(), line)
        painter.drawText(upper, Qt.AlignmentFlag.AlignCenter, str(cell.digits))
        painter.setFont(theme.font(size=-1.5))
        painter.setPen(QColor(now.muted if enough else colour))
        painter.drawText(upper.translated(0, line), Qt.AlignmentFlag.AlignCenter, tr("by {n}", n=cell.writers))
        painter.setFont(theme.font())

    def _words(self, where: QPointF) -> str:
        if self._shown is None:
            return ""
        for r, split in enumerate(self._rows()):
            for i, name in _names(self._shown):
                if self._cell(r, i).contains(where):
                    cell = self._shown.cell(split, i)
                    return tr(
                        "{name} in {split}: {digits} digits by {writers} writers",
                        name=name, split=split_text(_key(split)), digits=cell.digits, writers=cell.writers,
                    )  # fmt: skip
        return ""


def _names(coverage: Coverage) -> list[tuple[int, str]]:
    return list(enumerate(coverage.classes))


def _key(split: str) -> str | None:
    return None if split == "none" else split
