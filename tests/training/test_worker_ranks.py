"""A training on several devices: as many processes in step, one that tells, and an end for all when one of them ends."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from labeler.training import worker_ranks
from labeler.training.protocol import AnyEvent, Done, Epoch, Retrying, Started, write_request
from tests.conftest import ROOT
from tests.training.conftest import events_of, tiny

SCRIPT = Path(__file__).parent / "two_devices.py"


def run_on_two(run_dir: Path, data_yaml: Path, fault: str = "none") -> Sequence[AnyEvent]:
    """What a training on two devices told, its two processes both on this processor."""
    write_request(run_dir, tiny(data_yaml, device="0,1", epochs=2, batch=3))
    with (run_dir / "events.jsonl").open("ab") as events, (run_dir / "log.txt").open("ab") as log:
        subprocess.run(
            [sys.executable, SCRIPT, "first", fault, run_dir], stdout=events, stderr=log, check=False, timeout=300,
            env=worker_environment(),
        )  # fmt: skip
    return events_of(run_dir)


def worker_environment() -> dict[str, str]:
    from labeler.training.launcher import environment

    return environment() | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def test_two_devices_train_in_step_and_one_tells(run_dir: Path, data_yaml: Path) -> None:
    events = run_on_two(run_dir, data_yaml)
    (started,) = [e for e in events if isinstance(e, Started)]
    assert (started.batch, started.batches) == (4, 2)  # 8 pages, two a device and step; three are no number to share
    assert [e.epoch for e in events if isinstance(e, Epoch)] == [1, 2]
    assert isinstance(events[-1], Done), (run_dir / "log.txt").read_text(encoding="utf-8")[-2000:]
    assert (run_dir / events[-1].onnx).is_file()


def test_where_another_device_runs_out_of_memory_all_go_on_with_smaller_batches(run_dir: Path, data_yaml: Path) -> None:
    events = run_on_two(run_dir, data_yaml, "memory")
    assert [e.batch for e in events if isinstance(e, Retrying)] == [2]
    assert isinstance(events[-1], Done), (run_dir / "log.txt").read_text(encoding="utf-8")[-2000:]


@pytest.mark.parametrize(
    ("batch", "device", "shared"), [(4, "cpu", 4), (4, "0,1", 4), (3, "0,1", 4), (4, "0,1,2", 6), (1, "0", 1)]
)
def test_a_batch_can_be_shared_evenly(batch: int, device: str, shared: int) -> None:
    assert worker_ranks.whole(batch, device) == shared
