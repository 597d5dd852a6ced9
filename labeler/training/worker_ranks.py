"""Training on several GPUs at once: the worker is the first of as many equal processes, one a GPU, and starts the others.

ultralytics would start them from a pickle of its trainer, which knows nothing of an order; here each reads the order itself
(`worker_rank`). The first alone tells what happens. When another ends in trouble the first would wait for it for ever, so it ends too.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from labeler.core.i18n import tr
from labeler.training.protocol import CANCEL, Failed, Request
from labeler.training.worker_failures import describe

OTHER = ("-m", "labeler.training.worker_rank")
HERE = "127.0.0.1"
NO_MEMORY = 3
"""How a process ends that had too little memory."""
INTERVAL = 0.5
PATIENCE = 60.0
"""Seconds that the others have to end by themselves once the first is done."""


def count(device: str) -> int:
    """How many devices "0,1" or the like names."""
    return len(device.split(","))


def is_first() -> bool:
    """Whether this process is the one that tells, as the only one is."""
    return os.environ.get("RANK", "0") == "0"


def whole(batch: int, device: str) -> int:
    """`batch`, or the next larger number that the devices can share evenly."""
    return -(-batch // count(device)) * count(device)


def set_environment(device: str) -> None:
    """Make this process the first of several, if there are to be several. ultralytics reads this when it is imported."""
    if count(device) > 1:
        os.environ.update(RANK="0", LOCAL_RANK="0", WORLD_SIZE=str(count(device)), MASTER_ADDR=HERE)


@contextmanager
def others(run_dir: Path, request: Request, *, say: Callable[[Failed], None]) -> Iterator[None]:
    """The processes of all devices but the first, for as long as the training lasts. What ends one of them early ends this process."""
    if count(request.device) < 2:
        yield
        return
    os.environ["MASTER_PORT"] = str(_free_port())
    order = json.dumps(asdict(request))
    started = [
        subprocess.Popen(
            [sys.executable, *OTHER, str(run_dir), order],
            env={**os.environ, "RANK": str(rank), "LOCAL_RANK": str(rank)}, stdin=subprocess.DEVNULL,
        )
        for rank in range(1, count(request.device))
    ]  # fmt: skip
    over = threading.Event()
    threading.Thread(target=_watch, args=(started, over, run_dir, say), name="ranks", daemon=True).start()
    try:
        yield
        over.set()
        for process in started:
            process.wait(PATIENCE)
    except Exception as error:
        over.set()
        if NO_MEMORY in map(_end, started):  # it ended first, and the error is only that it is gone
            raise MemoryError from error
        raise
    finally:
        over.set()
        for process in started:
            process.kill()
            process.wait()
        _leave()


def _watch(
    started: Sequence["subprocess.Popen[bytes]"], over: threading.Event, run_dir: Path, say: Callable[[Failed], None]
) -> None:
    while not over.wait(INTERVAL):
        code = next((p.returncode for p in started if p.poll()), 0)
        if code and not over.is_set() and not (run_dir / CANCEL).exists():
            error = MemoryError() if code == NO_MEMORY else RuntimeError(tr("The process of another GPU has ended."))
            say(describe(error, resumable=True))
            for process in started:
                process.kill()
            os._exit(1)


def _end(process: "subprocess.Popen[bytes]") -> int | None:
    """How a process that is about to end has ended; None where it goes on."""
    try:
        return process.wait(10 * INTERVAL)
    except subprocess.TimeoutExpired:
        return None


def _leave() -> None:
    """Forget the others, so that a training with a smaller batch can begin with new ones."""
    from torch import distributed

    if distributed.is_available() and distributed.is_initialized():
        distributed.destroy_process_group()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((HERE, 0))
        return int(found.getsockname()[1])
