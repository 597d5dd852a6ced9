"""How writers, groups and the images that are theirs stand at one moment, and putting them back so. Within the caller's transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.services._rows import chunks
from labeler_db.models import GroupRow, ImageRow, WriterRow


class WriterFacts(NamedTuple):
    """A writer's row without its id."""

    code: str
    note: str
    split: str | None
    split_by: str | None
    created_at: datetime


class GroupFacts(NamedTuple):
    """A group's row without its id."""

    split: str | None
    split_by: str | None


class Place(NamedTuple):
    """Whose an image is: exactly one of the two ids is set."""

    writer_id: int | None
    group_id: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Rows by id. Ids of rows that are deleted may be given to others later: they are names within this value, no more."""

    writers: Mapping[int, WriterFacts] = field(default_factory=dict)
    groups: Mapping[int, GroupFacts] = field(default_factory=dict)
    places: Mapping[int, Place] = field(default_factory=dict)

    def still_holds(self, session: Session) -> bool:
        """Whether every row is as it is here."""
        return standing(session, tuple(self.places), tuple(self.writers)) == self

    def splits(self) -> dict[int, str | None]:
        """Each image's split."""
        return {
            image: self.writers[p.writer_id].split if p.writer_id is not None else self.groups[p.group_id or 0].split
            for image, p in self.places.items()
        }


def standing(session: Session, image_ids: Sequence[int], writer_ids: Iterable[int]) -> Standing:
    """How these images and writers stand now; the writers and groups that the images belong to are taken along."""
    session.flush()
    places: dict[int, Place] = {}
    for part in chunks(image_ids):
        rows = session.execute(select(ImageRow.id, ImageRow.writer_id, ImageRow.group_id).where(ImageRow.id.in_(part)))
        places.update((i, Place(writer, group)) for i, writer, group in rows)
    wanted = {*writer_ids, *(p.writer_id for p in places.values() if p.writer_id is not None)}
    writers: dict[int, WriterFacts] = {}
    for part in chunks(sorted(wanted)):
        for w in session.scalars(select(WriterRow).where(WriterRow.id.in_(part))):
            writers[w.id] = WriterFacts(w.code, w.note, w.split, w.split_by, w.created_at)
    groups: dict[int, GroupFacts] = {}
    for part in chunks(sorted({p.group_id for p in places.values() if p.group_id is not None})):
        for g in session.scalars(select(GroupRow).where(GroupRow.id.in_(part))):
            groups[g.id] = GroupFacts(g.split, g.split_by)
    return Standing(writers, groups, places)


def put_back(session: Session, before: Standing, after: Standing) -> None:
    """Make what stands as `after` stand as `before` again. Rows that are gone come back, under new ids where others took theirs."""
    writer_of: dict[int, int] = {}
    for old, facts in before.writers.items():
        row = session.get(WriterRow, old)
        if row is None or old not in after.writers:
            row = WriterRow(id=old if row is None else None)
            session.add(row)
        row.code, row.note, row.split, row.split_by, row.created_at = facts
        session.flush()
        writer_of[old] = row.id
    group_of: dict[int, int] = {}
    for old, (split, split_by) in before.groups.items():
        is_free = session.get(GroupRow, old) is None
        group = GroupRow(id=old if is_free else None, split=split, split_by=split_by)
        session.add(group)
        session.flush()
        group_of[old] = group.id
    for image_id, place in before.places.items():
        image = session.get_one(ImageRow, image_id)
        image.writer_id = writer_of[place.writer_id] if place.writer_id is not None else None
        image.group_id = group_of[place.group_id] if place.group_id is not None else None
    session.flush()
    _drop_new(session, before, after)


def _drop_new(session: Session, before: Standing, after: Standing) -> None:
    """What came to be between the two and holds nothing any more goes."""
    for writer_id in after.writers.keys() - before.writers.keys():
        if session.scalars(select(ImageRow.id).where(ImageRow.writer_id == writer_id)).first() is None:
            session.delete(session.get_one(WriterRow, writer_id))
    for group_id in after.groups:
        if session.scalars(select(ImageRow.id).where(ImageRow.group_id == group_id)).first() is None:
            session.delete(session.get_one(GroupRow, group_id))
