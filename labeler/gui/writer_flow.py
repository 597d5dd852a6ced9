"""Giving images a writer from any page: asks whose hand it is, shows what follows, does it, and offers to take it back."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from labeler.core.i18n import tr
from labeler.core.progress import Progress
from labeler.gui.dialogs.choose_writer import WriterDialog
from labeler.gui.session import Session
from labeler.services import collecting, images, writers
from labeler.services.images import Writer
from labeler.services.writers import Done


class WriterFlow(QObject):
    """Lives with the page that its dialogs lie over."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._parent = parent
        self.dialog: WriterDialog | None = None

    def ask(self, image_ids: Sequence[int]) -> None:
        """Ask who wrote these images."""
        ids, project = tuple(image_ids), self._session.project
        if not ids:
            return

        def read() -> tuple[list[Writer], str, set[str | None]]:
            now = {image.writer for image in images.images(project, ids)}
            return images.writers(project), collecting.next_code(project), now

        self._session.tasks.read(read, lambda found: self._ask(ids, *found), key=self)

    def give(self, image_ids: Sequence[int], code: str | None, *, allow_harm: bool = False) -> None:
        """Give images a writer without asking."""
        project = self._session.project
        self.do(tr("Giving a writer"), lambda: writers.give(project, image_ids, code, allow_harm=allow_harm))

    def do(self, text: str, act: Callable[[], Done]) -> None:
        """Do something to writers off the GUI thread, and offer to take it back."""
        self._session.tasks.run(text, lambda _progress: act(), done=self._done, cancellable=False, alone=False)

    def take_back(self) -> None:
        """Undo what was done last, also before the program was started; says so where there is nothing."""
        project = self._session.project

        def take_back(_progress: Progress) -> Done | None:
            done = writers.last(project)
            if done is not None:
                writers.take_back(project, done)
            return done

        self._session.tasks.run(tr("Taking back"), take_back, done=self._taken_back, cancellable=False, alone=False)

    def _ask(self, ids: Sequence[int], known: Sequence[Writer], suggestion: str, now: set[str | None]) -> None:
        if self.dialog is not None:
            self.dialog.reject()
        dialog = self.dialog = WriterDialog(len(ids), known, suggestion, self._parent, now=now)
        dialog.code_changed.connect(lambda code: self._plan(dialog, ids, code))
        dialog.chosen.connect(lambda code, harm: self.give(ids, code, allow_harm=harm))
        dialog.finished.connect(lambda _result: self._closed(dialog))
        dialog.open()
        self._plan(dialog, ids, dialog.wanted)

    def _plan(self, dialog: WriterDialog, ids: Sequence[int], code: str) -> None:
        project = self._session.project
        self._session.tasks.read(
            lambda: writers.plan(project, ids, code), lambda plan: self._planned(dialog, code, plan)
        )

    def _planned(self, dialog: WriterDialog, code: str, plan: writers.Plan) -> None:
        if self.dialog is dialog and dialog.wanted == code:
            dialog.show_plan(plan)

    def _closed(self, dialog: WriterDialog) -> None:
        if self.dialog is dialog:
            self.dialog = None
        dialog.deleteLater()

    def _taken_back(self, done: Done | None) -> None:
        text = tr("Taken back: {text}", text=done.text) if done else tr("There is nothing to take back here.")
        self._session.say(text)

    def _done(self, done: Done) -> None:
        self._session.say(done.text, undo=self.take_back)
