"""The worker, as a real process on real (tiny) data: what it says, what it leaves, how it stops and goes on."""

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from labeler.detect.onnx import OnnxDetector
from labeler.training import launcher
from labeler.training.launcher import Started as Worker
from labeler.training.protocol import (
    AnyEvent,
    Batch,
    Cancelled,
    Checkpoint,
    Done,
    Epoch,
    Failed,
    Request,
    Retrying,
    Started,
    Weights,
    read_request,
    write_request,
)  # fmt: skip
from labeler.training.tuning import VARIETIES
from tests.training.conftest import draw_page, events_of, make_data, tiny

Launch = Callable[[Path, Request], Worker]
PATIENCE = 250
"""Seconds that tell a worker that hangs from one that a busy computer starves."""
BOUND = 60
"""Seconds in which a stop must be over, however busy the computer."""


def finish(launch: Launch, run_dir: Path, order: Request) -> list[AnyEvent]:
    worker = launch(run_dir, order)
    assert launcher.wait(worker.pid, worker.started_at, timeout=PATIENCE), "the worker hangs"
    return events_of(run_dir)


def until(run_dir: Path, worker: Worker, happened: Callable[[], bool]) -> None:
    """Wait for something in the run's folder, as long as the worker lives."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert launcher.is_alive(worker.pid, worker.started_at), (run_dir / "log.txt").read_text(encoding="utf-8")[
            -3000:
        ]
        assert time.monotonic() < end
        time.sleep(0.05)


def told(run_dir: Path, kind: type[AnyEvent]) -> Callable[[], bool]:
    return lambda: any(isinstance(e, kind) for e in events_of(run_dir))


def log_says(run_dir: Path, text: str) -> Callable[[], bool]:
    return lambda: text in (run_dir / "log.txt").read_text(encoding="utf-8", errors="replace")


def run_faulty(fault: str, run_dir: Path, order: Request) -> list[AnyEvent]:
    """The worker with a fault in it, to its end."""
    write_request(run_dir, order)
    script = Path(__file__).with_name("faulty.py")
    env = {**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    with (run_dir / "events.jsonl").open("ab") as events, (run_dir / "log.txt").open("ab") as log:
        subprocess.run(
            [sys.executable, script, fault, run_dir], stdout=events, stderr=log, env=env, check=False, timeout=PATIENCE
        )
    return events_of(run_dir)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two epochs that came to its end."""
    folder = tmp_path_factory.mktemp("数据集") / "学生甲 é"
    run_dir = folder / "run"
    write_request(run_dir, tiny(make_data(folder / "data"), epochs=2))
    worker = launcher.launch(run_dir)
    assert launcher.wait(worker.pid, worker.started_at, timeout=PATIENCE)
    return run_dir


def test_a_run_tells_its_story_in_order(finished: Path) -> None:
    events = events_of(finished)
    kinds = [e.kind for e in events if e.kind != "batch"]
    assert kinds == ["weights", "started", "checkpoint", "epoch", "checkpoint", "epoch", "exporting", "done"]
    started = next(e for e in events if isinstance(e, Started))
    assert (started.epoch, started.epochs, started.train_images, started.val_images) == (1, 2, 8, 3)
    assert (started.batches, started.device, started.threads, started.imgsz) == (2, "cpu", 1, 64)
    epochs = [e for e in events if isinstance(e, Epoch)]
    assert [e.epoch for e in epochs] == [1, 2]
    assert all(set(e.loss) == {"box_loss", "cls_loss", "dfl_loss"} == set(e.val_loss) for e in epochs)
    assert all(e.seconds > 0 and e.lr > 0 for e in epochs)
    assert any(isinstance(e, Batch) for e in events)
    assert [e.t for e in events] == sorted(e.t for e in events)


def test_standard_output_holds_events_and_nothing_else(finished: Path) -> None:
    lines = (finished / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["v"] for line in lines] == [1] * len(events_of(finished))
    assert "optimizer" in (finished / "log.txt").read_text(encoding="utf-8")


def test_a_finished_run_leaves_its_model_and_little_else(finished: Path) -> None:
    files = {p.relative_to(finished).as_posix() for p in finished.rglob("*") if p.is_file()}
    assert files >= {"request.json", "events.jsonl", "log.txt", "result/model.pt", "result/model.onnx"}
    assert not {f for f in files if f.endswith((".pt", ".part", ".ttf", ".png", ".jpg"))} - {"result/model.pt"}
    assert "resume.pt" not in files


def test_the_end_names_the_files_and_what_they_are_worth(finished: Path) -> None:
    import hashlib

    done = events_of(finished)[-1]
    assert isinstance(done, Done)
    for path, digest in ((done.model, done.model_sha256), (done.onnx, done.onnx_sha256)):
        assert hashlib.sha256((finished / path).read_bytes()).hexdigest() == digest
    assert set(done.metrics) == {"map50", "map50_95", "precision", "recall"}
    assert (done.epochs, done.stopped) == (2, "")
    assert 1 <= done.best_epoch <= 2
    assert done.agreement["images"] == 3
    assert done.agreement["max_box_difference"] <= 1.0
    assert 0 < done.agreement["max_score_difference"] < 0.01


def test_the_model_runs_in_the_app_and_tells_nothing_of_this_computer(finished: Path) -> None:
    detector = OnnxDetector(finished / "result" / "model.onnx", threads=1)
    assert detector.classes == tuple("0123456789")
    assert detector.imgsz == (64, 64)
    assert not detector.end_to_end
    for shape in ((64, 64, 3), (40, 200, 3)):
        assert isinstance(detector.detect([np.zeros(shape, np.uint8)], min_score=0.001)[0], list)
    for name in ("model.onnx", "model.pt"):
        content = (finished / "result" / name).read_bytes()
        for secret in (str(finished.parent.parent).encode(), b"runs/", "学生甲".encode()):
            assert secret not in content, (name, secret)


def test_training_goes_on_from_weights_of_the_same_architecture(
    finished: Path, launch: Launch, data_yaml: Path, run_dir: Path
) -> None:
    # ultralytics takes this name for its published weights; it must be this file all the same.
    weights = data_yaml.parent / "yolov5n.pt"
    weights.write_bytes((finished / "result" / "model.pt").read_bytes())
    events = finish(launch, run_dir, tiny(data_yaml, start_weights=str(weights)))
    start = next(e for e in events if isinstance(e, Weights))
    assert (start.source, start.used, start.text) == ("yolov5n.pt", True, "")
    assert start.transferred == start.total
    assert isinstance(events[-1], Done)


@pytest.mark.parametrize("name", ["yolo11n", pytest.param("yolo26n", marks=pytest.mark.slow)])
def test_weights_of_another_architecture_are_told_of_and_left_out(
    finished: Path, launch: Launch, data_yaml: Path, run_dir: Path, name: str
) -> None:
    events = finish(launch, run_dir, tiny(data_yaml, arch=name, start_weights=str(finished / "result" / "model.pt")))
    start = next(e for e in events if isinstance(e, Weights))
    assert not start.used
    assert "another architecture" in start.text
    done = events[-1]
    assert isinstance(done, Done), done
    assert done.agreement["max_box_difference"] <= 1.0
    assert OnnxDetector(run_dir / done.onnx, threads=1).classes == tuple("0123456789")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["yolov5s", "yolo11s", "yolo26s"])
def test_the_small_networks_train_too(launch: Launch, data_yaml: Path, run_dir: Path, name: str) -> None:
    done = finish(launch, run_dir, tiny(data_yaml, arch=name, imgsz=32))[-1]
    assert isinstance(done, Done), done
    assert OnnxDetector(run_dir / done.onnx, threads=1).classes == tuple("0123456789")


def test_cancel_in_the_first_epoch_stops_at_once_and_the_run_can_begin_again(
    launch: Launch, data_yaml: Path, run_dir: Path
) -> None:
    order = tiny(data_yaml, epochs=500)
    worker = launch(run_dir, order)
    until(run_dir, worker, told(run_dir, Batch))
    launcher.request_cancel(run_dir)
    assert launcher.wait(worker.pid, worker.started_at, timeout=BOUND)
    end = events_of(run_dir)[-1]
    assert isinstance(end, Cancelled)
    assert end.resumable == (run_dir / "resume.pt").exists()
    # Going on works whether a checkpoint was reached or not.
    again = finish(launch, run_dir, tiny(data_yaml, epochs=end.epoch + 1, resume=True))
    starts = [e for e in again if isinstance(e, Started)]
    assert [s.epoch for s in starts] == [1, end.epoch + 1]
    assert isinstance(again[-1], Done)


def test_cancel_while_labels_are_read_stops_at_once(launch: Launch, tmp_path: Path, run_dir: Path) -> None:
    data = make_data(tmp_path / "big", train=2)
    images, labels = tmp_path / "big" / "images" / "train", tmp_path / "big" / "labels" / "train"
    picture, label = images / "第1 é.png", labels / "第1 é.txt"
    for i in range(6000):
        os.link(picture, images / f"{i}.png")
        os.link(label, labels / f"{i}.txt")
    worker = launch(run_dir, tiny(data))
    until(run_dir, worker, log_says(run_dir, "Scanning"))
    launcher.request_cancel(run_dir)
    assert launcher.wait(worker.pid, worker.started_at, timeout=BOUND)
    (end,) = [e for e in events_of(run_dir) if not isinstance(e, Weights)]
    assert end == Cancelled(0, resumable=False, t=end.t)


def test_stopping_after_the_epoch_gives_the_best_model_so_far(launch: Launch, data_yaml: Path, run_dir: Path) -> None:
    worker = launch(run_dir, tiny(data_yaml, epochs=500))
    until(run_dir, worker, told(run_dir, Started))
    launcher.request_cancel(run_dir, after_epoch=True)
    assert launcher.wait(worker.pid, worker.started_at, timeout=BOUND)
    done = events_of(run_dir)[-1]
    assert isinstance(done, Done), done
    assert done.stopped == "asked"
    assert done.epochs < 500
    assert (run_dir / "resume.pt").exists()
    again = finish(launch, run_dir, tiny(data_yaml, epochs=done.epochs + 1, resume=True))[-1]
    assert isinstance(again, Done), again
    assert (again.stopped, again.epochs) == ("", done.epochs + 1)
    assert not (run_dir / "resume.pt").exists()


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_killed_run_goes_on_where_it_was(launch: Launch, data_yaml: Path, run_dir: Path) -> None:
    worker = launch(run_dir, tiny(data_yaml, epochs=500))
    until(run_dir, worker, lambda: sum(isinstance(e, Checkpoint) for e in events_of(run_dir)) >= 2)
    os.kill(worker.pid, signal.SIGKILL)
    assert launcher.wait(worker.pid, worker.started_at, timeout=BOUND)
    before = events_of(run_dir)
    assert not isinstance(before[-1], (Done, Cancelled, Failed))
    kept = max(e.epoch for e in before if isinstance(e, Checkpoint))
    # A kill between the file and the event leaves one epoch more than was told of.
    events = finish(launch, run_dir, tiny(data_yaml, epochs=kept + 2, resume=True))[len(before) :]
    started = next(e for e in events if isinstance(e, Started))
    assert started.epoch in {kept + 1, kept + 2}
    assert [e.epoch for e in events if isinstance(e, Epoch)] == list(range(started.epoch, kept + 3))
    assert isinstance(events[-1], Done)


def test_a_run_killed_after_its_last_epoch_only_exports(launch: Launch, data_yaml: Path, run_dir: Path) -> None:
    worker = launch(run_dir, tiny(data_yaml, epochs=1))
    until(run_dir, worker, told(run_dir, Checkpoint))
    launcher.kill(worker.pid, worker.started_at)
    count = len(events_of(run_dir))
    events = finish(launch, run_dir, tiny(data_yaml, epochs=1, resume=True))[count:]
    if events:  # else it had finished before it was killed
        assert [e.kind for e in events] == ["exporting", "done"]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("nan", "nan_loss"),
        ("disk", "disk_full"),
        pytest.param("permission", "permission", marks=pytest.mark.slow),
        pytest.param("bug", "bug", marks=pytest.mark.slow),
        pytest.param("no-memory", "out_of_memory", marks=pytest.mark.slow),
    ],
)
def test_what_goes_wrong_in_training_has_a_name(data_yaml: Path, run_dir: Path, fault: str, reason: str) -> None:
    end = run_faulty(fault, run_dir, tiny(data_yaml, epochs=3, batch=2))[-1]
    assert isinstance(end, Failed), end
    assert end.reason == reason
    assert end.text
    assert end.resumable == (fault == "disk")
    if reason == "bug":
        assert "surprise" in end.text
        assert "Traceback" in (run_dir / "log.txt").read_text(encoding="utf-8")


def test_when_memory_runs_out_it_goes_on_with_smaller_batches(data_yaml: Path, run_dir: Path) -> None:
    events = run_faulty("memory", run_dir, tiny(data_yaml, epochs=2, batch=4))
    retry = next(e for e in events if isinstance(e, Retrying))
    assert retry.batch == 2
    assert [(s.epoch, s.batch) for s in events if isinstance(s, Started)] == [(1, 4), (2, 2)]
    assert isinstance(events[-1], Done)


def test_published_weights_without_a_network_are_a_clear_end(data_yaml: Path, run_dir: Path) -> None:
    end = run_faulty("offline", run_dir, tiny(data_yaml, start_weights="hub"))[-1]
    assert isinstance(end, Failed)
    assert end.reason == "offline"
    assert "yolov5nu.pt" in end.text


def test_weights_that_hide_a_program_are_refused_and_not_run(
    launch: Launch, data_yaml: Path, run_dir: Path, tmp_path: Path
) -> None:
    evil, trace = tmp_path / "evil.pt", tmp_path / "pwned"
    with zipfile.ZipFile(evil, "w") as archive:  # as torch.save writes it
        program = b"cos\nsystem\n(V" + f"touch '{trace}'".encode("raw_unicode_escape") + b"\ntR."
        archive.writestr("evil/data.pkl", program)
        archive.writestr("evil/byteorder", "little")
        archive.writestr("evil/version", "3\n")
    end = finish(launch, run_dir, tiny(data_yaml, start_weights=str(evil)))[-1]
    assert isinstance(end, Failed)
    assert end.reason == "bad_data"
    assert "evil.pt" in end.text
    assert not trace.exists()


@pytest.mark.parametrize(
    ("spoil", "reason", "words"),
    [
        (lambda y: y.unlink(), "missing_file", "no data set"),
        (lambda y: y.write_text("{"), "bad_data", "cannot be read"),
        (lambda y: y.write_text("[1]"), "bad_data", "does not describe"),
        (lambda y: y.write_text("train: images/train\nval: images/val\n"), "bad_data", "classes"),
        (lambda y: y.write_text("train: images/train\nnames: ['0']\n"), "bad_data", "validate"),
        (lambda y: y.write_text("train: images/none\nval: images/val\nnames: ['0']\n"), "missing_file", "images"),
        (
            lambda y: y.write_text("train: images/train\nval: images/val\nnames: ['0']\ndownload: print(1)\n"),
            "bad_data",
            "download",
        ),
        (lambda y: [p.unlink() for p in (y.parent / "images" / "val").iterdir()], "bad_data", "validate"),
    ],
    ids=["none", "yaml", "list", "names", "no-val", "folder", "download", "empty-val"],
)
def test_a_bad_data_set_is_named_before_anything_heavy_is_loaded(
    launch: Launch, data_yaml: Path, run_dir: Path, spoil: Callable[[Path], object], reason: str, words: str
) -> None:
    spoil(data_yaml)
    (end,) = finish(launch, run_dir, tiny(data_yaml))
    assert isinstance(end, Failed)
    assert (end.reason, words in end.text) == (reason, True), end.text
    assert "Ultralytics" not in (run_dir / "log.txt").read_text(encoding="utf-8")


def test_an_order_that_cannot_be_carried_out_is_named(data_yaml: Path, run_dir: Path) -> None:
    """In one process of its own, as it needs torch."""
    code = """
import pathlib, sys
from labeler.training.protocol import Request
from labeler.training.tuning import VARIETIES
from labeler.training.worker_failures import Failure
from labeler.training.worker_run import _device, settings
run_dir = pathlib.Path(sys.argv[1])
def attempt(call):
    try:
        return call()
    except Failure as failure:
        return failure.text
def setting(name, **overrides):
    return settings(Request("data.yaml", "yolov5n", overrides=overrides), run_dir=run_dir, resume=False)[name]
print("***")
for call in (
    lambda: setting("fliplr", fliplr=0.5), lambda: setting("box", no_such_thing=1), lambda: setting("degrees", degrees=90),
    lambda: setting("lr0", lr0=0.5), lambda: setting("fliplr"), lambda: _device("cpu,cpu"), lambda: _device("7"),
    lambda: [setting("fliplr", **variety) for variety in VARIETIES.values()],
):
    print(attempt(call))
"""
    run = subprocess.run([sys.executable, "-c", code, run_dir], capture_output=True, text=True, check=True)
    lines = run.stdout.split("***\n")[1].splitlines()
    assert "fliplr" in lines[0]
    assert "no_such_thing" in lines[1]
    assert lines[2:5] == ["10.0", "0.5", "0.0"]
    assert "several" in lines[5]
    assert "7" in lines[6]
    assert lines[7] == str([0.0] * len(VARIETIES))


def test_start_weights_that_are_not_there_are_named(launch: Launch, data_yaml: Path, run_dir: Path) -> None:
    end = finish(launch, run_dir, tiny(data_yaml, start_weights="/nowhere/w.pt"))[-1]
    assert isinstance(end, Failed)
    assert (end.reason, "w.pt" in end.text) == ("missing_file", True)


def test_a_data_set_stays_the_bytes_that_it_was_and_nothing_in_it_is_believed(
    launch: Launch, data_yaml: Path, run_dir: Path, tmp_path: Path
) -> None:
    pages = data_yaml.parent / "images" / "train"
    page = draw_page(pages / "more.jpg", seed=5)
    (data_yaml.parent / "labels" / "train" / "more.txt").write_text("\n".join(page), encoding="utf-8")
    with (pages / "more.jpg").open("ab") as file:
        file.write(b"\0\0")  # behind its end mark, as some phones do it
    trap = tmp_path / "sprung"
    planted = data_yaml.parent / "labels" / "train.cache"
    with planted.open("wb") as file:
        np.save(file, np.array(Trap(trap), dtype=object))
    before = _contents(data_yaml.parent)
    end = finish(launch, run_dir, tiny(data_yaml, overrides={"cache": "disk"}))[-1]
    assert isinstance(end, Done), end
    assert _contents(data_yaml.parent) == before
    assert not trap.exists()


class Trap:
    """Unpickled, it makes a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch '{self.file}'",)


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_digits_are_never_mirrored(finished: Path) -> None:
    import yaml

    args = yaml.safe_load((finished / "work" / "train" / "args.yaml").read_text(encoding="utf-8"))
    assert (args["fliplr"], args["flipud"]) == (0.0, 0.0)
    assert args["degrees"] <= 10
    assert not args["plots"]
    assert read_request(finished).epochs == args["epochs"]


def test_only_the_worker_loads_torch() -> None:
    code = (
        "import sys, labeler.training.protocol, labeler.training.launcher, labeler.training.archs, labeler.training.worker;"
        "print(sorted({'torch', 'ultralytics', 'cv2', 'onnxruntime'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_published_weights_are_fetched_once(tmp_path: Path) -> None:
    """Against a server of our own; in its own process, as it needs torch."""
    code = """
import http.server, pathlib, sys, threading
from labeler.training.worker_failures import Failure
from labeler.training.worker_weights import fetch
served, here = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
(served / "w.pt").write_bytes(b"weights")
class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *a: Quiet(*a, directory=served))
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/"
assert fetch("w.pt", here, url=url).read_bytes() == b"weights"
try:
    fetch("other.pt", here, url=url)
except Failure as failure:
    print(failure.reason)
server.shutdown()
assert fetch("w.pt", here, url=url).read_bytes() == b"weights"
print(sorted(p.name for p in here.iterdir()))
"""
    served, here = tmp_path / "served", tmp_path / "here"
    served.mkdir()
    here.mkdir()
    run = subprocess.run([sys.executable, "-c", code, served, here], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-2:] == ["offline", "['w.pt']"]
