"""Labels, buttons, cards and rows in the window's style: functions that make one widget each."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from labeler.gui import icons
from labeler.gui.theme import SPACE
from labeler.gui.widgets import wheel

L = TypeVar("L", QHBoxLayout, QVBoxLayout)
Part = QWidget | QLayout | int | None


def label(text: str, role: str = "", *, wrap: bool = False) -> QLabel:
    """A line of text; `role` is a style of the style sheet: title, heading, strong, figure, muted, faint, good, bad, key."""
    result = QLabel(text)
    result.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        result.setProperty("role", role)
    if wrap:
        result.setWordWrap(True)
    return result


def set_role(target: QLabel, role: str) -> None:
    """Another style for a label."""
    target.setProperty("role", role)
    target.style().unpolish(target)
    target.style().polish(target)


def button(
    text: str, action: Callable[[], object] | None = None, *, icon: str = "", kind: str = "", tip: str = ""
) -> QPushButton:
    """A push button; `kind` is "", "primary", "danger", "link", "inline" (a link within a line) or "row"."""
    result = QPushButton(text)
    result.setAutoDefault(False)
    result.setCursor(Qt.CursorShape.PointingHandCursor)
    if kind:
        result.setProperty(kind, True)
    if icon:
        icons.put(result, icon)
        result.setIconSize(QSize(20, 16))
    if tip:
        result.setToolTip(tip)
    if action is not None:
        result.clicked.connect(lambda: action())
    return result


def tool(icon: str, tip: str, action: Callable[[], object] | None = None) -> QToolButton:
    """A button that is only an icon."""
    result = QToolButton()
    icons.put(result, icon)
    result.setIconSize(QSize(18, 18))
    result.setToolTip(tip)
    result.setAccessibleName(tip)
    if action is not None:
        result.clicked.connect(lambda: action())
    return result


def row(*parts: Part, gap: int = SPACE, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QHBoxLayout:
    """Parts side by side; an int is a fixed gap, None takes the free room."""
    return _filled(QHBoxLayout(), parts, gap, margins)


def column(*parts: Part, gap: int = SPACE, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QVBoxLayout:
    """Parts one below the other; an int is a fixed gap, None takes the free room."""
    return _filled(QVBoxLayout(), parts, gap, margins)


def card(*parts: Part, heading: str = "", actions: Iterable[QWidget] = (), kind: str = "true") -> QFrame:
    """A framed panel with an optional heading and actions beside it. Its layout is a `QVBoxLayout`."""
    frame = QFrame()
    frame.setProperty("card", kind)
    head = row(label(heading, "heading"), None, *actions) if heading else None
    frame.setLayout(column(*([head] if head else []), *parts, gap=10, margins=(16, 14, 16, 14)))
    return frame


def form(*lines: tuple[str, QWidget | QLayout], gap: int = 10) -> QGridLayout:
    """Fields one below the other, each with its name before it."""
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(gap)
    grid.setColumnStretch(1, 1)
    for n, (name, field) in enumerate(lines):
        words = label(name)
        grid.addWidget(words, n, 0)
        if isinstance(field, QWidget):
            words.setBuddy(field)
            grid.addWidget(field, n, 1)
        else:
            grid.addLayout(field, n, 1)
    return grid


def holder(layout: QLayout) -> QWidget:
    """A plain widget around a layout."""
    result = QWidget()
    layout.setContentsMargins(0, 0, 0, 0)
    result.setLayout(layout)
    return result


def scroller(content: QWidget) -> QScrollArea:
    """A scroll area without a frame that is as wide as it may be; its fields leave the wheel to it."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(content)
    wheel.keep_for_scrolling(content)
    return area


def rule() -> QFrame:
    """A hairline."""
    line = QFrame()
    line.setProperty("rule", True)
    line.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return line


def empty_state(icon: str, heading: str, text: str, *buttons: QWidget) -> QWidget:
    """What a page shows while it has nothing: what this is, and what to do next."""
    picture = QLabel()
    icons.put_picture(picture, icon, 48)
    picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
    title, words = label(heading, "title"), label(text, "muted", wrap=True)
    for part in (title, words):
        part.setAlignment(Qt.AlignmentFlag.AlignCenter)
    words.setMinimumWidth(420)
    words.setMaximumWidth(480)
    result = QWidget()
    words_row = row(None, words, None)
    result.setLayout(
        column(None, picture, 4, title, words_row, 8, row(None, *buttons, None), None, gap=6, margins=(24, 24, 24, 24))
    )
    return result


def page_header(title: str, *actions: QWidget) -> QWidget:
    """The top of a page: its title, and what one can do here."""
    result = QWidget()
    result.setLayout(row(label(title, "title"), None, *actions, margins=(24, 18, 24, 10)))
    return result


def clear(layout: QLayout) -> None:
    """Take everything out of a layout and delete it."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear(inner)


def _filled(layout: L, parts: Iterable[Part], gap: int, margins: tuple[int, int, int, int]) -> L:
    layout.setSpacing(gap)
    layout.setContentsMargins(*margins)
    for part in parts:
        match part:
            case None:
                layout.addStretch(1)
            case int():
                layout.addSpacing(part)
            case QWidget():
                layout.addWidget(part)
            case _:
                layout.addLayout(part)
    return layout
