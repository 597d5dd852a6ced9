"""Finds near-duplicates: pictures of one and the same page, so that a split never separates them. Reads only."""

from collections import defaultdict
from collections.abc import Collection, Iterable

import numpy as np
import numpy.typing as npt
from sqlalchemy import select

from labeler.core.i18n import tr
from labeler.core.progress import Progress
from labeler.formats import pixels
from labeler.services.project import Project
from labeler_db.models import ImageRow, ThumbnailRow

NEAR = 6
"""Bits (of 64) in which the fingerprints of near-duplicates may differ."""
ALIKE = 0.97
"""Correlation of the two small pictures above which they show the same page. Handwriting on like paper stays well below."""
SIDE = 48

Small = npt.NDArray[np.float64]


def find_twins(project: Project, fresh: Collection[int], progress: Progress) -> list[tuple[int, int]]:
    """Pairs of images that show the same page, where at least one is in `fresh`."""
    if not fresh:
        return []
    with project.read() as session:
        prints = session.execute(select(ImageRow.id, ImageRow.fingerprint).order_by(ImageRow.id)).all()
    small: dict[int, Small] = {}
    near = _near_pairs([(i, f) for i, f in prints], progress)
    return [(a, b) for a, b in near if (a in fresh or b in fresh) and _alike(project, small, a, b)]


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


def _alike(project: Project, small: dict[int, Small], a: int, b: int) -> bool:
    first, second = _small(project, small, a), _small(project, small, b)
    if first.std() < 1e-6 or second.std() < 1e-6:
        return bool(abs(first.mean() - second.mean()) < 2.0 and first.std() < 1e-6 and second.std() < 1e-6)
    return bool(np.corrcoef(first.ravel(), second.ravel())[0, 1] >= ALIKE)


def _small(project: Project, small: dict[int, Small], image: int) -> Small:
    if image not in small:
        with project.read() as session:
            data = session.scalar(select(ThumbnailRow.data).where(ThumbnailRow.image_id == image))
        picture = pixels.decode(data).mean(axis=2) if data else np.zeros((1, 1))
        rows = np.linspace(0, picture.shape[0], SIDE + 1).astype(int)
        columns = np.linspace(0, picture.shape[1], SIDE + 1).astype(int)
        tiles = np.add.reduceat(np.add.reduceat(picture, rows[:-1], axis=0), columns[:-1], axis=1)
        counts = np.outer(np.maximum(np.diff(rows), 1), np.maximum(np.diff(columns), 1))
        small[image] = tiles / counts
    return small[image]
