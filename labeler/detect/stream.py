"""Runs a detector over many pictures, decoding the next ones in threads while the last ones are in the network."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, runtime_checkable

from labeler.core.boxes import Detection
from labeler.core.errors import UserError
from labeler.core.progress import Progress, silent
from labeler.detect.detector import Detector, Picture
from labeler.detect.pipeline import Prepared

K = TypeVar("K")


@runtime_checkable
class Staged(Protocol):
    """A detector that can fit pictures apart from looking at them, so that decoding threads need not keep them whole."""

    def prepare(self, image: Picture) -> Prepared: ...
    def infer(
        self, prepared: Sequence[Prepared], *, min_score: float = 0.25, iou: float = 0.45
    ) -> list[list[Detection]]: ...


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
    batch: int = 16,
    threads: int = 2,
    min_score: float = 0.25,
    iou: float = 0.45,
    progress: Progress = silent,
) -> Iterator[Seen[K]]:
    """Yields one `Seen` for each of `ids`, in order. `load_image` runs in `threads` threads, at most two batches ahead.

    A `UserError` from `load_image` is that picture's result and stops nothing; any other exception is raised here. Stopping
    early (or `Cancelled` from `progress`) waits for the pictures being decoded and no others.
    """
    staged = detector if isinstance(detector, Staged) else None

    def get(key: K) -> Prepared | Picture:
        image = load_image(key)
        return staged.prepare(image) if staged else image

    def look(inputs: Sequence[Prepared | Picture]) -> list[list[Detection]]:
        if staged:
            return staged.infer([p for p in inputs if isinstance(p, Prepared)], min_score=min_score, iou=iou)
        return detector.detect([p for p in inputs if not isinstance(p, Prepared)], min_score=min_score, iou=iou)

    done = 0
    with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="decode") as pool:
        try:
            for keys, futures in _batches(pool, get, ids, batch=batch):
                progress(done, len(ids))
                yield from _results(keys, futures, look)
                done += len(keys)
            progress(done, len(ids))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _batches(
    pool: ThreadPoolExecutor, get: Callable[[K], Prepared | Picture], ids: Sequence[K], *, batch: int
) -> Iterator[tuple[Sequence[K], list["Future[Prepared | Picture]"]]]:
    """Batches of ids with their decoding under way, the next batch already submitted when one is handed out."""
    waiting: deque[tuple[Sequence[K], list[Future[Prepared | Picture]]]] = deque()
    for at in range(0, len(ids), batch):
        keys = ids[at : at + batch]
        waiting.append((keys, [pool.submit(get, key) for key in keys]))
        if len(waiting) > 1:
            yield waiting.popleft()
    yield from waiting


def _results(
    keys: Sequence[K],
    futures: Sequence["Future[Prepared | Picture]"],
    look: Callable[[Sequence[Prepared | Picture]], list[list[Detection]]],
) -> Iterator[Seen[K]]:
    inputs: list[Prepared | Picture] = []
    errors: dict[int, UserError] = {}
    for i, future in enumerate(futures):
        try:
            inputs.append(future.result())
        except UserError as error:
            errors[i] = error
    found = iter(look(inputs))
    for i, key in enumerate(keys):
        yield Seen(key, error=errors[i]) if i in errors else Seen(key, tuple(next(found)))
