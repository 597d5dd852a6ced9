"""Stands by a training worker: `python -m labeler.training.supervisor RUN_DIR WORKER NEXT`, the last two as JSON lists of arguments.

It starts the worker, tries again with smaller batches where the system killed it for want of memory, says so where it vanished without
a last word, and in the end starts the process that sees to what comes next. Standard library only: it waits all the time and must cost
nothing.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from labeler.core.i18n import tr
from labeler.training.apart import Apart
from labeler.training.protocol import (
    CANCEL,
    EVENTS,
    RESUME,
    AnyEvent,
    Cancelled,
    Done,
    Failed,
    Interrupted,
    Retrying,
    encode,
    read_events,
    read_request,
    write_request,
)  # fmt: skip
from labeler.training.worker_failures import describe

LAST_WORDS = (Done, Cancelled, Failed)


def main(args: list[str]) -> int:
    """Supervise to the end, then start what comes next."""
    run_dir = Path(args[0])
    supervise(run_dir, json.loads(args[1]))
    if comes_next := json.loads(args[2]):
        Apart([sys.executable, *comes_next], stdout=sys.stderr)
    return 0


def supervise(run_dir: Path, worker: Sequence[str], *, memory_kills: Callable[[], int] | None = None) -> None:
    """Run `worker` on the order in `run_dir` until it has said its last word, or none can be had from it.

    `memory_kills` counts the processes that the system has killed for want of memory so far.
    """
    count = memory_kills or _memory_kills
    while True:
        heard = _size(run_dir / EVENTS)
        killed_before = count()
        code = subprocess.run([sys.executable, *worker, str(run_dir)], stdin=subprocess.DEVNULL, check=False).returncode
        events, _ = read_events(run_dir / EVENTS, heard)
        if any(isinstance(event, LAST_WORDS) for event in events) or (run_dir / CANCEL).exists():
            return
        # -9: SIGKILL, which is all that the worker's end tells of why.
        if code != -9 or count() == killed_before:
            _say(run_dir, Interrupted(_resumable(run_dir)))
            return
        if not _smaller(run_dir, events):
            _say(run_dir, describe(MemoryError(), resumable=_resumable(run_dir)))
            return


def _smaller(run_dir: Path, events: Sequence[AnyEvent]) -> bool:
    """Order half the batch, from the last checkpoint on; returns whether there is a half."""
    request = read_request(run_dir)
    batch = next((e.batch for e in reversed(events) if isinstance(e, Retrying)), request.batch) // 2
    if not batch:
        return False
    write_request(run_dir, replace(request, batch=batch, resume=True))
    _say(run_dir, Retrying(batch, tr("Memory ran out; going on with batches of {count}.", count=batch)))
    return True


def _say(run_dir: Path, event: AnyEvent) -> None:
    with (run_dir / EVENTS).open("a", encoding="utf-8") as file:
        if _torn(run_dir / EVENTS):  # the worker was killed in the middle of a line
            file.write("\n")
        file.write(encode(event) + "\n")


def _torn(file: Path) -> bool:
    with file.open("rb") as stream:
        if not stream.seek(0, os.SEEK_END):
            return False
        stream.seek(-1, os.SEEK_END)
        return stream.read() != b"\n"


def _resumable(run_dir: Path) -> bool:
    return (run_dir / RESUME).is_file()


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _memory_kills() -> int:
    """How many processes Linux has killed for want of memory since it was started; elsewhere 0."""
    try:
        lines = Path("/proc/vmstat").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
