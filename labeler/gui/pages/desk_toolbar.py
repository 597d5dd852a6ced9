"""The slim bar over the page: tools, undo, going from page to page, reviewing, zoom. Each button does what a key does too."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QFrame, QMenu, QSizePolicy, QToolButton, QWidget

from labeler.core.i18n import tr
from labeler.gui import actions, icons
from labeler.gui.widgets.pieces import label, row

ROOMY = 830
"""Pixels from which all names fit."""


class DeskToolbar(QWidget):
    """`slots` are the page's methods by action id. What is possible and how things stand is told by `show_…`."""

    def __init__(self, slots: Mapping[str, Callable[[], object]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slots = slots
        self.select = self._tool("select", "desk.select", tr("Select and move boxes"), checkable=True)
        self.draw = self._tool(
            "draw", "desk.draw", tr("Draw boxes: drag, two clicks, or a click on ink"), checkable=True
        )
        self.undo = self._tool("undo", "desk.undo")
        self.redo = self._tool("redo", "desk.redo")
        self.previous = self._tool("left", "desk.previous")
        self.next = self._tool("right", "desk.next")
        self.place = label("", "muted")
        self.place.setMinimumWidth(76)
        self.place.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.suggest = self._tool("suggest", "desk.suggest")
        self.suggest.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.suggest_menu = QMenu(self.suggest)
        in_menu = [self._entry(action) for action in ("desk.suggest", "desk.suggest_all", "desk.fit_suggestions")]
        self._fitting = in_menu[-1]
        self._fitting.setCheckable(True)
        self.suggest.setMenu(self.suggest_menu)
        self.accept_all = self._tool("check", "desk.accept_all")
        self.suggest.setText(tr("Suggest"))
        self.accept_all.setText(tr("Accept all"))
        self.reviewed = self._tool("reviewed", "desk.toggle_reviewed", actions.tip("desk.reviewed"), checkable=True)
        self.reviewed.setText(tr("Reviewed"))
        self.reviewed.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.zoom_out = self._tool("zoom_out", "desk.zoom_out")
        self.zoom = QToolButton()
        self.zoom.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.zoom.setToolTip(actions.tip("desk.actual"))
        self.zoom.setMinimumWidth(54)
        self.zoom.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Expanding)
        self.zoom.clicked.connect(lambda: self._slots["desk.actual"]())
        self.zoom_in = self._tool("zoom_in", "desk.zoom_in")
        self.fit = self._tool("fit", "desk.fit")
        self.setLayout(
            row(
                self.select, self.draw, _gap(), self.undo, self.redo, None,
                self.previous, self.place, self.next, None,
                self.suggest, self.accept_all, self.reviewed, _gap(), self.zoom_out, self.zoom, self.zoom_in, self.fit,
                gap=2, margins=(8, 5, 8, 5),
            )
        )  # fmt: skip
        actions.notice().changed.connect(self._tell_keys)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is room, the two that are hardest to guess from a picture are named."""
        roomy = self.width() >= ROOMY
        look = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if roomy else Qt.ToolButtonStyle.ToolButtonIconOnly
        for tool in (self.suggest, self.accept_all):
            tool.setToolButtonStyle(look)
        super().resizeEvent(event)

    def show_drawing(self, on: bool) -> None:
        """Which tool is in the hand."""
        self.draw.setChecked(on)
        self.select.setChecked(not on)

    def show_steps(self, back: str | None, forth: str | None) -> None:
        """What undo and redo would do, None for nothing."""
        for tool, action, step in ((self.undo, "desk.undo", back), (self.redo, "desk.redo", forth)):
            tool.setEnabled(step is not None)
            words = {"desk.undo": tr("Undo: {step}", step=step), "desk.redo": tr("Redo: {step}", step=step)}
            tool.setToolTip(actions.tip(action, words[action]) if step else actions.tip(action))

    def show_place(self, row: int | None, count: int) -> None:
        """Where in the list the page in front is."""
        self.place.setText(f"{row + 1} / {count}" if row is not None else f"– / {count}")
        self.previous.setEnabled(row is None or row > 0)
        self.next.setEnabled(row is None or row < count - 1)

    def show_page(self, *, reviewed: bool, suggestions: int) -> None:
        """How far the page in front has come."""
        self.reviewed.setChecked(reviewed)
        self.accept_all.setEnabled(suggestions > 0)

    def show_fitting(self, on: bool) -> None:
        """Whether suggestions take the size of the person's boxes."""
        self._fitting.setChecked(on)

    def show_zoom(self, scale: float) -> None:
        """Screen pixels per pixel of the picture."""
        self.zoom.setText(f"{scale * 100:.0f} %")

    def _entry(self, action: str) -> QAction:
        entry = self.suggest_menu.addAction(actions.tip(action))
        entry.triggered.connect(lambda: self._slots[action]())
        return entry

    def _tool(self, icon: str, action: str, words: str = "", *, checkable: bool = False) -> QToolButton:
        tool = QToolButton()
        icons.put(tool, icon)
        tool.setIconSize(QSize(18, 18))
        tool.setCheckable(checkable)
        tool.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        tool.setProperty("action_id", action)
        known = {a.id for a in actions.table()}
        text = actions.tip(action, words) if action in known else words
        tool.setToolTip(text)
        tool.setAccessibleName(words or text)
        tool.clicked.connect(lambda: self._slots[action]())
        return tool

    def _tell_keys(self) -> None:
        known = {a.id: a.text for a in actions.table()}
        for tool in self.findChildren(QToolButton):
            if (action := tool.property("action_id")) in known:
                tool.setToolTip(actions.tip(action))


def _gap() -> QFrame:
    line = QFrame()
    line.setFixedWidth(13)
    return line
