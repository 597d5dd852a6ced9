"""Every project has the detectors that ship, new or old; which one suggests changes only where a person says so."""

import shutil
from pathlib import Path

import pytest

from labeler.core import assets
from labeler.core.errors import NotFound, UserError
from labeler.services import doctor, models, shipped_models, splitting, training
from labeler.services.project import Project
from labeler.services.training import TrainOptions
from tests.helpers import two_detectors
from tests.helpers.fake_detector import add_labelled


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two detectors ship."""
    folder = two_detectors.make(tmp_path / "weights")
    monkeypatch.setattr(assets, "weights", lambda: folder)
    return folder


@pytest.fixture
def old(two: Path, tmp_path: Path) -> Path:
    """A project from when one detector shipped, whose person has imported another, under the very name, and promoted it."""
    before = Path(shutil.copytree(two, tmp_path / "before", ignore=shutil.ignore_patterns("digits-large*")))
    imported = tmp_path / "own.onnx"
    imported.write_bytes((two / "digits.onnx").read_bytes() + b"\x32\x03own")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assets, "weights", lambda: before)
        with Project.create(tmp_path / "旧") as project:
            assert names(project) == ["shipped"]
            models.import_model(project, imported, name="shipped-large")
            models.promote(project, "shipped-large")
    return tmp_path / "旧"


def names(project: Project) -> list[str]:
    return [model.name for model in models.list_models(project)]


def test_a_new_project_has_both_and_begins_with_the_first(two: Path, tmp_path: Path) -> None:
    with Project.create(tmp_path / "新") as project:
        assert names(project) == ["shipped", "shipped-large"]
        assert models.current(project).name == "shipped"
        assert [(p.model, p.kind) for p in models.promotions(project)] == [("shipped", "start")]
        large = shipped_models.find(project, "shipped-large")
        assert (large.arch, large.imgsz, large.origin) == ("yolov5s", 512, "shipped")
        assert models.onnx_file(project, large).read_bytes() == (two / "digits-large.onnx").read_bytes()
        assert models.promote(project, large.name).is_current
        assert models.rollback(project).name == "shipped"


def test_an_old_project_gets_what_is_new_and_keeps_its_current_model(two: Path, old: Path) -> None:
    for _ in range(2):
        with Project.open(old) as project:
            assert names(project) == ["shipped", "shipped-large", "shipped-large-2"]
            assert models.current(project).name == "shipped-large"
            assert models.current(project).origin == "imported"
            assert shipped_models.find(project, "shipped-large").name == "shipped-large-2"
            assert shipped_models.find(project).name == "shipped"


def test_a_folder_that_cannot_take_the_new_one_opens_all_the_same(
    two: Path, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", full)
        with Project.open(old) as project:
            assert names(project) == ["shipped", "shipped-large"]
            with pytest.raises(UserError, match="No space left"):
                shipped_models.register(project)
    with Project.open(old) as project:
        assert shipped_models.find(project, "shipped-large").arch == "yolov5s"


def test_trainings_start_from_either_and_take_its_network(two: Path, tmp_path: Path) -> None:
    with Project.create(tmp_path / "p") as project:
        add_labelled(project, writers=6)
        splitting.assign(project)
        for start, parent, arch in (("current", "shipped", "yolov5n"), ("shipped-large", "shipped-large", "yolov5s")):
            found = training.start_model(project, start)
            settled = training.settled_now(project, TrainOptions(start=start))
            assert found is not None
            assert settled is not None
            assert (found.name, settled.arch) == (parent, arch)
            assert settled.overrides["optimizer"] == "AdamW", "it knows digits already"
        for other in (TrainOptions(start="shipped-large", arch="yolo11n"), TrainOptions(start="scratch")):
            settled = training.settled_now(project, other)
            assert settled is not None
            assert "optimizer" not in settled.overrides
        assert training.start_model(project, "scratch") is None
        with pytest.raises(NotFound):
            training.start(project, TrainOptions(start="shipped-huge"))


def test_the_doctor_looks_at_every_one(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_try", lambda _code, _environment: (["1", "2", 4], ""))
    (found,) = [check for check in doctor.examine() if check.name == "detector"]
    assert found.ok
    assert "shipped-large (yolov5s" in found.detail
    (two / "digits-large.onnx").write_bytes(b"torn")
    (found,) = [check for check in doctor.examine() if check.name == "detector"]
    assert not found.ok
    assert "digits-large.onnx" in found.detail
