"""Freezing the data set: an immutable version with a content hash. What has not changed is not frozen twice."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, func, insert, or_, select, type_coerce
from sqlalchemy.orm import Session

from labeler.core.boxes import ClassRect, Rect
from labeler.core.changes import Changes
from labeler.core.errors import BadInput, NotFound, UserError
from labeler.core.i18n import tr
from labeler.core.progress import Progress, silent
from labeler.core.versions import FrozenImage, content_hash, freeze_boxes
from labeler.services import splitting
from labeler.services._rows import SPLIT
from labeler.services.project import Project
from labeler_db.models import BoxRow, ContentRow, GroupRow, ImageRow, VersionImageRow, VersionRow, WriterRow


@dataclass(frozen=True, slots=True)
class Version:
    """A frozen data set."""

    id: int
    name: str
    hash: str
    note: str
    created_at: datetime
    classes: tuple[str, ...]
    images: int
    boxes: int
    by_split: dict[str, int]


def freeze(project: Project, *, name: str | None = None, note: str = "", progress: Progress = silent) -> Version:
    """Freeze every labelled image: those reviewed, and those that have a box and no doubts.

    Images without a split get one first. Where a version with the same content exists it is returned, unless another `name` is asked
    for. Raises `UserError` where there is nothing to freeze or the name is taken, `Cancelled`.
    """
    known = _unchanged(project, name)
    if known is not None:
        return _version(project, known)
    splitting.assign(project, labelled_only=True, progress=progress)
    with project.write(Changes(versions=True)) as session:
        images = _labelled(session)
        if not images:
            raise UserError(
                tr("There is nothing to freeze: no image has a box and none is reviewed."),
                tr("Draw or accept boxes first; a page without digits counts once it is marked reviewed."),
            )
        digest = content_hash(project.classes, images)
        row = _same(session, digest, name)
        if row is None:
            row = VersionRow(name=name or _next_name(session), hash=digest, note=note, classes=list(project.classes))
            session.add(row)
            session.flush()
            session.execute(insert(VersionImageRow), [_to_row(row.id, image) for image in images])
        row.as_of = session.scalars(select(ContentRow.changes)).one()
        version_id = row.id
    return _version(project, version_id)


def _unchanged(project: Project, name: str | None) -> int | None:
    """The version that freezing found last, where nothing has changed since; with a `name`, where it is called so."""
    now = select(ContentRow.changes).scalar_subquery()
    query = select(VersionRow.id).where(VersionRow.as_of == now).order_by(VersionRow.id.desc())
    with project.read() as session:
        return session.scalars(query if name is None else query.where(VersionRow.name == name)).first()


def versions(project: Project) -> list[Version]:
    """All versions, oldest first."""
    with project.read() as session:
        ids = list(session.scalars(select(VersionRow.id).order_by(VersionRow.id)))
    return [_version(project, i) for i in ids]


def find(project: Project, name: str) -> Version:
    """The version with this name. Raises `NotFound`."""
    with project.read() as session:
        found = session.scalars(select(VersionRow.id).where(VersionRow.name == name)).one_or_none()
    if found is None:
        raise NotFound(
            tr("There is no version called {name}.", name=name), tr("Leave the name out to freeze a new one.")
        )
    return _version(project, found)


def describe(project: Project, name: str, *, name_now: str | None = None, note: str | None = None) -> Version:
    """Another name or note for a version; what it holds never changes. Raises `NotFound`, `BadInput`."""
    new = name if name_now is None else name_now.strip()
    if not new:
        raise BadInput(tr("A version needs a name."))
    version_id = find(project, name).id
    with project.write(Changes(versions=True)) as session:
        row = session.get_one(VersionRow, version_id)
        taken = session.scalars(select(VersionRow.id).where(VersionRow.name == new)).one_or_none()
        if taken not in (None, version_id):
            raise BadInput(tr("There is a version called {name} already.", name=new), tr("Choose another name."))
        row.name = new
        row.note = row.note if note is None else note.strip()
    return _version(project, version_id)


def images_of(project: Project, version_id: int, *, split: str | None = None) -> list[FrozenImage]:
    """The images of a version in the order of their hashes."""
    row = VersionImageRow
    text = type_coerce(row.boxes, String).label("text")  # as text: decoded all at once, which takes a third of the time
    query = (
        select(row.upright_sha256, row.format, row.width, row.height, row.split, row.writer, row.image_id, text)
        .where(row.version_id == version_id)
        .order_by(row.upright_sha256)
    )
    if split is not None:
        query = query.where(VersionImageRow.split == split)
    with project.read() as session:
        found = session.execute(query).all()
    decoded = json.loads(f"[{','.join(row.text for row in found)}]")
    return [
        FrozenImage(
            row.upright_sha256, row.format, row.width, row.height, row.split,
            tuple([ClassRect(x, y, w, h, c) for c, x, y, w, h in its]), row.writer, row.image_id,
        )
        for row, its in zip(found, decoded, strict=True)
    ]  # fmt: skip


def labelled(project: Project) -> list[FrozenImage]:
    """Every labelled image that has a split, as a version would keep it now."""
    with project.read() as session:
        return _labelled(session)


def count_labelled(project: Project) -> tuple[int, int]:
    """How many images are labelled, with a split or without, and how many boxes they have."""
    labelled = select(ImageRow.id).where(_is_labelled())
    boxes = select(func.count(BoxRow.id)).where(BoxRow.image_id.in_(labelled))
    with project.read() as session:
        pages = session.scalars(select(func.count()).select_from(labelled.subquery())).one()
        return pages, session.scalars(boxes).one()


def _is_labelled() -> ColumnElement[bool]:
    sure = and_(ImageRow.id.in_(select(BoxRow.image_id).distinct()), ImageRow.doubts.is_(None))
    return or_(ImageRow.state == "reviewed", sure)


def _labelled(session: Session) -> list[FrozenImage]:
    image = ImageRow
    rows = session.execute(
        select(image.id, image.upright_sha256, image.format, image.width, image.height, SPLIT, WriterRow.code)
        .outerjoin(WriterRow, WriterRow.id == ImageRow.writer_id)
        .outerjoin(GroupRow, GroupRow.id == ImageRow.group_id)
        .where(_is_labelled(), SPLIT.is_not(None))
    ).all()
    boxes: dict[int, list[tuple[int, Rect]]] = {}
    for image_id, class_id, x, y, w, h in session.execute(
        select(BoxRow.image_id, BoxRow.class_id, BoxRow.x, BoxRow.y, BoxRow.w, BoxRow.h)
    ):
        boxes.setdefault(image_id, []).append((class_id, Rect(x, y, w, h)))
    return [
        FrozenImage(sha256, format_, width, height, split, freeze_boxes(boxes.get(image_id, ())), writer, image_id)
        for image_id, sha256, format_, width, height, split, writer in rows
    ]


def _same(session: Session, digest: str, name: str | None) -> VersionRow | None:
    named = session.scalars(select(VersionRow).where(VersionRow.name == name)).one_or_none() if name else None
    if named is not None and named.hash != digest:
        raise UserError(
            tr("There is a version called {name} already, and it holds other data.", name=name),
            tr("Choose another name."),
        )
    if name:
        return named
    return session.scalars(select(VersionRow).where(VersionRow.hash == digest).order_by(VersionRow.id.desc())).first()


def _next_name(session: Session) -> str:
    taken = set(session.scalars(select(VersionRow.name)))
    return next(name for n in range(1, len(taken) + 2) if (name := f"v{n}") not in taken)


def _to_row(version_id: int, image: FrozenImage) -> dict[str, Any]:
    return {
        "version_id": version_id, "image_id": image.image_id, "upright_sha256": image.sha256, "format": image.format,
        "width": image.width, "height": image.height, "split": image.split, "writer": image.writer,
        "boxes": [[b.class_id, b.x, b.y, b.w, b.h] for b in image.boxes],
    }  # fmt: skip


def _version(project: Project, version_id: int) -> Version:
    boxes = func.sum(func.json_array_length(VersionImageRow.boxes))
    query = (
        select(VersionImageRow.split, func.count(), boxes)
        .where(VersionImageRow.version_id == version_id)
        .group_by(VersionImageRow.split)
    )
    with project.read() as session:
        row = session.get_one(VersionRow, version_id)
        counts = session.execute(query).all()
    by_split = Counter({split: n for split, n, _ in counts})
    return Version(
        row.id, row.name, row.hash, row.note, row.created_at, tuple(row.classes), sum(by_split.values()),
        sum(n or 0 for _, _, n in counts), {s: by_split[s] for s in ("train", "val", "test")},
    )  # fmt: skip
