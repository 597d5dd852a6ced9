"""Asks for a new project's name and place. Makes nothing."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit, QWidget

from labeler.core.i18n import tr
from labeler.gui.places import documents
from labeler.gui.widgets.pieces import button, column, form, label, row
from labeler.services.project import DATABASE


class NewProjectDialog(QDialog):
    """`chosen` carries the folder that is to become a project."""

    chosen = Signal(object)  # Path

    def __init__(self, parent: QWidget | None = None, *, place: Path | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("New project"))
        self.setMinimumWidth(520)
        self.name = QLineEdit(tr("My digits"))
        self.place = QLineEdit(str(place or documents()))
        browse = button(tr("Choose …"), self._browse)
        self._where = label("", "muted", wrap=True)
        self._go = button(tr("Make it"), self._accept, kind="primary")
        self._go.setDefault(True)
        fields = form(
            (tr("Name"), self.name),
            (tr("In the folder"), row(self.place, browse)),
        )
        words = tr(
            "A project is one folder. It holds the images, all labels and the models; to move it, move the folder."
        )
        self.setLayout(
            column(
                label(tr("New project"), "heading"),
                label(words, "muted", wrap=True),
                4,
                fields,
                self._where,
                8,
                row(None, button(tr("Cancel"), self.reject), self._go),
                margins=(20, 18, 20, 16),
                gap=10,
            )
        )
        self.name.textChanged.connect(self._changed)
        self.place.textChanged.connect(self._changed)
        self._changed()
        self.name.selectAll()
        self.name.setFocus()

    @property
    def folder(self) -> Path:
        """Where the project would lie."""
        return Path(self.place.text().strip()).expanduser() / self.name.text().strip()

    def _changed(self) -> None:
        named = bool(self.name.text().strip()) and bool(self.place.text().strip())
        taken = named and (self.folder / DATABASE).exists()
        self._where.setText(tr("{path} already holds a project.", path=self.folder) if taken else str(self.folder))
        self._go.setEnabled(named and not taken)

    def _browse(self) -> None:
        dialog = QFileDialog(self, tr("Where to put the project"), self.place.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.place.setText)
        dialog.open()

    def _accept(self) -> None:
        self.accept()
        self.chosen.emit(self.folder)
