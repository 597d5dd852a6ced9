"""How long a training takes is told from what this computer did, or from a short measurement, and scales with the work."""

from pathlib import Path

import platformdirs
import pytest

from labeler.services import estimating, splitting
from labeler.services.project import Project
from labeler.services.training import TrainOptions
from labeler.training.archs import ARCHS
from labeler.training.protocol import AnyEvent, Done, Epoch, Started
from tests.helpers.fake_detector import add_labelled

PACE = 0.05


@pytest.fixture
def labelled(project: Project) -> Project:
    add_labelled(project, writers=6)
    splitting.assign(project)
    return project


def story(*seconds: float, total: float | None = None, imgsz: int = 320) -> list[AnyEvent]:
    """What a worker told of epochs that took so long, on 100 pages to train on and 20 to validate on."""
    events: list[AnyEvent] = [Started(1, len(seconds), 10, 8, 100, 20, imgsz, "cpu", 1)]
    for n, took in enumerate(seconds, 1):
        events.append(Epoch(n, len(seconds), {}, {}, 0.5, 0.4, 0.5, 0.5, 0.01, took, 0.0))
    if total is not None:
        events.append(Done({}, "m.pt", "", "m.onnx", "", len(seconds), 1, total, {}))
    return events


def request(arch: str = "yolov5n", device: str = "auto") -> dict[str, object]:
    return {"arch": arch, "device": device, "overrides": {}}


def seconds(project: Project, **options: object) -> float:
    found = estimating.estimate(project, TrainOptions(imgsz=320, **options))  # type: ignore[arg-type]
    assert found is not None
    return found.seconds


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimating, "_look", lambda: PACE)
    monkeypatch.setattr("shutil.which", lambda _: None)


def test_nothing_labelled_takes_no_time(project: Project) -> None:
    assert estimating.estimate(project, TrainOptions()) is None


def test_without_earlier_trainings_a_measurement_tells(labelled: Project, measured: None) -> None:
    found = estimating.estimate(labelled, TrainOptions(imgsz=320, epochs=10))
    assert found is not None
    assert not found.from_earlier
    work = found.seconds - estimating.OVERHEAD
    assert seconds(labelled, epochs=20) - estimating.OVERHEAD == pytest.approx(2 * work)
    larger = estimating.estimate(labelled, TrainOptions(imgsz=640, epochs=10))
    assert larger is not None
    assert larger.seconds - estimating.OVERHEAD == pytest.approx(4 * work)
    small = seconds(labelled, epochs=10, arch="yolo26s") - estimating.OVERHEAD
    assert small / work == pytest.approx(ARCHS["yolo26s"].cost / ARCHS["yolov5n"].cost)


def test_a_graphics_card_is_not_measured(labelled: Project, measured: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert estimating.estimate(labelled, TrainOptions(device="0")) is None
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    assert estimating.estimate(labelled, TrainOptions()) is None
    assert estimating.estimate(labelled, TrainOptions(device="cpu")) is not None


def test_the_real_measurement_is_a_positive_number() -> None:
    assert 0 < estimating._look() < 60


def test_earlier_trainings_tell_better(labelled: Project, measured: None) -> None:
    estimating.note(
        request(), story(90.0, 21.4, 21.4, 21.4, total=200.0)
    )  # 107 units: 0.2 s each; 45.8 s beside the epochs
    found = estimating.estimate(labelled, TrainOptions(imgsz=320, epochs=10))
    assert found is not None
    assert found.from_earlier
    counts = dict.fromkeys(("train", "val"), 0)
    from labeler.services import versions

    for image in versions.labelled(labelled):
        if image.split in counts:
            counts[image.split] += 1
    units = counts["train"] + estimating.VAL_COST * counts["val"]
    assert found.seconds == pytest.approx(45.8 + 10 * units * 0.2)
    other = estimating.estimate(labelled, TrainOptions(imgsz=320, epochs=10, arch="yolov5s"))
    assert other is not None
    assert other.from_earlier
    assert other.seconds - 45.8 == pytest.approx((found.seconds - 45.8) * ARCHS["yolov5s"].cost / ARCHS["yolov5n"].cost)
    assert not estimating.estimate(labelled, TrainOptions(device="cpu")).from_earlier  # type: ignore[union-attr]


def test_a_run_that_hardly_began_tells_nothing(labelled: Project, measured: None) -> None:
    estimating.note(request(), story(5.0))
    estimating.note(request(), [])
    found = estimating.estimate(labelled, TrainOptions())
    assert found is not None
    assert not found.from_earlier


@pytest.mark.parametrize("content", ["", "[]", '{"yolov5n auto 0": 3}', '{"yolov5n auto 0": {"unit": "x"}}', "\x00"])
def test_a_damaged_memory_is_no_memory(labelled: Project, measured: None, content: str) -> None:
    file = platformdirs.user_state_path("labeler", appauthor=False) / "pace.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    found = estimating.estimate(labelled, TrainOptions())
    assert found is not None
    assert not found.from_earlier


def test_where_nothing_can_be_kept_nothing_breaks(
    labelled: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(estimating, "_file", lambda: tmp_path / "file" / "pace.json")
    estimating.note(request(), story(1.0, 1.0))
