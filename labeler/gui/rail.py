"""The slim bar at the left: the project's menu, one button a page, and help and settings. Owns no page; says what was asked for."""

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QButtonGroup, QFrame, QMenu, QSizePolicy, QToolButton

from labeler.core.assets import resources
from labeler.core.i18n import tr
from labeler.gui import actions, icons
from labeler.gui.theme import RAIL_WIDTH
from labeler.gui.widgets.pieces import column


@dataclass(frozen=True, slots=True)
class Entry:
    """One page in the rail: its name, its title, its icon."""

    name: str
    title: str
    icon: str


class Rail(QFrame):
    """The pages to go to."""

    wanted = Signal(str)  # page name
    keys_wanted = Signal()
    settings_wanted = Signal()

    def __init__(self, entries: Iterable[Entry], menu: QMenu) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setFixedWidth(RAIL_WIDTH)
        self.buttons: dict[str, QToolButton] = {}
        self._group = QButtonGroup(self)
        for entry in entries:
            self.buttons[entry.name] = self._page_button(entry)
        home = self._home(menu)
        keys = _small("keys", actions.tip("window.keys"))
        keys.clicked.connect(self.keys_wanted)
        preferences = _small("settings", actions.tip("window.settings"))
        preferences.clicked.connect(self.settings_wanted)
        self.setLayout(column(home, 10, *self.buttons.values(), None, keys, preferences, gap=4, margins=(6, 10, 6, 10)))

    def show_page(self, name: str) -> None:
        """Mark the page that is shown."""
        self.buttons[name].setChecked(True)

    def _page_button(self, entry: Entry) -> QToolButton:
        result = QToolButton()
        icons.put(result, entry.icon)
        result.setIconSize(QSize(20, 20))
        result.setText(entry.title)
        result.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        result.setCheckable(True)
        result.setToolTip(actions.tip(f"window.{entry.name}"))
        result.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        result.setFixedHeight(54)
        result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        result.clicked.connect(lambda: self.wanted.emit(entry.name))
        self._group.addButton(result)
        return result

    def _home(self, menu: QMenu) -> QToolButton:
        result = _small("", tr("Project: open, make, back up, close"))
        result.setIcon(QIcon(str(resources() / "icons" / "app.svg")))
        result.setIconSize(QSize(30, 30))
        result.setFixedHeight(46)
        result.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        result.setMenu(menu)
        return result


def _small(icon: str, tip: str) -> QToolButton:
    result = QToolButton()
    if icon:
        icons.put(result, icon)
    result.setIconSize(QSize(20, 20))
    result.setToolTip(tip)
    result.setAccessibleName(tip)
    result.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    result.setFixedHeight(36)
    result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return result
