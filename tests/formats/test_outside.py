"""Whatever a label file holds, reading it ends in boxes on the page or in reasons; never in a crash, never outside the data set."""

import contextlib
import json
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeler.core.boxes import ClassRect, Rect
from labeler.core.errors import BadInput, UserError
from labeler.formats import outside
from labeler.formats.pictures import Pictures, name_parts
from labeler.formats.registry import READERS, WRITERS, detect_format
from labeler.formats.sample import Dataset
from tests.formats.builders import page, picture, read, written

LABEL_SUFFIXES = (".txt", ".json", ".xml", ".csv", ".yaml")
PAGES = [page("a", "train", [ClassRect(3, 4, 10, 11, 0), ClassRect(20, 5, 6, 7, 3)]), page("b", "val")]


def sound(dataset: Dataset) -> None:
    for sample in dataset.samples:
        for box in sample.boxes or ():
            assert box.class_name
            assert 0 <= box.rect.x < box.rect.right <= 40.001
            assert 0 <= box.rect.y < box.rect.bottom <= 30.001
    for rejected in dataset.rejected:
        assert rejected.path
        assert rejected.reason


@pytest.mark.parametrize("format_", sorted(WRITERS))
@settings(max_examples=60, deadline=None)
@given(
    which=st.integers(0, 10),
    changes=st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=8),
    cut=st.one_of(st.none(), st.integers(0, 2000)),
)
def test_damaged_label_files_never_crash(
    format_: str, which: int, changes: list[tuple[int, int]], cut: int | None
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = written(Path(name) / "out", format_, PAGES)
        files = sorted(p for p in folder.rglob("*") if p.suffix in LABEL_SUFFIXES)
        target = files[which % len(files)]
        data = bytearray(target.read_bytes())
        for at, value in changes:
            if data:
                data[at % len(data)] = value
        target.write_bytes(bytes(data[:cut]))
        detect_format(folder)
        with contextlib.suppress(UserError):
            sound(read(folder, format_))


KEYS = sorted(
    {
        "images",
        "annotations",
        "categories",
        "id",
        "image_id",
        "category_id",
        "bbox",
        "width",
        "height",
        "file_name",
        "name",
    }
    | {"shapes", "imagePath", "imageData", "points", "label", "shape_type", "data", "image", "result", "value", "type"}
    | {"rectanglelabels", "x", "y", "original_width", "was_cancelled"}
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.text(max_size=6)
    | st.sampled_from(["a.png", "../a.png"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=25,
)
NO_LABELS = (b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}", b"null", b"7", b"[]", b"{}")


@pytest.mark.parametrize("format_", ["coco", "labelme", "labelstudio"])
@settings(max_examples=150, deadline=None)
@given(value=JSON, data=st.data())
def test_json_of_any_shape_is_read_or_refused(format_: str, value: object, data: st.DataObject) -> None:
    frames = {
        "coco": {"images": [value], "annotations": [value], "categories": [value]},
        "labelme": {"shapes": [value], "imagePath": "a.png"},
        "labelstudio": [{"data": {"image": "a.png"}, "annotations": [{"result": [value]}]}, value],
    }
    with tempfile.TemporaryDirectory() as name:
        picture(Path(name) / "a.png")
        file = Path(name) / "a.json"
        file.write_text(json.dumps(data.draw(st.sampled_from([value, frames[format_]]))), encoding="utf-8")
        for path in (Path(name), file):
            with contextlib.suppress(UserError):
                sound(read(path, format_))


@pytest.mark.parametrize("format_", sorted(READERS))
def test_a_folder_without_such_labels_is_refused_with_a_hint(format_: str, tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    with pytest.raises(UserError) as refusal:
        read(tmp_path, format_)
    assert refusal.value.hint


@pytest.mark.parametrize("format_", ["coco", "labelme", "labelstudio"])
@pytest.mark.parametrize("content", NO_LABELS)
def test_json_that_is_none_or_means_nothing(format_: str, content: bytes, tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    (tmp_path / "a.json").write_bytes(content)
    dataset = read(tmp_path / "a.json", format_)
    assert not dataset.samples
    assert dataset.rejected or content == b"[]"


BOMB = b"""<?xml version="1.0"?><!DOCTYPE annotation [<!ENTITY a "1234567890">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><annotation><filename>&b;</filename></annotation>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE annotation [<!ENTITY a SYSTEM "file:///etc/hostname">]>
<annotation><filename>&a;</filename></annotation>"""


@pytest.mark.parametrize(
    "data", [BOMB, OUTSIDE, BOMB.decode().replace('"1.0"', '"1.0" encoding="utf-16"').encode("utf-16")]
)
def test_xml_with_entities_is_not_trusted(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not trusted"):
        outside.xml_of(data)
    picture(tmp_path / "a.png")
    (tmp_path / "a.xml").write_bytes(data)
    dataset = read(tmp_path, "voc")
    assert [s.boxes for s in dataset.samples] == [None]
    assert "not trusted" in dataset.rejected[0].reason


@pytest.mark.parametrize(
    "data", [b"", b"<a>", b"<a></b>", b'<?xml version="1.0" encoding="klingon"?><a/>', b"<a>\xff</a>"]
)
def test_xml_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput, match="not valid XML"):
        outside.xml_of(data)


def test_numbers_are_finite_or_refused() -> None:
    assert [outside.number(v) for v in (3, 2.5, " 7 ", "1e2", "-.5")] == [3, 2.5, 7, 100, -0.5]
    for value in (None, True, [], {}, "", "x", "1_0", "0x10", "１", float("nan"), float("-inf"), 10**400, "1e999"):
        with pytest.raises(BadInput, match="number"):
            outside.number(value)


@given(
    x=st.floats(-50, 150), y=st.floats(-50, 150), w=st.floats(-10, 200), h=st.floats(-10, 200),
    width=st.integers(1, 100), height=st.integers(1, 100),
)  # fmt: skip
def test_a_rect_from_outside_is_on_the_page_or_refused(
    x: float, y: float, w: float, h: float, width: int, height: int
) -> None:
    try:
        rect = outside.page_rect(Rect(x, y, w, h), width=width, height=height)
    except BadInput:
        inside = x >= 0 and y >= 0 and x + w <= width and y + h <= height
        assert not (inside and min(w, h) >= 0.5)
        return
    assert -1e-9 <= rect.x < rect.right <= width + 1e-9
    assert -1e-9 <= rect.y < rect.bottom <= height + 1e-9
    slack = 1 + max(width, height) * outside.OVERHANG
    assert max(abs(rect.x - x), abs(rect.y - y), abs(rect.right - x - w), abs(rect.bottom - y - h)) <= slack


@pytest.mark.parametrize(
    ("parts", "split"),
    [
        (["train", "images"], "train"),
        (["images", "valid"], "val"),
        (["annotations", "instances_val2017"], "val"),
        (["instances_default"], None),
        (["contest", "restrained"], None),
        (["train", "test"], "test"),
        (["Validation"], "val"),
        ([], None),
    ],
)
def test_splits_by_name(parts: list[str], split: str | None) -> None:
    assert outside.split_named(parts) == split


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a.png", ["a.png"]),
        ("..\\images\\a.png", ["images", "a.png"]),
        ("C:\\Users\\anna\\a.png", ["Users", "anna", "a.png"]),
        ("/data/local-files/?d=pages/train/a%20b.png", ["pages", "train", "a b.png"]),
        ("/data/upload/7/0a1b2c3d-a%C3%A9.png", ["data", "upload", "7", "0a1b2c3d-aé.png"]),
        ("https://example.org/x/a.png?sig=1", ["x", "a.png"]),
        ("100%.png", ["100%.png"]),
        (7, []),
        ("", []),
    ],
)
def test_what_files_call_pictures(name: object, parts: list[str]) -> None:
    assert name_parts(name) == parts


def test_pictures_are_found_by_what_agrees_most(tmp_path: Path) -> None:
    paths = [
        "images/train/a.png",
        "images/val/a.png",
        "images/val/b.v1.jpg",
        "images/val/b.png",
        "deep/images/val/a.png",
    ]
    pictures = Pictures(tmp_path, [tmp_path / p for p in paths])
    near = tmp_path / "annotations" / "x.json"

    def find(name: str, split: str | None = None, near: Path = near) -> str:
        return pictures.find(name, near=near, split=split).relative_to(tmp_path).as_posix()

    assert find("train/a.png") == "images/train/a.png"
    assert find("a.png", "train") == "images/train/a.png"
    assert find("A.PNG", near=tmp_path / "images" / "val" / "a.json") == "images/val/a.png"
    assert find("deep\\images\\val\\a.png") == "deep/images/val/a.png"
    assert find("b.v1") == "images/val/b.v1.jpg"
    assert find("b.jpg") == "images/val/b.png"
    for name, reason in (
        ("a.png", "several"),
        ("c.png", "no picture c.png"),
        ("../../etc/passwd", "no picture"),
        ("", "names no"),
    ):
        with pytest.raises(BadInput, match=reason):
            find(name)


def test_pictures_outside_the_data_set_are_out_of_reach(tmp_path: Path) -> None:
    picture(tmp_path / "private" / "a.png")
    label = tmp_path / "set" / "a.json"
    label.parent.mkdir()
    for path in (str(tmp_path / "private" / "a.png"), "../private/a.png"):
        label.write_text(json.dumps({"shapes": [], "imagePath": path, "imageData": None}))
        dataset = read(tmp_path / "set", "labelme")
        assert not dataset.samples
        assert "There is no picture a.png" in dataset.rejected[0].reason


def test_every_detector_knows_its_own_and_nothing_else(tmp_path: Path) -> None:
    for format_ in WRITERS:
        assert detect_format(written(tmp_path / format_, format_, PAGES)) == format_
    with pytest.raises(UserError):
        detect_format(tmp_path / "nothing")
    (tmp_path / "empty").mkdir()
    assert detect_format(tmp_path / "empty") == "images"


def test_the_file_that_describes_a_data_set_stands_for_it(tmp_path: Path) -> None:
    files = {
        "yolo": "data.yaml",
        "coco": "annotations/instances_train.json",
        "voc": "Annotations/a.xml",
        "labelme": "train/a.json",
        "labelstudio": "tasks.json",
        "cvat": "annotations.xml",
        "csv": "boxes.csv",
    }
    assert sorted(files) == sorted(READERS)
    for format_, file in files.items():
        path = written(tmp_path / format_, format_, PAGES) / file
        assert detect_format(path) == format_
        if format_ != "voc":
            samples = {s.path.name: s for s in read(path, format_).samples}
            assert len(samples["a.png"].boxes or ()) == 2, format_


@pytest.mark.parametrize("format_", ["coco", "labelme", "labelstudio", "cvat", "csv", "voc"])
def test_a_broken_picture_is_refused_and_the_others_come_in(format_: str, tmp_path: Path) -> None:
    folder = written(tmp_path, format_, PAGES)
    broken = next(folder.rglob("b.png"))
    broken.write_bytes(b"")
    dataset = read(folder, format_)
    assert "b.png is empty" in "\n".join(r.reason for r in dataset.rejected)
    assert [len(s.boxes or ()) for s in dataset.samples if s.path.name == "a.png"] == [2]


@pytest.mark.parametrize("format_", ["coco", "labelme", "cvat", "csv", "voc"])
def test_labels_made_for_another_size_are_refused(format_: str, tmp_path: Path) -> None:
    folder = written(tmp_path, format_, PAGES)
    target = next(folder.rglob("a.png"))
    for size, reason in (((30, 40), "lying on its side"), ((80, 60), "picture of 40 × 30 pixels, but")):
        picture(target, size)
        dataset = read(folder, format_)
        assert reason in "\n".join(r.reason for r in dataset.rejected)
        assert [s.boxes for s in dataset.samples if s.path.name == "a.png"] == [None]


def test_files_that_may_not_be_read_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, os.strerror(13), str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(BadInput, match="ermission denied"):
        outside.read_bytes(tmp_path / "a.json")
