"""Pascal VOC as written, and as labelImg, roboflow and the challenge itself write it."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from labeler.core.boxes import ClassRect
from tests.formats.builders import by_name, page, picture, read, reasons, written

OBJECT = "<object><name>7</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>11</xmax><ymax>13.5</ymax></bndbox></object>"


def voc(path: Path, objects: str = OBJECT, *, filename: str = "a.png", size: tuple[int, int] | None = (40, 30)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    sides = f"<size><width>{size[0]}</width><height>{size[1]}</height><depth>3</depth></size>" if size else ""
    path.write_text(f"<annotation><filename>{filename}</filename>{sides}{objects}</annotation>", encoding="utf-8")
    return path


def test_files_are_where_everybody_expects_them(tmp_path: Path) -> None:
    boxes = [ClassRect(20, 3.25, 10, 15, 3), ClassRect(0, 0, 40, 30, 4)]
    written(tmp_path, "voc", [page("a.1", "train", boxes), page("b", "test"), page("c", "train")])
    files = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file())
    assert files == [
        "Annotations/a.1.xml",
        "Annotations/b.xml",
        "Annotations/c.xml",
        "ImageSets/Main/test.txt",
        "ImageSets/Main/train.txt",
        "JPEGImages/a.1.png",
        "JPEGImages/b.png",
        "JPEGImages/c.png",
        "labelmap.txt",
    ]
    assert (tmp_path / "ImageSets/Main/train.txt").read_bytes() == b"a.1\nc\n"
    root = ElementTree.parse(tmp_path / "Annotations" / "a.1.xml").getroot()
    assert root.findtext("filename") == "a.1.png"
    assert [(o.findtext("name"), [e.text for e in o.find("bndbox") or ()]) for o in root.findall("object")] == [
        ("数字", ["0", "0", "40", "30"]),
        ("seven & <8>", ["20", "3.25", "30", "18.25"]),
    ]


@pytest.mark.parametrize(
    ("xml_at", "picture_at", "filename"),
    [
        ("a.xml", "a.png", "a.png"),
        ("Annotations/a.xml", "JPEGImages/a.png", "a.png"),
        ("labels/a.xml", "images/a.jpg", "a.png"),
        ("a.v2.xml", "a.v2.png", "the old name.png"),
        ("annotation of a.xml", "a.png", "a.png"),
        ("annotation of a.xml", "a.png", "C:\\scans\\a.png"),
        ("annotation of a.xml", "a.png", "a"),
    ],
)
def test_layouts_of_other_tools(tmp_path: Path, xml_at: str, picture_at: str, filename: str) -> None:
    picture(tmp_path / picture_at)
    voc(tmp_path / xml_at, filename=filename)
    dataset = read(tmp_path, "voc")
    assert not dataset.rejected
    rect = dataset.samples[0].boxes[0].rect  # type: ignore[index]
    assert (rect.x, rect.y, rect.right, rect.bottom) == (1, 2, 11, 13.5)


def test_names_with_dots_are_not_mixed_up(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    picture(tmp_path / "a.1.png")
    voc(tmp_path / "a.1.xml", filename="a.1.png")
    assert {n: s.boxes is None for n, s in by_name(read(tmp_path, "voc")).items()} == {"a.png": True, "a.1.png": False}


@pytest.mark.parametrize(
    ("objects", "reason"),
    [
        (OBJECT.replace("<name>7</name>", "<name> </name>"), "no class name"),
        (OBJECT.replace("bndbox", "polygon"), "no box but a polygon"),
        (OBJECT.replace("bndbox", "robndbox"), "no box but a robndbox"),
        ("<object><name>7</name></object>", "no box"),
        (OBJECT.replace("<xmax>11</xmax>", ""), "not a number"),
        (OBJECT.replace("11<", "wide<"), "“wide” is not a number"),
        (OBJECT.replace("11<", "nan<"), "not a finite number"),
        (OBJECT.replace("11<", "1<"), "no area"),
        (OBJECT.replace("11<", "99<"), "outside the page"),
    ],
)
def test_a_bad_object_is_refused_by_its_number_and_the_good_ones_stay(
    tmp_path: Path, objects: str, reason: str
) -> None:
    picture(tmp_path / "a.png")
    file = voc(tmp_path / "a.xml", OBJECT + objects)
    dataset = read(tmp_path, "voc")
    assert len(dataset.samples[0].boxes or ()) == 1
    assert [r.path for r in dataset.rejected] == [str(file)]
    assert dataset.rejected[0].reason.startswith("Object 2: ")
    assert reason in dataset.rejected[0].reason


@pytest.mark.parametrize("size", [None, (0, 0)])
def test_a_file_that_does_not_know_the_size_is_believed(tmp_path: Path, size: tuple[int, int] | None) -> None:
    picture(tmp_path / "a.png")
    voc(tmp_path / "a.xml", size=size)
    assert len(read(tmp_path, "voc").samples[0].boxes or ()) == 1


def test_no_objects_are_a_blank_page_and_no_file_is_unlabelled(tmp_path: Path) -> None:
    for name in ("a", "b"):
        picture(tmp_path / f"{name}.png")
    voc(tmp_path / "a.xml", "")
    voc(tmp_path / "lost.xml", "", filename="lost.png")
    dataset = read(tmp_path, "voc")
    assert {n: s.boxes for n, s in by_name(dataset).items()} == {"a.png": (), "b.png": None}
    assert "There is no picture lost.png" in reasons(dataset)


def test_swapped_corners_are_put_right_and_classes_without_a_list_are_sorted(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    swapped = (
        "<object><name>10</name><bndbox><xmax>1</xmax><ymin>9</ymin><xmin>11</xmin><ymax>2</ymax></bndbox></object>"
    )
    voc(tmp_path / "a.xml", OBJECT + swapped + OBJECT.replace(">7<", ">plus<"))
    dataset = read(tmp_path, "voc")
    assert dataset.classes == ("7", "10", "plus")
    rect = dataset.samples[0].boxes[1].rect  # type: ignore[index]
    assert (rect.x, rect.y, rect.right, rect.bottom) == (1, 2, 11, 9)
