"""Pages of ink drawn again in exports: of training writers only, read back as all else is, the same bytes twice, gone with their writer."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from labeler.core import gestures
from labeler.core.boxes import ClassRect, Rect
from labeler.core.errors import BadInput
from labeler.core.ink_pages import InkPage
from labeler.core.versions import FrozenImage
from labeler.formats import pixels
from labeler.formats.registry import READERS
from labeler.services import (
    _variants,
    augmentation,
    collecting,
    exporting,
    forgetting,
    labeling,
    training,
    versions,
    writers,
)
from labeler.services._proof import ProofFailed, prove
from labeler.services.project import Project
from labeler.training import protocol
from labeler.training.strokes.prompted import drawn, strings
from tests.helpers.fake_detector import add_pages, review_with_boxes

MADE = strings(drawn(5, each=3, seed=6), 40, seed=8, lengths=(2, 4))
WRITERS = {"S01": "train", "S02": "train", "S03": "val", "S04": "test"}


@pytest.fixture(scope="module")
def written(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with two pages by each of four writers, in all three splits, and one imported picture that has no ink."""
    folder = tmp_path_factory.mktemp("written") / "project"
    shutil.copytree(template, folder)
    good = iter(MADE)
    with Project.open(folder) as project:
        for code, split in WRITERS.items():
            kept = 0
            while kept < 2:
                made = next(good)
                page = InkPage(tuple(made.strokes), 640, 280, made.prompt)
                kept += bool(collecting.save(project, page, writer=code).boxes)
            writers.set_split(project, code, split, allow_harm=True)
        [image_id] = add_pages(project, 1, writer="S01")
        review_with_boxes(project, image_id, ClassRect(5.0, 6.0, 10.0, 14.0, 3))
    return folder


@pytest.fixture
def collected(written: Path, tmp_path: Path) -> Iterator[Project]:
    """A copy for this test."""
    shutil.copytree(written, tmp_path / "数据集é")
    with Project.open(tmp_path / "数据集é") as project:
        yield project


def files(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def test_each_page_of_ink_to_train_on_is_drawn_again_and_no_other(collected: Project, tmp_path: Path) -> None:
    report = exporting.export(collected, tmp_path / "out", variants=3)
    assert (len(report.variants.images), report.variants.pages, report.variants.left_out) == (12, 4, 0)
    images = {i.sha256[:20]: i for i in versions.images_of(collected, versions.find(collected, report.version).id)}
    ink = {image_id for image_id in images if images[image_id].split == "train" and images[image_id].format == "png"}
    names = sorted(p.name for p in (tmp_path / "out").rglob("*variant*.png"))
    assert len(names) == 12
    assert {name.split("-")[0] for name in names} <= ink
    assert {p.parent.name for p in (tmp_path / "out" / "images").rglob("*variant*")} == {"train"}
    proof = json.loads((tmp_path / "out" / "proof.json").read_text(encoding="utf-8"))
    assert proof["variants"]["images"] == 12
    assert proof["splits"]["train"]["images"] == sum(i.split == "train" for i in images.values()) + 12


@pytest.mark.parametrize("format_", ["yolo", "coco", "voc", "labelme"])
def test_boxes_of_variants_lie_on_their_ink(collected: Project, tmp_path: Path, format_: str) -> None:
    exporting.export(collected, tmp_path / "out", format=format_, variants=2)
    dataset = READERS[format_](tmp_path / "out", size_of=pixels.size_of)
    again = [s for s in dataset.samples if "variant" in s.path.name]
    assert len(again) == 8
    for sample in again:
        grey = pixels.decode(sample.path.read_bytes()).min(axis=2).astype(int)
        assert sample.boxes
        for box in sample.boxes:
            x1, y1, x2, y2 = (round(v) for v in (box.rect.x, box.rect.y, box.rect.right, box.rect.bottom))
            inside = grey[y1:y2, x1:x2]
            assert inside.min() < np.median(grey) - 40, "there is ink in every box"


def test_twice_is_the_same_bytes_and_the_version_stays_the_same(collected: Project, tmp_path: Path) -> None:
    plain = exporting.export(collected, tmp_path / "plain")
    first = exporting.export(collected, tmp_path / "a", variants=2)
    for file in (collected.folder / "exports" / exporting.CACHE).rglob("*.png"):
        file.unlink()
    second = exporting.export(collected, tmp_path / "b", variants=2)
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert plain.hash == first.hash == second.hash
    more = exporting.export(collected, tmp_path / "c", variants=3)
    assert len(more.variants.images) == 12
    theirs = files(tmp_path / "c")
    assert all(theirs[name] == sha for name, sha in files(tmp_path / "a").items() if "variant" in name)
    assert not [name for name in files(tmp_path / "plain") if "variant" in name]


def test_a_variant_spoilt_in_an_earlier_export_spoils_no_later_one(collected: Project, tmp_path: Path) -> None:
    exporting.export(collected, tmp_path / "a", variants=1)
    before = files(tmp_path / "a")
    spoilt = next((tmp_path / "a").rglob("*variant1.png"))
    spoilt.write_bytes(b"spoilt")
    exporting.export(collected, tmp_path / "b", variants=1)
    assert files(tmp_path / "b") == before


def test_boxes_that_a_person_moved_off_the_ink_leave_the_page_out(collected: Project, tmp_path: Path) -> None:
    image = next(i for i in versions.labelled(collected) if i.split == "train" and i.format == "png" and i.image_id)
    page = labeling.page(collected, image.image_id or 0)
    labeling.apply(collected, gestures.place(page, {page.boxes[0].id: Rect(1, 1, 30, 12)}))
    report = exporting.export(collected, tmp_path / "out", variants=2)
    assert (len(report.variants.images), report.variants.left_out) == (6, 1)


def test_the_proof_catches_a_variant_outside_train(collected: Project, tmp_path: Path) -> None:
    report = exporting.export(collected, tmp_path / "out", variants=1)
    version = versions.find(collected, report.version)
    images: list[FrozenImage] = [*versions.images_of(collected, version.id), *report.variants.images]
    prove(tmp_path / "out", "yolo", version, images)
    strayed = [replace(i, split="val") if i.variant else i for i in images]
    with pytest.raises(ProofFailed):
        prove(tmp_path / "out", "yolo", version, strayed)


@pytest.mark.parametrize("times", [-1, 21])
def test_a_senseless_number_of_variants_is_refused(collected: Project, tmp_path: Path, times: int) -> None:
    with pytest.raises(BadInput):
        exporting.export(collected, tmp_path / "out", variants=times)
    with pytest.raises(BadInput):
        training.start(collected, training.TrainOptions(variants=times))
    assert not (tmp_path / "out").exists()


def test_no_variant_of_a_withdrawn_writer_is_left(collected: Project) -> None:
    report = exporting.export(collected, collected.folder / "exports" / "mine", variants=2)
    theirs = {i.sha256 for i in report.variants.images if i.writer == "S01"}
    assert theirs & set(files(collected.folder).values())
    assert len(theirs) == 4
    forgetting.forget(collected, "S01")
    left = set(files(collected.folder).values())
    assert not theirs & left
    assert {i.sha256 for i in report.variants.images if i.writer == "S02"} <= left


def test_a_training_gets_them(collected: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stop(Exception):
        """Nothing is trained here."""

    def launch(_: Path, **__: object) -> None:
        raise Stop

    monkeypatch.setattr("labeler.training.launcher.launch", launch)
    with pytest.raises(Stop):
        training.start(collected, training.TrainOptions(epochs=1, variants=2))
    run = training.runs(collected)[0]
    request = protocol.read_request(run.folder)
    assert request.variants == run.request["variants"] == 2
    data = Path(request.data_yaml).parent
    assert "variants2" in data.name
    assert len(list((data / "images" / "train").glob("*variant*"))) == 8


def test_the_preview_of_a_training_shows_them(collected: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def preview(_folder: Path, request: protocol.Request, **_: object) -> None:
        seen.append(len(list((Path(request.data_yaml).parent / "images").iterdir())))

    monkeypatch.setattr(augmentation, "preview", preview)
    for variants in (0, 2):
        augmentation.show(collected, training.TrainOptions(variants=variants))
    assert seen == [5, 13]


def test_without_variants_nothing_is_read(collected: Project) -> None:
    assert _variants.draw(collected, versions.labelled(collected), 0, keep=lambda *_: None) == _variants.Variants()
