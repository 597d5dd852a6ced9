"""What trainings have used images as, what models know, and what moving images to other splits would do to figures. Reads only."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import func, select, union
from sqlalchemy.orm import Session

from labeler.core.honesty import Harm, harm
from labeler.core.i18n import ntr
from labeler.services._rows import chunks
from labeler_db.models import ImageRow, ModelRow, RunRow, VersionImageRow


def used_as(session: Session, image_ids: Iterable[int]) -> dict[int, set[str]]:
    """The splits in which each image was, in versions that something was trained on; images never used are left out."""
    trained_on = union(
        select(RunRow.version_id).where(RunRow.version_id.is_not(None)),
        select(ModelRow.version_id).where(ModelRow.version_id.is_not(None)),
    )
    found: dict[int, set[str]] = defaultdict(set)
    row = VersionImageRow
    for part in chunks(list(image_ids)):
        query = select(row.image_id, row.split).where(row.image_id.in_(part), row.version_id.in_(trained_on)).distinct()
        for image_id, split in session.execute(query):
            if image_id is not None:
                found[image_id].add(split)
    return dict(found)


def learnt_from(session: Session, model_id: int) -> set[int]:
    """Images that a model, or one it was trained from, has learnt from or was chosen by."""
    parent_of = dict(session.execute(select(ModelRow.id, ModelRow.parent_id)).all())
    version_of = dict(session.execute(select(ModelRow.id, ModelRow.version_id)).all())
    line: list[int] = []
    at: int | None = model_id
    while at is not None and at not in line:
        line.append(at)
        at = parent_of.get(at)
    known = [v for m in line if (v := version_of.get(m)) is not None]
    row = VersionImageRow
    query = select(row.image_id).where(row.version_id.in_(known), row.split.in_(("train", "val")))
    return {image for image in session.scalars(query) if image is not None}


def known_hands(session: Session, model_id: int) -> set[int]:
    """Images by the writers, or of the groups of near-duplicates, of what a model has learnt from or was chosen by."""
    learnt = learnt_from(session, model_id)
    side = func.coalesce(
        -ImageRow.writer_id, ImageRow.group_id
    )  # ids of writers and of groups, which are numbered apart
    by_side: dict[int | None, set[int]] = defaultdict(set)
    for image_id, found in session.execute(select(ImageRow.id, side)) if learnt else ():
        by_side[found].add(image_id)
    return {i for images in by_side.values() if not images.isdisjoint(learnt) for i in images}


def harms(session: Session, moves: Mapping[int, str | None]) -> tuple[str, ...]:
    """What moving images (by id, each to a split or none) would do to figures, a sentence each; () where it does no harm."""
    used = used_as(session, moves)
    counts = Counter(found for i, to in moves.items() if (found := harm(used.get(i, frozenset()), to)) is not None)
    sentences = []
    if n := counts[Harm.LEARNT]:
        sentences.append(
            ntr(
                "{count} image was learnt from in a training: models that know it, and what is trained from those, are tested without this "
                "writer, and as validation it makes them look better than they are.",
                "{count} images were learnt from in a training: models that know them, and what is trained from those, are tested without "
                "this writer, and as validation they make them look better than they are.",
                n,
            )
        )
    if n := counts[Harm.JUDGED]:
        sentences.append(
            ntr(
                "{count} image was a test image of models that exist: learnt from now, figures before and after cannot be compared.",
                "{count} images were test images of models that exist: learnt from now, figures before and after cannot be compared.",
                n,
            )
        )
    return tuple(sentences)
