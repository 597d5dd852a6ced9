"""Fingers on the canvas: one does what the left button does, two zoom and pan, and the first of two leaves no mark."""

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QInputDevice, QPointingDevice
from PySide6.QtTest import QTest

from labeler.core.boxes import Rect
from labeler.gui.canvas.canvas import Canvas
from tests.gui.canvas.conftest import ONE, Hand


@pytest.fixture(scope="module")
def screen() -> QPointingDevice:
    """A touch screen; Qt knows it for the rest of the process."""
    return QTest.createTouchDevice(QInputDevice.DeviceType.TouchScreen, QInputDevice.Capability.Position)


def drag(canvas: Canvas, screen: QPointingDevice, paths: list[list[QPoint]]) -> None:
    """One path a finger, all moved at once."""
    begin = QTest.touchEvent(canvas, screen)
    for finger, path in enumerate(paths):
        begin.press(finger, path[0], canvas)
    begin.commit()
    for step in range(1, len(paths[0])):
        going = QTest.touchEvent(canvas, screen)
        for finger, path in enumerate(paths):
            going.move(finger, path[step], canvas)
        going.commit()
    end = QTest.touchEvent(canvas, screen)
    for finger, path in enumerate(paths):
        end.release(finger, path[-1], canvas)
    end.commit()


def test_one_finger_draws_a_box_in_draw_mode(
    canvas: Canvas, hand: Hand, drawn: list[Rect], screen: QPointingDevice
) -> None:
    canvas.set_drawing(True)
    path = [hand.at(*point) for point in ((120, 150), (150, 180), (180, 220))]
    drag(canvas, screen, [path])
    assert len(drawn) == 1
    assert drawn[0].x == pytest.approx(120, abs=2)
    assert drawn[0].bottom == pytest.approx(220, abs=2)


def test_a_tap_selects(canvas: Canvas, hand: Hand, screen: QPointingDevice) -> None:
    at = hand.at(ONE.x + ONE.w / 2, ONE.y + ONE.h / 2)
    drag(canvas, screen, [[at, at]])
    assert [canvas.scene.items.keys[i] for i in canvas.scene.selected] == ["one"]


def test_two_fingers_zoom_and_draw_nothing(
    canvas: Canvas, hand: Hand, drawn: list[Rect], screen: QPointingDevice
) -> None:
    canvas.set_drawing(True)
    before, middle = canvas.view.scale, hand.at(200, 150)
    reach = [QPoint(20 + 10 * step, 0) for step in range(9)]
    drag(canvas, screen, [[middle - away for away in reach], [middle + away for away in reach]])
    assert canvas.view.scale > 2 * before
    assert canvas.view.to_image(middle.x(), middle.y()) == pytest.approx((200, 150), abs=3)
    assert not drawn
    assert not canvas.busy


def test_two_fingers_side_by_side_pan(canvas: Canvas, hand: Hand, screen: QPointingDevice) -> None:
    canvas.zoom(3.0, (float(hand.at(200, 150).x()), float(hand.at(200, 150).y())))
    scale, middle = canvas.view.scale, hand.at(200, 150)
    steps = [QPoint(0, 6 * step) for step in range(10)]
    left, right = middle - QPoint(40, 0), middle + QPoint(40, 0)
    drag(canvas, screen, [[left + s for s in steps], [right + s for s in steps]])
    assert canvas.view.scale == pytest.approx(scale, rel=0.05)
    moved = hand.at(200, 150) - middle
    assert moved.y() > 30
    assert abs(moved.x()) < 5


def test_a_second_finger_takes_back_what_the_first_began(
    canvas: Canvas, hand: Hand, drawn: list[Rect], screen: QPointingDevice
) -> None:
    canvas.set_drawing(True)
    one, two = hand.at(120, 150), hand.at(260, 150)
    QTest.touchEvent(canvas, screen).press(0, one, canvas).commit()
    QTest.touchEvent(canvas, screen).move(0, one + QPoint(12, 12), canvas).commit()
    QTest.touchEvent(canvas, screen).move(0, one + QPoint(13, 13), canvas).press(1, two, canvas).commit()
    for step in range(1, 9):
        away = QPoint(8 * step, 0)
        QTest.touchEvent(canvas, screen).move(0, one - away, canvas).move(1, two + away, canvas).commit()
    QTest.touchEvent(canvas, screen).release(0, one, canvas).release(1, two, canvas).commit()
    assert not drawn
    assert not canvas.busy
