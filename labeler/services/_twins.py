"""Finds near-duplicates: pictures of one and the same page, so that a split never separates them. Reads only."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from sqlalchemy import select

from labeler.core.i18n import tr
from labeler.core.progress import Progress
from labeler.detect import same_page
from labeler.services import images
from labeler.services.project import Project
from labeler_db.models import ImageRow

NEAR = 16
"""Bits (of 64) in which the fingerprints of near-duplicates may differ; what is that near is looked at closely."""
TRIES = 6
"""Looks at most in vain for a twin of one image, the nearest first: of a form that a whole school filled in, every page is near to every
other, and a page scanned twice is nearest to itself."""


@dataclass(frozen=True, slots=True)
class Twins:
    """Two images of one page; `overlay` (3, 3) takes pixels of the first to the second."""

    first: int
    second: int
    overlay: same_page.Matrix


def find_twins(project: Project, fresh: Collection[int], progress: Progress) -> list[Twins]:
    """Pairs of images that show the same page, where at least one is in `fresh`. Blank pages are nobody's twins.

    Of many pictures of one page only as many pairs are given as connect them all.
    """
    if not fresh:
        return []
    with project.read() as session:
        rows = session.execute(select(ImageRow.id, ImageRow.fingerprint).order_by(ImageRow.id)).all()
    ids = np.array([image for image, _ in rows])
    prints = np.array([print_ for _, print_ in rows], dtype=np.int64).view(np.uint64)
    glance = lru_cache(4096)(lambda image: same_page.glance(images.thumbnail(project, image)))
    picture = lru_cache(32)(lambda image: images.picture(project, image))

    def both(a: int, b: int) -> tuple[bytes, bytes]:
        return picture(a), picture(b)

    twins: list[Twins] = []
    page_of: dict[int, int] = {}
    vain: Counter[int] = Counter()
    for image, other in _near_pairs(ids, prints, fresh, progress):
        if vain[image] == TRIES or _root(page_of, image) == _root(page_of, other):
            continue
        a, b = sorted((image, other))
        overlay = same_page.laid_over(glance(a), glance(b), partial(both, a, b))
        if overlay is None:
            vain[image] += 1
            continue
        twins.append(Twins(a, b, overlay))
        page_of[_root(page_of, a)] = _root(page_of, b)
    return twins


def _root(page_of: dict[int, int], image: int) -> int:
    """The image that stands for the page an image shows, as far as is known."""
    while image in page_of:
        above = page_of[image]
        page_of[image] = page_of.get(above, above)  # halves the way for whoever asks next
        image = above
    return image


def _near_pairs(
    ids: np.ndarray, prints: np.ndarray, fresh: Collection[int], progress: Progress
) -> Iterator[tuple[int, int]]:
    """Each pair with a fresh image once: that image, and one that is near, for each image the nearest first."""
    is_fresh = np.isin(ids, list(fresh))
    places = np.flatnonzero(is_fresh)
    for done, at in enumerate(places):
        progress(done, len(places), tr("Looking for near-duplicates"))
        far = np.bitwise_count(prints ^ prints[at])
        near = far <= NEAR
        near[at] = False
        near[at:] &= ~is_fresh[at:]  # that pair comes when the later one's turn comes
        found = np.flatnonzero(near)
        for other in found[np.argsort(far[found], kind="stable")]:
            yield int(ids[at]), int(ids[other])
