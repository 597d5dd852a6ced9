"""The frame that shows while something is dragged over the window, and what is being dragged."""

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QFrame, QWidget

from labeler.core.i18n import tr
from labeler.gui.widgets.pieces import column, label

MARGIN = 24


class DropFrame(QFrame):
    """Lies over the window and lets the mouse through."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("drop")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._words = label("", "title")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setLayout(column(self._words))
        self.translate()
        self.hide()

    def translate(self) -> None:
        """Say it in the language in use."""
        self._words.setText(tr("Drop to import"))

    def show_over(self, window: QWidget) -> None:
        """Cover the window."""
        self.setGeometry(window.rect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN))
        self.raise_()
        self.show()


def dropped(data: QMimeData) -> list[Path]:
    """The files and folders in what is being dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
