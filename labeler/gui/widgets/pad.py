"""The handwriting pad: takes strokes from pen, finger and mouse, shows them as they are drawn. Knows no project and reads nothing.

The page has its own size in pixels and is shown as large as fits. Finished ink lies in a pixmap; a new piece of a line is painted into
it and only that piece's place on the screen is painted again.
"""

import math
import time
from collections.abc import Sequence
from enum import StrEnum
from functools import reduce

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from labeler.core.i18n import tr
from labeler.core.ink import Ink, Pen, Stroke, Trace, outline
from labeler.core.ink_board import Board, touched
from labeler.core.ink_render import Look
from labeler.gui import theme
from labeler.gui.widgets import pad_paint
from labeler.gui.widgets.pad_input import PadInput
from labeler.gui.widgets.pad_paint import Line, Mark, paint_line, prepare

PAGE = QSize(1280, 560)
ERASER = 14.0
"""Reach of the eraser, in pixels on the screen."""


class Tool(StrEnum):
    """What the pen does; a pen's other end always erases."""

    PEN = "pen"
    ERASER = "eraser"


class Pad(PadInput):
    """Lives on the GUI thread. `board` is what is written; `device` what it was last written with: pen, touch or mouse."""

    changed = Signal()  # the ink is another: a stroke ended, was erased, undone, cleared
    began = Signal()  # the pen came down

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.board = Board()
        self.pen = Pen()
        self.look = Look()
        self.tool = Tool.PEN
        self.page = PAGE
        self.marks: tuple[Mark, ...] = ()
        self._layer = QPixmap()
        self._trace: Trace | None = None
        self._erased_from: Board | None = None
        self._clock = time.monotonic()
        self._lines: dict[int, tuple[Stroke, Line]] = {}
        self.setAccessibleName(tr("Handwriting pad"))
        self.setAccessibleDescription(tr("Write with a pen, a finger or the mouse."))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 120)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    @property
    def strokes(self) -> tuple[Stroke, ...]:
        """The finished strokes, in pixels of the page."""
        return self.board.strokes

    @property
    def is_down(self) -> bool:
        """Whether somebody is writing or erasing at this moment."""
        return self._trace is not None or self._erased_from is not None

    def set_page(self, size: QSize, look: Look) -> None:
        """Another page size or paper; what is written stays."""
        self.page, self.look = size, look
        self._redraw()

    def set_pen(self, pen: Pen) -> None:
        """Another pen, for all that is on the page: a page is written with one pen."""
        self.pen = pen
        self._lines.clear()
        self._redraw()

    def set_board(self, board: Board) -> None:
        """Show another board: undo, redo, a page taken back."""
        before, self.board = self.board, board
        if before.strokes != board.strokes:
            self._repaint_difference(before.strokes, board.strokes)
            self._tell()

    def start_page(self, strokes: Sequence[Stroke] = ()) -> None:
        """A fresh page without history, with these strokes on it."""
        self._trace = self._erased_from = None
        self.board = Board(tuple(strokes))
        self.marks = ()
        self._clock = time.monotonic() - (strokes[-1].end + 0.5 if strokes else 0.0)
        self._redraw()
        self.changed.emit()

    def undo(self) -> None:
        """Take the last step back."""
        if not self.is_down:
            self.set_board(self.board.undone())

    def redo(self) -> None:
        """Do it again."""
        if not self.is_down:
            self.set_board(self.board.redone())

    def clear(self) -> None:
        """Take everything off the page; undo brings it back."""
        if not self.is_down:
            self.set_board(self.board.becomes(()))

    def show_marks(self, marks: Sequence[Mark]) -> None:
        """What a model reads on the page, over the ink."""
        shown, self.marks = (*self.marks, *marks), tuple(marks)
        for mark in shown:
            self._update(pad_paint.mark_reach(mark, scale=self.scale))

    # what the input asks for

    def pen_down(self, at: QPointF, pressure: float, *, erase: bool) -> None:
        """The pen touches the pad at `at`, in pixels of the page."""
        if erase or self.tool is Tool.ERASER:
            self._erased_from = self.board
            self._erase(at)
            return
        if not self.board.strokes:
            self._clock = time.monotonic()
        self.began.emit()
        self._trace = Trace(self.pen, self._point(at, pressure))
        self._update(prepare(self._trace.tail()).rect)

    def pen_move(self, at: QPointF, pressure: float) -> None:
        """The pen goes on."""
        if self._erased_from is not None:
            self._erase(at)
        elif self._trace is not None:
            before = prepare(self._trace.tail())
            settled = prepare(self._trace.add(self._point(at, pressure)))
            self._paint_into_layer(settled)
            self._update(before.rect.united(settled.rect).united(prepare(self._trace.tail()).rect))

    def pen_up(self) -> None:
        """The pen is lifted."""
        if self._erased_from is not None:
            before, self._erased_from = self._erased_from, None
            self.board = before.becomes(self.board.strokes)
            if self.board is not before:
                self._tell()
        elif self._trace is not None:
            trace, self._trace = self._trace, None
            self.board = self.board.drawn(trace.stroke())
            # Painted as a whole the line has no seams where its pieces met.
            self._redraw_rect(self._line(self.board.strokes[-1]).rect)
            self._tell()

    def pen_cancel(self) -> None:
        """What is being drawn was not meant: a palm, or the system took the touch away."""
        if self._trace is not None:
            rect = prepare(outline(self._trace.stroke().points, self.pen)).rect
            self._trace = None
            self._redraw_rect(rect)
        elif self._erased_from is not None:
            self.pen_up()

    # geometry

    @property
    def scale(self) -> float:
        """Device-independent pixels per pixel of the page."""
        return min(self.width() / self.page.width(), self.height() / self.page.height())

    def to_page(self, at: QPointF) -> QPointF:
        """A place of the widget as a place of the page, pulled onto it."""
        left, top = self._corner()
        x, y = (at.x() - left) / self.scale, (at.y() - top) / self.scale
        return QPointF(min(max(x, 0.0), self.page.width()), min(max(y, 0.0), self.page.height()))

    def from_page(self, at: QPointF) -> QPointF:
        """A place of the page as a place of the widget."""
        left, top = self._corner()
        return QPointF(at.x() * self.scale + left, at.y() * self.scale + top)

    def _corner(self) -> tuple[float, float]:
        """Where the page begins in the widget, on a whole pixel of the screen, so that the layer is shown as it is."""
        ratio = self.devicePixelRatioF()
        free = (self.width() - self.page.width() * self.scale, self.height() - self.page.height() * self.scale)
        return math.floor(free[0] / 2 * ratio) / ratio, math.floor(free[1] / 2 * ratio) / ratio

    def _point(self, at: QPointF, pressure: float) -> tuple[float, float, float, float]:
        return at.x(), at.y(), time.monotonic() - self._clock, pressure

    def _on_screen(self, rect: QRectF) -> QRect:
        """A rectangle of the page in whole pixels of the widget, with what antialiasing may touch."""
        return QRectF(self.from_page(rect.topLeft()), rect.size() * self.scale).toAlignedRect().adjusted(-2, -2, 2, 2)

    # painting

    def _tell(self) -> None:
        self.changed.emit()

    def _erase(self, at: QPointF) -> None:
        gone = touched(self.board.strokes, at.x(), at.y(), ERASER / self.scale)
        if gone:
            before = self.board.strokes
            self.board = self.board.without(gone)
            self._repaint_difference(before, self.board.strokes)

    def _line(self, stroke: Stroke) -> Line:
        known = self._lines.get(id(stroke))
        if known is None or known[0] is not stroke:
            known = self._lines[id(stroke)] = (stroke, prepare(outline(stroke.points, self.pen)))
        return known[1]

    def _redraw(self) -> None:
        """Everything anew: another size or paper."""
        ratio = self.devicePixelRatioF()
        size = QSize(round(self.page.width() * self.scale * ratio), round(self.page.height() * self.scale * ratio))
        self._layer = QPixmap(size.expandedTo(QSize(1, 1)))
        self._layer.setDevicePixelRatio(ratio)
        self._layer.fill(QColor(*self.look.ground))  # the paper covers its last row and column in part only
        self._paint_ink(self.board.strokes, None)
        self.update()

    def _redraw_rect(self, rect: QRectF) -> None:
        """The ink in a part of the page anew."""
        self._paint_ink(self.board.strokes, rect.adjusted(-2, -2, 2, 2))
        self._update(rect)

    def _repaint_difference(self, before: Ink, after: Ink) -> None:
        kept = {id(s) for s in after} & {id(s) for s in before}
        changed = [self._line(s).rect for s in (*before, *after) if id(s) not in kept]
        self._lines = {id(s): self._lines[id(s)] for s in after if id(s) in self._lines}
        if changed:
            self._redraw_rect(reduce(QRectF.united, changed))

    def _paint_ink(self, ink: Ink, only: QRectF | None) -> None:
        painter = self._layer_painter()
        if only is not None:
            painter.setClipRect(only)
        pad_paint.paint_paper(painter, self.page.width(), self.page.height(), self.look)
        for stroke in ink:
            line = self._line(stroke)
            if only is None or only.intersects(line.rect):
                paint_line(painter, line, QColor(*self.look.ink))
        painter.end()

    def _paint_into_layer(self, line: Line) -> None:
        painter = self._layer_painter()
        paint_line(painter, line, QColor(*self.look.ink))
        painter.end()

    def _layer_painter(self) -> QPainter:
        painter = QPainter(self._layer)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self.scale, self.scale)
        return painter

    def _update(self, rect: QRectF) -> None:
        self.update(self._on_screen(rect))

    # Qt

    def sizeHint(self) -> QSize:
        return self.page

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._redraw()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._layer.devicePixelRatio() != self.devicePixelRatioF():  # moved to a screen of another density
            self._redraw()
        painter = QPainter(self)
        left, top = self._corner()
        page = QRectF(left, top, self.page.width() * self.scale, self.page.height() * self.scale)
        if not page.contains(QRectF(event.rect())):
            painter.fillRect(event.rect(), QColor(theme.current().window))
        painter.drawPixmap(QPointF(left, top), self._layer)
        painter.setPen(QColor(theme.current().strong_line))
        painter.drawRect(page.adjusted(0, 0, -1, -1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(left, top)
        painter.scale(self.scale, self.scale)
        if self._trace is not None:
            painter.setClipRect(QRectF(0, 0, self.page.width(), self.page.height()))
            paint_line(painter, prepare(self._trace.tail()), QColor(*self.look.ink))
        pad_paint.paint_marks(painter, self.marks, scale=self.scale)
        painter.end()
