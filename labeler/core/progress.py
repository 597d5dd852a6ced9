"""Progress of long work: reporting it is also how the work gets cancelled. Owns no thread and prints nothing."""

import time
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import Protocol, TypeVar

from labeler.core.errors import Cancelled

T = TypeVar("T")


class Progress(Protocol):
    """Called as `progress(done, total, text)`; raises `Cancelled` when the person asked to stop."""

    def __call__(self, done: int, total: int, text: str = "") -> None: ...


def silent(done: int, total: int, text: str = "") -> None:
    """A progress that nobody watches."""


class Throttled:
    """Passes reports on at most every `interval` seconds (the last always), and raises `Cancelled` once `cancelled()` is true.

    The check for cancelling runs on every call: it is cheap, and a stop should not wait for the next report.
    """

    def __init__(
        self,
        report: Callable[[int, int, str], None],
        *,
        cancelled: Callable[[], bool] = lambda: False,
        interval: float = 0.1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._report = report
        self._cancelled = cancelled
        self._interval = interval
        self._clock = clock
        self._last = float("-inf")

    def __call__(self, done: int, total: int, text: str = "") -> None:
        if self._cancelled():
            raise Cancelled
        now = self._clock()
        if done >= total or now - self._last >= self._interval:
            self._last = now
            self._report(done, total, text)


def track(items: Iterable[T], progress: Progress, text: str = "", *, total: int | None = None) -> Iterator[T]:
    """Iterate over `items`, reporting before each and once at the end."""
    count = total if total is not None else (len(items) if isinstance(items, Sized) else 0)
    done = 0
    for item in items:
        progress(done, max(count, done), text)
        yield item
        done += 1
    progress(done, max(count, done), text)
