"""What is written, opened by readers that are not ours: supervision, globox, Label Studio's converter, pandas, datumaro, labelme.

The first four come with the development tools, so each format is opened by at least one of them wherever the tests run (YOLO and COCO
also by ultralytics and pycocotools, beside those formats). The others cannot stand beside Labeler in one environment, so their tests
skip there: datumaro 1.13 installs opencv-python-headless 4 over the cv2 of opencv-python and asks for pillow < 13, labelme 6 brings
a second Qt (PyQt5), labelme 7 asks for onnxruntime < 1.29 and Python 3.12. For such a reason Label Studio's SDK is held at its last
release without a cv2. All pass where they were put beside the rest by hand: datumaro 1.13.12, labelme 6.3.1 and 7.9.1.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from labeler.core.boxes import ClassRect
from tests.formats.builders import CLASSES, page, written

SIZE = (320, 200)
BOXES = {
    "a.1": [ClassRect(10.5, 3.25, 17.125, 15, 1), ClassRect(100, 120.5, 20, 40.25, 4)],
    "b": [],
    "c 数": [ClassRect(0, 0, 320, 200, 0)],
}
HALF_A_PIXEL = 0.5

Found = dict[str, list[tuple[str, list[float]]]]


def export(folder: Path, format_: str) -> Path:
    return written(folder, format_, [page(name, "train", boxes, SIZE) for name, boxes in BOXES.items()])


def expected(*, first_pixel: int = 0) -> Found:
    """By picture, each box's class and corners. A reader that takes the first pixel for 1 shifts a box's first corner, as VOC's does."""
    return {
        name: [(CLASSES[b.class_id], [b.x - first_pixel, b.y - first_pixel, b.x + b.w, b.y + b.h]) for b in boxes]
        for name, boxes in BOXES.items()
    }


def assert_same(found: Found, wanted: Found) -> None:
    assert sorted(found) == sorted(wanted)
    for name, boxes in wanted.items():
        assert [label for label, _corners in found[name]] == [label for label, _corners in boxes]
        for (_, corners), (_, wanted_corners) in zip(found[name], boxes, strict=True):
            assert corners == pytest.approx(wanted_corners, abs=HALF_A_PIXEL)


def load_with_supervision(format_: str, out: Path) -> Any:
    dataset = pytest.importorskip("supervision", reason="supervision is not installed").DetectionDataset
    pictures = str(out / "images" / "train")
    if format_ == "yolo":
        return dataset.from_yolo(pictures, str(out / "labels" / "train"), str(out / "data.yaml"))
    if format_ == "coco":
        return dataset.from_coco(pictures, str(out / "annotations" / "instances_train.json"))
    return dataset.from_pascal_voc(str(out / "JPEGImages"), str(out / "Annotations"))


@pytest.mark.parametrize("format_", ["yolo", "coco", "voc"])
def test_supervision_finds_the_same_boxes_on_the_same_pictures(format_: str, tmp_path: Path) -> None:
    dataset = load_with_supervision(format_, export(tmp_path / "数据", format_))
    found: Found = {}
    for path, image, detections in dataset:
        assert image.shape[:2] == (SIZE[1], SIZE[0])
        found[Path(path).stem] = [
            (dataset.classes[int(kind)], corners.tolist())
            for kind, corners in zip(detections.class_id, detections.xyxy, strict=True)
        ]
    assert_same(found, expected(first_pixel=1 if format_ == "voc" else 0))


def load_with_globox(format_: str, out: Path) -> list[Any]:
    """Page by page: its readers of whole data sets leave threads behind."""
    annotation = pytest.importorskip("globox", reason="globox is not installed").Annotation
    if format_ == "cvat":
        return [annotation.from_cvat(node) for node in ElementTree.parse(out / "annotations.xml").iter("image")]
    if format_ == "labelme":
        return [annotation.from_labelme(file) for file in (out / "train").glob("*.json")]
    return [annotation.from_pascal_voc(file) for file in (out / "Annotations").glob("*.xml")]


@pytest.mark.parametrize("format_", ["labelme", "cvat", "voc"])
def test_globox_finds_the_same_boxes(format_: str, tmp_path: Path) -> None:
    found: Found = {}
    for page_found in load_with_globox(format_, export(tmp_path / "数据", format_)):
        assert page_found.image_size == SIZE
        found[Path(page_found.image_id).stem] = [(box.label, list(box.ltrb)) for box in page_found.boxes]
    assert_same(found, expected())


def test_labelme_loads_each_file(tmp_path: Path) -> None:
    loader = pytest.importorskip("labelme._label_file", reason="labelme is not installed")
    # labelme 7 reads with a function, 6 with a class; what comes out has the same names.
    load = loader.read_label_file if hasattr(loader, "read_label_file") else loader.LabelFile
    found: Found = {}
    for file in sorted((export(tmp_path, "labelme") / "train").glob("*.json")):
        label_file = load(filename=str(file))
        assert label_file.image_data == file.with_suffix(".png").read_bytes()
        found[file.stem] = []
        for shape in label_file.shapes:
            assert shape["shape_type"] == "rectangle"
            (left, top), (right, bottom) = shape["points"]
            found[file.stem].append((shape["label"], [left, top, right, bottom]))
    assert_same(found, expected())


@pytest.mark.parametrize("format_", ["cvat", "coco", "voc"])
def test_datumaro_finds_the_same_boxes_in_the_same_split(format_: str, tmp_path: Path) -> None:
    datumaro = pytest.importorskip("datumaro", reason="datumaro is not installed")
    dataset = datumaro.Dataset.import_from(str(export(tmp_path / "数据", format_)), format_)
    names = [label.name for label in dataset.categories()[datumaro.AnnotationType.label].items]
    assert tuple(names) == CLASSES
    found: Found = {}
    for item in dataset:
        assert item.subset == "train"
        boxes = [b for b in item.annotations if b.type is datumaro.AnnotationType.bbox]
        corners = sorted((b.y, names[b.label], [b.x, b.y, b.x + b.w, b.y + b.h]) for b in boxes)
        found[item.id.removeprefix("train/")] = [(name, where) for _, name, where in corners]
    assert_same(found, expected())


@pytest.mark.expected_log("^No annotations found for item #1$")  # the blank page
def test_label_studio_converts_its_tasks(tmp_path: Path) -> None:
    converter = pytest.importorskip("label_studio_sdk.converter", reason="label-studio-sdk is not installed").Converter
    out = export(tmp_path / "out", "labelstudio")
    config = (out / "labeling_config.xml").read_text(encoding="utf-8")
    made = converter(config=config, project_dir=str(out), download_resources=False)
    made.convert_to_coco(str(out / "tasks.json"), str(tmp_path / "coco"), is_dir=False)
    data = json.loads((tmp_path / "coco" / "result.json").read_text(encoding="utf-8"))
    names = {kind["id"]: kind["name"] for kind in data["categories"]}
    found: Found = {}
    for image in data["images"]:
        boxes = [a for a in data["annotations"] if a["image_id"] == image["id"]]
        corners = [(names[b["category_id"]], b["bbox"]) for b in boxes]
        found[Path(unquote(image["file_name"])).stem] = [(name, [x, y, x + w, y + h]) for name, (x, y, w, h) in corners]
    assert_same(found, expected())


def test_pandas_reads_the_table(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    table = pandas.read_csv(export(tmp_path / "数据", "csv") / "boxes.csv", dtype={"class": str})
    found: Found = {Path(name).stem: [] for name in table["image"]}
    for row in table.dropna(subset="class").to_dict("records"):
        corners = [row["x"], row["y"], row["x"] + row["w"], row["y"] + row["h"]]
        found[Path(row["image"]).stem].append((row["class"], corners))
    assert_same(found, expected())
