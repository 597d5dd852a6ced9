"""Whoever stands by a worker knows when it was killed and why, tries again with less, and starts what comes next."""

import itertools
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from labeler.training import launcher, protocol
from labeler.training.protocol import AnyEvent, Cancelled, Failed, Interrupted, Request, Retrying, Started
from labeler.training.supervisor import supervise
from tests.conftest import ROOT
from tests.training.conftest import events_of

HEAD = f"""
import os, sys, time
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from labeler.training import protocol as p
run = Path(sys.argv[1])
request = p.read_request(run)
events = (run / p.EVENTS).open("a")
def say(event): print(p.encode(event), file=events, flush=True)
say(p.Started(1, request.epochs, 1, request.batch, 4, 2, request.imgsz, "cpu", 1, os.getpid()))
"""
KILLED = "os.kill(os.getpid(), 9)\n"
posix = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
Supervised = Callable[..., list[AnyEvent]]


@pytest.fixture
def supervised(run_dir: Path, tmp_path: Path) -> Supervised:
    """`supervised(body, kills)`: what was told when a worker of this kind was supervised to its end."""

    def run(body: str, *, memory_kills: Callable[[], int] = lambda: 0, batch: int = 4) -> list[AnyEvent]:
        (tmp_path / "worker.py").write_text(HEAD + body, encoding="utf-8")
        protocol.write_request(run_dir, Request("data.yaml", "yolov5n", batch=batch))
        supervise(run_dir, [str(tmp_path / "worker.py")], memory_kills=memory_kills)
        return events_of(run_dir)

    return run


@posix
@pytest.mark.parametrize("kept", [True, False])
def test_a_worker_that_somebody_killed_is_interrupted(supervised: Supervised, run_dir: Path, kept: bool) -> None:
    keep = '(run / p.RESUME).write_bytes(b"x")\n' if kept else ""
    started, end = supervised(keep + KILLED)
    assert isinstance(started, Started)
    assert isinstance(end, Interrupted)
    assert end.resumable == kept


@posix
def test_a_worker_killed_for_want_of_memory_goes_on_with_half_the_batch(supervised: Supervised, run_dir: Path) -> None:
    body = (
        '(run / p.RESUME).write_bytes(b"x")\n'
        f"if request.batch > 1: {KILLED}assert request.resume\nsay(p.Cancelled(1, True))\n"
    )
    told = supervised(body, memory_kills=itertools.count().__next__)
    assert [e.batch for e in told if isinstance(e, Started)] == [4, 2, 1]
    assert [e.batch for e in told if isinstance(e, Retrying)] == [2, 1]
    assert isinstance(told[-1], Cancelled)
    assert protocol.read_request(run_dir).batch == 1


@posix
def test_where_even_the_smallest_batch_is_too_much_it_says_so(supervised: Supervised) -> None:
    told = supervised(KILLED, memory_kills=itertools.count().__next__, batch=2)
    assert [e.batch for e in told if isinstance(e, Retrying)] == [1]
    end = told[-1]
    assert isinstance(end, Failed)
    assert end.reason == "out_of_memory"
    assert "smaller" in end.hint
    assert not end.resumable


@posix
def test_it_halves_what_the_worker_itself_had_come_down_to(supervised: Supervised) -> None:
    body = f'if request.batch > 2:\n    say(p.Retrying(4, ""))\n    {KILLED}say(p.Cancelled(1, False))\n'
    told = supervised(body, memory_kills=itertools.count().__next__, batch=16)
    assert [e.batch for e in told if isinstance(e, Started)] == [16, 2]


@posix
def test_a_line_that_was_cut_off_swallows_nothing(supervised: Supervised) -> None:
    told = supervised('events.write(\'{"v":1,"kind":"epo\')\nevents.flush()\n' + KILLED)
    assert isinstance(told[-1], Interrupted)


def test_one_that_was_asked_to_stop_is_not_started_again(supervised: Supervised) -> None:
    told = supervised("(run / p.CANCEL).touch()\n" + KILLED, memory_kills=itertools.count().__next__)
    assert [e.kind for e in told] == ["started"]


def test_what_comes_next_is_started_in_the_end(run_dir: Path, tmp_path: Path) -> None:
    run_dir.mkdir(parents=True)
    made = tmp_path / "next"
    worker = launcher.launch(run_dir, then=("-c", f"open({str(made)!r}, 'w').close()"))
    assert launcher.wait(worker.pid, worker.started_at, timeout=120)
    assert isinstance(events_of(run_dir)[-1], Failed)
    _wait_until(made.exists)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the worker looks by itself, a moment later")
def test_who_kills_the_supervisor_has_killed_the_worker(
    run_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "worker.py"
    script.write_text(
        f"{HEAD}from labeler.training import worker\nworker._die_with_parent()\nopen('up', 'w')\ntime.sleep(600)"
    )
    protocol.write_request(run_dir, Request("data.yaml", "yolov5n"))
    monkeypatch.setattr(launcher, "WORKER", (str(script),))
    supervisor = launcher.launch(run_dir)
    _wait_until((run_dir / "up").exists)
    started = events_of(run_dir)[0]
    assert isinstance(started, Started)
    child = psutil.Process(started.pid)
    psutil.Process(supervisor.pid).kill()
    child.wait(60)
    assert not launcher.is_alive(supervisor.pid, supervisor.started_at)


def _wait_until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)
