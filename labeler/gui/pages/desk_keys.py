"""Keys that shortcuts cannot watch: those that count while they are held, and arrows that nudge while something is selected."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from labeler.gui import actions

TAP_S = 0.4
"""A key held longer than this was not tapped."""
FAR = 10.0
_NUDGES = {
    "desk.nudge_left": (-1.0, 0.0),
    "desk.nudge_right": (1.0, 0.0),
    "desk.nudge_up": (0.0, -1.0),
    "desk.nudge_down": (0.0, 1.0),
}


@dataclass(frozen=True, slots=True)
class Watchers:
    """What the keys do. `nudge` gets pixels of the image and says whether there was anything to nudge."""

    space: Callable[[bool], None]
    tapped: Callable[[], None]
    hide: Callable[[bool], None]
    nudge: Callable[[float, float], bool]
    can_nudge: Callable[[], bool]


class HeldKeys(QObject):
    """Filters the key events of the widgets it watches; lives on the GUI thread, a child of the page."""

    def __init__(self, watchers: Watchers, parent: QObject, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._watchers = watchers
        self._clock = clock
        self._down_at: float | None = None

    def watch(self, *widgets: QWidget) -> None:
        """Watch these too."""
        for widget in widgets:
            widget.installEventFilter(self)

    def used_for_panning(self) -> None:
        """The space key that is down now was for panning: letting go of it is no tap."""
        self._down_at = float("-inf")

    def release(self) -> None:
        """The keys are no longer ours, whatever is still down."""
        self._down_at = None
        self._watchers.space(False)
        self._watchers.hide(False)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.FocusOut:
            self.release()
        if not isinstance(event, QKeyEvent):
            return False
        for action, react in (("desk.reviewed", self._space), ("desk.hide", self._hide)):
            if actions.pressed(event, action):
                return react(event)
        if event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            return self._nudge(event)
        return False

    def _space(self, event: QKeyEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
        elif event.isAutoRepeat():
            pass
        elif event.type() is QEvent.Type.KeyPress:
            self._down_at = self._clock()
            self._watchers.space(True)
        elif event.type() is QEvent.Type.KeyRelease:
            tapped = self._down_at is not None and self._clock() - self._down_at <= TAP_S
            self._down_at = None
            self._watchers.space(False)
            if tapped:
                self._watchers.tapped()
        return True

    def _hide(self, event: QKeyEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
        elif not event.isAutoRepeat():
            self._watchers.hide(event.type() is QEvent.Type.KeyPress)
        return True

    def _nudge(self, event: QKeyEvent) -> bool:
        if not self._watchers.can_nudge():
            return False
        for action, (dx, dy) in _NUDGES.items():
            if actions.pressed(event, action):
                event.accept()
                if event.type() is QEvent.Type.KeyPress:
                    by = FAR if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
                    self._watchers.nudge(dx * by, dy * by)
                return True
        return False
