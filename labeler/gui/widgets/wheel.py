"""Keeps the mouse wheel for scrolling: a field that passes under the pointer must not change. Knows the fields only as widgets."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractSlider, QAbstractSpinBox, QComboBox, QScrollBar, QWidget


class _WheelPasses(QObject):
    """Lets a wheel event go on to the area around the field."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def keep_for_scrolling(content: QWidget) -> None:
    """No field that `content` holds now is changed by the wheel."""
    passes = _WheelPasses(content)
    for field in content.findChildren(QWidget):
        if isinstance(field, QComboBox | QAbstractSpinBox | QAbstractSlider) and not isinstance(field, QScrollBar):
            field.installEventFilter(passes)
