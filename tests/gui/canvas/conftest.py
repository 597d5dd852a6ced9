"""A canvas on the screen with a page of two boxes and a suggestion, and a person's hand at the mouse."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from labeler.core.boxes import Box, Rect, ReviewState, Suggestion
from labeler.core.pages import Image, Page
from labeler.gui.canvas.canvas import Canvas
from labeler.gui.canvas.picture import Picture

LEFT, MIDDLE, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier
SHIFT, ALT, CONTROL = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
)
ONE, TWO = Box(40, 40, 60, 80, 1, "one"), Box(200, 60, 80, 60, 2, "two")
GUESS = Suggestion(60, 180, 50, 50, 7, 0.62, 5, 1)
PAGE = Page(Image(1, "page", 400, 300, ReviewState.SUGGESTED), (ONE, TWO), (GUESS,))


class Hand:
    """Moves the mouse over a canvas in pixels of the image."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas

    def at(self, x: float, y: float) -> QPoint:
        return QPointF(*self.canvas.view.to_screen(x, y)).toPoint()

    def move(self, x: float, y: float) -> None:
        QTest.mouseMove(self.canvas, self.at(x, y))

    def press(self, x: float, y: float, keys: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        QTest.mousePress(self.canvas, button, keys, self.at(x, y))

    def release(self, x: float, y: float, keys: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        QTest.mouseRelease(self.canvas, button, keys, self.at(x, y))

    def click(self, x: float, y: float, keys: Qt.KeyboardModifier = NONE) -> None:
        self.press(x, y, keys)
        self.release(x, y, keys)

    def drag(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        keys: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        self.press(*start, keys, button)
        self.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        self.move(*end)
        self.release(*end, keys, button)


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    """400 × 300 pixels of white paper at two screen pixels each."""
    made = Canvas([str(n) for n in range(10)])
    qtbot.addWidget(made)
    made.resize(848, 648)
    paper = QImage(400, 300, QImage.Format.Format_RGB32)
    paper.fill(Qt.GlobalColor.white)
    with qtbot.waitExposed(made):
        made.show()
    made.show_page(PAGE, Picture((paper,)))
    assert made.view.scale == 2.0
    return made


@pytest.fixture
def hand(canvas: Canvas) -> Hand:
    return Hand(canvas)


@pytest.fixture
def placed(canvas: Canvas) -> list[dict[object, Rect]]:
    """What was moved or resized, as it is reported."""
    seen: list[dict[object, Rect]] = []
    canvas.placed.connect(seen.append)
    return seen


@pytest.fixture
def drawn(canvas: Canvas) -> list[Rect]:
    """What was drawn, as it is reported."""
    seen: list[Rect] = []
    canvas.drawn.connect(seen.append)
    return seen


Paint = Callable[[], QImage]


@pytest.fixture
def shot(canvas: Canvas) -> Paint:
    """What the canvas looks like, in device pixels."""
    return lambda: canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
