"""Gives writers, and images without one, a split once and for ever; finds near-duplicates first so that they stay together."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from labeler.core.changes import Changes
from labeler.core.errors import BadInput
from labeler.core.i18n import tr
from labeler.core.progress import Progress, silent
from labeler.core.splits import Unit, shares, together
from labeler.core.splits import assign as assign_units
from labeler.services._twins import find_twins
from labeler.services.images import stats
from labeler.services.project import Project
from labeler_db.models import BoxRow, GroupRow, ImageRow, WriterRow

DEFAULT_VAL = 0.15
DEFAULT_TEST = 0.15
SOURCE = "source "
STRATUM = 10
"""Writers and single images that a source needs so that every split must have one of them: many small sources, each with one in
every split, would leave little to train on."""


@dataclass(frozen=True, slots=True)
class SplitReport:
    """Images by split, and each writer's split."""

    by_split: dict[str, int]
    writers: dict[str, str]


@dataclass(slots=True)
class _Member:
    """A writer or a group as it stands in the database. Keys hold no row ids, so that the same files imported again split alike."""

    key: str
    row_id: int
    is_writer: bool
    split: str | None
    images: list[int] = field(default_factory=list)
    strata: Counter[str] = field(default_factory=Counter)
    holds: Counter[str] = field(default_factory=Counter)
    labelled: int = 0

    @property
    def stratum(self) -> str:
        """Where most of its images are from, and whether they are blank."""
        return min(self.strata.items(), key=lambda item: (-item[1], item[0]))[0]

    def unit(self, strata: Set[str]) -> Unit:
        stratum = self.stratum if self.stratum in strata else "elsewhere"
        known = "labelled" if self.labelled else "not labelled"
        holds = {k: n for k, n in self.holds.items() if not k.startswith(SOURCE) or k.removeprefix(SOURCE) in strata}
        return Unit(self.key, len(self.images), f"{stratum}/{known}", self.split, holds)


def assign(
    project: Project,
    *,
    val: float = DEFAULT_VAL,
    test: float = DEFAULT_TEST,
    seed: int = 0,
    labelled_only: bool = False,
    progress: Progress = silent,
) -> SplitReport:
    """Give a split to every writer and group that has none; what has one keeps it.

    With `labelled_only`, only to those of whom something is labelled, so that what is labelled first comes into every split. Raises
    `BadInput` for impossible shares.
    """
    try:
        share = shares(val, test)
    except ValueError as error:
        raise BadInput(
            tr("The shares for val and test must be 0 or more and together leave something to train on."),
            tr("For example: --val 0.15 --test 0.15"),
        ) from error
    with project.read() as session:
        members = _members(session) if _is_any_open(session) else []
        waiting = _waiting(members, labelled_only=labelled_only)
    if waiting:
        # Comparing pictures takes long, so it is done before the lock is taken.
        found = find_twins(project, {i for m in waiting for i in m.images}, progress)
        twins = [(t.first, t.second) for t in found]
        with project.write(Changes(library=True)) as session:
            _join_groups(session, twins)
            members = _members(session)
            keys = {m.key for m in _waiting(members, labelled_only=labelled_only)}
            chosen = _choose(members, keys, _links(members, twins), share, seed)
            _store(session, members, chosen)
    return report(project)


def report(project: Project) -> SplitReport:
    """The splits as they stand."""
    with project.read() as session:
        found = session.execute(select(WriterRow.code, WriterRow.split).order_by(WriterRow.code)).all()
    return SplitReport(stats(project).by_split, {code: split for code, split in found if split is not None})


def _is_any_open(session: Session) -> bool:
    """Whether a writer or a group has no split: cheap to ask, where reading all of them for nothing is not."""
    return any(
        session.scalars(select(row.id).where(row.split.is_(None)).limit(1)).first() for row in (WriterRow, GroupRow)
    )


def _members(session: Session) -> list[_Member]:
    """Every writer and group that has an image."""
    members: dict[tuple[bool, int], _Member] = {}
    digits: dict[int, Counter[str]] = defaultdict(Counter)
    for image_id, class_id in session.execute(select(BoxRow.image_id, BoxRow.class_id)):
        digits[image_id][f"class {class_id}"] += 1
    rows = session.execute(
        select(ImageRow.id, ImageRow.sha256, ImageRow.source, ImageRow.state, WriterRow, GroupRow)
        .outerjoin(WriterRow, WriterRow.id == ImageRow.writer_id)
        .outerjoin(GroupRow, GroupRow.id == ImageRow.group_id)
        .order_by(ImageRow.sha256)
    )
    for image_id, sha256, source, state, writer, group in rows:
        row = writer or group
        key = f"writer {writer.code}" if writer else f"group {sha256}"  # of the group's first image
        member = members.setdefault((bool(writer), row.id), _Member(key, row.id, bool(writer), row.split))
        held = digits[image_id]
        is_blank = state == "reviewed" and not held
        member.images.append(image_id)
        member.strata[f"{source}/blank" if is_blank else source] += 1
        member.holds.update({**held, f"{SOURCE}{source}": 1, "blank": int(is_blank)})
        member.labelled += state == "reviewed" or bool(held)
    return list(members.values())


def _waiting(members: Sequence[_Member], *, labelled_only: bool) -> list[_Member]:
    return [m for m in members if m.split is None and (m.labelled or not labelled_only)]


def _join_groups(session: Session, twins: Iterable[tuple[int, int]]) -> None:
    """Make one group of near-duplicates without a writer. A group that has a split takes in those that have none; of two that have
    one, each stays where it is."""
    groups = session.execute(
        select(ImageRow.id, ImageRow.group_id, GroupRow.split).join(GroupRow, GroupRow.id == ImageRow.group_id)
    ).all()
    group_of = {image: group for image, group, _ in groups}
    split_of = {group: split for _, group, split in groups}
    for a, b in twins:
        first, second = group_of.get(a), group_of.get(b)
        if first is None or second is None or first == second or (split_of[first] and split_of[second]):
            continue
        keep, gone = (second, first) if split_of[second] else (first, second)
        session.execute(update(ImageRow).where(ImageRow.group_id == gone).values(group_id=keep))
        session.execute(delete(GroupRow).where(GroupRow.id == gone))
        group_of |= {image: keep for image, group in group_of.items() if group == gone}


def _links(members: Sequence[_Member], twins: Sequence[tuple[int, int]]) -> list[tuple[str, str]]:
    """Twins that are of different units still: between writers, or between a writer and an image without one.

    What more than two writers handed in is no page scanned twice but a printed sheet that they left empty: it links nobody.
    """
    member_of = {str(image): m for m in members for image in m.images}
    pairs = [(str(a), str(b)) for a, b in twins if str(a) in member_of and str(b) in member_of]
    links = set()
    for page in together({image for pair in pairs for image in pair}, pairs):
        units = {member_of[image].key: member_of[image] for image in page}
        if sum(m.is_writer for m in units.values()) <= 2:
            links |= set(pairwise(sorted(units)))
    return sorted(links)


def _choose(
    members: Sequence[_Member],
    waiting: set[str],
    links: Sequence[tuple[str, str]],
    share: Mapping[str, float],
    seed: int,
) -> dict[str, str]:
    """Splits by key for those that wait, and for those that are linked to them."""
    drawn_in = {key for bundle in together((m.key for m in members), links) if waiting & set(bundle) for key in bundle}
    per_stratum = Counter(m.stratum for m in members)
    strata = {s for s, count in per_stratum.items() if count >= STRATUM}
    taking_part = [m.unit(strata) for m in members if m.split is not None or m.key in drawn_in]
    return assign_units(taking_part, share, seed, links)


def _store(session: Session, members: Sequence[_Member], chosen: Mapping[str, str]) -> None:
    for member in members:
        if member.key not in chosen:
            continue
        row: WriterRow | GroupRow = (
            session.get_one(WriterRow, member.row_id) if member.is_writer else session.get_one(GroupRow, member.row_id)
        )
        row.split, row.split_by = chosen[member.key], "rule"
