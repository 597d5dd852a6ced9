"""Finds near-duplicates: pictures of one and the same page, so that a split never separates them. Reads only."""

import os
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

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
AHEAD = 4
"""Images a thread that are looked at before their turn comes."""

Compare = Callable[[int, int], same_page.Matrix | None]


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
    return _joined(ids, prints, fresh, _comparing(project), progress)


def _joined(
    ids: np.ndarray, prints: np.ndarray, fresh: Collection[int], compare: Compare, progress: Progress
) -> list[Twins]:
    twins: list[Twins] = []
    page_of: dict[int, int] = {}
    for image, near, looked in _turns(ids, prints, fresh, compare, progress):
        vain = 0
        for place, other in enumerate(near):
            if vain == TRIES:
                break
            if _root(page_of, image) == _root(page_of, other):
                continue
            overlay = looked[place] if place < len(looked) else compare(image, other)
            if overlay is None:
                vain += 1
                continue
            a, b = sorted((image, other))
            twins.append(Twins(a, b, overlay))
            page_of[_root(page_of, a)] = _root(page_of, b)
    return twins


def _comparing(project: Project) -> Compare:
    """What tells how two images lie over each other, the one with the lower id first; what it has seen lately it keeps."""
    glance = lru_cache(4096)(lambda image: same_page.glance(images.thumbnail(project, image)))
    picture = lru_cache(32)(lambda image: images.picture(project, image))

    def compare(image: int, other: int) -> same_page.Matrix | None:
        a, b = sorted((image, other))
        return same_page.laid_over(glance(a), glance(b), lambda: (picture(a), picture(b)))

    return compare


def _root(page_of: dict[int, int], image: int) -> int:
    """The image that stands for the page an image shows, as far as is known."""
    while image in page_of:
        above = page_of[image]
        page_of[image] = page_of.get(above, above)  # halves the way for whoever asks next
        image = above
    return image


def _turns(
    ids: np.ndarray, prints: np.ndarray, fresh: Collection[int], compare: Compare, progress: Progress
) -> Iterator[tuple[int, list[int], list[same_page.Matrix | None]]]:
    """Each fresh image, what is near to it, and what looking at the first of those gave: that is done in threads, a few turns ahead.

    It needs not wait for the turns before: until a twin of it is found, no image has anything in common with those near to it.
    """
    workers = os.cpu_count() or 1
    waiting: deque[tuple[int, list[int], Future[list[same_page.Matrix | None]]]] = deque()
    todo, total = _near(ids, prints, fresh), len(fresh)
    with ThreadPoolExecutor(workers, thread_name_prefix="twins") as pool:
        try:
            for done in range(total):
                for image, near in islice(todo, AHEAD * workers - len(waiting)):
                    waiting.append((image, near, pool.submit(_first_looks, compare, image, near)))
                progress(done, total, tr("Looking for near-duplicates"))
                if waiting:
                    image, near, looked = waiting.popleft()
                    yield image, near, looked.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _first_looks(compare: Compare, image: int, near: Sequence[int]) -> list[same_page.Matrix | None]:
    """How `image` lies over those near to it, in their order, until one is a twin or there were enough."""
    looked: list[same_page.Matrix | None] = []
    for other in near[:TRIES]:
        looked.append(compare(image, other))
        if looked[-1] is not None:
            break
    return looked


def _near(ids: np.ndarray, prints: np.ndarray, fresh: Collection[int]) -> Iterator[tuple[int, list[int]]]:
    """Each fresh image with those that are near to it, the nearest first. Of two fresh ones, the later has the other."""
    is_fresh = np.isin(ids, list(fresh))
    for at in np.flatnonzero(is_fresh):
        far = np.bitwise_count(prints ^ prints[at])
        near = far <= NEAR
        near[at] = False
        near[at:] &= ~is_fresh[at:]
        found = np.flatnonzero(near)
        yield int(ids[at]), ids[found[np.argsort(far[found], kind="stable")]].tolist()
