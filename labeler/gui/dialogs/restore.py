"""Offers the way back: the backups of a project with what is in them, or any other file. Restores nothing by itself."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from labeler.core.i18n import tr
from labeler.gui.widgets.pieces import button, column, label, row
from labeler.gui.widgets.table import Column, Table
from labeler.gui.widgets.words import when
from labeler.services.recovery import Backup

WIDTH = 760


class RestoreDialog(QDialog):
    """`chosen` carries the file of a backup."""

    chosen = Signal(object)  # Path

    def __init__(
        self, folder: Path, backups: Sequence[Backup], parent: QWidget | None = None, *, damaged: bool = False
    ) -> None:
        super().__init__(parent)
        self._folder = folder
        heading = (
            tr("“{name}” is damaged", name=folder.name)
            if damaged
            else tr("Restore “{name}” from a backup", name=folder.name)
        )
        self.setWindowTitle(heading)
        self.table: Table[Backup] = Table(
            [
                Column(tr("Backed up"), lambda b: when(b.at)),
                Column(tr("Saved"), lambda b: b.occasion),
                Column(tr("Images"), lambda b: f"{b.images:,}", right=True),
                Column(tr("Reviewed"), lambda b: f"{b.reviewed:,}", right=True),
                Column(tr("Boxes"), lambda b: f"{b.boxes:,}", right=True),
                Column(tr("File"), lambda b: b.path.name, wide=True, muted=True, tip=lambda b: str(b.path)),
            ]
        )
        self.table.setAccessibleName(tr("Backups"))
        # What was replaced was perhaps damaged, too: it is no way back then.
        backups = [b for b in backups if not (damaged and b.is_replaced)]
        self.table.set_rows(backups)
        self.go = button(tr("Restore"), self._accept, icon="backup", kind="primary")
        self.go.setDefault(True)
        self.other = button(tr("Choose another file …"), self._browse, icon="folder")
        self.setLayout(
            column(
                label(heading, "heading", wrap=True),
                label(_words(damaged=damaged, found=bool(backups)), "muted", wrap=True),
                self.table,
                row(self.other, None, button(tr("Cancel"), self.reject), self.go),
                margins=(20, 18, 20, 16),
                gap=10,
            )
        )
        self.table.setVisible(bool(backups))
        self.table.chosen.connect(lambda backup: self.go.setEnabled(backup is not None))
        self.table.opened.connect(lambda _backup: self._accept())
        self.go.setEnabled(False)
        self.resize(WIDTH, 400 if backups else self.heightForWidth(WIDTH))
        if backups:
            self.table.choose(0)

    def _accept(self) -> None:
        backup = self.table.current()
        if backup is not None:
            self.accept()
            self.chosen.emit(backup.path)

    def _browse(self) -> None:
        dialog = QFileDialog(self, tr("Choose a backup"), str(self._folder))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([tr("Labeler databases (*.db)"), tr("All files (*)")])
        dialog.fileSelected.connect(self._chosen)
        dialog.open()

    def _chosen(self, file: str) -> None:
        self.accept()
        self.chosen.emit(Path(file))


def _words(*, damaged: bool, found: bool) -> str:
    kept = tr("The project as it is now is kept beside it, so nothing is lost by trying.")
    if not damaged and not found:
        return tr("No backup lies in the project's folder yet. Choose one that you saved elsewhere. {kept}", kept=kept)
    if not damaged:
        return tr("Everything done since the backup is gone from the project then. {kept}", kept=kept)
    if found:
        return tr(
            "Its database cannot be read. The newest backup is chosen; all that was done until then is in it. {kept}",
            kept=kept,
        )
    return tr(
        "Its database cannot be read, and no backup lies in its folder. Choose one that you saved elsewhere. {kept}",
        kept=kept,
    )
