"""Runs a detector over many pictures: several threads each decode and look at their own, so every core is busy all the time."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from labeler.core.boxes import Detection
from labeler.core.errors import UserError
from labeler.core.progress import Progress, silent
from labeler.detect.detector import Detector, Picture

K = TypeVar("K")

AHEAD = 8
"""Batches a thread that may be finished before they are taken: whoever takes them may be busy for a while, writing many at once."""


@dataclass(frozen=True, slots=True)
class Seen(Generic[K]):
    """What came of one picture: its detections, or why it could not be looked at."""

    id: K
    detections: tuple[Detection, ...] = ()
    error: UserError | None = None


def detect_many(
    detector: Detector,
    load_image: Callable[[K], Picture],
    ids: Sequence[K],
    *,
    batch: int = 0,
    threads: int = 0,
    min_score: float = 0.25,
    iou: float = 0.45,
    progress: Progress = silent,
) -> Iterator[Seen[K]]:
    """Yields one `Seen` for each of `ids`, in order.

    `load_image` and `detector.detect` run in `threads` threads (0: one a core), `batch` pictures at a time (0: as many as
    the detector likes), never far ahead of what was taken. A `UserError` from `load_image` is that picture's result and
    stops nothing; any other exception is raised here. Stopping early (or `Cancelled` from `progress`) waits for the pictures
    in hand and no others.
    """
    size = batch or getattr(detector, "max_batch", 1)
    workers = threads or os.cpu_count() or 1
    waiting: deque[Future[list[Seen[K]]]] = deque()

    def look(keys: Sequence[K]) -> list[Seen[K]]:
        return _look(detector, load_image, keys, min_score=min_score, iou=iou)

    done = 0
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="detect") as pool:
        try:
            progress(0, len(ids))
            for at in range(0, len(ids), size):
                waiting.append(pool.submit(look, ids[at : at + size]))
                while len(waiting) > AHEAD * workers or (waiting and at + size >= len(ids)):
                    seen = waiting.popleft().result()
                    yield from seen
                    done += len(seen)
                    progress(done, len(ids))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _look(
    detector: Detector, load_image: Callable[[K], Picture], keys: Sequence[K], *, min_score: float, iou: float
) -> list[Seen[K]]:
    images: list[Picture] = []
    errors: dict[int, UserError] = {}
    for i, key in enumerate(keys):
        try:
            images.append(load_image(key))
        except UserError as error:
            errors[i] = error
    found = iter(detector.detect(images, min_score=min_score, iou=iou) if images else [])
    return [Seen(key, error=errors[i]) if i in errors else Seen(key, tuple(next(found))) for i, key in enumerate(keys)]
