"""Below the pad: what became of the last page, then pen and eraser, undo, and the way on. Says what was asked for."""

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QButtonGroup, QCheckBox, QToolButton, QWidget

from labeler.core.i18n import tr
from labeler.gui import actions
from labeler.gui.widgets.pad import Tool
from labeler.gui.widgets.pieces import button, column, label, row, set_role, tool

NOTHING = " "
"""Keeps the line's height, so that the pad does not jump when something is said."""


class CollectBar(QWidget):
    """`connect_to` gives every button its action; `live` is checked while the model reads along."""

    def __init__(self) -> None:
        super().__init__()
        self.tools: dict[Tool, QToolButton] = {
            Tool.PEN: _choice("pencil", "collect.pen"),
            Tool.ERASER: _choice("eraser", "collect.eraser"),
        }
        group = QButtonGroup(self)
        for each in self.tools.values():
            group.addButton(each)
        self.undo = tool("undo", actions.tip("collect.undo"))
        self.redo = tool("redo", actions.tip("collect.redo"))
        self.clear = tool("delete", actions.tip("collect.clear"))
        self.live = QCheckBox(tr("Read along"))
        self.live.setChecked(True)
        self.live.setToolTip(actions.tip("collect.live"))
        self.said = label(NOTHING, "muted", wrap=True)
        self.back = button(tr("Take back"), icon="rollback", tip=actions.tip("collect.take_back"))
        self.skip = button(tr("Skip"), icon="right", tip=actions.tip("collect.skip"))
        self.save = button(tr("Keep and go on"), icon="check", kind="primary", tip=actions.tip("collect.save"))
        parts = row(
            *self.tools.values(), 8, self.undo, self.redo, self.clear, 8, self.live, None, self.back, self.skip, self.save, gap=4
        )  # fmt: skip
        self.setLayout(column(self.said, parts, gap=4))
        self.show_tool(Tool.PEN)

    def connect_to(self, slots: Mapping[str, Callable[[], object]]) -> None:
        """Press a button, call its slot."""
        for widget, action in (
            (self.tools[Tool.PEN], "collect.pen"), (self.tools[Tool.ERASER], "collect.eraser"), (self.undo, "collect.undo"),
            (self.redo, "collect.redo"), (self.clear, "collect.clear"), (self.back, "collect.take_back"),
            (self.skip, "collect.skip"), (self.save, "collect.save"),
        ):  # fmt: skip
            widget.clicked.connect(lambda _=False, slot=slots[action]: slot())

    def show_tool(self, chosen: Tool) -> None:
        """Mark the tool in use."""
        self.tools[chosen].setChecked(True)

    def tell(self, text: str, *, good: bool) -> None:
        """What became of the last page."""
        self.said.setText(text or NOTHING)
        set_role(self.said, "muted" if good else "bad")


def _choice(icon: str, action: str) -> QToolButton:
    made = tool(icon, actions.tip(action))
    made.setCheckable(True)
    return made
