"""The one door for changes of boxes: `apply` checks, writes and logs an edit in one transaction; undo and redo go through it too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from labeler.core.boxes import Box, ReviewState, is_finite
from labeler.core.changes import Changes
from labeler.core.edits import Edit, Side, inverse, merge, side_from_json, side_to_json
from labeler.core.errors import BadInput, Conflict, NotFound
from labeler.core.i18n import tr
from labeler.core.pages import Page, settled
from labeler.services._rows import (
    chunks,
    from_box,
    read_boxes,
    read_suggestions,
    select_images,
    to_box,
    to_image,
)
from labeler.services.project import Project
from labeler_db.models import BoxRow, ClassRow, EditRow, ImageRow, RejectionRow, SuggestionRow, utcnow


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
    boxes = read_boxes(session, image_id)
    rejected = frozenset(session.scalars(_rejected_of(image_id)))
    judged = rejected | {b.suggestion_id for b in boxes if b.suggestion_id is not None}
    found = read_suggestions(session, image_id, image.suggested_by)
    return Page(image, boxes, tuple(s for s in found if s.id not in judged), rejected)


def apply(project: Project, edit: Edit, *, annotator: str = "", seconds: float = 0.0, initiator: object = None) -> Edit:
    """Write `edit` and log it, in one transaction; returns the logged step, which may be merged with the one before.

    `seconds` is the time the person spent on it. Raises `Conflict` where the rows no longer equal `edit.before`, `BadInput` for
    boxes no page can hold. An edit that changes nothing is no step.
    """
    changes = Changes(images=frozenset({edit.image_id}), initiator=initiator)
    with project.write(changes) as session:
        return apply_in(session, edit, annotator=annotator, seconds=seconds)


def apply_in(session: Session, edit: Edit, *, annotator: str = "", seconds: float = 0.0) -> Edit:
    """The same within a transaction that the caller owns."""
    if edit.is_empty:
        return edit
    _change(session, edit, is_new=True)
    session.execute(update(EditRow).where(EditRow.state == "undone").values(state="dropped"))
    last = _newest(session, "applied") if edit.merge_key is not None else None
    if last is not None and (merged := merge(_to_edit(last), edit)) is not None:
        last.after, last.at = side_to_json(merged.after), utcnow()
        last.seconds += seconds
        if merged.is_empty:  # nudged there and back
            session.delete(last)
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
    step_id: int | None = None
    try:
        with project.write() as session:
            row = _newest(session, found) if found == "applied" else _oldest(session, found)
            if row is None:
                return None
            step_id, step = row.id, _to_edit(row)
            row.state, row.merge_key = becomes, None
            _change(session, inverse(step) if becomes == "undone" else step, is_new=becomes == "applied")
    except Conflict as error:
        if step_id is not None:
            _give_up(project, step_id, found)
        raise Conflict(
            tr("This step cannot be taken back or done again: the page has changed since."),
            tr("The steps before it still can be taken back."),
        ) from error
    project.changes.publish(Changes(images=frozenset({step.image_id}), initiator=initiator))
    return step


def _give_up(project: Project, step_id: int, found: str) -> None:
    """A step that no longer fits must not bar the way to those behind it; after a lost redo the later ones have lost their ground."""
    with project.write() as session:
        lost = EditRow.id == step_id if found == "applied" else EditRow.state == "undone"
        session.execute(update(EditRow).where(lost).values(state="dropped"))


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


def _change(session: Session, edit: Edit, *, is_new: bool) -> None:
    image = session.get(ImageRow, edit.image_id)
    if image is None:
        raise NotFound(tr("There is no image {id} in this project.", id=edit.image_id))
    rows = _touched(session, edit)
    rejected = frozenset(session.scalars(_rejected_of(image.id)))
    _check_before(session, image, edit, rows, rejected)
    _check_boxes(session, image, edit.after.boxes)
    _check_judgements(session, image, edit, rejected, is_new=is_new)
    _write_boxes(session, edit, rows)
    _write_rejections(session, edit.before, edit.after)
    if edit.after.state is not None:
        _write_state(image, edit.after.state, is_review=is_new and _becomes_reviewed(edit))
    session.flush()


def _becomes_reviewed(edit: Edit) -> bool:
    return edit.after.state is ReviewState.REVIEWED and edit.before.state is not ReviewState.REVIEWED


def _check_before(
    session: Session, image: ImageRow, edit: Edit, rows: Mapping[str, BoxRow], rejected: frozenset[int]
) -> None:
    """The rows are what the edit was made from, and its new ids are new."""
    touched = {b.id for b in (*edit.before.boxes, *edit.after.boxes)}
    if {i: to_box(row) for i, row in rows.items()} != {b.id: b for b in edit.before.boxes}:
        raise _conflict()
    fresh = [i for i in touched if i not in rows]
    for part in chunks(fresh):
        if session.scalars(select(BoxRow.id).where(BoxRow.id.in_(part))).first() is not None:
            raise _conflict()
    if rejected & (edit.before.rejected | edit.after.rejected) != edit.before.rejected:
        raise _conflict()
    was_reviewed = image.state == ReviewState.REVIEWED  # new or suggested is the model's doing, and no conflict
    if edit.before.state is not None and was_reviewed != (edit.before.state is ReviewState.REVIEWED):
        raise _conflict()


def _check_boxes(session: Session, image: ImageRow, boxes: Sequence[Box]) -> None:
    """The boxes are ones that a page can hold."""
    if not boxes:
        return
    slack = 0.5
    classes = set(session.scalars(select(ClassRow.id)))
    for b in boxes:
        inside = b.x >= -slack and b.y >= -slack and b.right <= image.width + slack and b.bottom <= image.height + slack
        if not is_finite(b) or b.w <= 0 or b.h <= 0 or not inside:
            raise BadInput(tr("A box must lie on the page and have a size."))
        if b.class_id not in classes:
            raise BadInput(tr("This project has no class with the number {id}.", id=b.class_id))
    if len({b.id for b in boxes}) != len(boxes):
        raise BadInput(tr("A box was given twice."))


def _check_judgements(session: Session, image: ImageRow, edit: Edit, rejected: frozenset[int], *, is_new: bool) -> None:
    """Each suggestion ends as one box, or rejected, or open; and a page that becomes reviewed leaves none open."""
    reviewing = is_new and _becomes_reviewed(edit)
    taken = [b.suggestion_id for b in edit.after.boxes if b.suggestion_id is not None]
    if not (taken or edit.after.rejected or reviewing):
        return
    touched = {b.id for b in edit.before.boxes}
    kept = session.execute(
        select(BoxRow.id, BoxRow.suggestion_id).where(BoxRow.image_id == image.id, BoxRow.suggestion_id.is_not(None))
    )
    boxed = [suggestion for i, suggestion in kept if i not in touched]
    model_of = dict(
        session.execute(
            select(SuggestionRow.id, SuggestionRow.model_id).where(SuggestionRow.image_id == image.id)
        ).all()
    )
    said_no = (rejected - edit.before.rejected) | edit.after.rejected
    said_yes = {*boxed, *taken}
    if len(said_yes) != len(boxed) + len(taken) or said_yes & said_no or not {*taken, *said_no} <= model_of.keys():
        raise _conflict()
    if reviewing and any(m == image.suggested_by for s, m in model_of.items() if s not in said_yes | said_no):
        raise _conflict()


def _write_boxes(session: Session, edit: Edit, rows: Mapping[str, BoxRow]) -> None:
    after = {b.id for b in edit.after.boxes}
    for box in edit.before.boxes:
        if box.id not in after:
            session.delete(rows[box.id])
    session.flush()  # deletions first: a box may go and another take its suggestion
    for box in edit.after.boxes:
        row = rows.get(box.id)
        if row is None:
            session.add(from_box(edit.image_id, box))
        else:
            row.x, row.y, row.w, row.h, row.class_id = box.x, box.y, box.w, box.h, box.class_id
            row.origin, row.suggestion_id = str(box.origin), box.suggestion_id


def _write_rejections(session: Session, before: Side, after: Side) -> None:
    lifted, added = before.rejected - after.rejected, after.rejected - before.rejected
    if lifted:
        session.execute(delete(RejectionRow).where(RejectionRow.suggestion_id.in_(lifted)))
    session.add_all(RejectionRow(suggestion_id=s) for s in sorted(added))


def _write_state(image: ImageRow, state: ReviewState, *, is_review: bool) -> None:
    """`reviewed_with` is stamped by the act of reviewing, not by coming back to it through undo."""
    if state is not ReviewState.REVIEWED:
        image.reviewed_at = None
    elif is_review or image.reviewed_at is None:
        image.reviewed_at = utcnow()
    if is_review:
        image.reviewed_with = image.suggested_by
    image.state = str(settled(state, image.suggested_by))


def _touched(session: Session, edit: Edit) -> dict[str, BoxRow]:
    """The rows of the boxes that an edit touches: on a page of thousands of boxes the others are not looked at."""
    ids = list(dict.fromkeys(b.id for b in (*edit.before.boxes, *edit.after.boxes)))
    found: dict[str, BoxRow] = {}
    for part in chunks(ids):
        query = select(BoxRow).where(BoxRow.id.in_(part), BoxRow.image_id == edit.image_id)
        found |= {row.id: row for row in session.scalars(query)}
    return found


def _rejected_of(image_id: int) -> Select[int]:
    return (
        select(RejectionRow.suggestion_id)
        .join(SuggestionRow, SuggestionRow.id == RejectionRow.suggestion_id)
        .where(SuggestionRow.image_id == image_id)
    )
