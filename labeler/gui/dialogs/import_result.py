"""Tells what an import brought in, and each file or line it did not take with the reason."""

from PySide6.QtWidgets import QApplication, QDialog, QWidget

from labeler.core.i18n import ntr, tr
from labeler.formats.sample import Rejected
from labeler.gui.widgets.pieces import button, column, label, row
from labeler.gui.widgets.table import Column, Table
from labeler.services.importing import ImportReport


class ImportResultDialog(QDialog):
    """Lists what was rejected."""

    def __init__(self, report: ImportReport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Import"))
        self.resize(760, 440)
        self.report = report
        self.table: Table[Rejected] = Table(
            [
                Column(tr("File"), lambda r: r.path, tip=lambda r: r.path),
                Column(tr("Reason"), lambda r: r.reason, wide=True, tip=lambda r: r.reason),
            ]
        )
        self.table.set_rows(report.rejected)
        close = button(tr("Close"), self.accept, kind="primary")
        close.setDefault(True)
        count = len(report.rejected)
        self.setLayout(
            column(
                label(summary(report), "heading", wrap=True),
                label(
                    ntr("{count} file or line was not taken:", "{count} files or lines were not taken:", count), "muted"
                ),
                self.table,
                row(button(tr("Copy the list"), self.copy, icon="copy"), None, close),
                margins=(20, 18, 20, 16),
                gap=10,
            )
        )

    def copy(self) -> None:
        """The list to the clipboard, one line each."""
        QApplication.clipboard().setText("\n".join(f"{r.path}\t{r.reason}" for r in self.report.rejected))


def summary(report: ImportReport) -> str:
    """The counts of an import in one sentence."""
    parts = [ntr("{count} image added", "{count} images added", report.added)]
    if report.boxes:
        parts.append(ntr("{count} box", "{count} boxes", report.boxes))
    if report.duplicates:
        parts.append(ntr("{count} was here already", "{count} were here already", report.duplicates))
    return ", ".join(parts) + "."
