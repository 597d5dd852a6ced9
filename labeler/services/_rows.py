"""Rows of the database to values of the core and back: the only mapping."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, Row, Select, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session

from labeler.core import doubts
from labeler.core.boxes import Box, Origin, ReviewState, Suggestion
from labeler.core.pages import Image
from labeler_db.models import BoxRow, GroupRow, ImageRow, RejectionRow, SuggestionRow, WriterRow

T = TypeVar("T")

SPLIT = func.coalesce(WriterRow.split, GroupRow.split)
"""The split of an image: its writer's, or its group's where it has no writer."""

BOX_COUNT = select(func.count(BoxRow.id)).where(BoxRow.image_id == ImageRow.id).correlate(ImageRow).scalar_subquery()


def select_images() -> Select[ImageRow, str | None, str | None, int]:
    """Images with what `to_image` needs."""
    return (
        select(ImageRow, WriterRow.code, SPLIT.label("split"), BOX_COUNT.label("boxes"))
        .outerjoin(WriterRow, ImageRow.writer_id == WriterRow.id)
        .outerjoin(GroupRow, ImageRow.group_id == GroupRow.id)
    )


def to_image(row: Row[ImageRow, str | None, str | None, int]) -> Image:
    """A row of `select_images`."""
    image, writer, split, boxes = row
    return Image(
        id=image.id, name=image.name, width=image.width, height=image.height, state=ReviewState(image.state), source=image.source,
        writer=writer, split=split, kind=image.kind, prompt=image.prompt, suggested_by=image.suggested_by,
        uncertainty=image.uncertainty, boxes=boxes, added_at=image.added_at,
        doubts=() if image.state == ReviewState.REVIEWED else doubts.from_json(image.doubts),
    )  # fmt: skip


def to_box(row: BoxRow) -> Box:
    """A row as a box."""
    return Box(row.x, row.y, row.w, row.h, row.class_id, row.id, Origin(row.origin), row.suggestion_id)


def read_boxes(session: Session, image_id: int) -> tuple[Box, ...]:
    """The boxes of an image in the order of their making, without an object of the ORM for each: pages can hold thousands."""
    row = BoxRow
    query = (
        select(row.x, row.y, row.w, row.h, row.class_id, row.id, row.origin, row.suggestion_id)
        .where(row.image_id == image_id)
        .order_by(literal_column("boxes.rowid"))
    )
    return tuple(Box(x, y, w, h, c, i, Origin(o), s) for x, y, w, h, c, i, o, s in session.execute(query))


def read_suggestions(session: Session, image_id: int, model_id: int | None) -> tuple[Suggestion, ...]:
    """What a model suggested on an image, judged or not, in the order of its making."""
    row = SuggestionRow
    query = (
        select(row.x, row.y, row.w, row.h, row.class_id, row.score, row.id, row.model_id, row.margin)
        .where(row.image_id == image_id, row.model_id == model_id)
        .order_by(row.id)
    )
    return tuple(Suggestion(*found) for found in session.execute(query))


def from_box(image_id: int, box: Box) -> BoxRow:
    """A box as a row of an image."""
    return BoxRow(
        id=box.id, image_id=image_id, class_id=box.class_id, x=box.x, y=box.y, w=box.w, h=box.h, origin=str(box.origin),
        suggestion_id=box.suggestion_id,
    )  # fmt: skip


def to_suggestion(row: SuggestionRow) -> Suggestion:
    """A row as a suggestion."""
    return Suggestion(row.x, row.y, row.w, row.h, row.class_id, row.score, row.id, row.model_id, row.margin)


def chunks(ids: Sequence[T], size: int = 500) -> list[Sequence[T]]:
    """`ids` in pieces that fit SQLite's limit on parameters."""
    return [ids[i : i + size] for i in range(0, len(ids), size)]


def is_judged() -> ColumnElement[bool]:
    """Whether a suggestion became a box or was rejected."""
    return or_(
        exists().where(BoxRow.suggestion_id == SuggestionRow.id),
        exists().where(RejectionRow.suggestion_id == SuggestionRow.id),
    )
