"""Who wrote what: gives images a writer, renames and merges writers, notes. Each is one transaction that can be taken back.

Splits stay sticky: what would make figures lie is refused unless the caller says that the person was asked.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from labeler.core.changes import Changes
from labeler.core.errors import BadInput, Conflict, NotFound, UserError
from labeler.core.honesty import joint_split
from labeler.core.i18n import ntr, tr
from labeler.core.splits import SPLITS
from labeler.services import _writer_steps
from labeler.services._honesty import harms, used_as
from labeler.services._rows import SPLIT, chunks
from labeler.services._standing import Standing, put_back, standing
from labeler.services.project import Project
from labeler_db.models import GroupRow, ImageRow, WriterRow

LONGEST_CODE = 40


@dataclass(frozen=True, slots=True)
class Plan:
    """What giving images to a writer would do. `twins` are near-duplicates that come along, `split` is where all are then.

    `harms` are sentences about figures that would lie; () where the move is honest.
    """

    image_ids: tuple[int, ...]
    twins: int
    split: str | None
    harms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in words, and how things stood before and after; `take_back` takes it."""

    text: str
    before: Standing
    after: Standing


def plan(project: Project, image_ids: Sequence[int], code: str | None) -> Plan:
    """What `give` would do; writes nothing."""
    with project.read() as session:
        row = _find(session, code) if code is not None else None
        return _plan(session, image_ids, code, row)


def give(project: Project, image_ids: Sequence[int], code: str | None, *, allow_harm: bool = False) -> Done:
    """Say that `code`, a new writer if need be, wrote these images; None takes their writer away.

    Near-duplicates without a writer come along: they show the same page. A writer without a split takes the images'; images
    without a writer keep the split that theirs had. Raises `BadInput` for a bad code, `UserError` where figures would lie.
    """
    code = checked_code(code) if code is not None else None
    with project.write(Changes(images=frozenset(image_ids), library=True)) as session:
        row = _find(session, code) if code is not None else None
        planned = _plan(session, image_ids, code, row)
        _refuse(planned.harms, allow_harm=allow_harm)
        before = standing(session, planned.image_ids, [row.id] if row else [])
        if code is not None:
            row = row or _new(session, code)
            if row.split is None and planned.split is not None:
                row.split, row.split_by = planned.split, "images"
            _move(session, planned.image_ids, row)
        else:
            _set_free(session, planned.image_ids)
        after = standing(session, planned.image_ids, before.writers.keys() | ({row.id} if row else set()))
        return _done(session, _given(len(planned.image_ids), code), before, after)


def merge(project: Project, code: str, into: str, *, allow_harm: bool = False) -> Done:
    """`code` and `into` are one hand: everything is `into`'s, and `code` is gone. Raises `NotFound`, `BadInput`, `UserError`."""
    if code == into:
        raise BadInput(tr("A writer cannot be merged into itself."), tr("Choose another writer."))
    with project.write(Changes(library=True)) as session:
        gone, kept = _get(session, code), _get(session, into)
        ids = _images_of(session, gone)
        planned = _plan(session, ids, into, kept)
        _refuse(planned.harms, allow_harm=allow_harm)
        before = standing(session, ids, [gone.id, kept.id])
        if kept.split is None and planned.split is not None:
            kept.split, kept.split_by = planned.split, "images"
        kept.note = kept.note or gone.note
        _move(session, ids, kept)
        session.delete(gone)
        session.flush()
        after = standing(session, ids, before.writers)
        return _done(session, tr("{code} and {into} are one writer now.", code=code, into=into), before, after)


def merge_harms(project: Project, code: str, into: str) -> tuple[str, ...]:
    """What merging would do to figures, in sentences; () where it is honest. Raises `NotFound`."""
    with project.read() as session:
        gone, kept = _get(session, code), _get(session, into)
        return _plan(session, _images_of(session, gone), into, kept).harms


def split_harms(project: Project, code: str, split: str) -> tuple[str, ...]:
    """What putting a writer into another split by hand would do to figures, in sentences. Raises `NotFound`."""
    with project.read() as session:
        return harms(session, dict.fromkeys(_images_of(session, _get(session, code)), split))


def change(project: Project, code: str, *, code_now: str | None = None, note: str | None = None) -> Done:
    """Another code or note for a writer. Raises `NotFound`, `BadInput` where the code is bad or taken."""
    new = checked_code(code_now) if code_now is not None else code
    with _writer_changed(project, code) as (session, row, finish):
        if new != code and _find(session, new) is not None:
            raise BadInput(tr("There is a writer {code} already.", code=new), tr("Merge the two if they are one hand."))
        row.code = new
        row.note = row.note if note is None else note.strip()
        if new != code:
            return finish(tr("{code} is called {new} now.", code=code, new=new))
        return finish(tr("The note on {code} is kept.", code=code))


def set_split(project: Project, code: str, split: str, *, allow_harm: bool = False) -> Done:
    """Put a writer into a split by hand. Raises `NotFound`, `BadInput`, `UserError` where figures would lie."""
    if split not in SPLITS:
        raise BadInput(tr("A split is train, val or test, not {split}.", split=split))
    with _writer_changed(project, code) as (session, row, finish):
        _refuse(harms(session, dict.fromkeys(_images_of(session, row), split)), allow_harm=allow_harm)
        row.split, row.split_by = split, "manual"
        return finish(tr("{code} is in {split} now.", code=code, split=_name(split)))


def remove_unused(project: Project, code: str) -> Done:
    """Take a writer without images off the list. Raises `NotFound`, `UserError` where there are images."""
    with project.write(Changes(library=True)) as session:
        row = _get(session, code)
        if _images_of(session, row):
            raise UserError(
                tr("{code} has written images.", code=code), tr("Give them to another writer first, or merge the two.")
            )
        before = standing(session, [], [row.id])
        session.delete(row)
        return _done(session, tr("{code} is off the list.", code=code), before, Standing())


def last(project: Project) -> Done | None:
    """What was done last and not taken back, also by an earlier session."""
    with project.read() as session:
        step = _writer_steps.last(session)
    return Done(*step) if step is not None else None


def _done(session: Session, text: str, before: Standing, after: Standing) -> Done:
    """What was done, kept in the same transaction."""
    _writer_steps.note(session, (text, before, after))
    return Done(text, before, after)


def take_back(project: Project, done: Done) -> None:
    """Undo what was done to writers. Raises `Conflict` where it has changed since, `UserError` where figures would lie."""
    with project.write(Changes(images=frozenset(done.before.places), library=True)) as session:
        codes = {facts.code: writer for writer, facts in done.before.writers.items()}
        taken = session.execute(select(WriterRow.code, WriterRow.id).where(WriterRow.code.in_(codes))).all()
        if not done.after.still_holds(session) or any(codes[c] != i or i not in done.after.writers for c, i in taken):
            raise Conflict(
                tr("This cannot be taken back: the writers have changed since."),
                tr("Give the images their writer again."),
            )
        _refuse(harms(session, done.before.splits()), allow_harm=False)
        put_back(session, done.before, done.after)
        _writer_steps.drop(session, (done.text, done.before, done.after))


def checked_code(code: str) -> str:
    """A code without space around it. Raises `BadInput` for one that is empty, too long or not printable."""
    code = code.strip()
    if not code or len(code) > LONGEST_CODE or not code.isprintable():
        raise BadInput(
            tr("A writer's code is 1 to {most} letters, digits and signs.", most=LONGEST_CODE),
            tr("For example S07. Use a code and no name: it goes wherever the data goes."),
        )
    return code


Finish = Callable[[str], Done]


@contextmanager
def _writer_changed(project: Project, code: str) -> Iterator[tuple[Session, WriterRow, Finish]]:
    with project.write(Changes(library=True)) as session:
        row = _get(session, code)
        before = standing(session, [], [row.id])

        def finish(text: str) -> Done:
            session.flush()
            return _done(session, text, before, standing(session, [], [row.id]))

        yield session, row, finish


def _plan(session: Session, image_ids: Sequence[int], code: str | None, row: WriterRow | None) -> Plan:
    if code is None:  # each keeps the split it has
        _splits(session, image_ids)
        return Plan(_with_writer(session, image_ids), 0, None, ())
    twins = _twins(session, image_ids)
    ids = (*image_ids, *twins)
    splits = _splits(session, ids)
    split = row.split if row is not None else None
    if split is None:
        own = _images_of(session, row) if row is not None else []
        used = used_as(session, [*ids, *own])
        learnt = any("train" in found for found in used.values())
        split = joint_split(Counter(s for s in splits.values() if s is not None), learnt=learnt)
    moves = {i: split for i, old in splits.items() if old != split}
    return Plan(ids, len(twins), split, harms(session, moves))


def _refuse(found: Sequence[str], *, allow_harm: bool) -> None:
    if found and not allow_harm:
        raise UserError(" ".join(found), tr("Nothing was changed."))


def _with_writer(session: Session, image_ids: Sequence[int]) -> tuple[int, ...]:
    found: list[int] = []
    for part in chunks(image_ids):
        found += session.scalars(select(ImageRow.id).where(ImageRow.id.in_(part), ImageRow.writer_id.is_not(None)))
    return tuple(found)


def _twins(session: Session, image_ids: Sequence[int]) -> list[int]:
    """Images that share a group with one of these: near-duplicates."""
    groups: set[int] = set()
    for part in chunks(image_ids):
        groups.update(
            g
            for g in session.scalars(select(ImageRow.group_id).where(ImageRow.id.in_(part)).distinct())
            if g is not None
        )
    found: list[int] = []
    for group_part in chunks(sorted(groups)):
        found += session.scalars(select(ImageRow.id).where(ImageRow.group_id.in_(group_part)).order_by(ImageRow.id))
    known = set(image_ids)
    return [i for i in found if i not in known]


def _splits(session: Session, image_ids: Sequence[int]) -> dict[int, str | None]:
    """Each image's split. Raises `NotFound` where one is gone."""
    found: dict[int, str | None] = {}
    for part in chunks(image_ids):
        query = (
            select(ImageRow.id, SPLIT)
            .outerjoin(WriterRow, ImageRow.writer_id == WriterRow.id)
            .outerjoin(GroupRow, ImageRow.group_id == GroupRow.id)
            .where(ImageRow.id.in_(part))
        )
        found.update((i, split) for i, split in session.execute(query))
    for image_id in image_ids:
        if image_id not in found:
            raise NotFound(tr("There is no image {id} in this project.", id=image_id))
    return found


def _move(session: Session, image_ids: Sequence[int], row: WriterRow) -> None:
    for part in chunks(image_ids):
        session.execute(update(ImageRow).where(ImageRow.id.in_(part)).values(writer_id=row.id, group_id=None))
    _drop_empty_groups(session)


def _set_free(session: Session, image_ids: Sequence[int]) -> None:
    """A group of its own for each image that has a writer, in the writer's split."""
    for part in chunks(image_ids):
        rows = session.execute(
            select(ImageRow, WriterRow.split)
            .join(WriterRow, ImageRow.writer_id == WriterRow.id)
            .where(ImageRow.id.in_(part))
        ).all()
        for image, split in rows:
            group = GroupRow(split=split, split_by="writer" if split else None)
            session.add(group)
            session.flush()
            image.writer_id, image.group_id = None, group.id
        session.flush()


def _drop_empty_groups(session: Session) -> None:
    used = select(ImageRow.group_id).where(ImageRow.group_id.is_not(None))
    session.execute(delete(GroupRow).where(GroupRow.id.not_in(used)))


def _images_of(session: Session, row: WriterRow) -> list[int]:
    return list(session.scalars(select(ImageRow.id).where(ImageRow.writer_id == row.id).order_by(ImageRow.id)))


def _find(session: Session, code: str) -> WriterRow | None:
    return session.scalars(select(WriterRow).where(WriterRow.code == code)).one_or_none()


def _get(session: Session, code: str) -> WriterRow:
    row = _find(session, code)
    if row is None:
        raise NotFound(tr("There is no writer {code}.", code=code))
    return row


def _new(session: Session, code: str) -> WriterRow:
    row = WriterRow(code=code)
    session.add(row)
    session.flush()
    return row


def _name(split: str) -> str:
    return {"train": tr("training"), "val": tr("validation")}.get(split, tr("test"))


def _given(count: int, code: str | None) -> str:
    if code is None:
        return ntr("{count} image has no writer now.", "{count} images have no writer now.", count)
    return ntr("{count} image is by {code} now.", "{count} images are by {code} now.", count, code=code)
