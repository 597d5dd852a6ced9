"""A plot in a frame with its heading and a button that saves it. The plot itself is somebody else's."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QFrame, QVBoxLayout, QWidget

from labeler.core.i18n import tr
from labeler.gui import plot_files
from labeler.gui.places import documents
from labeler.gui.widgets.pieces import label, row, tool


class Plot(Protocol):
    """A widget that paints itself and can say its numbers."""

    def numbers(self) -> list[list[object]]:
        """A heading, then rows."""


class PlotCard(QFrame):
    """`saved` is called with the file that was written; a `UserError` while writing goes through `guard`."""

    def __init__(
        self, heading: str, plot: QWidget, *, save: Callable[["PlotCard", Path], None], note: str = ""
    ) -> None:
        super().__init__()
        self.setProperty("card", True)
        self.heading = heading
        self.plot = plot
        self._save = save
        plot.setAccessibleName(heading)
        button = tool("save", tr("Save this plot: {name}", name=heading), self.ask_save)
        self.note = label(note, "muted", wrap=True)
        self.note.setVisible(bool(note))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 10, 10)
        layout.setSpacing(4)
        layout.addLayout(row(label(heading, "heading"), None, button))
        layout.addWidget(self.note)
        layout.addWidget(plot, 1)

    def set_note(self, text: str) -> None:
        """A sentence below the heading; none hides it."""
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def ask_save(self) -> None:
        """Ask where to, then save."""
        kinds = [tr("Picture (*.png)"), tr("Drawing (*.svg)"), tr("Numbers (*.csv)")]
        dialog = QFileDialog(self, tr("Save the plot"), str(documents() / f"{self.heading}.png"), ";;".join(kinds))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        endings = dict(zip(kinds, plot_files.ENDINGS, strict=True))
        dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix(endings.get(kind, ".png")[1:]))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda file: self._save(self, Path(file)))
        dialog.open()

    def write(self, file: Path) -> Path:
        """Save to this file. Raises `UserError`."""
        return plot_files.save(self.plot, self.plot, file)  # type: ignore[arg-type]  # every plot here says its numbers
