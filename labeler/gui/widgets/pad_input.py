"""Turns tablet, touch and mouse events into a pen that comes down, moves and is lifted. Decides whose touch counts; draws nothing."""

import time

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QHideEvent, QMouseEvent, QPointingDevice, QTabletEvent, QTouchEvent
from PySide6.QtWidgets import QApplication, QWidget

from labeler.core.ink import NO_PRESSURE

PALM_S = 0.8
"""Seconds for which fingers are ignored after the pen was near: the hand that writes rests on the screen."""
PALM_SIZE = 45.0
"""Touches wider than this, in device-independent pixels, are no finger tips."""
BARELY = 0.02
"""Pressure below which a hovering pen is not writing yet."""


class PadInput(QWidget):
    """A widget that is written on. `device` is what it was last written with."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.device = ""
        self._holder = ""
        self._touch_id = -1
        self._pen_near = False
        self._pen_seen = float("-inf")
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setTabletTracking(True)
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)  # Qt tells the application alone when a pen comes near

    def pen_down(self, at: QPointF, pressure: float, *, erase: bool) -> None:
        """The pen touches the pad."""
        raise NotImplementedError

    def pen_move(self, at: QPointF, pressure: float) -> None:
        """The pen goes on."""
        raise NotImplementedError

    def pen_up(self) -> None:
        """The pen is lifted."""
        raise NotImplementedError

    def pen_cancel(self) -> None:
        """What was drawn since it came down was not meant."""
        raise NotImplementedError

    def to_page(self, at: QPointF) -> QPointF:
        """A place of the widget as a place of the page."""
        raise NotImplementedError

    def _take(self, device: str, at: QPointF, pressure: float, *, erase: bool = False) -> None:
        """`device` holds the pen from now on; a finger gives way to a real pen."""
        if self._holder:
            if self._holder == device or device == "mouse":
                return
            self.pen_cancel()
        self._holder = self.device = device
        self.pen_down(self.to_page(at), pressure, erase=erase)

    def _move(self, device: str, at: QPointF, pressure: float) -> None:
        if self._holder == device:
            self.pen_move(self.to_page(at), pressure)

    def _release(self, device: str) -> None:
        if self._holder == device:
            self._holder = ""
            self.pen_up()

    def _drop(self, device: str) -> None:
        if self._holder == device:
            self._holder = ""
            self.pen_cancel()

    def _is_palm(self, width: float) -> bool:
        return self._pen_near or time.monotonic() - self._pen_seen < PALM_S or width > PALM_SIZE

    # Qt

    def tabletEvent(self, event: QTabletEvent) -> None:
        self._pen_seen = time.monotonic()
        erase = event.pointerType() is QPointingDevice.PointerType.Eraser
        match event.type():
            case QEvent.Type.TabletPress:
                if event.button() is Qt.MouseButton.LeftButton:
                    self._take("pen", event.position(), event.pressure(), erase=erase)
            case QEvent.Type.TabletMove:
                if event.pressure() > BARELY:
                    self._move("pen", event.position(), event.pressure())
            case QEvent.Type.TabletRelease:
                self._release("pen")
        event.accept()  # or Qt makes a mouse event of it

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and _is_real(event):
            self._take("mouse", event.position(), NO_PRESSURE)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._move("mouse", event.position(), NO_PRESSURE)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._release("mouse")

    def hideEvent(self, event: QHideEvent) -> None:
        if self._holder:
            self._release(self._holder)
        super().hideEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QTouchEvent):
            self._touched(event)
            event.accept()
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind is QEvent.Type.TabletEnterProximity:
            self._pen_near, self._pen_seen = True, time.monotonic()
            self._drop("touch")
        elif kind is QEvent.Type.TabletLeaveProximity:
            self._pen_near, self._pen_seen = False, time.monotonic()
        return super().eventFilter(watched, event)

    def _touched(self, event: QTouchEvent) -> None:
        """One finger writes; a second one means that the first was no writing either."""
        if event.type() is QEvent.Type.TouchCancel:
            self._drop("touch")
            return
        points = event.points()
        if event.type() is QEvent.Type.TouchBegin and len(points) == 1:
            point = points[0]
            if not self._is_palm(point.ellipseDiameters().width()):
                self._touch_id = point.id()
                self._take("touch", point.position(), _pressure(point.pressure()))
            return
        if len(points) > 1:
            self._drop("touch")
            return
        if points and points[0].id() == self._touch_id:
            if event.type() is QEvent.Type.TouchEnd:
                self._release("touch")
            else:
                self._move("touch", points[0].position(), _pressure(points[0].pressure()))


def _is_real(event: QMouseEvent) -> bool:
    """Whether a mouse made it: Qt also makes mouse events of touches."""
    return event.device() is None or event.device().type() is not QPointingDevice.DeviceType.TouchScreen


def _pressure(value: float) -> float:
    """A finger's pressure; screens that feel none say 1 or 0."""
    return value if 0.0 < value < 1.0 else NO_PRESSURE
