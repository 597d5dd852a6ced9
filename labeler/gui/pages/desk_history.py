"""Keeps the history panel and the undo buttons in step with the edit log, and steps through it when asked."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from labeler.gui.pages.desk_editor import Editor
from labeler.gui.pages.desk_sides import RightSide
from labeler.gui.session import Session
from labeler.services import images, labeling
from labeler.services.labeling import HistoryEntry
from labeler.services.project import Project

SHOWN = 300
SOON_MS = 25
"""After an edit the canvas is painted first; reading threads would take their turns from it."""


@dataclass(frozen=True, slots=True)
class _Log:
    steps: tuple[str | None, str | None]
    entries: list[HistoryEntry]
    names: dict[int, str]


class History(QObject):
    """Lives on the GUI thread; reads the log off it."""

    stepped = Signal(object, object)  # what undo and redo would do, in words; None for nothing

    def __init__(self, session: Session, editor: Editor, side: RightSide) -> None:
        super().__init__(editor)
        self._session = session
        self._editor = editor
        self._side = side
        side.history.wanted.connect(self.go)
        side.history_button.toggled.connect(lambda _on: self.refresh())
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self.refresh)
        editor.stepped.connect(self._soon.start)

    def refresh(self) -> None:
        """Read the log again: all that is shown of it."""
        project, whole = self._session.project, self._side.history_button.isChecked()
        self._session.tasks.read(lambda: _read(project, whole), self._show, key=self)

    def stop(self) -> None:
        """Read nothing more."""
        self._soon.stop()

    def go(self, steps: int) -> None:
        """Take so many steps back (negative) or forth."""
        for _ in range(abs(steps)):
            done = self._editor.undo() if steps < 0 else self._editor.redo()
            if done is None:
                return

    def _show(self, log: _Log) -> None:
        self.stepped.emit(*log.steps)
        if self._side.history_button.isChecked():
            self._side.history.history.show_entries(log.entries, log.names)


def _read(project: Project, whole: bool) -> _Log:
    entries = labeling.history(project, limit=SHOWN) if whole else []
    found = images.images(project, sorted({entry.image_id for entry in entries}))
    return _Log(labeling.next_steps(project), entries, {image.id: image.name for image in found})
