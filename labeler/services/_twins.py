"""Near-duplicates among images without a writer: their groups become one, so that a split never separates them."""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from labeler.core.i18n import tr
from labeler.core.progress import Progress
from labeler.formats import pixels
from labeler_db.models import GroupRow, ImageRow, ThumbnailRow

NEAR = 6
"""Bits (of 64) in which the fingerprints of near-duplicates may differ."""
ALIKE = 0.97
"""Correlation of the two small pictures above which they show the same page. Handwriting on like paper stays well below."""
SIDE = 48


def join_twins(session: Session, progress: Progress) -> int:
    """Merge the groups of near-duplicates; returns how many groups went. A group that has a split takes in those that have none.

    Two groups that both have a split already stay apart: splits never move.
    """
    rows = session.execute(
        select(ImageRow.id, ImageRow.group_id, ImageRow.fingerprint, GroupRow.split).join(
            GroupRow, GroupRow.id == ImageRow.group_id
        )
    ).all()
    split_of = {group: split for _, group, _, split in rows}
    group_of = {image: group for image, group, _, _ in rows}
    small: dict[int, npt.NDArray[np.float64]] = {}
    merged = 0
    for a, b in _near_pairs([(image, fingerprint) for image, _, fingerprint, _ in rows], progress):
        first, second = group_of[a], group_of[b]
        if first == second or (split_of[first] and split_of[second]) or not _alike(session, small, a, b):
            continue
        keep, gone = (second, first) if split_of[second] else (first, second)
        session.execute(update(ImageRow).where(ImageRow.group_id == gone).values(group_id=keep))
        session.execute(delete(GroupRow).where(GroupRow.id == gone))
        group_of |= {image: keep for image, group in group_of.items() if group == gone}
        merged += 1
    return merged


def _near_pairs(prints: list[tuple[int, int]], progress: Progress) -> Iterable[tuple[int, int]]:
    """Pairs whose fingerprints differ in at most `NEAR` bits. By the pigeonhole, they agree in at least one of NEAR + 1 pieces."""
    pieces = NEAR + 1
    width = -(-64 // pieces)
    buckets: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    seen: set[tuple[int, int]] = set()
    for done, (image, signed) in enumerate(prints):
        progress(done, len(prints), tr("Looking for near-duplicates"))
        value = signed & (2**64 - 1)
        for piece in range(pieces):
            bucket = buckets[piece, (value >> (piece * width)) & (2**width - 1)]
            for other, other_value in bucket:
                if (value ^ other_value).bit_count() <= NEAR and (other, image) not in seen:
                    seen.add((other, image))
                    yield other, image
            bucket.append((image, value))


def _alike(session: Session, small: dict[int, npt.NDArray[np.float64]], a: int, b: int) -> bool:
    first, second = _small(session, small, a), _small(session, small, b)
    if first.std() < 1e-6 or second.std() < 1e-6:
        return bool(abs(first.mean() - second.mean()) < 2.0 and first.std() < 1e-6 and second.std() < 1e-6)
    return bool(np.corrcoef(first.ravel(), second.ravel())[0, 1] >= ALIKE)


def _small(session: Session, small: dict[int, npt.NDArray[np.float64]], image: int) -> npt.NDArray[np.float64]:
    if image not in small:
        data = session.scalar(select(ThumbnailRow.data).where(ThumbnailRow.image_id == image))
        picture = pixels.decode(data).mean(axis=2) if data else np.zeros((1, 1))
        rows = np.linspace(0, picture.shape[0], SIDE + 1).astype(int)
        columns = np.linspace(0, picture.shape[1], SIDE + 1).astype(int)
        tiles = np.add.reduceat(np.add.reduceat(picture, rows[:-1], axis=0), columns[:-1], axis=1)
        counts = np.outer(np.maximum(np.diff(rows), 1), np.maximum(np.diff(columns), 1))
        small[image] = tiles / counts
    return small[image]
