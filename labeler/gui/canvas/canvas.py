"""The canvas: a stage that hears the pointer and reports finished gestures. Never changes a box itself.

A gesture ends in a signal; whoever listens makes the edit and hands the new page back with `set_page`.
"""

import inspect
from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from labeler.core.boxes import Rect
from labeler.core.hit import handle_at, hit
from labeler.gui.canvas import tools
from labeler.gui.canvas.cursors import cursor_over
from labeler.gui.canvas.pinch import pinch_of
from labeler.gui.canvas.stage import Stage

_LEFT, _MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton


class Canvas(Stage):
    """Lives on the GUI thread. `find_ink` is asked for the box around the ink under a click while drawing; None draws without."""

    drawing_changed = Signal(bool)
    placed = Signal(object)  # dict[Key, Rect]: items moved or resized
    drawn = Signal(object)  # Rect: a new box
    panned_with_space = Signal()

    def __init__(self, class_names: Iterable[str] = (), parent: QWidget | None = None) -> None:
        super().__init__(class_names, parent)
        self.find_ink: Callable[[float, float], Rect | None] | None = None
        self._gesture: tools.Gesture | None = None
        self._panning: tools.Gesture | None = None
        self._drawing = False
        self._space = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.grabGesture(Qt.GestureType.PinchGesture)

    @property
    def drawing(self) -> bool:
        """Whether pressing draws."""
        return self._drawing

    def set_drawing(self, on: bool) -> None:
        """Enter or leave draw mode."""
        if on == self._drawing:
            return
        self.cancel_gesture()
        self._drawing = on
        self.scene.crosshair = None
        self.scene.hovered = None
        if on and self.underMouse():
            at = self.mapFromGlobal(self.cursor().pos())
            self.scene.crosshair = (at.x(), at.y())
        self._set_cursor()
        self._refresh_live()
        self.drawing_changed.emit(on)

    def set_space(self, down: bool) -> None:
        """While the space key is down, dragging pans."""
        self._space = down
        self._set_cursor()

    @property
    def busy(self) -> bool:
        """Whether the pointer is in the middle of something."""
        return self._gesture is not None or self._panning is not None

    def cancel_gesture(self) -> bool:
        """Give up what the pointer is in the middle of; whether there was anything."""
        running = self._gesture
        self._gesture = None
        # A gesture that is just ending shows the page after its own edit: it is over, and cannot be closed from within.
        if running is not None and inspect.getgeneratorstate(running) != inspect.GEN_RUNNING:
            running.close()
        return running is not None

    def place(self, where: dict[int, Rect]) -> None:
        self.placed.emit({self.scene.items.keys[i]: rect for i, rect in where.items()})

    def draw(self, rect: Rect) -> None:
        self.drawn.emit(rect)

    def finish_gesture(self) -> None:
        self.cancel_gesture()

    def _set_cursor(self, x: float | None = None, y: float | None = None) -> None:
        found = None
        scene = self.scene
        if x is not None and y is not None and self._drawing:  # a drag from a handle resizes also while drawing
            found = handle_at(scene.items.rects, x, y, scale=scene.view.scale, selected=scene.selected)
        elif x is not None and y is not None and not scene.hide_boxes:
            found = hit(scene.items.rects, x, y, scale=scene.view.scale, selected=scene.selected)
            if scene.hovered != (found.index if found else None):
                scene.hovered = found.index if found else None
                self._refresh_live()
        shape = cursor_over(found, drawing=self._drawing, space=self._space, panning=self._panning is not None)
        if shape is not self.cursor().shape():
            self.setCursor(shape)

    def _pointer(self, kind: str, event: QMouseEvent) -> tools.Pointer:
        at = event.position()
        x, y = self.view.to_image(at.x(), at.y())
        modifiers = event.modifiers()
        shift, alt = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
        return tools.Pointer(kind, x, y, (at.x(), at.y()), adding=bool(modifiers & shift), free=bool(modifiers & alt))

    def _send(self, pointer: tools.Pointer) -> None:
        running = self._gesture
        if running is None:
            return
        try:
            running.send(pointer)  # may open a gesture of its own: a listener can show another page
        except StopIteration:
            if self._gesture is running:
                self._gesture = None

    # Qt

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.scene.page is None:
            return
        pointer = self._pointer("press", event)
        if event.button() is _MIDDLE or (event.button() is _LEFT and self._space):
            self._panning = tools.pan(self, pointer)
            next(self._panning)
            if self._space:
                self.panned_with_space.emit()
            self._set_cursor()
        elif event.button() is _LEFT:
            if self._gesture is not None:
                self._send(pointer)
            else:
                self._gesture = tools.gesture(self, pointer, draws=self._drawing)
                next(self._gesture)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pointer = self._pointer("move", event)
        if self._drawing:
            self.scene.crosshair = pointer.at
            self._refresh_live()
        if self._panning is not None:
            self._panning.send(pointer)
        elif self._gesture is not None:
            self._send(pointer)
        else:
            self._set_cursor(pointer.x, pointer.y)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pointer = self._pointer("release", event)
        if self._panning is not None and event.button() in (_MIDDLE, _LEFT):
            self._panning.close()
            self._panning = None
            self._set_cursor()
        elif event.button() is _LEFT:
            self._send(pointer)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned, place = event.angleDelta(), event.position()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(1.0016 ** (turned.y() or turned.x()), (place.x(), place.y()))
        else:
            step = QPointF(event.pixelDelta()) if event.hasPixelDelta() else QPointF(turned) * 0.5
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not step.x():
                step = QPointF(step.y(), 0)
            self.pan_by(step.x(), step.y())
        event.accept()

    def event(self, event: QEvent) -> bool:
        pinch = pinch_of(self, event)
        if pinch is None:
            return super().event(event)
        if pinch.begins:
            self.cancel_gesture()
        self.zoom(pinch.factor, pinch.at)
        if pinch.dx or pinch.dy:
            self.pan_by(pinch.dx, pinch.dy)
        return True

    def enterEvent(self, event: QEnterEvent) -> None:
        if self._drawing:
            self.scene.crosshair = (event.position().x(), event.position().y())
            self._refresh_live()

    def leaveEvent(self, event: QEvent) -> None:
        self.scene.crosshair = self.scene.hovered = None
        self._refresh_live()
        super().leaveEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.set_space(False)
        super().focusOutEvent(event)
