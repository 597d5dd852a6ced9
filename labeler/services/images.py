"""Images of a project: listing, counting, their bytes, and the statistics of the whole. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVarTuple

from sqlalchemy import Select, func, or_, select

from labeler.core.boxes import ReviewState
from labeler.core.errors import NotFound
from labeler.core.filters import ImageFilter, Order
from labeler.core.i18n import tr
from labeler.core.pages import Image
from labeler.services._orders import ordered
from labeler.services._rows import SPLIT, chunks, select_images, to_image
from labeler.services.project import Project
from labeler_db.models import BlobRow, BoxRow, GroupRow, ImageRow, SuggestionRow, ThumbnailRow, WriterRow

Columns = TypeVarTuple("Columns")


@dataclass(frozen=True, slots=True)
class Writer:
    """The person whose hand wrote images."""

    id: int
    code: str
    note: str
    split: str | None
    images: int


@dataclass(frozen=True, slots=True)
class Stats:
    """Counts of a project. Keys of `by_split` are train, val, test, none; of `by_class` the class names."""

    images: int
    writers: int
    boxes: int
    suggestions: int
    by_state: dict[str, int]
    by_split: dict[str, int]
    by_class: dict[str, int]


def image_ids(
    project: Project,
    filters: ImageFilter = ImageFilter(),  # noqa: B008 - frozen
    order: Order = Order.ADDED,
    *,
    limit: int | None = None,
) -> list[int]:
    """Ids of the images that pass, in order, the first `limit` of them or all.

    Ids alone are small: 100,000 of them are what a list view needs to know its length.
    """
    query = ordered(_filtered(select(ImageRow.id), filters), order).limit(limit)
    with project.read() as session:
        return list(session.scalars(query))


def images(project: Project, ids: Sequence[int]) -> list[Image]:
    """The images with these ids, in this order; ids that are gone are left out."""
    found: dict[int, Image] = {}
    with project.read() as session:
        for part in chunks(ids):
            for row in session.execute(select_images().where(ImageRow.id.in_(part))):
                image = to_image(row)
                found[image.id] = image
    return [found[i] for i in ids if i in found]


def picture(project: Project, image_id: int) -> bytes:
    """The upright picture as JPEG or PNG bytes, without metadata. Raises `NotFound`."""
    query = (
        select(BlobRow.data).join(ImageRow, ImageRow.upright_sha256 == BlobRow.sha256).where(ImageRow.id == image_id)
    )
    return _bytes(project, query, image_id)


def original(project: Project, image_id: int) -> bytes:
    """The bytes as they were imported. Raises `NotFound`."""
    query = select(BlobRow.data).join(ImageRow, ImageRow.sha256 == BlobRow.sha256).where(ImageRow.id == image_id)
    return _bytes(project, query, image_id)


def thumbnail(project: Project, image_id: int) -> bytes:
    """A small JPEG of the upright picture. Raises `NotFound`."""
    return _bytes(project, select(ThumbnailRow.data).where(ThumbnailRow.image_id == image_id), image_id)


def writers(project: Project) -> list[Writer]:
    """Every writer, by code."""
    query = (
        select(WriterRow, func.count(ImageRow.id))
        .outerjoin(ImageRow, ImageRow.writer_id == WriterRow.id)
        .group_by(WriterRow.id)
        .order_by(WriterRow.code)
    )
    with project.read() as session:
        return [Writer(w.id, w.code, w.note, w.split, n) for w, n in session.execute(query)]


def sources(project: Project) -> list[str]:
    """Where images came from, each once, by name."""
    with project.read() as session:
        return list(session.scalars(select(ImageRow.source).distinct().order_by(ImageRow.source)))


def by_state(project: Project) -> dict[str, int]:
    """How many images there are in each review state."""
    with project.read() as session:
        found = dict(session.execute(select(ImageRow.state, func.count()).group_by(ImageRow.state)).all())
    return {str(s): found.get(s, 0) for s in ReviewState}


def stats(project: Project) -> Stats:
    """Counts of the whole project."""
    states = by_state(project)
    with project.read() as session:
        splits = session.execute(_with_split(select(SPLIT, func.count(ImageRow.id))).group_by(SPLIT)).all()
        classes = dict(session.execute(select(BoxRow.class_id, func.count()).group_by(BoxRow.class_id)).all())
        writer_count = session.scalar(select(func.count(WriterRow.id))) or 0
        suggestions = session.scalar(select(func.count(SuggestionRow.id))) or 0
    by_split = {"train": 0, "val": 0, "test": 0, "none": 0} | {split or "none": n for split, n in splits}
    return Stats(
        images=sum(states.values()),
        writers=writer_count,
        boxes=sum(classes.values()),
        suggestions=suggestions,
        by_state=states,
        by_split=by_split,
        by_class={name: classes.get(n, 0) for n, name in enumerate(project.classes)},
    )


def _bytes(project: Project, query: Select[bytes], image_id: int) -> bytes:
    with project.read() as session:
        data = session.scalar(query)
    if data is None:
        raise NotFound(tr("There is no image {id} in this project.", id=image_id))
    return data


def _with_split(query: Select[*Columns]) -> Select[*Columns]:
    return query.outerjoin(WriterRow, ImageRow.writer_id == WriterRow.id).outerjoin(
        GroupRow, ImageRow.group_id == GroupRow.id
    )


def _filtered(query: Select[int], filters: ImageFilter) -> Select[int]:
    if filters.writer is not None or filters.split is not None or filters.text:
        query = _with_split(query)
    if filters.states:
        query = query.where(ImageRow.state.in_([str(s) for s in filters.states]))
    if filters.writer is not None:
        query = query.where(WriterRow.code == filters.writer if filters.writer else ImageRow.writer_id.is_(None))
    if filters.split is not None:
        query = query.where(SPLIT.is_(None) if filters.split == "none" else SPLIT.in_([filters.split]))
    if filters.source is not None:
        query = query.where(ImageRow.source == filters.source)
    if filters.class_id is not None:
        query = query.where(ImageRow.id.in_(select(BoxRow.image_id).where(BoxRow.class_id == filters.class_id)))
    if filters.suggestion_below is not None:
        low = select(SuggestionRow.image_id).where(SuggestionRow.score < filters.suggestion_below)
        query = query.where(ImageRow.state == "suggested", ImageRow.id.in_(low))
    if filters.text:
        like = f"%{filters.text}%"
        query = query.where(or_(ImageRow.name.ilike(like), ImageRow.source.ilike(like), WriterRow.code.ilike(like)))
    return query
