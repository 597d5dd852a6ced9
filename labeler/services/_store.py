"""Writes an image with its bytes, thumbnail, writer and boxes within the caller's transaction: all of it, or nothing."""

import hashlib
from dataclasses import dataclass
from typing import Any, Protocol, cast

from sqlalchemy import Table, func, or_, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from labeler.core.boxes import Box, ReviewState
from labeler.core.doubts import Doubt, to_json
from labeler.services._rows import from_box
from labeler_db.models import Base, BlobRow, BoxRow, GroupRow, ImageRow, SuggestionRow, ThumbnailRow, WriterRow, utcnow


class Upright(Protocol):
    """What `formats.pixels.normalise` gives."""

    @property
    def data(self) -> bytes: ...
    @property
    def format(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def thumbnail(self) -> bytes: ...
    @property
    def fingerprint(self) -> int: ...


@dataclass(frozen=True, slots=True)
class NewImage:
    """An image on its way in. `boxes` None means nobody labelled it, () that somebody found it blank.

    With `doubts` the boxes are kept, but the image is not reviewed and counts for nothing until a person has looked.
    """

    sha256: str
    data: bytes
    upright: Upright
    name: str
    source: str
    writer: str | None = None
    split: str | None = None
    boxes: tuple[Box, ...] | None = None
    is_complete: bool = True
    kind: str = "picture"
    prompt: str | None = None
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the image ended up. `split_refused` is the split that stood already where another was asked for."""

    image_id: int
    duplicate: bool
    boxes: int
    split_refused: str | None = None


def add_image(session: Session, new: NewImage) -> Kept:
    """Add `new`, or find the image that has the same bytes or pixels."""
    upright_sha = hashlib.sha256(new.upright.data).hexdigest()
    found = session.scalars(
        select(ImageRow).where(or_(ImageRow.sha256 == new.sha256, ImageRow.upright_sha256 == upright_sha)).limit(1)
    ).one_or_none()
    if found is not None:
        return Kept(found.id, True, _add_boxes(session, found, new), _set_split(session, found, new.split))
    kept = {new.sha256: new.data, upright_sha: new.upright.data}
    blobs = [{"sha256": sha, "data": data} for sha, data in kept.items()]
    connection = session.connection()  # statements, not objects: thousands of images come at a time
    connection.execute(insert(_table(BlobRow)).on_conflict_do_nothing(), blobs)
    image_id = _insert_image(session, new, upright_sha)
    connection.execute(insert(_table(ThumbnailRow)), {"image_id": image_id, "data": new.upright.thumbnail})
    if new.boxes:
        connection.execute(insert(_table(BoxRow)), [_box_values(image_id, box) for box in new.boxes])
    refused = _set_split(session, session.get_one(ImageRow, image_id), new.split) if new.split is not None else None
    return Kept(image_id, False, len(new.boxes or ()), refused)


def _insert_image(session: Session, new: NewImage, upright_sha: str) -> int:
    """The row of a new image, with its writer or a group of its own; returns its id."""
    is_reviewed = new.boxes is not None and new.is_complete and not new.doubts
    writer_id = None if new.writer is None else writer(session, new.writer).id
    return _inserted(
        session, ImageRow, sha256=new.sha256, upright_sha256=upright_sha, format=new.upright.format, width=new.upright.width,
        height=new.upright.height, name=new.name, source=new.source, kind=new.kind, prompt=new.prompt,
        fingerprint=new.upright.fingerprint, doubts=to_json(new.doubts), writer_id=writer_id,
        group_id=_inserted(session, GroupRow) if writer_id is None else None,
        state=str(ReviewState.REVIEWED if is_reviewed else ReviewState.NEW), reviewed_at=utcnow() if is_reviewed else None,
    )  # fmt: skip


def _inserted(session: Session, row: type[Base], **values: object) -> int:
    """The id of a row made of these values."""
    key = session.connection().execute(insert(_table(row)), values).inserted_primary_key
    assert key is not None
    return int(key[0])


def _table(row: type[Base]) -> Table:
    return cast(Table, row.__table__)


def writer(session: Session, code: str) -> WriterRow:
    """The writer with this code, made when new."""
    found = session.scalars(select(WriterRow).where(WriterRow.code == code)).one_or_none()
    if found is None:
        found = WriterRow(code=code)
        session.add(found)
        session.flush()
    return found


def _box_values(image_id: int, box: Box) -> dict[str, Any]:
    return {"image_id": image_id, "id": box.id, "class_id": box.class_id, "x": box.x, "y": box.y, "w": box.w, "h": box.h,
            "origin": str(box.origin), "suggestion_id": box.suggestion_id}  # fmt: skip


def _add_boxes(session: Session, image: ImageRow, new: NewImage) -> int:
    """The boxes that came with a file for an image that is here already, where nobody and no model has been at it yet."""
    if new.boxes is None or image.state == ReviewState.REVIEWED:
        return 0
    for table in (BoxRow, SuggestionRow):
        if session.scalar(select(func.count()).select_from(table).where(table.image_id == image.id)):
            return 0
    session.add_all(from_box(image.id, box) for box in new.boxes)
    if new.is_complete and not image.doubts:
        image.state, image.reviewed_at = str(ReviewState.REVIEWED), utcnow()
    return len(new.boxes)


def _set_split(session: Session, image: ImageRow, split: str | None) -> str | None:
    if split is None:
        return None
    session.flush()
    holder = (
        session.get(WriterRow, image.writer_id)
        if image.writer_id is not None
        else session.get(GroupRow, image.group_id)
    )
    assert holder is not None
    if holder.split is None:
        holder.split, holder.split_by = split, "import"
    return holder.split if holder.split != split else None
