"""Making, opening and backing up projects from the window: asks where, works off the GUI thread, hands the open project over."""

from collections.abc import Callable, Sequence
from pathlib import Path

import platformdirs
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from labeler.core.errors import Damaged
from labeler.core.i18n import tr
from labeler.core.progress import Progress
from labeler.gui.dialogs.new_project import NewProjectDialog
from labeler.gui.dialogs.restore import RestoreDialog
from labeler.gui.places import documents
from labeler.gui.session import Session
from labeler.gui.tasks import Tasks
from labeler.services import backup, recovery
from labeler.services.project import DATABASE, Project, needs_update
from labeler.services.recovery import Backup


class ProjectFiles(QObject):
    """`opened` carries a `Project` that the receiver owns from then on; `released` asks to let go of the one that is open.

    `restore_dialog` is the way back, while it is offered.
    """

    opened = Signal(object)  # Project
    released = Signal()
    said = Signal(str, str)  # text and hint, once what was asked for is done
    failed = Signal(object)  # UserError

    def __init__(self, window: QWidget, tasks: Tasks) -> None:
        super().__init__(window)
        self._window = window
        self._tasks = tasks
        self.dialog: NewProjectDialog | None = None
        self.restore_dialog: RestoreDialog | None = None

    def open(self, folder: Path, *, then: Callable[[], object] = lambda: None) -> None:
        """Open the project in `folder`, `then` do something; where it is damaged, the way back is offered."""

        def opened(project: Project) -> None:
            self.opened.emit(project)
            then()

        self._tasks.run(
            tr("Bringing the project up to date") if needs_update(folder) else tr("Opening the project"),
            lambda _progress: Project.open(folder, check_all=False),
            done=opened,
            failed=lambda error: self._not_opened(folder, error),
            alone=False,
            cancellable=False,
        )

    def check(self, project: Project) -> None:
        """Look an open project over, off the GUI thread; where it is damaged, the way back is offered."""
        self._tasks.run(
            tr("Looking the project over"),
            project.check,
            failed=lambda error: self._not_opened(project.folder, error),
            alone=False,
        )

    def create(self, folder: Path) -> None:
        """Make a project in `folder` and open it."""
        self._run(tr("Making the project"), lambda _progress: Project.create(folder))

    def open_sample(self) -> None:
        """Open the sample project; the first time it is made."""
        folder = sample_folder()

        def make(progress: Progress) -> Project:
            from labeler.services import demo  # it stands on almost everything else; few starts need it

            return demo.open_or_make_sample(folder, progress=progress)

        self._run(tr("Drawing the sample project"), make)

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

    def ask_restore(self, folder: Path, *, damaged: bool = False) -> None:
        """Ask which backup to bring back; what is in each is read first."""
        folder = folder.parent if folder.name == DATABASE else folder
        self._tasks.read(lambda: recovery.backups(folder), lambda found: self._offer(folder, found, damaged=damaged))

    def restore(self, folder: Path, file: Path) -> None:
        """Put a backup in the place of the project, and open it."""
        self.released.emit()
        self._tasks.run(
            tr("Restoring a backup"),
            lambda _progress: recovery.restore(folder, file),
            done=lambda kept: self._restored(folder, file, kept),
            failed=lambda error: self._not_restored(folder, error),
            cancellable=False,
        )

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

    def _not_opened(self, folder: Path, error: Exception) -> None:
        self.failed.emit(error)
        if isinstance(error, Damaged):
            self.ask_restore(folder, damaged=True)

    def _offer(self, folder: Path, found: Sequence[Backup], *, damaged: bool) -> None:
        if self.restore_dialog is not None:
            self.restore_dialog.reject()
        dialog = self.restore_dialog = RestoreDialog(folder, found, self._window, damaged=damaged)
        dialog.chosen.connect(lambda file: self.restore(folder, file))
        dialog.finished.connect(lambda _result: self._closed(dialog))
        dialog.open()

    def _closed(self, dialog: RestoreDialog) -> None:
        if self.restore_dialog is dialog:
            self.restore_dialog = None
        dialog.deleteLater()

    def _restored(self, folder: Path, file: Path, kept: Path | None) -> None:
        hint = tr("The project as it was is kept in {name}.", name=kept.name) if kept is not None else ""
        text = tr("Restored from {name}.", name=file.name)
        self.open(folder, then=lambda: self.said.emit(text, hint))

    def _not_restored(self, folder: Path, error: Exception) -> None:
        self.failed.emit(error)
        self.open(folder)

    def _run(self, text: str, fn: Callable[[Progress], Project]) -> None:
        self._tasks.run(text, fn, done=self.opened.emit, alone=False)


def update_news(saved: Path) -> tuple[str, str]:
    """What is said of a project that was brought up to date: `saved` is the backup of before."""
    return (
        tr("This project is from an older Labeler and was brought up to date."),
        tr("A backup of before is kept as {name}, for “Restore from a backup …” on the data page.", name=saved.name),
    )


def sample_folder() -> Path:
    """Where the sample project lies."""
    return Path(platformdirs.user_data_dir("labeler", appauthor=False)) / tr("Sample project")
