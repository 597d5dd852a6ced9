"""Writes on a pad as a pen, a finger or a mouse would: real Qt events through the widget's own handlers."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QInputDevice, QMouseEvent, QPointingDevice, QPointingDeviceUniqueId, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from labeler.core.ink import Stroke
from labeler.gui.widgets.pad import Pad

Kind = QPointingDevice.PointerType

_devices: dict[Kind, QPointingDevice] = {}


def stylus(kind: Kind = Kind.Pen) -> QPointingDevice:
    """A tablet's pen, or its other end."""
    if kind not in _devices:
        _devices[kind] = QPointingDevice(
            "pen", 7, QInputDevice.DeviceType.Stylus, kind,
            QInputDevice.Capability.Position | QInputDevice.Capability.Pressure, 1, 3, "", QPointingDeviceUniqueId(),
        )  # fmt: skip
    return _devices[kind]


def tablet(pad: QWidget, type_: QEvent.Type, at: QPointF, pressure: float, *, kind: Kind = Kind.Pen) -> None:
    """One tablet event."""
    down = type_ is not QEvent.Type.TabletRelease and pressure > 0
    button = Qt.MouseButton.NoButton if type_ is QEvent.Type.TabletMove else Qt.MouseButton.LeftButton
    event = QTabletEvent(
        type_, stylus(kind), at, QPointF(pad.mapToGlobal(at)), pressure, 0.0, 0.0, 0.0, 0.0, 0.0, Qt.KeyboardModifier.NoModifier,
        button, Qt.MouseButton.LeftButton if down else Qt.MouseButton.NoButton,
    )  # fmt: skip
    QCoreApplication.sendEvent(pad, event)


def write(pad: Pad, strokes: Iterable[Stroke], *, kind: Kind = Kind.Pen) -> None:
    """Strokes in page coordinates, by pen."""
    for stroke in strokes:
        rows = [(pad.from_page(QPointF(x, y)), p) for x, y, _, p in stroke.points.tolist()]
        tablet(pad, QEvent.Type.TabletPress, *rows[0], kind=kind)
        for at, pressure in rows[1:]:
            tablet(pad, QEvent.Type.TabletMove, at, pressure, kind=kind)
        tablet(pad, QEvent.Type.TabletRelease, rows[-1][0], 0.0, kind=kind)


def mouse(pad: Pad, points: Sequence[tuple[float, float]]) -> None:
    """One stroke in page coordinates, by mouse."""
    places = [pad.from_page(QPointF(x, y)) for x, y in points]
    for n, at in enumerate(places):
        kind = QEvent.Type.MouseButtonPress if n == 0 else QEvent.Type.MouseMove
        _mouse(pad, kind, at, Qt.MouseButton.LeftButton)
    _mouse(pad, QEvent.Type.MouseButtonRelease, places[-1], Qt.MouseButton.NoButton)


def finger(pad: Pad, points: Sequence[tuple[float, float]], device: QPointingDevice) -> None:
    """One stroke in page coordinates, by finger on a touch screen made by `QTest.createTouchDevice`."""
    places = [pad.from_page(QPointF(x, y)).toPoint() for x, y in points]
    QTest.touchEvent(pad, device).press(0, places[0], pad).commit()
    for at in places[1:]:
        QTest.touchEvent(pad, device).move(0, at, pad).commit()
    QTest.touchEvent(pad, device).release(0, places[-1], pad).commit()


def _mouse(pad: Pad, type_: QEvent.Type, at: QPointF, buttons: Qt.MouseButton) -> None:
    button = Qt.MouseButton.NoButton if type_ is QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    event = QMouseEvent(type_, at, QPointF(pad.mapToGlobal(at)), button, buttons, Qt.KeyboardModifier.NoModifier)
    QCoreApplication.sendEvent(pad, event)
