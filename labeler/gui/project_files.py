"""Making, opening and backing up projects from the window: asks where, works off the GUI thread, hands the open project over."""

from collections.abc import Callable
from pathlib import Path

import platformdirs
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from labeler.core.i18n import tr
from labeler.core.progress import Progress
from labeler.gui.dialogs.new_project import NewProjectDialog, documents
from labeler.gui.session import Session
from labeler.gui.tasks import Tasks
from labeler.services import backup, demo
from labeler.services.project import Project


class ProjectFiles(QObject):
    """`opened` carries a `Project` that the receiver owns from then on."""

    opened = Signal(object)  # Project

    def __init__(self, window: QWidget, tasks: Tasks) -> None:
        super().__init__(window)
        self._window = window
        self._tasks = tasks
        self.dialog: NewProjectDialog | None = None

    def open(self, folder: Path) -> None:
        """Open the project in `folder`."""
        self._run(tr("Opening the project"), lambda _progress: Project.open(folder))

    def create(self, folder: Path) -> None:
        """Make a project in `folder` and open it."""
        self._run(tr("Making the project"), lambda _progress: Project.create(folder))

    def open_sample(self) -> None:
        """Open the sample project; the first time it is made."""
        folder = sample_folder()
        self._run(
            tr("Drawing the sample project"), lambda progress: demo.open_or_make_sample(folder, progress=progress)
        )

    def ask_open(self) -> None:
        """Ask which project to open."""
        dialog = QFileDialog(self._window, tr("Open a project"), str(documents()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda folder: self.open(Path(folder)))
        dialog.open()

    def ask_new(self) -> None:
        """Ask for a new project's name and place."""
        self.dialog = NewProjectDialog(self._window)
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog.chosen.connect(self.create)
        self.dialog.open()

    def ask_backup(self, session: Session) -> None:
        """Ask where to back the project up, and do it."""
        name = f"{session.project.folder.name}.db"
        dialog = QFileDialog(self._window, tr("Back up the project"), str(documents() / name))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(tr("Labeler databases (*.db)"))
        dialog.setDefaultSuffix("db")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda file: self.back_up(session, Path(file)))
        dialog.open()

    def back_up(self, session: Session, file: Path) -> None:
        """Copy the project's database to `file`, checked."""
        session.tasks.run(
            tr("Backing up"),
            lambda _progress: backup.backup(session.project, file),
            done=lambda path: session.say(tr("Backed up to {path}", path=path), tr("The copy was read and checked.")),
            cancellable=False,
        )

    def _run(self, text: str, fn: Callable[[Progress], Project]) -> None:
        self._tasks.run(text, fn, done=self.opened.emit, alone=False)


def sample_folder() -> Path:
    """Where the sample project lies."""
    return Path(platformdirs.user_data_dir("labeler", appauthor=False)) / tr("Sample project")
