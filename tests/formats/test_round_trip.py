"""Every format that is read and written gives back what it was given, byte-identically written, and names no place of this machine."""

import hashlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeler.core.boxes import ClassRect
from labeler.formats.registry import READERS, WRITERS, detect_format
from labeler.formats.sample import Page, Sample
from tests.formats.builders import CLASSES, by_name, page, pages, read, written

BOTH_WAYS = sorted(set(READERS) & set(WRITERS))


def hashes(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def same(made: Page, found: Sample) -> None:
    assert found.boxes is not None
    assert found.split == made.split
    assert found.is_complete
    left = list(found.boxes)
    for box in made.boxes:
        near = [b for b in left if b.class_name == CLASSES[box.class_id] and apart(box, b.rect) <= 0.5]
        assert near, f"{box} is not among {left}"
        left.remove(min(near, key=lambda b: apart(box, b.rect)))
    assert not left


def apart(a: ClassRect, b: object) -> float:
    return max(abs(getattr(a, side) - getattr(b, side)) for side in ("x", "y", "right", "bottom"))


@pytest.mark.parametrize("format_", BOTH_WAYS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_is_written_reads_back(format_: str, data: st.DataObject) -> None:
    made = data.draw(pages())
    with tempfile.TemporaryDirectory(prefix="数据集 é ") as name:
        folder = written(Path(name) / "out", format_, made)
        assert detect_format(folder) == format_
        dataset = read(folder, format_)
        assert not dataset.rejected
        assert dataset.classes == CLASSES
        found = by_name(dataset)
        assert sorted(found) == [p.file_name for p in made]
        for one in made:
            same(one, found[one.file_name])


@pytest.mark.parametrize("format_", sorted(WRITERS))
def test_the_same_pages_give_the_same_bytes_anywhere(format_: str, tmp_path: Path) -> None:
    boxes = [ClassRect(1.25, 2.5, 10, 11, 0), ClassRect(20, 5, 3.3, 4.4, 4), ClassRect(1.25, 2.5, 10, 11, 1)]
    made = [page("b", "val", boxes), page("a", "train"), page("c", "test", boxes[:1], (90, 200))]
    turned = [page("a", "train"), page("c", "test", boxes[:1], (90, 200)), page("b", "val", boxes[::-1])]
    first = written(tmp_path / "one", format_, made)
    second = written(tmp_path / "学生 é" / "two", format_, turned)
    assert hashes(first) == hashes(second)
    for file in first.rglob("*"):
        if file.suffix in (".yaml", ".json", ".xml", ".txt", ".csv"):
            content = file.read_bytes()
            assert b"\r" not in content
            assert str(tmp_path).encode() not in content


@pytest.mark.parametrize("format_", BOTH_WAYS)
def test_a_moved_export_reads_the_same(format_: str, tmp_path: Path) -> None:
    made = [page("a", "train", [ClassRect(3, 4, 5, 6, 2)]), page("b", "test")]
    written(tmp_path / "here", format_, made)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "here").rename(tmp_path / "elsewhere" / "there")
    found = by_name(read(tmp_path / "elsewhere" / "there", format_))
    for one in made:
        same(one, found[one.file_name])


@pytest.mark.parametrize("format_", BOTH_WAYS)
def test_an_export_of_nothing_but_blank_pages_is_still_one(format_: str, tmp_path: Path) -> None:
    dataset = read(written(tmp_path / "out", format_, [page("a"), page("b", "val")]), format_)
    assert [sample.boxes for sample in dataset.samples] == [(), ()]
    assert dataset.classes == CLASSES


@pytest.mark.parametrize("format_", BOTH_WAYS)
def test_boxes_of_a_pixel_and_of_the_whole_page_survive(format_: str, tmp_path: Path) -> None:
    boxes = [ClassRect(0, 0, 20_000, 12, 0), ClassRect(19_999, 11, 1, 1, 1), ClassRect(0, 0, 1, 1, 2)]
    boxes += [ClassRect(12_345.678, 5.4321, 17.77, 3.33, 3)]
    made = page("a", "train", boxes, (20_000, 12))
    dataset = read(written(tmp_path / "out", format_, [made]), format_)
    same(made, by_name(dataset)["a.png"])


def test_a_page_has_a_split_and_a_file_name() -> None:
    for name, split in (("a", "holdout"), ("../a", "train"), ("", "train"), ("a\\b", "train"), ("a/b", "train")):
        with pytest.raises(ValueError, match="not a"):
            page(name, split)
