"""What trainings have used images as, and what moving them to other splits would do to figures, in sentences. Reads only."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from labeler.core.honesty import Harm, harm
from labeler.core.i18n import ntr
from labeler.services._rows import chunks
from labeler_db.models import ModelRow, RunRow, VersionImageRow


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


def harms(session: Session, moves: Mapping[int, str | None]) -> tuple[str, ...]:
    """What moving images (by id, each to a split or none) would do to figures, a sentence each; () where it does no harm."""
    used = used_as(session, moves)
    counts = Counter(found for i, to in moves.items() if (found := harm(used.get(i, frozenset()), to)) is not None)
    sentences = []
    if n := counts[Harm.LEARNT]:
        sentences.append(
            ntr(
                "{count} image was learnt from in a training: models would be judged on what they know, and look better than they are.",
                "{count} images were learnt from in a training: models would be judged on what they know, and look better than they are.",
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
