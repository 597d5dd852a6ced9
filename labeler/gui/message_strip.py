"""The strip in which the window says things, calmly: no dialog, no sound; news goes by itself, problems stay until dismissed."""

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QLabel

from labeler.core.i18n import tr
from labeler.gui import icons, theme
from labeler.gui.widgets.pieces import button, label, row, tool

NEWS_MS = 8000


class MessageStrip(QFrame):
    """Shows the newest message; hidden while there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("strip")
        self._picture = QLabel()
        self._text = label("", wrap=False)
        self._hint = label("", "muted", wrap=True)
        self._close = tool("close", tr("Dismiss"), self.dismiss)
        self.undo_button = button(tr("Undo"), self._take_back, icon="undo")
        self._undo: Callable[[], object] | None = None
        layout = row(
            self._picture, self._text, self._hint, self.undo_button, self._close, gap=10, margins=(16, 6, 10, 6)
        )
        layout.setStretch(2, 1)
        self.setLayout(layout)
        self._timer = QTimer(self, singleShot=True, interval=NEWS_MS)
        self._timer.timeout.connect(self.dismiss)
        self.level = ""
        self.hide()

    @property
    def text(self) -> str:
        """The message shown, empty where there is none."""
        return self._text.text() if not self.isHidden() else ""

    @property
    def hint(self) -> str:
        """What the message advises."""
        return self._hint.text() if not self.isHidden() else ""

    def say(self, text: str, hint: str = "", level: str = "info", undo: Callable[[], object] | None = None) -> None:
        """Show a message in place of the one before. Level "info" goes by itself, "lasting" and "error" stay until dismissed.

        With `undo` there is a button that takes back what the message tells of.
        """
        self.level = level
        self._undo = undo
        self.undo_button.setVisible(undo is not None)
        self._text.setText(text)
        self._hint.setText(hint)
        self.setProperty("level", level)
        self.style().unpolish(self)
        self.style().polish(self)
        self._tint()
        self.show()
        if level == "info":
            self._timer.start()
        else:
            self._timer.stop()

    def dismiss(self) -> None:
        """Show nothing."""
        self._timer.stop()
        self._undo = None
        self.hide()

    def _take_back(self) -> None:
        undo = self._undo
        self.dismiss()
        if undo is not None:
            undo()

    def _tint(self) -> None:
        now, problem = theme.current(), self.level == "error"
        name, colour = ("warning", now.danger) if problem else ("info", now.accent)
        self._picture.setPixmap(icons.pixmap(name, 18, colour=colour, ratio=self.devicePixelRatioF()))
