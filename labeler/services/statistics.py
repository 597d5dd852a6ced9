"""Figures that people look at: digits by class, writer, split and source; box sizes and places; progress and agreement over time."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy import func, select

from labeler.core.boxes import FloatArray
from labeler.core.ledger import Effort
from labeler.services import ledger
from labeler.services._rows import SPLIT
from labeler.services.project import Project
from labeler_db.models import BoxRow, EditRow, GroupRow, ImageRow, WriterRow


@dataclass(frozen=True, slots=True)
class Count:
    """How many boxes of a class one writer wrote in one source; None where writer or split are not known."""

    class_id: int
    writer: str | None
    split: str | None
    source: str
    boxes: int


@dataclass(frozen=True, slots=True, eq=False)
class Geometry:
    """Every box: `sides` (n,) is the square root of its area in pixels, `heights` (n,) its height as a share of its image's height,
    `centres` (n, 2) its middle in shares of width and height; `class_ids` (n,)."""

    class_ids: FloatArray
    sides: FloatArray
    heights: FloatArray
    centres: FloatArray


@dataclass(frozen=True, slots=True)
class Day:
    """What was done on one day: pages that were reviewed (and still are), edits, the seconds that they took, and what became of the
    suggestions on those pages."""

    day: date
    reviewed: int
    edits: int
    seconds: float
    effort: Effort

    @property
    def agreement(self) -> float | None:
        """Share of the suggestions shown that were accepted as they were; None where none was shown."""
        return self.effort.accepted / self.effort.shown if self.effort.shown else None


def counts(project: Project) -> list[Count]:
    """Boxes by class, writer, split and source; what adds up to the same keys is one line."""
    query = (
        select(BoxRow.class_id, WriterRow.code, SPLIT, ImageRow.source, func.count(BoxRow.id))
        .join(ImageRow, ImageRow.id == BoxRow.image_id)
        .outerjoin(WriterRow, WriterRow.id == ImageRow.writer_id)
        .outerjoin(GroupRow, GroupRow.id == ImageRow.group_id)
        .group_by(BoxRow.class_id, WriterRow.code, SPLIT, ImageRow.source)
        .order_by(BoxRow.class_id, WriterRow.code, SPLIT, ImageRow.source)
    )
    with project.read() as session:
        return [Count(*row) for row in session.execute(query)]


def by_class(found: Sequence[Count], part: Callable[[Count], str], classes: int) -> dict[str, tuple[int, ...]]:
    """Boxes of each class by what `part` says of a line, the largest part first."""
    parts: dict[str, list[int]] = defaultdict(lambda: [0] * classes)
    for line in found:
        parts[part(line)][line.class_id] += line.boxes
    return {name: tuple(n) for name, n in sorted(parts.items(), key=lambda item: (-sum(item[1]), item[0]))}


def geometry(project: Project) -> Geometry:
    """Sizes and places of all boxes."""
    query = select(BoxRow.class_id, BoxRow.x, BoxRow.y, BoxRow.w, BoxRow.h, ImageRow.width, ImageRow.height).join(
        ImageRow, ImageRow.id == BoxRow.image_id
    )
    with project.read() as session:
        rows = np.array(session.execute(query).all(), dtype=np.float64).reshape(-1, 7)
    class_ids, x, y, w, h, width, height = rows.T
    centres = np.column_stack(((x + w / 2) / width, (y + h / 2) / height))
    return Geometry(class_ids, np.sqrt(w * h), h / height, centres)


def days(project: Project) -> list[Day]:
    """The days on which something was done, oldest first, by the clock of this computer."""
    efforts = {line.image_id: line.effort for line in ledger.by_image(project)}
    reviewed: Counter[date] = Counter()
    edits: Counter[date] = Counter()
    seconds: dict[date, float] = defaultdict(float)
    effort_of: dict[date, Effort] = defaultdict(Effort)
    with project.read() as session:
        done = select(ImageRow.id, ImageRow.reviewed_at).where(ImageRow.state == "reviewed")
        for image_id, at in session.execute(done):
            if at is None:
                continue
            day = _day(at)
            reviewed[day] += 1
            effort_of[day] += efforts.get(image_id, Effort())
        for at, spent in session.execute(select(EditRow.at, EditRow.seconds)):
            edits[_day(at)] += 1
            seconds[_day(at)] += spent
    return [Day(d, reviewed[d], edits[d], seconds[d], effort_of[d]) for d in sorted({*reviewed, *edits})]


def _day(at: datetime) -> date:
    return at.astimezone().date()
