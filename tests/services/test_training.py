"""Background trainings as the app sees them, with a scripted worker: every end, resuming, and two programs at once."""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from labeler.core.boxes import Detection
from labeler.core.errors import BadInput, Cancelled, NotFound, UserError
from labeler.services import _waiting, images, models, recovery, splitting, training, versions
from labeler.services.project import Project
from labeler.services.training import Run, TrainOptions
from labeler.training import launcher, protocol
from labeler.training.tuning import VARIETIES
from labeler_db.models import RunRow
from tests.conftest import ROOT
from tests.helpers.fake_detector import FakeDetector, add_labelled, add_pages, review_with_boxes

HEAD = f"""
import os, sys, time
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from labeler.training import protocol as p
run = Path(sys.argv[1])
request = p.read_request(run)
def say(event): print(p.encode(event), flush=True)
def epoch(n): say(p.Epoch(n, request.epochs, {{"box": 1.0}}, {{"box": 1.0}}, 0.5, 0.4, 0.6, 0.6, 0.01, 1.0, 1.0, True))
def wait_for(name, seconds=60):
    end = time.time() + seconds
    while not (run / name).exists() and time.time() < end: time.sleep(0.02)
say(p.Started(1, request.epochs, 1, request.batch, 4, 2, request.imgsz, "cpu", 1, os.getpid()))
epoch(1)
"""
FINISH = """
import hashlib
(run / "result").mkdir(exist_ok=True)
for name in ("model.pt", "model.onnx"): (run / "result" / name).write_bytes(f"{run.name} {name} {request.seed}".encode())
sha = lambda name: hashlib.sha256((run / "result" / name).read_bytes()).hexdigest()
say(p.Done({"map50": 0.5}, "result/model.pt", sha("model.pt"), "result/model.onnx", sha("model.onnx"), 2, 1, 3.0, {"worst_iou": 1.0}))
"""
TURN = _waiting.TURN
WAIT_FOR_CANCEL = 'wait_for("cancel")\nsay(p.Cancelled(1, True))\n'
Scripted = Callable[[str], None]


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """`worker(body)`: what the next workers do after their first epoch."""

    def set_body(body: str) -> None:
        script = tmp_path / "worker.py"
        script.write_text(HEAD + body, encoding="utf-8")
        monkeypatch.setattr(launcher, "WORKER", (str(script),))

    monkeypatch.setattr(models, "detector", lambda *_, **__: FakeDetector({}))
    monkeypatch.setattr(_waiting, "TURN", ())  # the tests look themselves
    return set_body


@pytest.fixture
def labelled(project: Project) -> Project:
    """Twelve reviewed pages by six writers, split."""
    add_labelled(project, writers=6)
    splitting.assign(project)
    return project


def start(project: Project, **options: int | str) -> Run:
    return training.start(project, TrainOptions(arch="yolov5n", start="shipped", epochs=2, imgsz=64, **options))


def follow(project: Project, run: Run) -> Run:
    return training.follow(project, run.id, on_event=lambda _: None, interval=0.02)


def test_a_run_that_ends_well_leaves_a_judged_candidate_and_changes_nothing_else(
    labelled: Project, worker: Scripted
) -> None:
    worker(FINISH)
    before = models.current(labelled).name
    seen: list[str] = []
    run = training.follow(labelled, start(labelled).id, on_event=lambda e: seen.append(e.kind), interval=0.02)
    assert (run.state, run.model, run.parent, run.reason) == ("done", f"run{run.id}-yolov5n", before, "")
    assert seen == ["started", "epoch", "done"]
    assert run.result["val"] == {"map50": 0.5}
    made = models.find(labelled, run.model or "")
    assert (made.parent, made.version, made.run, made.arch, made.imgsz) == (before, run.version, run.id, "yolov5n", 64)
    assert models.onnx_file(labelled, made).read_bytes() == f"{run.id} model.onnx 0".encode()
    assert made.metrics["test"]["images"] == images.stats(labelled).by_split["test"]
    assert models.current(labelled).name == before
    assert versions.find(labelled, run.version or "").hash == versions.freeze(labelled).hash
    assert str(labelled.folder) not in json.dumps(run.request)


def test_the_order_says_what_was_asked(labelled: Project, worker: Scripted) -> None:
    worker(FINISH)
    run = follow(labelled, start(labelled, batch=3, seed=7, device="cpu", patience=5))
    request = protocol.read_request(run.folder)
    assert (request.arch, request.epochs, request.imgsz, request.batch) == ("yolov5n", 2, 64, 3)
    assert (request.seed, request.device, request.patience, request.resume) == (7, "cpu", 5, False)
    assert Path(request.data_yaml).is_file()
    assert Path(request.start_weights or "").is_file()


def test_cancelling_ends_the_run_and_it_can_be_resumed(labelled: Project, worker: Scripted) -> None:
    worker('(run / p.RESUME).write_bytes(b"x")\n' + WAIT_FOR_CANCEL)
    run = start(labelled)
    done = training.cancel(labelled, run.id)
    assert (done.state, done.model, done.resumable) == ("cancelled", None, True)
    assert done.result["epochs"] == 1
    with pytest.raises(UserError, match="not running"):
        training.cancel(labelled, run.id)
    worker('assert request.resume\nassert not (run / p.CANCEL).exists()\n(run / p.RESUME).unlink()\n' + FINISH)  # fmt: skip
    again = follow(labelled, training.resume(labelled, run.id))
    assert (again.id, again.state, again.model) == (run.id, "done", f"run{run.id}-yolov5n")
    with pytest.raises(UserError, match="cannot be resumed"):
        training.resume(labelled, run.id)


def test_a_run_that_a_person_ended_early_can_go_on_and_makes_another_model(labelled: Project, worker: Scripted) -> None:
    worker('(run / "resume.pt").touch()\n' + FINISH)
    first = follow(labelled, start(labelled))
    assert (first.state, first.resumable) == ("done", True)
    worker('(run / "resume.pt").unlink()\n' + FINISH)
    second = follow(labelled, training.resume(labelled, first.id))
    assert (second.state, second.resumable) == ("done", False)
    assert (first.model, second.model) == (f"run{first.id}-yolov5n", f"run{first.id}-yolov5n-2")
    assert all("test" in models.find(labelled, name or "").metrics for name in (first.model, second.model))


def test_a_worker_that_does_not_listen_is_killed(labelled: Project, worker: Scripted) -> None:
    worker("time.sleep(600)")
    run = start(labelled)
    done = training.cancel(labelled, run.id, grace=0.05)
    assert (done.state, done.resumable) == ("cancelled", False)
    with pytest.raises(UserError, match="cannot be resumed"):
        training.resume(labelled, run.id)


def test_a_worker_that_fails_says_why(labelled: Project, worker: Scripted) -> None:
    worker('say(p.Failed("out_of_memory", "Memory ran out.", "Use smaller batches."))\nsys.exit(1)')
    done = follow(labelled, start(labelled))
    assert (done.state, done.reason) == ("failed", "Memory ran out. Use smaller batches.")
    assert {m.origin for m in models.list_models(labelled)} == {"shipped"}


@pytest.mark.parametrize("body", ["os._exit(3)", "raise RuntimeError('boom')", "os.kill(os.getpid(), 9)"])
def test_a_worker_that_vanishes_is_interrupted(labelled: Project, worker: Scripted, body: str) -> None:
    worker('(run / p.RESUME).write_bytes(b"x")\n' + body)
    done = follow(labelled, start(labelled))
    assert (done.state, done.resumable, done.result["epochs"]) == ("interrupted", True, 1)
    if "boom" in body:
        assert "boom" in training.log_tail(labelled, done.id, lines=3)


@pytest.mark.parametrize("spoil", ["write_bytes(b'other')", "unlink()"])
def test_a_model_that_did_not_arrive_is_a_failure_not_a_candidate(
    labelled: Project, worker: Scripted, spoil: str
) -> None:
    worker(FINISH + f'\n(run / "result" / "model.onnx").{spoil}')
    run = start(labelled)
    launcher.wait(*_process(labelled, run), timeout=60)
    (done,) = training.reconcile(labelled)
    assert (done.state, done.model) == ("failed", None)


def _process(project: Project, run: Run) -> tuple[int, float]:
    with project.read() as session:
        row = session.get_one(RunRow, run.id)
        return row.pid or 0, row.pid_started or 0.0


def test_one_training_at_a_time_and_the_next_begins_by_itself(labelled: Project, worker: Scripted) -> None:
    worker('(run / p.RESUME).write_bytes(b"x")\nos._exit(1)')
    stopped = follow(labelled, start(labelled))
    worker('wait_for("go")\n' + FINISH)
    first, second = start(labelled), start(labelled, seed=1)
    with Project.open(labelled.folder) as other:
        third = start(other, seed=2)
        resumed = training.resume(other, stopped.id)
    assert [r.state for r in (first, second, third, resumed)] == ["running", "queued", "queued", "queued"]
    assert training.reconcile(labelled) == []
    assert training.find(labelled, second.id).state == "queued"
    for run in (first, resumed, second, third):  # the one that was stopped was asked for first
        assert training.find(labelled, run.id).state == "running"
        (run.folder / "go").touch()
        launcher.wait(*_process(labelled, run), timeout=60)
        assert [(r.id, r.state) for r in training.reconcile(labelled)] == [(run.id, "done")]
    assert [m.origin for m in models.list_models(labelled)].count("trained") == 4
    assert protocol.read_request(resumed.folder).resume


def test_the_queue_goes_on_where_nobody_looks(
    labelled: Project, worker: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_waiting, "TURN", TURN)
    worker('wait_for("go")\n' + FINISH)
    first, second = start(labelled), start(labelled, seed=1)
    (second.folder / protocol.REQUEST).unlink()  # so it fails without a worker when its turn has come
    (first.folder / "go").touch()
    end = time.monotonic() + 120
    while [r.state for r in training.runs(labelled)] != ["failed", "done"]:
        assert time.monotonic() < end, training.log_tail(labelled, first.id)
        time.sleep(0.05)


def test_a_judge_that_died_is_replaced(labelled: Project, worker: Scripted) -> None:
    worker(FINISH)
    run = start(labelled)
    launcher.wait(*_process(labelled, run), timeout=60)

    def stop(done: int, total: int, text: str = "") -> None:
        if text == "Evaluating":
            with labelled.write() as session:  # as if the whole program ended here
                session.get_one(RunRow, run.id).pid = 2**22 + 5
            raise KeyError("judge")

    with pytest.raises(KeyError):
        training.reconcile(labelled, progress=stop)
    with labelled.write() as session:
        session.get_one(RunRow, run.id).state = "judging"
    assert "test" not in models.find(labelled, f"run{run.id}-yolov5n").metrics
    assert [r.state for r in training.reconcile(labelled)] == ["done"]
    assert "test" in models.find(labelled, f"run{run.id}-yolov5n").metrics


def test_each_model_looks_at_each_test_page_once(
    labelled: Project, worker: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker(FINISH)
    looks: list[tuple[str | None, int]] = []

    class Counting(FakeDetector):
        def __init__(self, name: str | None) -> None:
            super().__init__({})
            self.name = name

        def detect(self, pictures: Sequence[np.ndarray], **options: float) -> list[list[Detection]]:
            looks.append((self.name, len(pictures)))
            return super().detect(pictures, **options)

    monkeypatch.setattr(models, "detector", lambda _, name=None, **__: Counting(name))
    run = follow(labelled, start(labelled))
    pages = images.stats(labelled).by_split["test"]
    assert pages
    seen = Counter[str | None]()
    for name, count in looks:
        seen[name] += count
    assert seen == {run.model: pages, models.current(labelled).name: pages}
    assert [models.find(labelled, name or "").metrics["test"]["images"] for name in seen] == [pages, pages]
    assert run.answer


def test_a_judge_that_is_stopped_leaves_it_to_the_next_who_looks(labelled: Project, worker: Scripted) -> None:
    worker(FINISH)
    run = start(labelled)
    launcher.wait(*_process(labelled, run), timeout=60)

    def stop(done: int, total: int, text: str = "") -> None:
        if text == "Evaluating":
            raise Cancelled

    with pytest.raises(Cancelled):
        training.reconcile(labelled, progress=stop)
    assert training.find(labelled, run.id).state == "judging"
    assert [(r.state, bool(r.answer)) for r in training.reconcile(labelled)] == [("done", True)]


def test_a_queued_run_keeps_the_data_it_was_ordered_with(labelled: Project, worker: Scripted) -> None:
    worker('wait_for("go")\n' + FINISH)
    first, second = start(labelled), start(labelled)
    add_labelled(labelled, writers=7)
    third = start(labelled)
    assert second.version == first.version != third.version
    assert training.cancel(labelled, second.id).state == "cancelled"
    (first.folder / "go").touch()
    (third.folder / "go").touch()
    done = follow(labelled, third)
    assert (done.state, done.version) == ("done", third.version)
    assert training.find(labelled, first.id).state == "done"
    assert training.find(labelled, second.id).model is None
    data = Path(protocol.read_request(third.folder).data_yaml)
    assert len(list(data.parent.rglob("*.png"))) == versions.find(labelled, third.version or "").images


def test_a_queued_run_that_cannot_begin_fails_and_lets_the_next_one_through(
    labelled: Project, worker: Scripted, tmp_path: Path
) -> None:
    worker('wait_for("go")\n' + FINISH)
    first, second, third = (start(labelled, seed=n) for n in range(3))
    (second.folder / protocol.REQUEST).unlink()
    (first.folder / "go").touch()
    launcher.wait(*_process(labelled, first), timeout=60)
    over = {r.id: r.state for r in training.reconcile(labelled)}
    assert over == {first.id: "done", second.id: "failed"}
    assert "no training order" in training.find(labelled, second.id).reason
    (third.folder / "go").touch()
    assert follow(labelled, third).state == "done"


def test_who_stops_the_preparation_of_anothers_run_puts_it_back(labelled: Project, worker: Scripted) -> None:
    worker('wait_for("go")\n' + FINISH)
    first, second = start(labelled), start(labelled)
    (first.folder / "go").touch()
    launcher.wait(*_process(labelled, first), timeout=60)

    def stop(done: int, total: int, text: str = "") -> None:
        if text == "Exporting":
            raise Cancelled

    with pytest.raises(Cancelled):
        training.reconcile(labelled, progress=stop)
    assert training.find(labelled, second.id).state == "queued"
    (second.folder / "go").touch()
    assert follow(labelled, second).state == "done"


def test_two_programs_that_take_in_one_run_register_it_once(labelled: Project, worker: Scripted) -> None:
    worker(FINISH)
    run = start(labelled)
    launcher.wait(*_process(labelled, run), timeout=60)
    with Project.open(labelled.folder) as other:
        found = [training.reconcile(p) for p in (labelled, other)]
        assert [len(f) for f in found] == [1, 0]
        assert [m.name for m in models.list_models(other) if m.origin == "trained"] == [f"run{run.id}-yolov5n"]


def test_a_run_goes_on_without_the_program_that_started_it_and_the_next_start_takes_it_in(
    labelled: Project, worker: Scripted, tmp_path: Path
) -> None:
    worker('wait_for("go")\n' + FINISH)
    code = f"""
import os
from pathlib import Path
from labeler.services import _waiting, training
from labeler.services.project import Project
from labeler.training import launcher
launcher.WORKER = ({launcher.WORKER[0]!r},)
_waiting.TURN = ()
project = Project.open(Path({str(labelled.folder)!r}))
run = training.start(project, training.TrainOptions(start="scratch", epochs=2, imgsz=64))
print(run.id, flush=True)
os.kill(os.getpid(), 9)
"""

    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert asked.returncode == -9, asked.stderr
    (run,) = training.runs(labelled)
    assert run.id == int(asked.stdout)
    assert training.reconcile(labelled) == []
    assert training.find(labelled, run.id).state == "running"
    (run.folder / "go").touch()
    launcher.wait(*_process(labelled, run), timeout=60)
    assert [r.state for r in training.reconcile(labelled)] == ["done"]


def test_a_program_that_died_while_preparing_bars_nobody(labelled: Project, worker: Scripted) -> None:
    with labelled.write() as session:
        gone = RunRow(state="preparing", folder="runs/1", request={}, pid=2**22 + 5, pid_started=1.0)
        here = RunRow(state="preparing", folder="runs/2", request={})
        here.pid, here.pid_started = launcher.this_process()
        session.add_all([gone, here])
    assert [r.state for r in training.reconcile(labelled)] == ["interrupted"]
    waiting = start(labelled)
    assert waiting.state == "queued"
    assert training.cancel(labelled, waiting.id).state == "cancelled"


def test_a_preparation_that_is_stopped_or_fails_leaves_no_running_run(
    labelled: Project, worker: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker(FINISH)

    def stop(done: int, total: int, text: str = "") -> None:
        if text == "Exporting":
            raise Cancelled

    with pytest.raises(Cancelled):
        training.start(labelled, TrainOptions(start="shipped", epochs=1, imgsz=64), progress=stop)
    assert [r.state for r in training.runs(labelled)] == ["cancelled"]
    with monkeypatch.context() as patch:
        patch.setattr(launcher, "launch", lambda *_, **__: (_ for _ in ()).throw(OSError("no room")))
        with pytest.raises(OSError, match="no room"):
            start(labelled)
    newest = training.runs(labelled)[0]
    assert (newest.state, newest.reason) == ("failed", "no room")
    assert follow(labelled, start(labelled)).state == "done"


def test_what_cannot_be_trained_is_said_at_once(project: Project, worker: Scripted) -> None:
    worker(FINISH)
    with pytest.raises(UserError, match="nothing to freeze"):
        start(project)
    (lone,) = add_pages(project, 1, writer="only")
    review_with_boxes(project, lone)
    with pytest.raises(UserError, match="no box to learn from"):
        start(project)
    add_labelled(project, writers=1)
    with pytest.raises(UserError, match="No box is in the split"):
        start(project)
    with pytest.raises(NotFound, match="no weights"):
        training.start(project, TrainOptions(start="/nowhere/é.pt"))
    with pytest.raises(NotFound, match="no architecture"):
        training.start(project, TrainOptions(arch="resnet"))
    with pytest.raises(NotFound):
        training.find(project, 77)
    assert training.runs(project) == []


def test_the_image_size_fits_the_digits(labelled: Project) -> None:
    version = versions.freeze(labelled)
    assert training.fitting_size(versions.images_of(labelled, version.id)) == 320


def test_a_candidate_is_promoted_and_taken_back(labelled: Project, worker: Scripted) -> None:
    worker(FINISH)
    runs = [follow(labelled, start(labelled, seed=n)) for n in range(2)]
    first, second = (r.model or "" for r in runs)
    for name in (first, second):
        assert models.promote(labelled, name, reason="better", by="林").is_current
    assert models.rollback(labelled).name == first
    assert models.rollback(labelled).name == "shipped"
    with pytest.raises(UserError, match="no earlier"):
        models.rollback(labelled)
    models.promote(labelled, second)
    assert models.rollback(labelled).name == "shipped"
    told = [(p.kind, p.model, p.previous) for p in models.promotions(labelled)]
    assert told[::-1][:4] == [
        ("start", "shipped", None), ("promote", first, "shipped"), ("promote", second, first), ("rollback", first, second),
    ]  # fmt: skip


def test_the_project_is_backed_up_before_a_training(labelled: Project, worker: Scripted) -> None:
    worker(FINISH)
    follow(labelled, start(labelled))
    (saved,) = (labelled.folder / "backups").glob("auto-*-training.db")
    found = recovery.look(saved)
    assert (found.images, found.reviewed) == (12, 12)


def test_a_folder_that_cannot_be_written_is_said_and_leaves_no_run(labelled: Project, worker: Scripted) -> None:
    worker(FINISH)
    runs = labelled.folder / "runs"
    runs.rmdir()
    runs.write_text("not a folder")
    with pytest.raises(UserError, match="cannot be written") as caught:
        start(labelled)
    assert "rights" in caught.value.hint
    assert training.runs(labelled) == []
    runs.unlink()
    assert follow(labelled, start(labelled)).state == "done"


def test_going_on_from_weights_takes_a_step_a_batch_and_from_scratch_does_not(
    labelled: Project, worker: Scripted
) -> None:
    worker(FINISH)
    on = follow(labelled, training.start(labelled, TrainOptions(start="shipped", epochs=1, imgsz=64, batch=4)))
    assert on.request["overrides"]["nbs"] == 4
    assert on.request["overrides"]["warmup_epochs"] == 0
    assert on.request["overrides"]["degrees"] == 0  # turned pages teach looser boxes
    anew = follow(labelled, training.start(labelled, TrainOptions(start="scratch", epochs=1, imgsz=64)))
    assert "nbs" not in anew.request["overrides"]
    own = TrainOptions(start="shipped", epochs=1, imgsz=64, overrides={"lr0": 0.01})
    assert follow(labelled, training.start(labelled, own)).request["overrides"]["lr0"] == 0.01


def test_how_far_pages_are_changed_is_a_choice_and_kept_with_the_run(labelled: Project, worker: Scripted) -> None:
    worker(FINISH)
    strong = TrainOptions(start="shipped", epochs=1, imgsz=64, variety="strong", overrides={"shear": 1.0})
    told = follow(labelled, training.start(labelled, strong)).request["overrides"]
    assert told["scale"] == VARIETIES["strong"]["scale"]
    assert told["shear"] == 1.0
    with pytest.raises(BadInput, match="wild"):
        training.start(labelled, TrainOptions(variety="wild"))
