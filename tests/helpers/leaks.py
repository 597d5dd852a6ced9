"""The watch for what a test leaves behind: threads, Qt threads and timers, child processes, open projects, processes gone astray."""

import gc
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

import psutil
import pytest

PATIENCE = 5.0
"""Seconds that something which is already ending gets to end."""

LAST_PATIENCE = 60.0
"""The same at the end of the run: a training worker that has said its last word still takes torch apart, for seconds on a busy machine."""

# Threads that libraries keep for the life of the process, by the start of their name.
LASTING_THREADS = ("pytest_timeout", "tqdm", "TMonitor", "pydevd", "asyncio_waitpid", "QThread-pool")


class Watch:
    """What runs when a test begins; `left` says what the test added. Main thread only."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._threads = set(threading.enumerate())
        self._children = {child.pid for child in children()}
        self._projects = _record_projects(monkeypatch)
        self._timers: list[weakref.ref[Any]] = []
        self._qthreads: list[weakref.ref[Any]] = []
        if "PySide6.QtCore" in sys.modules:
            self._record_qt(monkeypatch)

    def left(self) -> list[str]:
        """What is still there, in words; empty where the test cleaned up."""
        if self._timers or self._qthreads:
            _finish_qt()
        return [*self._left_threads(), *self._left_children(), *self._left_qt(), *self._left_projects()]

    def _left_threads(self) -> list[str]:
        left = []
        for thread in set(threading.enumerate()) - self._threads:
            if thread.name.startswith(LASTING_THREADS) or type(thread).__name__ in ("TMonitor", "_DummyThread"):
                continue
            thread.join(PATIENCE)
            if thread.is_alive():
                left.append(f"thread {thread.name}")
        return left

    def _left_children(self) -> list[str]:
        new = [child for child in children() if child.pid not in self._children]
        if not new:
            return []
        _, alive = psutil.wait_procs(new, timeout=PATIENCE)
        left = []
        for child in alive:
            try:
                if child.status() != psutil.STATUS_ZOMBIE:
                    left.append(f"process {child.pid} {' '.join(child.cmdline())[:200]}")
                    child.kill()
            except psutil.NoSuchProcess:
                continue
        return left

    def _left_qt(self) -> list[str]:
        if not (_alive(self._timers, "isActive") or _alive(self._qthreads, "isRunning")):
            return []
        gc.collect()
        _finish_qt()
        timers = [f"active QTimer {t.objectName() or t!r}" for t in _alive(self._timers, "isActive")]
        threads = []
        for thread in _alive(self._qthreads, "isRunning"):
            if not thread.wait(int(PATIENCE * 1000)):
                threads.append(f"running QThread {thread.objectName() or thread!r}")
        return timers + threads

    def _left_projects(self) -> list[str]:
        left = [project for project in (ref() for ref in self._projects.values()) if project is not None]
        for project in left:
            project.close()
        return [f"open project {project.folder}" for project in left]

    def _record_qt(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from PySide6.QtCore import QThread, QTimer

        monkeypatch.setattr(QTimer, "start", _recording(QTimer.start, self._timers))
        monkeypatch.setattr(QThread, "start", _recording(QThread.start, self._qthreads))


def children() -> list[psutil.Process]:
    """Direct child processes, however they were started."""
    return psutil.Process().children()


def strays(mark: str) -> list[str]:
    """Processes anywhere that inherited the environment variable LABELER_TEST_RUN=`mark` and do not end by themselves; ends them."""
    found = {}
    for process in psutil.process_iter():
        try:
            if process.pid != psutil.Process().pid and process.environ().get("LABELER_TEST_RUN") == mark:
                found[process] = f"{process.pid} {' '.join(process.cmdline())[:200]}"
        except (psutil.Error, OSError):
            continue
    _, alive = psutil.wait_procs(list(found), timeout=LAST_PATIENCE)
    for process in alive:
        process.kill()
    return [found[process] for process in alive]


def _record_projects(monkeypatch: pytest.MonkeyPatch) -> dict[int, "weakref.ref[Any]"]:
    from labeler.services.project import Project

    opened: dict[int, weakref.ref[Any]] = {}
    first, last = Project.__init__, Project.close

    def start(self: Project, *args: Any, **values: Any) -> None:
        first(self, *args, **values)
        opened[id(self)] = weakref.ref(self)

    def close(self: Project) -> None:
        opened.pop(id(self), None)
        last(self)

    monkeypatch.setattr(Project, "__init__", start)
    monkeypatch.setattr(Project, "close", close)
    return opened


def _recording(method: Callable[..., Any], seen: list["weakref.ref[Any]"]) -> Callable[..., Any]:
    def start(self: Any, *args: Any) -> Any:
        seen.append(weakref.ref(self))
        return method(self, *args)

    return start


def _alive(refs: list["weakref.ref[Any]"], question: str) -> list[Any]:
    import shiboken6

    found = (ref() for ref in refs)
    return [thing for thing in found if thing is not None and shiboken6.isValid(thing) and getattr(thing, question)()]


def _finish_qt() -> None:
    """Deliver what Qt has put off: deleted widgets take their timers with them."""
    from PySide6.QtCore import QCoreApplication, QEvent

    if QCoreApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
