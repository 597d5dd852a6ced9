"""The way in: choose files, a folder or a data set, say whose hand it is, import off the GUI thread, tell what came of it."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from labeler.core.errors import UserError
from labeler.core.i18n import ntr, tr
from labeler.formats.pixels import IMAGE_SUFFIXES
from labeler.formats.registry import detect_format
from labeler.gui import actions
from labeler.gui.dialogs import import_options
from labeler.gui.dialogs.import_options import ImportChoice, ImportDialog
from labeler.gui.dialogs.import_result import ImportResultDialog, summary
from labeler.gui.session import Session
from labeler.gui.tasks import Job
from labeler.services import images, importing
from labeler.services.importing import ImportReport


class ImportFlow(QObject):
    """One for each session; `parent` is what its dialogs lie over."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(session)
        self._session = session
        self._parent = parent
        self.dialog: ImportDialog | None = None
        self.result: ImportResultDialog | None = None

    def choose_files(self) -> None:
        """Ask for pictures, or for the description of a data set."""
        patterns = " ".join(f"*{suffix}" for suffix in sorted(IMAGE_SUFFIXES))
        filters = (
            tr("Pictures ({patterns})", patterns=patterns),
            tr("Data sets (*.yaml *.yml *.json)"),
            tr("All files (*)"),
        )
        dialog = QFileDialog(self._parent, tr("Import files"), "", ";;".join(filters))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        self._open(dialog)

    def choose_folder(self, *, keep_splits: bool = False) -> None:
        """Ask for a folder of pictures, or of a data set."""
        dialog = QFileDialog(self._parent, tr("Import a folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        self._open(dialog, keep_splits=keep_splits)

    def ask(self, paths: Sequence[Path], *, keep_splits: bool = False) -> None:
        """Ask how to import these, then do it."""
        project = self._session.project
        self._session.tasks.read(
            lambda: ([w.code for w in images.writers(project)], any(holds_writers(p) for p in paths)),
            lambda found: self._ask(paths, found[0], by_folder=found[1], keep_splits=keep_splits),
        )

    def import_now(self, paths: Sequence[Path]) -> Job:
        """Import files as they are, without asking: what a watched folder brings."""
        return self.start(ImportChoice(tuple(paths)))

    def start(self, choice: ImportChoice) -> Job:
        """Import without asking."""
        project = self._session.project
        return self._session.tasks.run(
            ntr("Importing “{name}”", "Importing “{name}” and more", len(choice.paths), name=choice.paths[0].name),
            lambda progress: importing.import_paths(
                project, choice.paths, format=choice.format, writer=choice.writer, writer_from=choice.writer_from,
                use_splits=choice.use_splits, progress=progress,
            ),
            done=self._done,
        )  # fmt: skip

    def _open(self, dialog: QFileDialog, *, keep_splits: bool = False) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda files: self.ask([Path(f) for f in files], keep_splits=keep_splits))
        dialog.open()

    def _ask(self, paths: Sequence[Path], writers: Sequence[str], *, by_folder: bool, keep_splits: bool) -> None:
        if self.dialog is not None:
            self.dialog.reject()
        dialog = self.dialog = import_options.ask(paths, writers, self._parent, keep_splits=keep_splits)
        dialog.by_folder.setChecked(by_folder)
        dialog.accepted.connect(lambda: self.start(dialog.choice))
        dialog.finished.connect(self._asked)

    def _asked(self) -> None:
        self.dialog = None

    def _done(self, report: ImportReport) -> None:
        if not report.added and not report.duplicates and not report.rejected:
            self._session.say(tr("There was no picture to import."), level="error")
            return
        hint = (
            tr("Press {key} on the desk to have them suggested.", key=actions.hint("desk.suggest_all"))
            if report.added
            else ""
        )
        self._session.say(summary(report), hint)
        if report.rejected:
            self.result = ImportResultDialog(report, self._parent)
            self.result.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self.result.finished.connect(self._told)
            self.result.open()

    def _told(self) -> None:
        self.result = None


def holds_writers(path: Path) -> bool:
    """Whether a folder looks like one a teacher keeps: a folder for each student, pictures in each, and no data set."""
    try:
        if not path.is_dir() or detect_format(path) != "images":
            return False
        inside = [folder for folder in path.iterdir() if folder.is_dir()]
        return sum(any(f.suffix.lower() in IMAGE_SUFFIXES for f in folder.iterdir()) for folder in inside) > 1
    except (OSError, UserError):
        return False
