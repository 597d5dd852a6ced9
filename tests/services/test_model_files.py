"""Models that come in and go out as files: what is hidden in one is never run, what leaves has its card with it."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from labeler.core import assets
from labeler.core.errors import BadInput, Cancelled, NotFound, UserError
from labeler.detect.onnx import OnnxDetector
from labeler.services import models, predicting, training
from labeler.services.models import NewModel
from labeler.services.project import Project
from labeler.services.training import TrainOptions
from tests.helpers import gifts, handwriting
from tests.helpers.command import Outcome
from tests.helpers.fake_detector import add_labelled

Labeler = Callable[..., Outcome]
GIFTS = [gifts.bare, gifts.archive, gifts.modern]


@pytest.fixture(scope="module")
def pt() -> Path:
    return assets.weights() / "digits.pt"


def test_pytorch_weights_come_in_by_way_of_the_restricted_loader_and_can_be_trained_further(
    project: Project, pt: Path, tmp_path: Path
) -> None:
    file = tmp_path / "学生 é.pt"
    file.write_bytes(pt.read_bytes())
    made = models.import_model(project, file)
    shipped = models.find(project, "shipped")
    assert (made.name, made.origin, made.arch) == ("学生 é", "imported", shipped.arch)
    assert made.classes == shipped.classes
    weights = models.weights_file(project, made)
    assert weights is not None
    assert weights.is_file()
    page = handwriting.page(seed=1)
    ours, theirs = (
        models.detector(project, name).detect([page.picture], min_score=0.3)[0] for name in (made.name, "shipped")
    )
    if made.imgsz == shipped.imgsz:
        assert [d.class_id for d in ours] == [d.class_id for d in theirs]
        assert np.allclose([(d.x, d.y, d.score) for d in ours], [(d.x, d.y, d.score) for d in theirs], atol=1.0)
    assert not models.find(project, made.name).is_current


@pytest.mark.skipif(sys.platform == "win32", reason="the gifts speak to a POSIX shell")
@pytest.mark.parametrize("gift", GIFTS, ids=lambda g: g.__name__)
def test_a_hidden_program_is_run_at_none_of_the_doors(
    project: Project, labeler: Labeler, tmp_path: Path, gift: Callable[[Path, Path], Path]
) -> None:
    add_labelled(project, writers=6)
    folder, trace = project.folder, tmp_path / "owned"
    file = gift(tmp_path / "礼物.pt", trace)
    picture = tmp_path / "page.png"
    picture.write_bytes(handwriting.page().png())
    project.close()
    for command in (
        ("models", folder, "import", file),
        ("train", folder, "--from", file, "--epochs", "1"),
        ("predict", picture, "--model", file),
    ):
        outcome = labeler(*command)
        assert outcome.code == 2, (command, outcome)
        assert "hides a program" in outcome.err
        assert "Traceback" not in outcome.err
    assert not trace.exists()
    with Project.open(folder) as again:
        assert {m.origin for m in models.list_models(again)} == {"shipped"}
        assert training.runs(again) == []


@pytest.mark.skipif(sys.platform == "win32", reason="the gifts speak to a POSIX shell")
def test_a_program_in_torchs_own_clothes_is_refused_by_the_loader(project: Project, tmp_path: Path) -> None:
    trace = tmp_path / "owned"
    with pytest.raises(BadInput, match=r"gift\.pt"):
        models.import_model(project, gifts.disguised(tmp_path / "gift.pt", trace))
    assert not trace.exists()


def test_predicting_with_pytorch_weights_converts_them_once(pt: Path, tmp_path: Path, own_settings: None) -> None:
    picture = tmp_path / "page.png"
    picture.write_bytes(handwriting.page(seed=2).png())
    first = predicting.predict([picture], model=pt)
    calls: list[str] = []

    def note(_done: int, _total: int, text: str = "") -> None:
        calls.append(text)

    again = predicting.predict([picture], model=pt, progress=note)
    assert [name for name, _ in first.images[0].boxes] == [name for name, _ in again.images[0].boxes]
    assert "Opening the weights" not in calls


def test_what_is_no_model_is_said_so(project: Project, tmp_path: Path) -> None:
    torn = tmp_path / "torn.pt"
    torn.write_bytes((assets.weights() / "digits.pt").read_bytes()[:20_000])
    with pytest.raises(BadInput, match=r"torn\.pt"):
        models.import_model(project, torn)
    with pytest.raises(NotFound):
        models.import_model(project, tmp_path / "none.pt")
    with pytest.raises(NotFound):
        predicting.predict([tmp_path], model=tmp_path / "none.pt")
    with pytest.raises(BadInput):
        training.start(project, TrainOptions(start=str(torn)))


def test_an_import_can_be_cancelled(project: Project, pt: Path) -> None:
    def stop(done: int, total: int, text: str = "") -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        models.import_model(project, pt, progress=stop)
    assert {m.origin for m in models.list_models(project)} == {"shipped"}


@pytest.mark.parametrize("suffix", [".onnx", ".pt"])
def test_a_model_leaves_with_its_card(project: Project, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / "模型" / f"out é{suffix}"
    assert models.save_model(project, "shipped", file) == file
    assert file.read_bytes() == (assets.weights() / f"digits{suffix}").read_bytes()
    card = (file.parent / "out é-card.md").read_text(encoding="utf-8")
    shipped = models.find(project, "shipped")
    for told in ("# shipped", shipped.sha256, file.name, f"{shipped.imgsz} px", "AGPL-3.0-or-later", shipped.arch):
        assert told in card
    assert str(tmp_path) not in card


def test_the_card_of_a_trained_model_tells_its_lineage_and_figures_but_no_writer(
    project: Project, tmp_path: Path
) -> None:
    from labeler.services import versions

    add_labelled(project, writers=6)
    frozen = versions.freeze(project)
    parent = models.find(project, "shipped")
    row = {"name": "4", "boxes": 7, "precision": None, "recall": 0.5, "ap50": 0.625, "ap50_95": 0.5}
    models.add(
        project,
        NewModel(
            "run1", "trained", "yolov5n", 320, tuple("0123456789"), models.onnx_file(project, parent), parent_id=parent.id,
            version_id=frozen.id, metrics={
                "test": {"images": 3, "map50": 0.875, "per_class": [row], "per_writer": [{"name": "w1"}]}, "val": {"map50": 0.75},
            },
            settings={"epochs": 30, "overrides": {"lr0": 0.001}},
        ),
    )  # fmt: skip
    models.save_model(project, "run1", tmp_path / "m.onnx")
    card = (tmp_path / "m-card.md").read_text(encoding="utf-8")
    for told in ("shipped", frozen.name, frozen.hash[:16], "0.875", "| 4 | 7 | – | 0.500 | 0.625 | 0.500 |", "lr0"):
        assert told in card
    assert card.index("0.875") < card.index("| 4 | 7 |") < card.index("0.750"), (
        "digit by digit under the split it tells of"
    )
    assert "w1" not in card
    with pytest.raises(UserError, match=r"no \.pt file"):
        models.save_model(project, "run1", tmp_path / "m.pt")


def test_what_was_trained_here_looks_at_the_size_it_was_trained_at(project: Project) -> None:
    shipped = models.current(project)
    file = models.onnx_file(project, shipped)
    models.add(project, models.NewModel("own", "trained", shipped.arch, 320, shipped.classes, file))
    found = {name: models.detector(project, name) for name in (shipped.name, "own")}
    assert all(isinstance(d, OnnxDetector) for d in found.values())
    assert {name: d._pipeline.look_again for name, d in found.items() if isinstance(d, OnnxDetector)} == {
        shipped.name: True,
        "own": False,
    }
