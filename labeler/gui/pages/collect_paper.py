"""The ways in beside the pad: printed sheets, a watched folder, the clipboard, a camera. Each button is one small step."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QCheckBox, QDialog, QFileDialog, QWidget

from labeler.core.i18n import ntr, tr
from labeler.gui import actions
from labeler.gui.dialogs import camera
from labeler.gui.dialogs.print_sheets import PrintChoice, PrintDialog
from labeler.gui.dialogs.which_sheet import WhichSheetDialog
from labeler.gui.folder_watch import FolderWatch
from labeler.gui.places import documents
from labeler.gui.session import Session
from labeler.gui.widgets.pieces import button, card, column, label
from labeler.services import images, sheets
from labeler.services.sheets import PrintReport

if TYPE_CHECKING:
    from labeler.gui.import_flow import ImportFlow


class PaperWays(QWidget):
    """Attributes: `folders` (the watch), `dialog` (the one that is open, if any), `cut` (whether sheets are cut into cells)."""

    def __init__(self, session: Session, imports: "ImportFlow") -> None:
        super().__init__()
        self._session, self._imports = session, imports
        self.dialog: QDialog | None = None
        self.folders = FolderWatch(session, self)
        self.folders.found.connect(self._found)
        self._pictures = tempfile.TemporaryDirectory(prefix="labeler-")
        self.watching = label("", "muted", wrap=True)
        self.which = button("", self.ask_which, kind="link")
        self.cut = QCheckBox(tr("Cut sheets into single digits"))
        self.cut.setToolTip(tr("A sheet becomes an image for each cell that is written in, instead of one image."))
        self.cut.setChecked(not sheets.keep_whole(session.project))
        self.cut.toggled.connect(lambda cut: sheets.set_keep_whole(session.project, not cut))
        self.camera = button(tr("Camera …"), self.open_camera, icon="eye")
        self.watch_button = button("", self.toggle_watch, icon="folder")
        self.setLayout(
            column(
                card(
                    button(tr("Print sheets …"), self.ask_print, icon="export"),
                    self.cut,
                    self.which,
                    self.watch_button,
                    self.watching,
                    button(tr("Paste a picture"), self.paste, icon="copy", tip=actions.tip("collect.paste")),
                    self.camera,
                    heading=tr("Paper and pictures"),
                ),
                gap=0,
            )
        )
        self.refresh()

    def refresh(self) -> None:
        """Show the folder watched, and the sheets whose writer is not known; a camera may have been connected."""
        self._allow_camera("")
        folder = self.folders.folder
        self.watch_button.setText(tr("Stop watching the folder") if folder else tr("Watch a folder …"))
        self.watching.setText(tr("New files in {folder} are imported.", folder=folder.name) if folder else "")
        self.watching.setVisible(folder is not None)
        project = self._session.project
        self._session.tasks.read(lambda: sheets.unknown(project), self._show_unknown, key="collect.unknown")

    def shutdown(self) -> None:
        """Watch no more, delete what was pasted: it is in the project."""
        self.folders.stop()
        self._pictures.cleanup()

    def ask_print(self) -> None:
        """Ask which sheets, then where to save them."""
        dialog = PrintDialog([w.code for w in images.writers(self._session.project)], self)
        dialog.accepted.connect(lambda: self._ask_place(dialog.choice))
        self._show(dialog)

    def print_to(self, choice: PrintChoice, path: Path) -> None:
        """Write the PDF off the GUI thread."""
        project = self._session.project
        self._session.tasks.run(
            tr("Printing sheets"),
            lambda _: sheets.print_sheets(
                project, path, writers=choice.writers, digits=choice.digits, paper=choice.paper, rows=choice.rows, lines=choice.lines,
                copies=choice.copies,
            ),
            done=self._printed,
        )  # fmt: skip

    def toggle_watch(self) -> None:
        """Stop watching, or ask for a folder."""
        if self.folders.folder is not None:
            self.watch(None)
            return
        dialog = QFileDialog(self, tr("Watch a folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda folder: self.watch(Path(folder)))
        self._show(dialog)

    def watch(self, folder: Path | None) -> None:
        """Watch this folder, or none."""
        self.folders.watch(folder)
        self.refresh()

    def paste(self) -> None:
        """Import the picture or the files on the clipboard."""
        data = QGuiApplication.clipboard().mimeData()
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        if paths:
            self._imports.ask(paths)
        elif data.hasImage():
            picture = QImage(data.imageData())
            self._imports.ask([camera.write(picture, Path(self._pictures.name), prefix="clipboard-", suffix=".png")])
        else:
            self._session.say(tr("There is no picture on the clipboard."))

    def open_camera(self) -> None:
        """Open the camera, or say why there is none: looking for one earlier would hold up the whole page."""
        reason = camera.why_not()
        if reason:
            self._allow_camera(reason)
            self._session.say(reason, tr("Photograph with a phone instead, and drop the picture here."))
            return
        dialog = camera.CameraDialog(self)
        dialog.taken.connect(self._take)
        self._show(dialog)

    def ask_which(self) -> None:
        """Ask whose the oldest sheet is whose code could not be read."""
        project = self._session.project
        waiting, printed = sheets.unknown(project), sheets.printed(project)
        if not waiting or not printed:
            self._session.say(tr("No sheet was printed for this project, so there is none to choose from."))
            return
        dialog = WhichSheetDialog(images.thumbnail(project, waiting[0]), printed, self)
        dialog.accepted.connect(lambda: self._chosen(waiting[0], dialog))
        self._show(dialog)

    def _ask_place(self, choice: PrintChoice) -> None:
        dialog = QFileDialog(self, tr("Save the sheets"), "", "PDF (*.pdf)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pdf")
        dialog.setDirectory(str(documents()))
        dialog.selectFile(self._session.project.folder.name + ".pdf")
        dialog.fileSelected.connect(lambda path: self.print_to(choice, Path(path)))
        self._show(dialog)

    def _printed(self, report: PrintReport) -> None:
        self._session.say(
            ntr("{count} sheet is in {path}.", "{count} sheets are in {path}.", report.sheets, path=report.path.name),
            tr("Print them at full size, without fitting to the page."),
        )

    def _chosen(self, image_id: int, dialog: WhichSheetDialog) -> None:
        sheet, project = dialog.sheet, self._session.project
        if sheet is not None:
            self._session.tasks.run(
                tr("Reading the sheet"),
                lambda _: sheets.say_which(project, image_id, sheet),
                done=lambda _: self.refresh(),
            )

    def _show_unknown(self, waiting: list[int]) -> None:
        self.which.setVisible(bool(waiting))
        self.which.setText(ntr("{count} sheet: say whose it is", "{count} sheets: say whose they are", len(waiting)))

    def _allow_camera(self, reason: str) -> None:
        self.camera.setEnabled(not reason)
        self.camera.setToolTip(reason)

    def _take(self, image: QImage) -> None:
        self._imports.ask([camera.as_file(image, Path(self._pictures.name))])

    def _found(self, paths: list[Path]) -> None:
        self._imports.import_now(paths)

    def _show(self, dialog: QDialog) -> None:
        if self.dialog is not None:
            self.dialog.close()
        self.dialog = dialog
        dialog.finished.connect(self._closed)
        dialog.open()

    def _closed(self) -> None:
        self.dialog = None
