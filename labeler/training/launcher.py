"""Starts, watches and ends training workers. Knows processes and flag files; knows nothing of torch or of the database."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from labeler.core.i18n import language
from labeler.training.apart import Apart
from labeler.training.protocol import CANCEL, CANCEL_AFTER_EPOCH, EVENTS, LOG

SUPERVISOR = ("-m", "labeler.training.supervisor")
WORKER = ("-m", "labeler.training.worker")
GRACE = 20.0
"""Seconds that a worker has to stop by itself."""

_children: dict[int, Apart] = {}
"""Workers started by this process, kept until they are reaped: an unreaped child looks alive."""


@dataclass(frozen=True, slots=True)
class Started:
    """A supervisor's process. Both together name it: process ids are used again."""

    pid: int
    started_at: float


def launch(run_dir: Path, *, then: Sequence[str] = ()) -> Started:
    """Start a worker on the order in `run_dir`, with the supervisor whose process this returns; when both are done, that starts Python
    with the arguments `then`. They outlive this process; stop requests from before are forgotten.
    """
    for flag in (CANCEL, CANCEL_AFTER_EPOCH):
        (run_dir / flag).unlink(missing_ok=True)
    command = [sys.executable, *SUPERVISOR, str(run_dir), json.dumps(WORKER), json.dumps(then)]
    with (run_dir / EVENTS).open("ab") as events, (run_dir / LOG).open("ab") as log:
        process = Apart(
            command, stdout=events, stderr=log, cwd=run_dir, env=environment(), creationflags=_creation_flags()
        )
    _children[process.pid] = process
    try:
        return Started(process.pid, psutil.Process(process.pid).create_time())
    except psutil.NoSuchProcess:  # it was that quick to end
        return Started(process.pid, time.time())


def environment() -> dict[str, str]:
    """What a worker inherits: it finds this package wherever it lies, reads and writes UTF-8, and speaks the language in use."""
    package = Path(__file__).resolve().parents[2]
    path = os.pathsep.join(p for p in (str(package), os.environ.get("PYTHONPATH", "")) if p)
    return {
        **os.environ,
        "LABELER_LANGUAGE": language(),
        "PYTHONPATH": path,
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
    }


def this_process() -> tuple[int, float]:
    """The id and the start of the process that asks, as `is_alive` wants them."""
    return os.getpid(), psutil.Process().create_time()


def is_alive(pid: int, started_at: float) -> bool:
    """Whether that very process still runs. A zombie does not."""
    return _process(pid, started_at) is not None


def request_cancel(run_dir: Path, *, after_epoch: bool = False) -> None:
    """Ask the worker to stop now, or when the epoch is over (which then ends as done, with the best model so far)."""
    (run_dir / (CANCEL_AFTER_EPOCH if after_epoch else CANCEL)).touch()


def kill(pid: int, started_at: float) -> None:
    """End the process and its children at once; nothing happens where it is gone already."""
    process = _process(pid, started_at)
    if process is None:
        return
    try:
        family = [*process.children(recursive=True), process]
    except psutil.NoSuchProcess:
        return
    for member in family:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(family, timeout=5)
    _reap(pid)


def cancel(run_dir: Path, pid: int, started_at: float, *, grace: float = GRACE) -> bool:
    """Ask to stop, wait up to `grace` seconds, then kill. Blocks; returns whether it ended by itself."""
    request_cancel(run_dir)
    if wait(pid, started_at, timeout=grace):
        return True
    kill(pid, started_at)
    return False


def wait(pid: int, started_at: float, *, timeout: float) -> bool:
    """Wait for the process to end; returns whether it did."""
    process = _process(pid, started_at)
    if process is None:
        return True
    try:
        process.wait(timeout)
    except psutil.TimeoutExpired:
        return False
    _reap(pid)
    return True


def _process(pid: int, started_at: float) -> psutil.Process | None:
    _reap(pid)
    try:
        process = psutil.Process(pid)
        # The clock that dates processes is coarse, and differs a little between reads on some systems.
        same = abs(process.create_time() - started_at) < 1.0
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def _reap(pid: int) -> None:
    child = _children.get(pid)
    if child is not None and child.poll() is not None:
        del _children[pid]


def _creation_flags() -> int:
    """On Windows: a process group of its own, without a console window."""
    names = ("CREATE_NEW_PROCESS_GROUP", "CREATE_NO_WINDOW")
    return sum(int(getattr(subprocess, name, 0)) for name in names)
