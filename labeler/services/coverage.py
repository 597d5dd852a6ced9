"""What each split holds of each digit, by how many hands. Reads only."""

from sqlalchemy import func, select

from labeler.core.coverage import Cell, Coverage
from labeler.services._rows import SPLIT
from labeler.services.project import Project
from labeler_db.models import BoxRow, GroupRow, ImageRow, WriterRow


def coverage(project: Project) -> Coverage:
    """Counts of the boxes of the whole project by split and class, what has no split under "none"."""
    boxes = (
        select(SPLIT, BoxRow.class_id, func.count(BoxRow.id), func.count(ImageRow.writer_id.distinct()))
        .join(ImageRow, ImageRow.id == BoxRow.image_id)
        .outerjoin(WriterRow, WriterRow.id == ImageRow.writer_id)
        .outerjoin(GroupRow, GroupRow.id == ImageRow.group_id)
        .group_by(SPLIT, BoxRow.class_id)
    )
    by_writer = (
        select(BoxRow.class_id, func.count(BoxRow.id))
        .join(ImageRow, ImageRow.id == BoxRow.image_id)
        .where(ImageRow.writer_id.is_not(None))
        .group_by(BoxRow.class_id)
    )
    hands = (
        select(WriterRow.split, func.count(WriterRow.id.distinct()))
        .join(ImageRow, ImageRow.writer_id == WriterRow.id)
        .group_by(WriterRow.split)
    )
    with project.read() as session:
        cells = {(split or "none", c): Cell(digits, n) for split, c, digits, n in session.execute(boxes)}
        written = dict(session.execute(by_writer).all())
        writers = {split or "none": n for split, n in session.execute(hands)}
    total = sum(writers.values())
    per_writer = {c: n / total for c, n in written.items()} if total else _per_image(project)
    return Coverage(project.classes, cells, writers, per_writer)


def _per_image(project: Project) -> dict[int, float]:
    """Where no hand is known, a page is the least that one more would bring."""
    with project.read() as session:
        images = session.scalar(select(func.count(BoxRow.image_id.distinct()))) or 1
        counts = session.execute(select(BoxRow.class_id, func.count(BoxRow.id)).group_by(BoxRow.class_id)).all()
    return {c: n / images for c, n in counts}
