"""The page in front and what is done to it: every change goes through the one door for edits, and shows without being read back."""

import time
from collections.abc import Callable
from contextlib import suppress

from PySide6.QtCore import QObject, Signal

from labeler.core.boxes import Suggestion
from labeler.core.edits import Edit, inverse
from labeler.core.errors import Conflict, UserError
from labeler.core.pages import Page, after_edit
from labeler.gui.session import Session
from labeler.services import fitting, labeling

IDLE_AFTER = 30.0
"""Seconds between two edits that count as work; a longer pause is a break."""


class Editor(QObject):
    """Lives on the GUI thread. `page` is what the project holds, as far as this window knows; None while no image is open."""

    opened = Signal(object)  # Page: another image, or the same read anew
    edited = Signal(object)  # Page: the same image after an edit of ours
    stepped = Signal()  # something can be undone or redone that could not before, or no longer

    def __init__(
        self, session: Session, parent: QObject | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self.page: Page | None = None
        self._session = session
        self._clock = clock
        self._since = clock()
        self._known: dict[int, Suggestion] = {}

    @property
    def image_id(self) -> int | None:
        """The image in front."""
        return self.page.image.id if self.page is not None else None

    def open(self, image_id: int) -> None:
        """Bring an image to the front. Raises `NotFound`."""
        if image_id != self.image_id:
            self._since = self._clock()
        with suppress(UserError):  # a full disk must not bar the way to a page
            fitting.fit(self._session.project, image_id)
        page = labeling.page(self._session.project, image_id)
        self.page = page
        self._known = {s.id: s for s in page.suggestions}
        self.opened.emit(page)

    def close(self) -> None:
        """No image in front."""
        self.page = None
        self._known = {}

    def reload(self) -> None:
        """Read the page again; another window or a model has changed it."""
        if self.image_id is not None:
            with self._session.guard():
                self.open(self.image_id)

    def apply(self, edit: Edit) -> bool:
        """Commit an edit of the page in front and show it; whether that worked. A conflict is explained and the page read again."""
        if self.page is None or edit.is_empty:
            return False
        try:
            labeling.apply(
                self._session.project, edit, annotator=self._session.annotator, seconds=self._seconds(), initiator=self
            )
        except UserError as error:
            self._explain(error)
            return False
        self._show(edit)
        self.stepped.emit()
        return True

    def undo(self) -> Edit | None:
        """Take the last step back, going to its image; the step, or None."""
        return self._step(labeling.undo, inverse)

    def redo(self) -> Edit | None:
        """Do the step again that was taken back last, going to its image; the step, or None."""
        return self._step(labeling.redo, lambda edit: edit)

    def _step(self, do: Callable[..., Edit | None], seen: Callable[[Edit], Edit]) -> Edit | None:
        try:
            step = do(self._session.project, initiator=self)
        except UserError as error:
            self._explain(error)
            return None
        if step is None:
            return None
        change = seen(step)
        if step.image_id == self.image_id and self._knows(change):
            self._show(change)
        else:
            with self._session.guard():
                self.open(step.image_id)
        self.stepped.emit()
        return step

    def _show(self, change: Edit) -> None:
        assert self.page is not None
        self.page = after_edit(self.page, change, tuple(self._known.values()))
        self.edited.emit(self.page)

    def _knows(self, change: Edit) -> bool:
        """Whether the page after a change can be told without reading: the suggestions it opens again must be known."""
        sides = (change.before, change.after)
        touched = {b.suggestion_id for side in sides for b in side.boxes if b.suggestion_id is not None}
        touched |= {s for side in sides for s in side.rejected}
        return touched <= self._known.keys()

    def _explain(self, error: UserError) -> None:
        if isinstance(error, Conflict):
            self.reload()
        self._session.say_error(error)

    def _seconds(self) -> float:
        now = self._clock()
        spent, self._since = min(now - self._since, IDLE_AFTER), now
        return spent
