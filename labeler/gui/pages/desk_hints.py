"""One line under the page that says what can be done now: guidance in place, for the first hour and for the forgetful."""

from labeler.core.boxes import ReviewState
from labeler.core.i18n import tr
from labeler.core.pages import Page
from labeler.gui import actions


def hint_for(page: Page | None, *, drawing: bool, selected: int) -> str:
    """The most useful thing to know at this moment, with the keys in use."""
    if page is None:
        return ""
    if drawing:
        return tr(
            "Drag, click two corners, or click on ink.  {escape} stops drawing.", escape=actions.hint("desk.deselect")
        )
    if page.suggestions:
        return tr(
            "{next} next, {accept} accepts, {reject} rejects, a digit corrects.  {all} accepts all, marks reviewed and goes on.",
            next=actions.hint("desk.next_box"),
            accept=actions.hint("desk.accept"),
            reject=actions.hint("desk.reject"),
            all=actions.hint("desk.accept_next"),
        )
    if selected:
        return tr(
            "A digit changes the class, arrows nudge, {tighten} tightens to the ink, {delete} deletes.",
            tighten=actions.hint("desk.tighten"),
            delete=actions.hint("desk.delete"),
        )
    if page.image.state is ReviewState.NEW and not page.boxes:
        return tr(
            "{suggest} lets the model suggest boxes, {draw} draws your own.",
            suggest=actions.hint("desk.suggest"),
            draw=actions.hint("desk.draw"),
        )
    if page.image.state is not ReviewState.REVIEWED:
        return tr(
            "All right?  {review} marks the page reviewed and goes on.  {draw} draws what is missing.",
            review=actions.hint("desk.accept_next"),
            draw=actions.hint("desk.draw"),
        )
    return tr("Reviewed.  {next} goes to the next page.", next=actions.hint("desk.next"))
