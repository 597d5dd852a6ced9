"""COCO JSON as pycocotools sees it, and as other tools write it."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from labeler.core.boxes import ClassRect
from tests.formats.builders import CLASSES, by_name, page, picture, read, reasons, written


def coco(path: Path, images: list[Any], annotations: list[Any], categories: list[Any] | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    listed = categories if categories is not None else [{"id": 7, "name": "seven"}, {"id": 3, "name": "three"}]
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": listed}), encoding="utf-8")
    return path


def image(id: object, name: str, **more: object) -> dict[str, object]:
    return {"id": id, "file_name": name, "width": 40, "height": 30, **more}


def annotation(id: int, image_id: object, **more: object) -> dict[str, object]:
    return {"id": id, "image_id": image_id, "category_id": 7, "bbox": [1, 2, 10, 11], "iscrowd": 0, **more}


def test_pycocotools_opens_what_is_written(tmp_path: Path) -> None:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    boxes = [ClassRect(1.25, 2.5, 10.125, 11, 0), ClassRect(20, 5, 6, 7.0625, 4)]
    out = written(tmp_path, "coco", [page("b", "train", boxes), page("a", "train"), page("c", "val", boxes[:1])])
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(out / "annotations" / "instances_train.json"))
        guesses = [
            {"image_id": a["image_id"], "category_id": a["category_id"], "bbox": a["bbox"], "score": 0.9}
            for a in truth.anns.values()
        ]
        judge = COCOeval(truth, truth.loadRes(guesses), "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    assert [c["name"] for c in truth.loadCats(truth.getCatIds())] == list(CLASSES)
    assert 0 not in truth.getCatIds()
    assert {a["category_id"]: len(truth.getAnnIds(catIds=[a["category_id"]])) for a in truth.anns.values()} == {
        1: 1,
        5: 1,
    }
    files = {i["file_name"]: truth.loadAnns(truth.getAnnIds(imgIds=[i["id"]])) for i in truth.imgs.values()}
    assert {name: [a["bbox"] for a in found] for name, found in files.items()} == {
        "a.png": [],
        "b.png": [[1.25, 2.5, 10.125, 11], [20, 5, 6, 7.0625]],
    }
    assert all((out / "images" / "train" / name).is_file() for name in files)
    assert judge.stats[0] == pytest.approx(1.0)
    assert len(COCO(str(out / "annotations" / "instances_val.json")).anns) == 1


@pytest.mark.parametrize(
    ("json_at", "picture_at", "file_name", "split"),
    [
        ("annotations/instances_train2017.json", "train2017/a.png", "a.png", "train"),
        ("annotations/instances_val.json", "images/val/a.png", "val/a.png", "val"),
        ("train/_annotations.coco.json", "train/a.png", "a.png", "train"),
        ("valid/_annotations.coco.json", "valid/a.png", "a.png", "val"),
        ("annotations/instances_default.json", "images/a.png", "a.png", None),
        ("result.json", "images/a.png", "images\\a.png", None),
        ("result.json", "images/a.png", "../../somewhere/images/a.png", None),
    ],
)
def test_layouts_of_other_tools(
    tmp_path: Path, json_at: str, picture_at: str, file_name: str, split: str | None
) -> None:
    picture(tmp_path / picture_at)
    path = coco(tmp_path / json_at, [image(1, file_name)], [annotation(1, 1)])
    for at in (tmp_path, path) if "annotations/" in json_at else (tmp_path,):
        dataset = read(at, "coco")
        assert [(s.split, [b.class_name for b in s.boxes or ()]) for s in dataset.samples] == [(split, ["seven"])]
        assert dataset.classes == ("seven", "three")
        assert not dataset.rejected


def test_listed_means_labelled_and_lying_about_does_not(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        picture(tmp_path / f"{name}.png")
    path = coco(tmp_path / "x.json", [image(1, "a.png"), image(2, "b.png")], [annotation(1, 1)])
    assert {n: s.boxes if s.boxes is None else len(s.boxes) for n, s in by_name(read(tmp_path, "coco")).items()} == {
        "a.png": 1,
        "b.png": 0,
        "c.png": None,
    }
    assert sorted(by_name(read(path, "coco"))) == ["a.png", "b.png"]


def test_a_list_of_pictures_alone_labels_nothing(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    (tmp_path / "x.json").write_text(json.dumps({"images": [image(1, "a.png")], "categories": []}))
    assert [s.boxes for s in read(tmp_path / "x.json", "coco").samples] == [None]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"bbox": [1, 2, 3]}, "no box"),
        ({"bbox": None, "segmentation": [[1, 1, 5, 1, 5, 5]]}, "no box; other shapes"),
        ({"bbox": [1, 2, "wide", 3]}, "“wide” is not a number"),
        ({"bbox": [1, 2, float("nan"), 3]}, "not a finite number"),
        ({"bbox": [1, 2, True, 3]}, "not a number"),
        ({"bbox": [1, 2, 0, 3]}, "no area"),
        ({"bbox": [1, 2, -4, 3]}, "no area"),
        ({"bbox": [35, 2, 20, 3]}, "outside the page"),
        ({"category_id": 99}, "category is not listed"),
        ({"iscrowd": 1}, "crowd"),
    ],
)
def test_a_bad_annotation_is_refused_by_its_id_and_the_good_ones_stay(
    tmp_path: Path, more: dict[str, object], reason: str
) -> None:
    picture(tmp_path / "a.png")
    file = coco(tmp_path / "x.json", [image(1, "a.png")], [annotation(1, 1), annotation(8, 1, **more)])
    dataset = read(tmp_path, "coco")
    assert len(dataset.samples[0].boxes or ()) == 1
    assert not dataset.samples[0].is_complete
    assert [r.path for r in dataset.rejected] == [str(file)]
    assert dataset.rejected[0].reason.startswith("Annotation 8: ")
    assert reason in dataset.rejected[0].reason


def test_what_belongs_nowhere_is_told(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    images = [image(1, "a.png"), image(2, "lost.png"), image(3, "a.png"), {"id": 4}, image(5, "a.png", width="wide")]
    coco(tmp_path / "x.json", images, [annotation(1, 1), annotation(2, 77)], [{"id": 7, "name": "seven"}, {"id": 8}])
    told = reasons(read(tmp_path, "coco"))
    for part in (
        "Image 2: There is no picture lost.png",
        "Image 3: The picture a.png is labelled twice",
        "Image 4: It names no picture",
        "Image 5: “wide” is not a number",
        "Annotation 2: It belongs to no listed picture",
        "Category 8: It has no name",
    ):
        assert part in told


def test_ids_may_be_text_and_names_numbers(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    coco(tmp_path / "x.json", [image("p1", "a.png")], [annotation(1, "p1", category_id="7")], [{"id": 7, "name": 7}])
    assert [b.class_name for b in read(tmp_path, "coco").samples[0].boxes or ()] == ["7"]
