"""The window: the frame, and the project that is open in it. Turns commands, keys and drops into calls; each page does its own work."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QDialog, QMainWindow

from labeler.core.errors import UserError
from labeler.core.i18n import tr
from labeler.gui import actions, appearance, memory, project_menu, recent, settings
from labeler.gui.closing import closing_words
from labeler.gui.dialogs.confirm import ConfirmDialog
from labeler.gui.dialogs.key_sheet import KeySheet
from labeler.gui.dialogs.settings import SettingsDialog
from labeler.gui.drop_frame import DropFrame, dropped
from labeler.gui.frame import Frame
from labeler.gui.project_files import ProjectFiles, update_news
from labeler.gui.session import Session
from labeler.gui.tasks import Tasks
from labeler.gui.workspace import Workspace
from labeler.services.project import DATABASE, Project


class MainWindow(QMainWindow):
    """One window, with one project or none. Lives on the GUI thread.

    Attributes: `workspace` (None while no project is open), `frame`, `tasks`, `files`, `commands` (what can be asked of it, by name),
    `dialog` (the one that is open, if any).
    """

    def __init__(self) -> None:
        super().__init__()
        self.workspace: Workspace | None = None
        self.dialog: QDialog | None = None
        self.tasks = Tasks(self)
        self.tasks.failed_job.connect(self.say_error)
        self.files = ProjectFiles(self, self.tasks)
        self.files.opened.connect(self.enter)
        self.files.released.connect(self.leave)
        self.files.said.connect(self.say)
        self.files.failed.connect(self.say_error)
        self.commands = self._commands()
        self.frame = self._build()
        self._drop = DropFrame(self)
        self.setAcceptDrops(True)
        bound = {name: slot for name, slot in self.commands.items() if name.startswith("window.")}
        actions.bind(self, bound, context=Qt.ShortcutContext.WindowShortcut)
        self._name()
        memory.restore_window(self)

    @property
    def session(self) -> Session | None:
        """The session of the open project."""
        return self.workspace.session if self.workspace else None

    @property
    def page(self) -> str:
        """The name of the page in front."""
        return self.workspace.page if self.workspace else "welcome"

    def enter(self, project: Project) -> None:
        """Show an open project, which the window owns from now on, in place of the one before; asks first where that would stop
        something long.
        """
        if not self._asks_before(lambda: self._enter(project), else_=project.close):
            self._enter(project)

    def _enter(self, project: Project) -> None:
        self.leave()
        workspace = Workspace(project, self.tasks, self)
        workspace.session.action_wanted.connect(self._do)
        self.workspace = workspace
        recent.add(project.folder)
        self._name()
        workspace.attach(self.frame)
        if project.updated_from is not None:
            self.say(*update_news(project.updated_from), level="lasting")
        self.files.check(project)

    def leave(self) -> None:
        """Close the project, if one is open. Running jobs are cancelled; trainings go on."""
        if self.workspace is not None:
            self.workspace.close()
            self.workspace = None
            self._name()

    def show_page(self, name: str, what: object = None) -> None:
        """Bring a page of the open project to the front."""
        if self.workspace is not None:
            self.workspace.show_page(name, what)

    def say(self, text: str, hint: str = "", *, level: str = "info") -> None:
        """Show a message in the strip."""
        self.frame.strip.say(text, hint, level)

    def say_error(self, error: UserError) -> None:
        """Show what went wrong and what to do."""
        self.say(error.message, error.hint, level="error")

    def import_paths(self, paths: Sequence[Path]) -> None:
        """What dropping files does: a project is opened, anything else imported once it is said whose hand it is."""
        if len(paths) == 1 and (paths[0].name == DATABASE or (paths[0] / DATABASE).is_file()):
            self.files.open(paths[0])
        elif self.workspace is not None:
            self.workspace.imports.ask(paths)
        else:
            self.say(tr("Open or make a project first, then drop your images."), level="error")

    def set_language(self, code: str) -> None:
        """Another language from now on: the frame is built anew around the same project. Empty is the system's."""
        appearance.set_language(code)
        if self.workspace is not None:
            self.workspace.detach()
        self.frame = self._build()
        self._drop.translate()
        self._name()
        if self.workspace is not None:
            self.workspace.attach(self.frame)

    def set_annotator(self, name: str) -> None:
        """Who labels from now on."""
        settings.change(annotator=name)
        if self.workspace is not None:
            self.workspace.session.annotator = name

    def show_keys(self) -> None:
        """The key sheet."""
        self._show_dialog(KeySheet(self, first=self.page))

    def show_settings(self) -> None:
        """The settings."""
        dialog = SettingsDialog(settings.load(), self)
        dialog.language_chosen.connect(self._language_chosen)
        dialog.theme_chosen.connect(appearance.set_theme)
        dialog.annotator_chosen.connect(self.set_annotator)
        dialog.keys_wanted.connect(self.show_keys)
        self._show_dialog(dialog)

    def _commands(self) -> dict[str, Callable[[], object]]:
        return {
            "window.keys": self.show_keys,
            "window.saved": self._say_saved,
            "window.open": self.files.ask_open,
            "window.new": self.files.ask_new,
            "window.import": self._in_project(lambda w: w.imports.choose_files()),
            "window.settings": self.show_settings,
            "window.collect": lambda: self.show_page("collect"),
            "window.desk": lambda: self.show_page("desk"),
            "window.data": lambda: self.show_page("data"),
            "window.check": lambda: self.show_page("check"),
            "window.train": lambda: self.show_page("train"),
            "window.models": lambda: self.show_page("models"),
            "window.ledger": lambda: self.show_page("ledger"),
            "window.full": lambda: self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen),
            "window.close": self.close,
            "sample": self.files.open_sample,
            "import_folder": self._in_project(lambda w: w.imports.choose_folder()),
            "backup": self._in_project(lambda w: self.files.ask_backup(w.session)),
            "restore": self._in_project(lambda w: self.files.ask_restore(w.session.project.folder)),
            "reveal": self._in_project(lambda w: project_menu.reveal(w.session.project.folder)),
            "close_project": self.ask_leave,
        }

    def _in_project(self, do: Callable[[Workspace], None]) -> Callable[[], None]:
        def command() -> None:
            if self.workspace is not None:
                do(self.workspace)
            else:
                self.say(tr("Open or make a project first."))

        return command

    def _do(self, name: str) -> None:
        self.commands[name]()

    def _build(self) -> Frame:
        menu = project_menu.build(
            self, self.commands, open_project=self.files.open, has_project=lambda: self.workspace is not None
        )
        frame = Frame(self.tasks, menu)
        frame.rail.keys_wanted.connect(self.show_keys)
        frame.rail.settings_wanted.connect(self.show_settings)
        frame.welcome.new_wanted.connect(self.files.ask_new)
        frame.welcome.open_wanted.connect(self.files.ask_open)
        frame.welcome.sample_wanted.connect(self.files.open_sample)
        frame.welcome.project_wanted.connect(self.files.open)
        self.setCentralWidget(frame)
        return frame

    def _name(self) -> None:
        name = self.workspace.session.project.folder.name if self.workspace else ""
        self.setWindowTitle(tr("{name} – Labeler", name=name) if name else "Labeler")

    def _asks_before(self, do: Callable[[], object], *, else_: Callable[[], object] | None = None) -> bool:
        """Whether something long is going on, so that the person is asked whether to `do` what would stop it."""
        unfinished = self.tasks.unfinished
        if not unfinished:
            return False
        dialog = ConfirmDialog(*closing_words(unfinished), self)
        dialog.confirmed.connect(lambda _: do())
        if else_ is not None:
            dialog.rejected.connect(else_)
        self._show_dialog(dialog)
        return True

    def close_now(self) -> None:
        """Close without asking; what is going on is stopped."""
        self.leave()
        self.tasks.shutdown()
        self.close()

    def ask_leave(self) -> None:
        """Close the project; ask first where something long is going on."""
        if not self._asks_before(self.leave):
            self.leave()

    def _say_saved(self) -> None:
        self.say(tr("Everything is saved."), tr("Each edit is written the moment you make it; there is no Save."))

    def _language_chosen(self, code: str) -> None:
        self.set_language(code)
        self.show_settings()

    def _show_dialog(self, dialog: QDialog) -> None:
        if self.dialog is not None:
            self.dialog.close()
        self.dialog = dialog
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(lambda: self._dialog_closed(dialog))
        dialog.open()

    def _dialog_closed(self, dialog: QDialog) -> None:
        if self.dialog is dialog:
            self.dialog = None

    # Qt

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped(event.mimeData()):
            event.acceptProposedAction()
            self._drop.show_over(self)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop.hide()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop.hide()
        paths = dropped(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.import_paths(paths)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._asks_before(self.close_now):
            event.ignore()
            return
        memory.save_window(self)
        self.leave()
        self.tasks.shutdown()
        super().closeEvent(event)
