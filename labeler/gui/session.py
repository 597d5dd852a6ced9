"""One open project as the pages see it: the project, its changes on the GUI thread, its tasks, and a way to say something."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from labeler.core.changes import Changes
from labeler.core.errors import UserError
from labeler.gui.tasks import Tasks
from labeler.services.project import Project

POLL_MS = 2000


class Session(QObject):
    """Lives on the GUI thread, as long as its project is open; `close` ends it.

    Attributes: `project`; `tasks`; `annotator` (the name that goes into the edit log).
    """

    changed = Signal(object)  # Changes, after a commit, always on the GUI thread and never inside the call that made it
    said = Signal(str, str, str, object)  # text, hint, level: "info", "lasting" or "error", what takes it back or None
    page_wanted = Signal(str, object)  # page name ("desk", "data", "train", "models") and what to show there, or None
    action_wanted = Signal(str)  # id of one of the window's actions, such as "window.import"
    _committed = Signal(object)  # Changes, on the thread that committed

    def __init__(self, project: Project, *, tasks: Tasks | None = None, annotator: str = "") -> None:
        super().__init__()
        self.project = project
        self.annotator = annotator
        self.tasks = Tasks(self) if tasks is None else tasks
        if tasks is None:  # whoever brings tasks also listens to them
            self.tasks.failed_job.connect(self.say_error)
        self._committed.connect(self.changed, Qt.ConnectionType.QueuedConnection)
        self._unsubscribe: Callable[[], None] = project.changes.subscribe(self._committed.emit)
        self._version = project.data_version()
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self.look_for_foreign_changes)
        self._timer.start()

    def say(self, text: str, hint: str = "", *, level: str = "info", undo: Callable[[], object] | None = None) -> None:
        """Show a calm message in the window's strip: "info" goes by itself, "lasting" news and an "error" wait to be seen.

        With `undo` the strip offers to take back what was done; it is called once at most.
        """
        self.said.emit(text, hint, level, undo)

    def say_error(self, error: UserError) -> None:
        """Show what went wrong and what to do."""
        self.say(error.message, error.hint, level="error")

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Says a `UserError` raised inside instead of letting it out."""
        try:
            yield
        except UserError as error:
            self.say_error(error)

    def show(self, page: str, what: object = None) -> None:
        """Go to a page of the window; the page's `show_item(what)` is called where `what` is given."""
        self.page_wanted.emit(page, what)

    def do(self, action_id: str) -> None:
        """Have the window do one of its own actions, as if its key were pressed."""
        self.action_wanted.emit(action_id)

    def look_for_foreign_changes(self) -> None:
        """Tell the pages when another process wrote to the project."""
        version = self.project.data_version()
        if version != self._version:
            self._version = version
            self.changed.emit(Changes(library=True, models=True, runs=True, versions=True))

    def close(self) -> None:
        """Stop listening, end the tasks, close the project."""
        self._timer.stop()
        self._unsubscribe()
        self.tasks.shutdown()
        self.project.close()
