"""Label Studio's tasks: which annotation counts, what a picture is called, and what is no upright box."""

import json
from pathlib import Path
from typing import Any

import pytest

from labeler.core.boxes import ClassRect
from labeler.formats.labelstudio import CONFIG
from tests.formats.builders import by_name, page, picture, read, reasons, written

BOX = {"x": 25.0, "y": 10.0, "width": 50.0, "height": 20.0, "rotation": 0, "rectanglelabels": ["7"]}


def result(value: dict[str, Any] | None = None, **more: object) -> dict[str, Any]:
    shared = {
        "from_name": "label",
        "to_name": "image",
        "type": "rectanglelabels",
        "original_width": 40,
        "original_height": 30,
    }
    return {**shared, "value": value or BOX, **more}


def task(
    name: str = "/data/upload/7/0a1b2c3d-a.png", annotations: list[Any] | None = None, **more: object
) -> dict[str, Any]:
    made = annotations if annotations is not None else [{"result": [result()], "was_cancelled": False}]
    return {"id": 1, "data": {"image": name}, "annotations": made, **more}


def tasks(folder: Path, *listed: object) -> Path:
    path = folder / "project-7.json"
    path.write_text(json.dumps(listed), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "name",
    [
        "/data/upload/7/0a1b2c3d-a.png",
        "/data/local-files/?d=somewhere/a.png",
        "http://localhost:8080/data/upload/0a1b2c3d-a.png",
        "s3://bucket/scans/a.png",
        "a.png",
    ],
)
def test_a_box_in_percent_of_a_picture_by_any_name(tmp_path: Path, name: str) -> None:
    picture(tmp_path / "scans" / "a.png")
    path = tasks(tmp_path, task(name))
    for at in (path, tmp_path):
        dataset = read(at, "labelstudio")
        assert not dataset.rejected
        box = dataset.samples[0].boxes[0]  # type: ignore[index]
        assert (box.class_name, box.rect.x, box.rect.y, box.rect.w, box.rect.h) == ("7", 10, 3, 20, 6)


def test_an_upload_that_kept_its_new_name(tmp_path: Path) -> None:
    picture(tmp_path / "0a1b2c3d-a.png")
    picture(tmp_path / "a.png")
    tasks(tmp_path, task())
    assert by_name(read(tmp_path, "labelstudio"))["0a1b2c3d-a.png"].boxes


def test_the_short_form(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    shape = {**BOX, "original_width": 40, "original_height": 30}
    tasks(tmp_path, {"image": "/data/upload/0a1b2c3d-a.png", "id": 1, "label": [shape], "annotator": 1})
    dataset = read(tmp_path, "labelstudio")
    assert [b.rect.w for b in dataset.samples[0].boxes or ()] == [20]


@pytest.mark.parametrize(
    ("annotations", "labels"),
    [
        ([], None),
        ([{"result": []}], []),
        ([{"result": [result()], "was_cancelled": True}], None),
        ([{"result": [result()]}, {"result": [], "was_cancelled": True}], ["7"]),
        ([{"result": [], "updated_at": "2026-02-01"}, {"result": [result()], "updated_at": "2026-01-01"}], []),
        (
            [
                {"result": [result()], "ground_truth": True, "updated_at": "2026-01-01"},
                {"result": [], "updated_at": "2026-02-01"},
            ],
            ["7"],
        ),
        ("no list", None),
    ],
)
def test_which_annotation_counts(tmp_path: Path, annotations: list[Any], labels: list[str] | None) -> None:
    picture(tmp_path / "a.png")
    tasks(tmp_path, task(annotations=annotations))
    dataset = read(tmp_path, "labelstudio")
    boxes = dataset.samples[0].boxes
    assert (None if boxes is None else [b.class_name for b in boxes]) == labels
    several = isinstance(annotations, list) and sum(not a.get("was_cancelled") for a in annotations) > 1
    assert ("2 annotations; the newest counts" in reasons(dataset)) == several


def test_predictions_are_no_labels_and_that_is_said(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    tasks(tmp_path, task(annotations=[], predictions=[{"result": [result()]}]))
    dataset = read(tmp_path, "labelstudio")
    assert dataset.samples[0].boxes is None
    assert "1 task has predictions only" in reasons(dataset)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (result({**BOX, "rotation": 12}), "turned"),
        (result(image_rotation=90), "turned"),
        (result(type="polygonlabels"), "A polygonlabels"),
        (result(type="choices", value={"choices": ["good"]}), "A choices"),
        (result({**BOX, "rectanglelabels": []}), "one label"),
        (result({**BOX, "rectanglelabels": ["7", "8"]}), "one label"),
        (result({**BOX, "width": "wide"}), "not a number"),
        (result({**BOX, "width": 0}), "no area"),
        (result({**BOX, "x": 90}), "outside the page"),
        (result(original_width=30, original_height=40), "lying on its side"),
        (result(original_width=4000), "4000 × 30"),
        (7, "no result"),
    ],
)
def test_a_bad_result_is_refused_by_its_number_and_the_good_ones_stay(tmp_path: Path, bad: object, reason: str) -> None:
    picture(tmp_path / "a.png")
    file = tasks(tmp_path, task(annotations=[{"result": [result(), bad]}]))
    dataset = read(tmp_path, "labelstudio")
    assert len(dataset.samples[0].boxes or ()) == 1
    assert [r.path for r in dataset.rejected] == [str(file)]
    assert dataset.rejected[0].reason.startswith("Task 1, result 2: ")
    assert reason in dataset.rejected[0].reason


def test_percent_fit_the_picture_at_any_size(tmp_path: Path) -> None:
    picture(tmp_path / "a.png", (80, 60))
    tasks(tmp_path, task())
    assert read(tmp_path, "labelstudio").samples[0].boxes[0].rect.w == 40  # type: ignore[index]


def test_tasks_without_a_picture_are_told(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    tasks(tmp_path, task(), 7, {"data": {"text": "hello"}, "annotations": []}, task("b.png"))
    told = reasons(read(tmp_path, "labelstudio"))
    for part in ("Task 2: It is no task", "Task 3: It names no picture", "Task 4: There is no picture b.png"):
        assert part in told


def test_the_configuration_has_the_classes_in_order(tmp_path: Path) -> None:
    out = written(tmp_path, "labelstudio", [page("a", "train", [ClassRect(1, 2, 3, 4, 3)])])
    text = (out / CONFIG).read_text(encoding="utf-8")
    assert text.index('value="0"') < text.index('value="seven &amp; &lt;8&gt;"') < text.index('value="数字"')
    data = json.loads((out / "tasks.json").read_text(encoding="utf-8"))
    assert data[0]["data"] == {"image": "/data/local-files/?d=images/train/a.png", "split": "train"}
