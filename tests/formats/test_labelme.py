"""labelme's files and X-AnyLabeling's, in the shapes that those programs write."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from labeler.core.boxes import ClassRect
from labeler.formats.pixels import size_of_bytes
from tests.formats.builders import by_name, page, picture, read, reasons, written


def shape(
    label: object = "7", points: object = ((1, 2), (11, 13.5)), kind: str | None = "rectangle", **more: object
) -> dict[str, Any]:
    typed = {} if kind is None else {"shape_type": kind}
    return {"label": label, "points": points, "group_id": None, "description": "", "flags": {}, **typed, **more}


def labelme(
    path: Path, shapes: list[Any], *, image: str | None = "a.png", data: str | None = None, **more: object
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"version": "7.1.0", "flags": {}, "shapes": shapes, "imagePath": image, "imageData": data}
    path.write_text(json.dumps({**content, "imageHeight": 30, "imageWidth": 40, **more}, indent=2), encoding="utf-8")
    return path


def test_a_file_beside_each_picture_in_the_order_labelme_has(tmp_path: Path) -> None:
    written(tmp_path, "labelme", [page("a.1", "train", [ClassRect(20, 3.25, 10, 15, 4)]), page("b", "test")])
    files = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file())
    assert files == ["labels.txt", "test/b.json", "test/b.png", "train/a.1.json", "train/a.1.png"]
    data = json.loads((tmp_path / "train" / "a.1.json").read_text(encoding="utf-8"))
    assert list(data) == ["version", "flags", "shapes", "imagePath", "imageData", "imageHeight", "imageWidth"]
    assert (data["imagePath"], data["imageData"], data["imageHeight"], data["imageWidth"]) == ("a.1.png", None, 30, 40)
    assert [(s["label"], s["shape_type"], s["points"]) for s in data["shapes"]] == [
        ("数字", "rectangle", [[20, 3.25], [30, 18.25]])
    ]


@pytest.mark.parametrize(
    "points",
    [
        ((1, 2), (11, 13.5)),
        ((11, 13.5), (1, 2)),
        ((11, 2), (1, 13.5)),
        ((1, 2), (11, 2), (11, 13.5), (1, 13.5)),
        ((1, 13.5), (1, 2), (11, 2), (11, 13.5)),
    ],
)
def test_rectangles_by_any_corners(tmp_path: Path, points: object) -> None:
    picture(tmp_path / "a.png")
    labelme(tmp_path / "a.json", [shape(points=points)])
    rect = read(tmp_path, "labelme").samples[0].boxes[0].rect  # type: ignore[index]
    assert (rect.x, rect.y, rect.right, rect.bottom) == (1, 2, 11, 13.5)


def test_a_file_of_x_anylabeling(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    more = {"score": 0.93, "difficult": False, "attributes": {}, "kie_linking": [], "flags": None, "text": ""}
    shapes = [
        shape("7", [[1.0, 2.0], [11.0, 2.0], [11.0, 13.5], [1.0, 13.5]], **more),
        shape("8", [[10, 0], [20, 10], [10, 20], [0, 10]], "rotation", direction=0.785, **more),
    ]
    labelme(tmp_path / "a.json", shapes, version="4.0.2", checked=True)
    dataset = read(tmp_path, "labelme")
    assert [b.class_name for b in dataset.samples[0].boxes or ()] == ["7"]
    assert "Shape 2: A turned rectangle" in reasons(dataset)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (shape(kind="polygon"), "A polygon, not a rectangle"),
        (shape(kind=None), "A polygon, not a rectangle"),
        (shape(kind="circle"), "A circle"),
        (shape(kind="mask"), "A mask"),
        (shape(points=((1, 2), (5, 9), (11, 2), (1, 13))), "turned"),
        (shape(points=((1, 2),)), "1 points do not"),
        (shape(points=((1, 2, 3), (4, 5, 6))), "pairs of numbers"),
        (shape(points="none"), "pairs of numbers"),
        (shape(points=((1, None), (4, 5))), "not a number"),
        (shape(points=((1, 2), (1, 9))), "no area"),
        (shape(points=((1, 2), (99, 9))), "outside the page"),
        (shape(label=""), "no label"),
        (shape(label=None), "no label"),
        ("shape", "no shape"),
    ],
)
def test_a_bad_shape_is_refused_by_its_number_and_the_good_ones_stay(tmp_path: Path, bad: object, reason: str) -> None:
    picture(tmp_path / "a.png")
    file = labelme(tmp_path / "a.json", [shape(), bad])
    dataset = read(tmp_path, "labelme")
    assert len(dataset.samples[0].boxes or ()) == 1
    assert not dataset.samples[0].is_complete
    assert [r.path for r in dataset.rejected] == [str(file)]
    assert dataset.rejected[0].reason.startswith("Shape 2: ")
    assert reason in dataset.rejected[0].reason


def test_a_picture_inside_the_file_is_taken_out(tmp_path: Path) -> None:
    data = picture(tmp_path / "elsewhere" / "a.png").read_bytes()
    labelme(tmp_path / "set" / "a.json", [shape()], image="..\\scans\\a.png", data=base64.b64encode(data).decode())
    dataset = read(tmp_path / "set", "labelme")
    assert not dataset.rejected
    sample = dataset.samples[0]
    assert sample.path.name == "a.png"
    assert sample.read() == data
    assert len(sample.boxes or ()) == 1


def test_a_picture_beside_the_file_goes_first_unless_it_is_another(tmp_path: Path) -> None:
    inside = picture(tmp_path / "in.png", shade=9).read_bytes()
    folder = tmp_path / "set"
    picture(folder / "a.png")
    labelme(folder / "a.json", [shape()], data=base64.b64encode(inside).decode())
    assert by_name(read(folder, "labelme"))["a.png"].read() == (folder / "a.png").read_bytes()
    picture(folder / "a.png", (80, 60))
    found = read(folder, "labelme").samples
    assert [(s.boxes is None, size_of_bytes(s.read())) for s in found] == [(False, (40, 30)), (True, (80, 60))]


@pytest.mark.parametrize("data", ["%%%", "aGVsbG8=", base64.b64encode(b"\xff\xd8\xff").decode()])
def test_imagedata_that_is_no_picture_is_refused(tmp_path: Path, data: str) -> None:
    labelme(tmp_path / "a.json", [shape()], data=data)
    dataset = read(tmp_path, "labelme")
    assert not dataset.samples
    assert len(dataset.rejected) == 1


def test_no_shapes_are_a_blank_page_no_file_is_unlabelled_and_other_json_is_let_be(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        picture(tmp_path / f"{name}.png")
    labelme(tmp_path / "a.json", [])
    (tmp_path / "settings.json").write_text('{"theme": "dark"}')
    (tmp_path / "c.json").write_text('{"note": "not labelled"}')
    dataset = read(tmp_path, "labelme")
    assert {n: s.boxes for n, s in by_name(dataset).items()} == {"a.png": (), "b.png": None, "c.png": None}
    assert [Path(r.path).name for r in dataset.rejected] == ["c.json"]


def test_labels_txt_orders_the_classes(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    labelme(tmp_path / "a.json", [shape("9"), shape("plus"), shape("10"), shape(3)])
    assert read(tmp_path, "labelme").classes == ("3", "9", "10", "plus")
    (tmp_path / "labels.txt").write_text("__ignore__\n_background_\nplus\n9\n")
    assert read(tmp_path, "labelme").classes == ("plus", "9", "3", "10")


@pytest.mark.parametrize(("file", "version"), [("labelme-7.9.1.json", "7.9.1"), ("x-anylabeling-4.2.1.json", "4.2.1")])
def test_files_that_the_programs_themselves_wrote(tmp_path: Path, file: str, version: str) -> None:
    """Written by the saving code of the two programs, called on two shapes; the picture is ours."""
    picture(tmp_path / "drawn.png", size=(160, 120))
    content = (Path(__file__).parent / "written" / file).read_bytes()
    (tmp_path / "drawn.json").write_bytes(content)
    assert json.loads(content)["version"] == version
    dataset = read(tmp_path, "labelme")
    (sample,) = dataset.samples
    (box,) = sample.boxes or ()
    assert (box.class_name, box.rect.x, box.rect.y, box.rect.right, box.rect.bottom) == ("7", 12.0, 8.5, 100.5, 40.25)
    assert [r.reason.split(",")[0] for r in dataset.rejected] == ["Shape 2: A polygon"]
