"""Gives writers, and images without one, a split once and for ever; finds near-duplicates first so that they stay together."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from labeler.core.changes import Changes
from labeler.core.errors import BadInput, NotFound
from labeler.core.i18n import tr
from labeler.core.progress import Progress, silent
from labeler.core.splits import SPLITS, Unit, shares
from labeler.core.splits import assign as assign_units
from labeler.services._twins import join_twins
from labeler.services.images import stats
from labeler.services.project import Project
from labeler_db.models import BoxRow, GroupRow, ImageRow, WriterRow

DEFAULT_VAL = 0.15
DEFAULT_TEST = 0.15


@dataclass(frozen=True, slots=True)
class SplitReport:
    """Images by split, and each writer's split."""

    by_split: dict[str, int]
    writers: dict[str, str]


def assign(
    project: Project,
    *,
    val: float = DEFAULT_VAL,
    test: float = DEFAULT_TEST,
    seed: int = 0,
    progress: Progress = silent,
) -> SplitReport:
    """Give a split to every writer and group that has none; what has one keeps it. Raises `BadInput` for impossible shares."""
    try:
        share = shares(val, test)
    except ValueError as error:
        raise BadInput(
            tr("The shares for val and test must be 0 or more and together leave something to train on."),
            tr("For example: --val 0.15 --test 0.15"),
        ) from error
    with project.write(Changes(library=True)) as session:
        join_twins(session, progress)
        writers, groups = _units(session)
        chosen = assign_units([*writers, *groups], share, seed)
        for key, split in chosen.items():
            kind, _, ident = key.partition(":")
            table = WriterRow if kind == "writer" else GroupRow
            where = WriterRow.code == ident if kind == "writer" else GroupRow.id == int(ident.rpartition(":")[2])
            session.execute(update(table).where(where).values(split=split, split_by="rule"))
    return report(project)


def report(project: Project) -> SplitReport:
    """The splits as they stand."""
    with project.read() as session:
        found = session.execute(select(WriterRow.code, WriterRow.split).order_by(WriterRow.code)).all()
    return SplitReport(stats(project).by_split, {code: split for code, split in found if split is not None})


def set_writer_split(project: Project, code: str, split: str) -> None:
    """Put a writer into a split by hand. What was trained on before has seen them: the caller warns. Raises `NotFound`, `BadInput`."""
    if split not in SPLITS:
        raise BadInput(tr("A split is train, val or test, not {split}.", split=split))
    with project.write(Changes(library=True)) as session:
        row = session.scalars(select(WriterRow).where(WriterRow.code == code)).one_or_none()
        if row is None:
            raise NotFound(tr("There is no writer {code}.", code=code))
        row.split, row.split_by = split, "manual"


def _units(session: Session) -> tuple[list[Unit], list[Unit]]:
    """Keys do not hold row ids where they can help it, so that a copy made by importing again splits alike."""
    blank = set(session.scalars(select(ImageRow.id).where(ImageRow.state == "reviewed")))
    blank -= set(session.scalars(select(BoxRow.image_id).distinct()))
    of_writer: dict[int, list[str]] = defaultdict(list)
    of_group: dict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = session.execute(
        select(ImageRow.id, ImageRow.sha256, ImageRow.source, ImageRow.writer_id, ImageRow.group_id).order_by(
            ImageRow.id
        )
    )
    for image_id, sha256, source, writer_id, group_id in rows:
        stratum = f"{source}/blank" if image_id in blank else source
        if writer_id is not None:
            of_writer[writer_id].append(stratum)
        elif group_id is not None:
            of_group[group_id].append((sha256, stratum))
    writers = [
        Unit(f"writer:{w.code}", max(1, len(of_writer[w.id])), _most(of_writer[w.id]), w.split)
        for w in session.scalars(select(WriterRow))
    ]
    groups = [
        Unit(
            f"group:{min(sha for sha, _ in of_group[g.id])}:{g.id}",
            len(of_group[g.id]),
            _most([s for _, s in of_group[g.id]]),
            g.split,
        )
        for g in session.scalars(select(GroupRow))
        if g.id in of_group
    ]
    return writers, groups


def _most(strata: list[str]) -> str:
    return min(Counter(strata).items(), key=lambda item: (-item[1], item[0]))[0] if strata else ""
