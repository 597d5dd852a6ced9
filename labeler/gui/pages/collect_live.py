"""Reads the board while it is written: one page at a time, always the newest, on a worker thread. Draws nothing."""

import threading
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from labeler.core.changes import Changes
from labeler.core.ink_pages import InkPage
from labeler.gui.session import Session
from labeler.services.collecting import Reading, Recogniser


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page and what the current model read on it."""

    page: InkPage
    reading: Reading


class LiveReader(QObject):
    """Lives on the GUI thread; the recogniser is loaded by the first worker that needs it and shared by all."""

    read = Signal(object)  # ReadPage; only ever of the newest page asked for

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._lock = threading.Lock()
        self._recogniser: Recogniser | None = None
        self._busy = False
        self._wanted: InkPage | None = None
        self.newest: ReadPage | None = None
        session.changed.connect(self._changed)

    def ask(self, page: InkPage) -> None:
        """Read this page as soon as the one being read is done; pages between the two are left out."""
        self._wanted = page
        if not self._busy:
            self._next()

    def forget(self) -> None:
        """Nothing is wanted any more: the page was saved or cleared."""
        self._wanted = self.newest = None

    def reading_of(self, page: InkPage) -> Reading:
        """What the current model reads on this page, from a moment ago or now. For worker threads."""
        newest = self.newest
        if newest is not None and same_picture(newest.page, page):
            return newest.reading
        return self._load().read(page)

    def stop(self) -> None:
        """Ask for nothing more."""
        self._session.changed.disconnect(self._changed)
        self.forget()

    def warm_up(self) -> None:
        """Load the model before the first stroke."""
        self._session.tasks.read(self._load, lambda _: None, failed=lambda _: None)

    def _next(self) -> None:
        page = self._wanted
        if page is None:
            return
        self._busy = True
        self._session.tasks.read(lambda: ReadPage(page, self._load().read(page)), self._done, failed=self._failed)

    def _done(self, found: ReadPage) -> None:
        self._busy = False
        if self._wanted is found.page:
            self.newest = found
            self._wanted = None
            self.read.emit(found)
        self._next()

    def _failed(self, error: Exception) -> None:
        self._busy = False
        self._wanted = None
        self._session.tasks.failed_job.emit(error)

    def _load(self) -> Recogniser:
        with self._lock:
            if self._recogniser is None:
                self._recogniser = Recogniser(self._session.project)
            return self._recogniser

    def _changed(self, changes: Changes) -> None:
        if changes.models:
            with self._lock:
                self._recogniser = None
            self.newest = None


def same_picture(a: InkPage, b: InkPage) -> bool:
    """Whether two pages are drawn alike, whatever was asked for."""
    return (a.strokes, a.width, a.height, a.pen, a.look, a.scale) == (
        b.strokes,
        b.width,
        b.height,
        b.pen,
        b.look,
        b.scale,
    )
