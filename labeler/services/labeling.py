"""The one door for changes of boxes: `apply` checks, writes and logs an edit in one transaction; undo and redo go through it too."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, literal_column, select, update
from sqlalchemy.orm import Session

from labeler.core.boxes import Box, ReviewState, is_finite
from labeler.core.changes import Changes
from labeler.core.edits import Edit, Side, inverse, merge, side_from_json, side_to_json
from labeler.core.errors import BadInput, Conflict, NotFound
from labeler.core.i18n import tr
from labeler.core.pages import Page
from labeler.services._rows import from_box, select_images, to_box, to_image, to_suggestion
from labeler.services.project import Project
from labeler_db.models import BoxRow, EditRow, ImageRow, RejectionRow, SuggestionRow, utcnow


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One step of the edit log."""

    id: int
    image_id: int
    text: str
    state: str
    at: datetime
    annotator: str


def page(project: Project, image_id: int) -> Page:
    """The image with its boxes and open suggestions. Raises `NotFound`."""
    with project.read() as session:
        return load_page(session, image_id)


def load_page(session: Session, image_id: int) -> Page:
    """The same within a session."""
    row = session.execute(select_images().where(ImageRow.id == image_id)).one_or_none()
    if row is None:
        raise NotFound(tr("There is no image {id} in this project.", id=image_id))
    image = to_image(row)
    boxes = tuple(to_box(b) for b in session.scalars(_boxes_of(image_id)))
    rejected = frozenset(session.scalars(_rejected_of(image_id)))
    judged = rejected | {b.suggestion_id for b in boxes if b.suggestion_id is not None}
    found = session.scalars(
        select(SuggestionRow)
        .where(SuggestionRow.image_id == image_id, SuggestionRow.model_id == image.suggested_by)
        .order_by(SuggestionRow.id)
    )
    return Page(image, boxes, tuple(to_suggestion(s) for s in found if s.id not in judged), rejected)


def apply(project: Project, edit: Edit, *, annotator: str = "", seconds: float = 0.0, initiator: object = None) -> Edit:
    """Write `edit` and log it, in one transaction; returns the logged step, which may be merged with the one before.

    `seconds` is the time the person spent on it. Raises `Conflict` where the rows no longer equal `edit.before`, `BadInput` for
    boxes no page can hold.
    """
    changes = Changes(images=frozenset({edit.image_id}), initiator=initiator)
    with project.write(changes) as session:
        return apply_in(session, edit, annotator=annotator, seconds=seconds)


def apply_in(session: Session, edit: Edit, *, annotator: str = "", seconds: float = 0.0) -> Edit:
    """The same within a transaction that the caller owns."""
    _change(session, edit)
    session.execute(update(EditRow).where(EditRow.state == "undone").values(state="dropped"))
    last = _newest(session, "applied")
    if last is not None and (merged := merge(_to_edit(last), edit)) is not None:
        last.after, last.at = side_to_json(merged.after), utcnow()
        last.seconds += seconds
        return merged
    session.add(
        EditRow(
            image_id=edit.image_id,
            text=edit.text,
            before=side_to_json(edit.before),
            after=side_to_json(edit.after),
            merge_key=edit.merge_key,
            annotator=annotator,
            seconds=seconds,
        )
    )
    return edit


def undo(project: Project, *, initiator: object = None) -> Edit | None:
    """Take the last step back, whichever image and whichever day it was; returns the step, None where there is none. Raises `Conflict`."""
    return _step(project, "applied", "undone", initiator)


def redo(project: Project, *, initiator: object = None) -> Edit | None:
    """Do the step again that was taken back last; None where there is none. Raises `Conflict`."""
    return _step(project, "undone", "applied", initiator)


def next_steps(project: Project) -> tuple[str | None, str | None]:
    """What undo and redo would do, in words."""
    with project.read() as session:
        back, forth = _newest(session, "applied"), _oldest(session, "undone")
        return (back.text if back else None), (forth.text if forth else None)


def history(project: Project, *, limit: int = 200) -> list[HistoryEntry]:
    """The newest steps first, with those that can be redone."""
    with project.read() as session:
        rows = session.scalars(
            select(EditRow).where(EditRow.state != "dropped").order_by(EditRow.id.desc()).limit(limit)
        )
        return [HistoryEntry(r.id, r.image_id, r.text, r.state, r.at, r.annotator) for r in rows]


def _step(project: Project, found: str, becomes: str, initiator: object) -> Edit | None:
    with project.write() as session:
        row = _newest(session, found) if found == "applied" else _oldest(session, found)
        if row is None:
            return None
        step = _to_edit(row)
        row.state, row.merge_key = becomes, None
        _change(session, inverse(step) if becomes == "undone" else step)
    project.changes.publish(Changes(images=frozenset({step.image_id}), initiator=initiator))
    return step


def _newest(session: Session, state: str) -> EditRow | None:
    return session.scalars(
        select(EditRow).where(EditRow.state == state).order_by(EditRow.id.desc()).limit(1)
    ).one_or_none()


def _oldest(session: Session, state: str) -> EditRow | None:
    return session.scalars(select(EditRow).where(EditRow.state == state).order_by(EditRow.id).limit(1)).one_or_none()


def _to_edit(row: EditRow) -> Edit:
    return Edit(row.image_id, row.text, side_from_json(row.before), side_from_json(row.after), row.merge_key)


def _conflict() -> Conflict:
    return Conflict(
        tr("Somebody else changed this page first, in another window or program."),
        tr("Nothing was lost: the page now shows the newest state. Make your change again if it is still needed."),
    )


def _change(session: Session, edit: Edit) -> None:
    image = session.get(ImageRow, edit.image_id)
    if image is None:
        raise NotFound(tr("There is no image {id} in this project.", id=edit.image_id))
    _check_before(session, image, edit)
    _check_after(image, edit.after.boxes)
    _write_boxes(session, edit)
    _write_rejections(session, edit.before, edit.after)
    if edit.after.state is not None:
        image.state = str(edit.after.state)
        image.reviewed_at = utcnow() if edit.after.state is ReviewState.REVIEWED else None
    session.flush()


def _check_before(session: Session, image: ImageRow, edit: Edit) -> None:
    touched = {b.id for b in (*edit.before.boxes, *edit.after.boxes)}
    found = {b.id: to_box(b) for b in session.scalars(_boxes_of(edit.image_id)) if b.id in touched}
    if found != {b.id: b for b in edit.before.boxes}:
        raise _conflict()
    suggestions = edit.before.rejected | edit.after.rejected
    if suggestions and frozenset(session.scalars(_rejected_of(edit.image_id))) & suggestions != edit.before.rejected:
        raise _conflict()
    if edit.before.state is not None and image.state != edit.before.state:
        raise _conflict()
    taken = {b.suggestion_id for b in edit.after.boxes if b.suggestion_id is not None} | edit.after.rejected
    known = (
        set(session.scalars(select(SuggestionRow.id).where(SuggestionRow.image_id == edit.image_id)))
        if taken
        else set()
    )
    if not taken <= known:
        raise _conflict()


def _check_after(image: ImageRow, boxes: Iterable[Box]) -> None:
    slack = 0.5
    for b in boxes:
        inside = b.x >= -slack and b.y >= -slack and b.right <= image.width + slack and b.bottom <= image.height + slack
        if not is_finite(b) or b.w <= 0 or b.h <= 0 or not inside:
            raise BadInput(tr("A box must lie on the page and have a size."))


def _write_boxes(session: Session, edit: Edit) -> None:
    after = {b.id: b for b in edit.after.boxes}
    gone = [b.id for b in edit.before.boxes if b.id not in after]
    if gone:
        session.execute(delete(BoxRow).where(BoxRow.id.in_(gone)))
    for box in edit.after.boxes:
        session.merge(from_box(edit.image_id, box))


def _write_rejections(session: Session, before: Side, after: Side) -> None:
    lifted, added = before.rejected - after.rejected, after.rejected - before.rejected
    if lifted:
        session.execute(delete(RejectionRow).where(RejectionRow.suggestion_id.in_(lifted)))
    session.add_all(RejectionRow(suggestion_id=s) for s in sorted(added))


def _boxes_of(image_id: int) -> Select[BoxRow]:
    return select(BoxRow).where(BoxRow.image_id == image_id).order_by(literal_column("boxes.rowid"))


def _rejected_of(image_id: int) -> Select[int]:
    return (
        select(RejectionRow.suggestion_id)
        .join(SuggestionRow, SuggestionRow.id == RejectionRow.suggestion_id)
        .where(SuggestionRow.image_id == image_id)
    )
