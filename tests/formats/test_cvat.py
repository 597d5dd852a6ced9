"""CVAT's XML for images, and the table of boxes."""

import csv
from pathlib import Path

import pytest

from labeler.core.boxes import ClassRect
from tests.formats.builders import by_name, page, picture, read, reasons, written

BOX = '<box label="7" occluded="0" xtl="1.00" ytl="2.00" xbr="11.00" ybr="13.50" z_order="0"><attribute name="a">b</attribute></box>'


def cvat(
    folder: Path, inside: str = BOX, *, image: str = 'name="a.png" width="40" height="30"', more: str = ""
) -> Path:
    meta = "<meta><task><labels><label><name>8</name></label><label><name>7</name></label></labels></task></meta>"
    path = folder / "annotations.xml"
    path.write_text(
        f'<?xml version="1.0" encoding="utf-8"?>\n<annotations><version>1.1</version>{meta}<image id="0" {image}>{inside}</image>'
        f"{more}</annotations>",
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize(
    ("image", "at", "split"),
    [
        ('name="a.png" width="40" height="30"', "images/a.png", None),
        ('name="train/a.png" width="40" height="30"', "images/train/a.png", "train"),
        ('name="a.png" subset="Validation" width="40" height="30"', "images/a.png", "val"),
        ('name="a.png"', "a.png", None),
    ],
)
def test_boxes_and_subsets(tmp_path: Path, image: str, at: str, split: str | None) -> None:
    picture(tmp_path / at)
    cvat(tmp_path, image=image)
    dataset = read(tmp_path, "cvat")
    assert not dataset.rejected
    assert dataset.classes == ("8", "7")
    sample = dataset.samples[0]
    assert sample.split == split
    assert [(b.class_name, b.rect.x, b.rect.y, b.rect.right, b.rect.bottom) for b in sample.boxes or ()] == [
        ("7", 1, 2, 11, 13.5)
    ]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ('<polygon label="7" points="1,2;3,4;5,6"/>', "A polygon"),
        ('<tag label="7"/>', "A tag"),
        ('<mask label="7" rle="1, 2" left="1" top="1" width="3" height="1"/>', "A mask"),
        (BOX.replace('z_order="0"', 'rotation="30.0"'), "turned"),
        (BOX.replace('label="7"', 'label=""'), "no label"),
        (BOX.replace('xbr="11.00"', ""), "not a number"),
        (BOX.replace("11.00", "inf"), "not a finite"),
        (BOX.replace("11.00", "1.00"), "no area"),
        (BOX.replace("11.00", "99"), "outside the page"),
    ],
)
def test_a_bad_shape_is_refused_by_its_number_and_the_good_ones_stay(tmp_path: Path, bad: str, reason: str) -> None:
    picture(tmp_path / "a.png")
    file = cvat(tmp_path, BOX + bad)
    dataset = read(tmp_path, "cvat")
    assert len(dataset.samples[0].boxes or ()) == 1
    assert [r.path for r in dataset.rejected] == [str(file)]
    assert dataset.rejected[0].reason.startswith("Image a.png, shape 2: ")
    assert reason in dataset.rejected[0].reason


def test_tracks_and_lost_pictures_are_told(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    more = '<track id="0" label="7"/><image id="1" name="b.png"/><image id="2"/><image id="3" name="c.png" width="x"/>'
    cvat(tmp_path, "", more=more)
    dataset = read(tmp_path, "cvat")
    assert {n: s.boxes for n, s in by_name(dataset).items()} == {"a.png": ()}
    for part in ("1 video track;", "no picture b.png", "names no picture", "“x” is not a number"):
        assert part in reasons(dataset)


def test_the_table_opens_as_a_table(tmp_path: Path) -> None:
    boxes = [ClassRect(1.5, 2, 3, 4, 2), ClassRect(5, 1, 3, 4, 4)]
    written(tmp_path, "csv", [page("b", "val", boxes), page("a")])
    with (tmp_path / "boxes.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(r["image"], r["split"], r["class"], r["x"], r["w"]) for r in rows] == [
        ("images/train/a.png", "train", "", "", ""),
        ("images/val/b.png", "val", "数字", "5.000", "3.000"),
        ("images/val/b.png", "val", "+", "1.500", "3.000"),
    ]


def test_a_bad_row_is_refused_by_its_line_and_the_good_ones_stay(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    picture(tmp_path / "b.png")
    rows = [
        "image,class,x,y,w,h,note",
        "a.png,7,1,2,3,4,fine",
        "a.png,,1,2,3,4,no class",
        "a.png,7,1,2,wide,4,",
        "a.png,7,1",
    ]
    rows += ["b.png,,,,,,", "c.png,7,1,1,1,1"]
    (tmp_path / "mine.csv").write_text("\n".join(rows) + "\n")
    dataset = read(tmp_path, "csv")
    assert {n: len(s.boxes or ()) for n, s in by_name(dataset).items()} == {"a.png": 1, "b.png": 0}
    told = reasons(dataset)
    for part in (
        "Line 3: It has no class",
        "Line 4: “wide” is not",
        "Line 5: “” is not",
        "Line 7: There is no picture c.png",
    ):
        assert part in told


def test_a_table_without_the_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("picture;class\n")
    dataset = read(tmp_path / "mine.csv", "csv")
    assert "must name the columns image, split" in dataset.rejected[0].reason
