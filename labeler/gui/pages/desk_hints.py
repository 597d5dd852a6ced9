"""One line under the page that says what can be done now: guidance in place, for the first hour and for the forgetful."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from labeler.core.boxes import ReviewState
from labeler.core.i18n import tr
from labeler.core.pages import Page
from labeler.gui import actions


class Hints(QObject):
    """Remembers how the keys in use are written, until they change."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._written: dict[str, str] = {}
        actions.notice().changed.connect(self._written.clear)

    def line(self, page: Page | None, *, drawing: bool, selected: int) -> str:
        """The most useful thing to know at this moment."""
        return hint_for(page, self._key, drawing=drawing, selected=selected)

    def _key(self, action_id: str) -> str:
        if action_id not in self._written:
            self._written[action_id] = actions.hint(action_id)
        return self._written[action_id]


def hint_for(page: Page | None, key: Callable[[str], str], *, drawing: bool, selected: int) -> str:
    """The most useful thing to know at this moment; `key` says how an action's key is written."""
    if page is None:
        return ""
    if drawing:
        return tr("Drag, click two corners, or click on ink.  {escape} stops drawing.", escape=key("desk.deselect"))
    if page.suggestions:
        return tr(
            "{next} next, {accept} accepts, {reject} rejects, a digit corrects.  {all} accepts all, marks reviewed and goes on.",
            next=key("desk.next_box"),
            accept=key("desk.accept"),
            reject=key("desk.reject"),
            all=key("desk.accept_next"),
        )
    if selected:
        return tr(
            "A digit changes the class, arrows nudge, {tighten} tightens to the ink, {delete} deletes.",
            tighten=key("desk.tighten"),
            delete=key("desk.delete"),
        )
    if page.image.state is ReviewState.NEW and not page.boxes:
        return tr(
            "{suggest} lets the model suggest boxes, {draw} draws your own.",
            suggest=key("desk.suggest"),
            draw=key("desk.draw"),
        )
    if page.image.state is not ReviewState.REVIEWED:
        return tr(
            "All right?  {review} marks the page reviewed and goes on.  {draw} draws what is missing.",
            review=key("desk.accept_next"),
            draw=key("desk.draw"),
        )
    return tr("Reviewed.  {next} goes to the next page.", next=key("desk.next"))
