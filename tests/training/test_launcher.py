"""Workers are started apart from the app, recognised, and ended for certain."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from labeler.training import launcher
from labeler.training.launcher import Started
from labeler.training.protocol import Failed, Request, read_events
from tests.training.conftest import events_of

DEAF = "import time; print('up', flush=True); time.sleep(600)"


def deaf_worker() -> tuple["subprocess.Popen[str]", Started]:
    """A process that hears no request to stop."""
    process = subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    process.stdout.close()
    return process, Started(process.pid, psutil.Process(process.pid).create_time())


def test_a_worker_that_does_not_listen_is_killed_after_the_grace(tmp_path: Path) -> None:
    process, worker = deaf_worker()
    assert launcher.is_alive(worker.pid, worker.started_at)
    assert launcher.cancel(tmp_path, worker.pid, worker.started_at, grace=0.1) is False
    assert (tmp_path / "cancel").exists()
    process.wait(10)
    assert not launcher.is_alive(worker.pid, worker.started_at)


def test_another_process_with_the_same_number_is_left_alone() -> None:
    process, worker = deaf_worker()
    try:
        assert not launcher.is_alive(worker.pid, worker.started_at - 100)
        launcher.kill(worker.pid, worker.started_at - 100)
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no zombies")
def test_a_process_that_ended_but_was_not_reaped_is_not_alive() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = psutil.Process(process.pid).create_time()
    assert process.stdin is not None
    process.stdin.close()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and stays a zombie
    assert psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE
    assert not launcher.is_alive(process.pid, started)
    process.wait()


def test_children_are_killed_too() -> None:
    code = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {DEAF!r}]); p.wait()"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    (child,) = psutil.Process(process.pid).children()
    launcher.kill(process.pid, psutil.Process(process.pid).create_time())
    process.stdout.close()
    process.wait(10)
    assert not launcher.is_alive(child.pid, child.create_time() if child.is_running() else 0.0)


def test_a_worker_without_an_order_says_so(tmp_path: Path) -> None:
    worker = launcher.launch(tmp_path)
    assert launcher.wait(worker.pid, worker.started_at, timeout=60)
    (end,) = events_of(tmp_path)
    assert isinstance(end, Failed)
    assert end.reason == "missing_file"


def test_the_flags_of_an_earlier_run_are_forgotten(launch: Callable[[Path, Request], Started], run_dir: Path) -> None:
    run_dir.mkdir(parents=True)
    launcher.request_cancel(run_dir)
    launcher.request_cancel(run_dir, after_epoch=True)
    worker = launch(run_dir, Request("/nowhere/data.yaml", "yolov5n"))
    assert launcher.wait(worker.pid, worker.started_at, timeout=120)
    assert isinstance(events_of(run_dir)[-1], Failed)
    assert not (run_dir / "cancel").exists()


@pytest.mark.parametrize("seconds", [0, 30])
def test_nothing_warns_of_a_process_that_was_meant_to_outlive_its_starter(seconds: int) -> None:
    text = (
        "import sys; from labeler.training.apart import Apart;"
        f"print(Apart([sys.executable, '-c', 'import time; time.sleep({seconds})']).pid)"
    )
    done = subprocess.run([sys.executable, "-X", "dev", "-c", text], capture_output=True, text=True, check=True)
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(int(done.stdout)).kill()
    assert done.stderr == ""


def test_a_worker_outlives_whoever_started_it(run_dir: Path) -> None:
    run_dir.mkdir(parents=True)
    (run_dir / "request.json").write_text('{"v": 1, "data_yaml": "/nowhere/data.yaml", "arch": "yolov5n"}')
    code = (
        "import os, sys; from pathlib import Path; from labeler.training.launcher import launch;"
        "w = launch(Path(sys.argv[1])); print(w.pid, w.started_at, flush=True); os._exit(9)"
    )
    app = subprocess.run([sys.executable, "-c", code, str(run_dir)], stdout=subprocess.PIPE, text=True, check=False)
    pid, started = app.stdout.split()
    assert launcher.wait(int(pid), float(started), timeout=120)
    events, _ = read_events(run_dir / "events.jsonl")
    assert isinstance(events[-1], Failed)
    assert events[-1].reason == "missing_file"
