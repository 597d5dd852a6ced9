"""Asks what to export, as what and where to. Writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialog, QFileDialog, QLineEdit, QWidget

from labeler.core.i18n import tr
from labeler.gui.widgets.fields import variants_field
from labeler.gui.widgets.pieces import button, column, form, label, row
from labeler.gui.widgets.words import format_names


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What was chosen, as `exporting.export` takes it; `version` None freezes the data as they are now."""

    folder: Path
    format: str
    version: str | None
    variants: int = 0


class ExportDialog(QDialog):
    """`chosen` carries an `ExportChoice`."""

    chosen = Signal(object)

    def __init__(
        self, place: Path, versions: Sequence[str], parent: QWidget | None = None, *, version: str | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Export"))
        self.setMinimumWidth(520)
        self.version = QComboBox()
        self.version.addItem(tr("As it is now (a new version if anything changed)"), None)
        for name in versions:
            self.version.addItem(name, name)
        self.version.setCurrentIndex(max(0, self.version.findData(version)))
        self.format = QComboBox()
        for name, text in format_names().items():
            self.format.addItem(text, name)
        self.folder = QLineEdit(str(place))
        self.variants = variants_field()
        fields = form(
            (tr("Data"), self.version),
            (tr("Format"), self.format),
            (tr("Ink drawn again"), self.variants),
            (tr("Folder"), row(self.folder, button(tr("Choose …"), self._browse))),
        )
        self.go = button(tr("Export"), self._accept, icon="export", kind="primary")
        self.go.setDefault(True)
        words = tr(
            "Every labelled page is written with its boxes and split, and read back before it counts. Writers, ink, suggestions and "
            "review states have no place in these files and stay in the project. The folder must be new, empty, or an earlier export, "
            "which is replaced."
        )
        self.setLayout(
            column(
                label(tr("Export"), "heading"),
                label(words, "muted", wrap=True),
                4,
                fields,
                8,
                row(None, button(tr("Cancel"), self.reject), self.go),
                margins=(20, 18, 20, 16),
                gap=10,
            )
        )
        self.folder.textChanged.connect(lambda text: self.go.setEnabled(bool(text.strip())))

    @property
    def choice(self) -> ExportChoice:
        """What the fields say."""
        return ExportChoice(
            Path(self.folder.text().strip()).expanduser(), str(self.format.currentData()), self.version.currentData(),
            self.variants.value(),
        )  # fmt: skip

    def _browse(self) -> None:
        dialog = QFileDialog(self, tr("Where to write the export"), self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.open()

    def _accept(self) -> None:
        self.accept()
        self.chosen.emit(self.choice)
