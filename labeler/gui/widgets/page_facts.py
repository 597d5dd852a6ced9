"""What is known of the page in front: name, size, writer, split, source, prompt, and why a person must look, where there is a reason."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from labeler.core import doubts
from labeler.core.boxes import ReviewState
from labeler.core.i18n import tr
from labeler.core.pages import Image
from labeler.gui.widgets.pieces import button, column, label
from labeler.gui.widgets.states import split_text, state_text

WIDTH, WRITER_WIDTH = 140, 80
"""Pixels that a value may take; the writer's shares its line with a button."""


class PageFacts(QWidget):
    """A few lines of text. `writer_wanted` asks to say who wrote the page."""

    writer_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = label("", "heading")
        self.name.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)
        self.values = {key: self._line(n, name) for n, (key, name) in enumerate(_lines())}
        self.writer_button = button("", self.writer_wanted.emit, kind="link")
        self.writer_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.writer_button.setToolTip(tr("Say whose hand wrote this page."))
        row = list(self.values).index("writer")
        self._grid.addWidget(self.values["writer"][1], row, 1, 1, 1)
        self._grid.addWidget(self.writer_button, row, 2)
        self._doubt = label("", wrap=True)
        self._warning = QFrame()
        self._warning.setProperty("card", "warning")
        self._warning.setLayout(column(self._doubt, margins=(10, 8, 10, 8)))
        self.setLayout(column(self.name, self._grid, self._warning, gap=8, margins=(12, 12, 12, 8)))
        self.show_image(None)

    def show_image(self, image: Image | None) -> None:
        """The facts of an image."""
        self.setVisible(image is not None)
        if image is None:
            return
        metrics = self.name.fontMetrics()
        self.name.setText(metrics.elidedText(image.name, Qt.TextElideMode.ElideMiddle, max(self.width() - 30, 180)))
        self.name.setToolTip(image.name)
        facts = {
            "state": state_text(image.state),
            "size": f"{image.width} × {image.height}",
            "writer": image.writer or "–",
            "split": split_text(image.split),
            "source": image.source,
            "prompt": image.prompt or "",
        }
        for key, (title, value) in self.values.items():
            value.setText(_shortened(value, facts[key], WRITER_WIDTH if key == "writer" else WIDTH))
            value.setToolTip(facts[key])
            for part in (title, value):
                part.setVisible(bool(facts[key]))
        self.writer_button.setText(tr("Change …") if image.writer else tr("Say who …"))
        open_doubts = image.doubts if image.state is not ReviewState.REVIEWED else ()
        self._doubt.setText("\n".join(doubts.text(d) for d in open_doubts))
        self._warning.setVisible(bool(open_doubts))

    def _line(self, row: int, name: str) -> tuple[QLabel, QLabel]:
        title, value = label(name, "muted"), label("")
        self._grid.addWidget(title, row, 0)
        self._grid.addWidget(value, row, 1, 1, 2)
        return title, value


def _lines() -> list[tuple[str, str]]:
    return [
        ("state", tr("State")),
        ("size", tr("Size")),
        ("writer", tr("Writer")),
        ("split", tr("Split")),
        ("source", tr("Source")),
        ("prompt", tr("Prompt")),
    ]


def _shortened(target: QLabel, text: str, width: int) -> str:
    return target.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, width)
