"""The classes in a row under the page: colour, name and key of each; which one the next box gets, and which the selected ones have."""

from collections.abc import Collection

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from labeler.core.i18n import tr
from labeler.gui import actions, theme

HEIGHT = 34


class ClassBar(QScrollArea):
    """One button a class. `chosen` is a click; keys do the same through the page."""

    chosen = Signal(int)  # class id

    def __init__(self, class_names: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(HEIGHT + 10)
        self.setAccessibleName(tr("Classes"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        layout = QHBoxLayout(inner)
        layout.setContentsMargins(10, 4, 10, 6)
        layout.setSpacing(5)
        self.buttons = [ClassButton(n, name) for n, name in enumerate(class_names)]
        for button in self.buttons:
            button.clicked.connect(self._clicked)
            layout.addWidget(button)
        self.setWidget(inner)

    def show_next(self, class_id: int) -> None:
        """Mark the class that the next box gets."""
        for button in self.buttons:
            button.setChecked(button.class_id == class_id)

    def show_selected(self, class_ids: Collection[int]) -> None:
        """Mark the classes of what is selected."""
        for button in self.buttons:
            button.set_selected(button.class_id in class_ids)

    def _clicked(self) -> None:
        button = self.sender()
        if isinstance(button, ClassButton):
            self.chosen.emit(button.class_id)


class ClassButton(QAbstractButton):
    """A class: filled with its colour where it is the next box's, framed in it where it is a selected box's."""

    def __init__(self, class_id: int, name: str) -> None:
        super().__init__()
        self.class_id = class_id
        self._selected = False
        self.setText(name)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumSize(34, HEIGHT)
        self.setMaximumWidth(110)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Class {n}", n=name))
        key = actions.hint(f"desk.class_{class_id}") if class_id < 10 else ""
        words = tr("Class {n}: for what is selected, else for the next box. Twice: draw with it.", n=name)
        self.setToolTip(f"{words}  ({key})" if key else words)

    def set_selected(self, on: bool) -> None:
        """Whether a selected box has this class."""
        if on != self._selected:
            self._selected = on
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(max(44, self.fontMetrics().horizontalAdvance(self.text()) + 26), HEIGHT)

    def nextCheckState(self) -> None:
        """A click asks; what is checked follows from what was decided."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        colour = theme.class_colour(self.class_id, dark=now.dark)
        frame = colour if self._selected else QColor(now.line)
        painter.setPen(QPen(frame, 2.5 if self._selected else 1))
        painter.setBrush(QColor(now.hover if self.underMouse() else now.panel))
        painter.drawRoundedRect(area, 7, 7)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        if self.isChecked():
            painter.drawRoundedRect(area.adjusted(3, 3, -3, -3), 5, 5)
        else:
            painter.drawRoundedRect(QRectF(area.left() + 6, area.bottom() - 5, area.width() - 12, 2.5), 1.25, 1.25)
        painter.setPen(QColor(now.panel) if self.isChecked() else QColor(now.text))
        painter.setFont(theme.font(size=2, bold=True))
        painter.drawText(area.adjusted(0, 0, 0, -2), Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()
