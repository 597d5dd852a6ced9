"""Letting the current model suggest: for the page in front or for all that are not reviewed, as a job that can be cancelled."""

from PySide6.QtCore import QObject

from labeler.core.i18n import ntr, tr
from labeler.gui.pages.desk_editor import Editor
from labeler.gui.session import Session
from labeler.services import fitting, suggesting
from labeler.services.suggesting import SuggestReport


class Suggesting(QObject):
    """Lives on the GUI thread. What is written comes back to the page as a change like any other."""

    def __init__(self, session: Session, editor: Editor) -> None:
        super().__init__(editor)
        self._session = session
        self._editor = editor

    def here(self) -> None:
        """For the image in front."""
        image_id = self._editor.image_id
        if image_id is None:
            return
        project = self._session.project
        self._session.tasks.run(
            tr("Suggesting for this image"),
            lambda progress: suggesting.suggest(project, image_ids=[image_id], progress=progress),
            done=self._said,
        )

    def everywhere(self) -> None:
        """For every image that is not reviewed."""
        project = self._session.project
        self._session.tasks.run(
            tr("Suggesting for all images not reviewed"),
            lambda progress: suggesting.suggest(project, progress=progress),
            done=self._said,
        )

    def is_fitting(self) -> bool:
        """Whether suggestions take the size of the person's boxes."""
        return fitting.is_wanted(self._session.project)

    def switch_fitting(self) -> None:
        """Have suggestions take the size of the person's boxes, or leave them as the model makes them; the page in front shows it."""
        with self._session.guard():
            on = not self.is_fitting()
            fitting.want(self._session.project, on)
            self._editor.reload()
            now = (
                tr("Suggestions take the size of your boxes.")
                if on
                else tr("Suggestions stay as the model makes them.")
            )
            self._session.say(now, tr("Pages that somebody has worked on stay as they are."))

    def _said(self, report: SuggestReport) -> None:
        self._session.say(
            tr(
                "{model} suggests {boxes} on {images}.",
                model=report.model,
                boxes=ntr("{count} new box", "{count} new boxes", report.suggestions),
                images=ntr("{count} image", "{count} images", report.images),
            )
        )
