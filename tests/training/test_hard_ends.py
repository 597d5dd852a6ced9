"""Trouble for a real worker: a full disk, pages that vanish, a torn checkpoint, a loss that goes astray late, scarce memory."""

from collections.abc import Callable
from pathlib import Path

import pytest

from labeler.training import launcher
from labeler.training.launcher import Started as Worker
from labeler.training.protocol import Checkpoint, Done, Failed, Request, Retrying, Started
from tests.training.conftest import events_of, tiny
from tests.training.test_worker import finish, run_faulty, told, until

Launch = Callable[[Path, Request], Worker]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_named_and_what_was_kept_can_be_resumed(launch: Launch, data_yaml: Path, run_dir: Path) -> None:
    finish(launch, run_dir, tiny(data_yaml, epochs=1))
    (run_dir / "result" / "model.pt").replace(run_dir / "start.pt")
    (run_dir / "resume.part").symlink_to("/dev/full")
    end = finish(launch, run_dir, tiny(data_yaml, epochs=2, start_weights=str(run_dir / "start.pt")))[-1]
    assert isinstance(end, Failed), end
    assert (end.reason, end.text, end.hint) == ("disk_full", "The disk is full.", "Free some space, then resume.")
    assert not end.resumable
    assert not [*run_dir.rglob("*.part")], "what was half written only takes room"
    again = finish(launch, run_dir, tiny(data_yaml, epochs=1, resume=True))
    assert isinstance(again[-1], Done), again[-1]


def test_pages_that_vanish_while_it_trains_are_named(launch: Launch, data_yaml: Path, run_dir: Path) -> None:
    worker = launch(run_dir, tiny(data_yaml, epochs=500))
    until(run_dir, worker, told(run_dir, Checkpoint))
    for picture in (data_yaml.parent / "images" / "train").iterdir():
        picture.unlink()
    assert launcher.wait(worker.pid, worker.started_at, timeout=120)
    end = events_of(run_dir)[-1]
    assert isinstance(end, Failed), end
    assert end.reason == "missing_file"
    assert "written again" in end.hint
    assert "Not Found" not in end.text
    assert end.resumable


def test_a_loss_that_goes_astray_late_is_named_and_the_good_epochs_are_kept(data_yaml: Path, run_dir: Path) -> None:
    end = run_faulty("late-nan", run_dir, tiny(data_yaml, epochs=4, batch=4))[-1]
    assert isinstance(end, Failed), end
    assert end.reason == "nan_loss"
    assert "other weights" in end.hint
    assert end.resumable


@pytest.mark.parametrize("keep", [0, pytest.param(20_000, marks=pytest.mark.slow)])
def test_a_torn_checkpoint_begins_anew(launch: Launch, data_yaml: Path, run_dir: Path, keep: int) -> None:
    worker = launch(run_dir, tiny(data_yaml, epochs=500))
    until(run_dir, worker, told(run_dir, Checkpoint))
    launcher.kill(worker.pid, worker.started_at)
    before = len(events_of(run_dir))
    with (run_dir / "resume.pt").open("r+b") as file:
        file.truncate(keep)
    events = finish(launch, run_dir, tiny(data_yaml, epochs=1, resume=True))[before:]
    started = next(e for e in events if isinstance(e, Started))
    assert started.epoch == 1
    assert isinstance(events[-1], Done), events[-1]


def test_before_memory_runs_out_batches_get_smaller(data_yaml: Path, run_dir: Path) -> None:
    events = run_faulty("scarce", run_dir, tiny(data_yaml, epochs=1, batch=4))
    assert [e.batch for e in events if isinstance(e, Retrying)] == [2]
    assert isinstance(events[-1], Done), events[-1]
