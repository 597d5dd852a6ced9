"""The training process: `python -m labeler.training.worker RUN_DIR` carries out the order in that folder.

Owns the process: where its words go, its priority, its environment, and that it ends with a named event. The training
itself is `worker_run`, imported late because torch takes seconds to load and must find the environment set.
"""

import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from labeler.training import worker_ranks
from labeler.training.protocol import RESUME, WORK, Cancelled, Event, encode, read_request
from labeler.training.worker_data import look_at
from labeler.training.worker_failures import describe
from labeler.training.worker_stop import Stop

Say = Callable[[Event], None]

NICE = 10
FIRST_TO_GO = 500
"""Added to Linux's measure (0…1000) of which process to end when memory runs out."""


def main(args: list[str]) -> int:
    """Run the order in the folder `args[0]`; returns 0 when done or cancelled, 1 when failed. Events go to stdout."""
    run_dir = Path(args[0]).resolve()
    _die_with_parent()
    say = take_stdout()
    stop = Stop(run_dir)
    try:
        stop.start()
        end = _work(run_dir, say, stop)
        stop.over()
    except KeyboardInterrupt:
        stop.over()
        end = Cancelled(_epochs_kept(run_dir), _resumable(run_dir))
    except BaseException as error:  # noqa: BLE001 - whatever happened, the app must be told
        stop.over()
        end = describe(error, resumable=_resumable(run_dir))
        _free_reserve(run_dir)
        with contextlib.suppress(OSError):  # the disk that is full is the log's, too
            traceback.print_exc()
    _free_reserve(run_dir)
    say(end)
    return 1 if end.kind == "failed" else 0


def take_stdout() -> Say:
    """Keep standard output for events; what libraries print goes to standard error from now on."""
    sys.stdout.flush()
    events = os.dup(1)
    os.dup2(2, 1)

    def say(event: Event) -> None:
        # One write a line, so that no reader ever sees two events mixed.
        os.write(events, (encode(event) + "\n").encode("utf-8"))

    return say


def _work(run_dir: Path, say: Say, stop: Stop) -> Event:
    request = read_request(run_dir)
    data = look_at(Path(request.data_yaml))
    (run_dir / WORK).mkdir(exist_ok=True)
    _reserve(run_dir).write_bytes(bytes(64 * 1024))
    threads = request.threads or max(1, (os.cpu_count() or 2) - 1)
    set_environment(run_dir, threads=threads)
    worker_ranks.set_environment(request.device)
    from labeler.training.worker_run import run

    _step_back()  # only now: at a low priority a busy computer would take minutes to load torch
    return run(run_dir, request, data, threads=threads, say=say, stop=stop)


def set_environment(run_dir: Path, *, threads: int) -> None:
    """What torch and ultralytics read when they are imported: no network, no pickles, settings of the run's own."""
    os.environ.update(
        OMP_NUM_THREADS=str(threads),
        YOLO_OFFLINE="1",
        YOLO_AUTOINSTALL="false",
        YOLO_CONFIG_DIR=str(run_dir / WORK),
        ULTRALYTICS_SAFE_LOAD="1",
        MPLBACKEND="Agg",
        WANDB_MODE="disabled",
    )


def _step_back() -> None:
    """Lower priority, so that the app stays smooth."""
    import psutil

    with contextlib.suppress(OSError, psutil.Error):
        if sys.platform == "win32":
            psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            os.nice(NICE)
            # Linux schedules sessions against each other: without this, niceness would not count. The launcher gives a worker and
            # its supervisor a session of their own; in anybody else's it would slow down strangers.
            if os.getsid(0) in (os.getpid(), os.getppid()):
                Path("/proc/self/autogroup").write_text(str(NICE))
    with contextlib.suppress(
        OSError
    ):  # where memory runs out, Linux is to end the training, which can go on, and not the app
        Path("/proc/self/oom_score_adj").write_text(str(FIRST_TO_GO))


def _die_with_parent() -> None:
    """Whoever kills the process that stands by this one has killed both. On Linux; elsewhere `Stop` looks for it."""
    if sys.platform == "linux":
        import ctypes

        set_parent_death_signal = 1  # PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)


def _reserve(run_dir: Path) -> Path:
    """A little disk space kept back, so that a full disk can still be told of."""
    return run_dir / WORK / "reserve"


def _free_reserve(run_dir: Path) -> None:
    with contextlib.suppress(OSError):
        _reserve(run_dir).unlink(missing_ok=True)


def _resumable(run_dir: Path) -> bool:
    return (run_dir / RESUME).is_file()


def _epochs_kept(run_dir: Path) -> int:
    """How many epochs `resume.pt` holds, by the note beside it."""
    try:
        return int((run_dir / WORK / "epochs").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
