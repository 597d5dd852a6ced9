"""Zooming by touch screen and trackpad: turns Qt's gesture events into a factor and a place. Owns nothing."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget


@dataclass(frozen=True, slots=True)
class Pinch:
    """Zoom by `factor` at a point of the screen, and pan by (dx, dy); `begins` with the first event of a gesture."""

    factor: float
    at: tuple[float, float]
    dx: float = 0.0
    dy: float = 0.0
    begins: bool = False


def pinch_of(widget: QWidget, event: QEvent) -> Pinch | None:
    """What a touch or trackpad event asks for; None for any other event."""
    if isinstance(event, QNativeGestureEvent):
        if event.gestureType() is not Qt.NativeGestureType.ZoomNativeGesture:
            return None
        place = event.position()
        return Pinch(1.0 + event.value(), (place.x(), place.y()))
    if isinstance(event, QGestureEvent):
        found = event.gesture(Qt.GestureType.PinchGesture)
        if isinstance(found, QPinchGesture):
            event.accept(found)
            return _of_gesture(widget, found)
    return None


def _of_gesture(widget: QWidget, pinch: QPinchGesture) -> Pinch:
    centre, last = pinch.centerPoint(), pinch.lastCenterPoint()
    begins = pinch.state() is Qt.GestureState.GestureStarted
    moved = QPointF(0, 0) if begins else centre - last
    at = widget.mapFromGlobal(centre)
    return Pinch(pinch.scaleFactor(), (at.x(), at.y()), moved.x(), moved.y(), begins)
