"""Work off the GUI thread: long jobs with progress and cancel, and quick reads. Owns the worker threads; touches no widget.

Everything here is called on the GUI thread except `fn` itself, which runs on a worker thread and must not touch Qt.
"""

import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from labeler.core.errors import Cancelled, UserError
from labeler.core.progress import Progress, Throttled

T = TypeVar("T")
READERS = 3
Failed = Callable[[Exception], None]


@dataclass(slots=True, eq=False)
class Job:
    """One long piece of work. Its fields change on the GUI thread only; `total` 0 means that the end is not known.

    `alone`: it waits for others of its kind, being long; what is not is over in a moment, or is begun again by itself.
    """

    id: int
    text: str
    cancellable: bool
    alone: bool = True
    done: int = 0
    total: int = 0
    detail: str = ""
    running: bool = False
    started_at: float = field(default_factory=time.monotonic)
    stop: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        """Ask it to stop at its next report of progress."""
        self.stop.set()


class Tasks(QObject):
    """The jobs of a window. `failed_job` carries a `UserError` that nobody handled; other errors are raised on the GUI thread as bugs."""

    job_changed = Signal(object)  # Job: started, or new progress
    job_ended = Signal(object)  # Job
    failed_job = Signal(object)  # UserError
    _deliver = Signal(object)  # Callable[[], None], from a worker thread

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs: dict[int, Job] = {}
        self._ids = itertools.count(1)
        self._newest: dict[object, int] = {}
        self._epoch = 0
        self._start_threads()
        self._deliver.connect(self._call, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        text: str,
        fn: Callable[[Progress], T],
        *,
        done: Callable[[T], None] | None = None,
        failed: Failed | None = None,
        ended: Callable[[], None] | None = None,
        cancellable: bool = True,
        alone: bool = True,
    ) -> Job:
        """Run `fn(progress)` on a worker thread; `done(result)` or `failed(error)` follow on the GUI thread, neither after a cancel,
        then `ended()` in any case.

        `failed` gets `UserError`s only; without it they are said in the message strip. `alone` jobs run one after the other, so that
        two bulk writers never fight for the database; a small job that should not wait passes `alone=False`.
        """
        job = Job(next(self._ids), text, cancellable, alone)
        self.jobs[job.id] = job
        self.job_changed.emit(job)
        pool = self._bulk if alone else self._quick
        pool.submit(self._work, job, fn, done, failed, ended, self._epoch)
        return job

    def read(
        self, fn: Callable[[], T], done: Callable[[T], None], *, failed: Failed | None = None, key: object = None
    ) -> None:
        """Run a quick `fn()` off the GUI thread, then `done(result)` on it. Of reads with one `key` only the newest is delivered."""
        serial = next(self._ids)
        if key is not None:
            self._newest[key] = serial

        def finish(result: T | None, error: Exception | None) -> None:
            if key is None or self._newest.get(key) == serial:
                self._settle(result, error, done, failed)

        self._quick.submit(self._read, fn, finish, self._epoch)

    def cancel_all(self) -> None:
        """Ask every job that can to stop."""
        for job in self.jobs.values():
            job.cancel()

    @property
    def unfinished(self) -> list[Job]:
        """The long jobs that would be lost if all were cancelled now, in their order."""
        return [job for job in self.jobs.values() if job.alone]

    @property
    def busy(self) -> bool:
        """Whether a job is running or waiting."""
        return bool(self.jobs)

    def shutdown(self) -> None:
        """Cancel and join everything; results still on their way are dropped. The object can be used again afterwards."""
        self._epoch += 1
        self.cancel_all()
        for pool in (self._bulk, self._quick):
            pool.shutdown(wait=True, cancel_futures=True)
        for job in list(self.jobs.values()):
            self._end(job)
        self._newest.clear()
        self._start_threads()

    def _start_threads(self) -> None:
        self._bulk = ThreadPoolExecutor(1, "bulk")
        self._quick = ThreadPoolExecutor(READERS, "quick")

    def _work(
        self,
        job: Job,
        fn: Callable[[Progress], T],
        done: Callable[[T], None] | None,
        failed: Failed | None,
        ended: Callable[[], None] | None,
        epoch: int,
    ) -> None:
        def report(at: int, total: int, text: str) -> None:
            self._send(epoch, lambda: self._report(job, at, total, text))

        progress = Throttled(report, cancelled=job.stop.is_set)
        result, error = _outcome(lambda: _started(progress, fn))

        def finish() -> None:
            self._end(job)
            try:
                self._settle(result, error, done, failed)
            finally:
                if ended is not None:
                    ended()

        self._send(epoch, finish)

    def _read(self, fn: Callable[[], T], finish: Callable[[T | None, Exception | None], None], epoch: int) -> None:
        result, error = _outcome(fn)
        self._send(epoch, lambda: finish(result, error))

    def _send(self, epoch: int, call: Callable[[], None]) -> None:
        def on_gui_thread() -> None:
            if epoch == self._epoch:
                call()

        self._deliver.emit(on_gui_thread)

    def _call(self, call: Callable[[], None]) -> None:
        call()

    def _report(self, job: Job, done: int, total: int, text: str) -> None:
        job.done, job.total, job.detail, job.running = done, total, text, True
        self.job_changed.emit(job)

    def _end(self, job: Job) -> None:
        self.jobs.pop(job.id, None)
        self.job_ended.emit(job)

    def _settle(
        self, result: T | None, error: Exception | None, done: Callable[[T], None] | None, failed: Failed | None
    ) -> None:
        if error is None:
            if done is not None:
                done(result)  # type: ignore[arg-type]  # no error: it is a T
        elif isinstance(error, UserError):
            if failed is not None:
                failed(error)
            else:
                self.failed_job.emit(error)
        elif not isinstance(error, Cancelled):
            raise error


def _started(progress: Progress, fn: Callable[[Progress], T]) -> T:
    progress(0, 0)
    return fn(progress)


def _outcome(fn: Callable[[], T]) -> tuple[T | None, Exception | None]:
    """What `fn` returned or raised: a thread must hand over its error, whatever it is, or it is lost."""
    try:
        return fn(), None
    except Exception as error:  # noqa: BLE001 - handed to the GUI thread, which shows or raises it
        return None, error
