"""Importing real files: what comes in, what is known already, what is refused and why, and that nothing is ever half there."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from labeler.core import gestures
from labeler.core.boxes import Rect, ReviewState
from labeler.core.edits import Edit
from labeler.core.errors import BadInput, Cancelled
from labeler.formats.pixels import decode
from labeler.services import images, importing, labeling, suggesting
from labeler.services.project import Project
from labeler_db.models import BlobRow, BoxRow, EditRow, GroupRow, ImageRow, ThumbnailRow, WriterRow
from tests.helpers import handwriting
from tests.helpers.fake_detector import add_model
from tests.helpers.pictures import decoded, encoded, pixels

Handwritten = Callable[..., tuple[Path, handwriting.Handwriting]]
DIGITS = [str(n) for n in range(10)]


def whole(project: Project) -> None:
    """No row is without those that belong to it."""
    with project.read() as session:
        rows = list(session.query(ImageRow))
        blobs = {sha for (sha,) in session.query(BlobRow.sha256)}
        thumbnails = {i for (i,) in session.query(ThumbnailRow.image_id)}
        groups = {g for (g,) in session.query(GroupRow.id)}
        boxed = {i for (i,) in session.query(BoxRow.image_id)}
    assert blobs == {r.sha256 for r in rows} | {r.upright_sha256 for r in rows}
    assert thumbnails == {r.id for r in rows}
    assert groups == {r.group_id for r in rows} - {None}
    assert boxed <= {r.id for r in rows}


def test_pictures_come_in_with_their_pixels_and_names(project: Project, handwritten: Handwritten) -> None:
    made = [handwritten(f"作业/{name}.png", seed=n) for n, name in enumerate(("é", "二"))]
    report = importing.import_paths(project, [made[0][0].parent])
    assert (report.added, report.duplicates, report.boxes, report.rejected) == (2, 0, 0, ())
    found = images.images(project, list(report.image_ids))
    assert sorted(i.name for i in found) == ["é.png", "二.png"]
    assert {i.source for i in found} == {"作业"}
    assert {i.state for i in found} == {ReviewState.NEW}
    for image in found:
        page = next(m for p, m in made if p.name == image.name)
        assert (decode(images.picture(project, image.id)) == page.picture).all()
        assert (decoded(images.original(project, image.id)) == page.picture).all()
        assert max(decoded(images.thumbnail(project, image.id)).shape) <= 256
    whole(project)


def test_the_same_bytes_and_the_same_pixels_come_in_once(project: Project, tmp_path: Path) -> None:
    from PIL import Image as Picture
    from PIL.PngImagePlugin import PngInfo

    page = handwriting.page(1)
    note = PngInfo()
    note.add_text("Author", "somebody")
    (tmp_path / "a.png").write_bytes(page.png())
    (tmp_path / "b.png").write_bytes(page.png())
    Picture.fromarray(page.picture).save(tmp_path / "c.png", pnginfo=note)
    report = importing.import_paths(project, [tmp_path / n for n in ("a.png", "b.png", "c.png")])
    assert (report.added, report.duplicates) == (1, 2)
    assert len(set(report.image_ids)) == 1
    again = importing.import_paths(project, [tmp_path / "c.png"])
    assert (again.added, again.duplicates) == (0, 1)
    whole(project)


def test_a_data_set_comes_in_with_its_boxes_by_name_whatever_their_order(project: Project, tmp_path: Path) -> None:
    pages = {f"p{n}": handwriting.page(n) for n in range(4)}
    handwriting.write_yolo(tmp_path / "集", pages, names=DIGITS[::-1])
    report = importing.import_paths(project, [tmp_path / "集"])
    assert (report.added, report.rejected) == (4, ())
    assert report.boxes == sum(len(p.boxes) for p in pages.values())
    for image in images.images(project, list(report.image_ids)):
        page = labeling.page(project, image.id)
        want = pages[image.name.removesuffix(".png")].boxes
        assert [b.class_id for b in page.boxes] == [digit for digit, _ in want]
        for box, (_, rect) in zip(page.boxes, want, strict=True):
            assert (box.x, box.y, box.w, box.h) == pytest.approx((rect.x, rect.y, rect.w, rect.h), abs=0.01)
            assert str(box.origin) == "import"
        assert image.state is ReviewState.REVIEWED
    whole(project)


def test_classes_the_project_lacks_are_refused_by_name_and_the_rest_comes_in(project: Project, tmp_path: Path) -> None:
    page = handwriting.page(3)
    names = ["+", *DIGITS]
    folder = handwriting.write_yolo(tmp_path / "set", {"p": page}, names=names)
    label = folder / "labels" / "train" / "p.txt"
    label.write_text(label.read_text() + "0 0.5 0.5 0.1 0.1\n0 0.2 0.2 0.1 0.1\n", encoding="utf-8")
    report = importing.import_paths(project, [folder])
    assert report.boxes == len(page.boxes)
    assert [(Path(r.path).name, "2 boxes" in r.reason, "“+”" in r.reason) for r in report.rejected] == [
        ("p.png", True, True)
    ]


def test_a_page_that_is_partly_refused_is_not_reviewed(project: Project, tmp_path: Path) -> None:
    """What has no box is then not known to be background."""
    folder = handwriting.write_yolo(tmp_path / "set", {"p": handwriting.page(3)})
    label = folder / "labels" / "train" / "p.txt"
    label.write_text(label.read_text() + "99 0.5 0.5 0.1 0.1\n", encoding="utf-8")
    report = importing.import_paths(project, [folder])
    assert len(report.rejected) == 1
    (image,) = images.images(project, list(report.image_ids))
    assert image.state is not ReviewState.REVIEWED
    assert image.boxes == 6


def all_splits(folder: Path) -> None:
    """data.yaml names every split that there is."""
    names = (folder / "data.yaml").read_text(encoding="utf-8").partition("names:")[2]
    there = "".join(f"{p.name}: images/{p.name}\n" for p in sorted((folder / "images").iterdir()))
    (folder / "data.yaml").write_text(f"{there}names:{names}", encoding="utf-8")


def test_pages_with_other_classes_only_are_not_taken_for_blank(project: Project, tmp_path: Path) -> None:
    folder = handwriting.write_yolo(tmp_path / "set", {"p": handwriting.page(3)})
    text = (folder / "data.yaml").read_text(encoding="utf-8")
    (folder / "data.yaml").write_text(text.replace(": '", ": 'digit "), encoding="utf-8")
    report = importing.import_paths(project, [folder])
    assert (report.added, report.boxes) == (1, 0)
    assert images.images(project, list(report.image_ids))[0].state is ReviewState.NEW


def test_splits_of_a_data_set_are_kept_when_asked_for(new_project: Callable[[str], Project], tmp_path: Path) -> None:
    for at, split in enumerate(("train", "val", "test")):
        handwriting.write_yolo(tmp_path / "set", {f"{split}": handwriting.page(at)}, split=split)
    all_splits(tmp_path / "set")
    kept, not_kept = new_project("kept"), new_project("not")
    importing.import_paths(kept, [tmp_path / "set"], use_splits=True)
    importing.import_paths(not_kept, [tmp_path / "set"])
    assert images.stats(kept).by_split == {"train": 1, "val": 1, "test": 1, "none": 0}
    assert images.stats(not_kept).by_split["none"] == 3


def test_a_split_that_would_tear_a_writer_apart_is_refused(project: Project, tmp_path: Path) -> None:
    for at, split in enumerate(("train", "val")):
        handwriting.write_yolo(tmp_path / "set", {f"{split}": handwriting.page(at)}, split=split)
    all_splits(tmp_path / "set")
    report = importing.import_paths(project, [tmp_path / "set"], use_splits=True, writer="w")
    assert report.added == 2
    assert len(report.rejected) == 1
    assert "val was not kept" in report.rejected[0].reason or "train was not kept" in report.rejected[0].reason
    assert len({i.split for i in images.images(project, list(report.image_ids))}) == 1


@pytest.mark.parametrize(
    ("options", "writers"),
    [
        ({"writer": "anna"}, {"anna": 3}),
        ({"writer_from": "folder"}, {"学生甲": 2, "b": 1}),
        ({"writer_from": r"/([^/]+)/[^/]*$"}, {"学生甲": 2, "b": 1}),
        ({"writer_from": r"s\d"}, {"s1": 2, "s2": 1}),
        ({"writer_from": "nobody(x)"}, {}),
        ({}, {}),
    ],
)
def test_writers_come_from_where_one_says(
    project: Project, tmp_path: Path, options: dict[str, str], writers: dict[str, int]
) -> None:
    for n, name in enumerate(("学生甲/s1-1.png", "学生甲/s2-1.png", "b/s1-2.png")):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(handwriting.page(n).png())
    assert importing.import_paths(project, [tmp_path / "in"], **options).added == 3
    assert {w.code: w.images for w in images.writers(project)} == writers
    whole(project)


@pytest.mark.parametrize("options", [{"writer": "a", "writer_from": "folder"}, {"writer_from": "("}])
def test_options_that_make_no_sense_are_refused(project: Project, options: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        importing.import_paths(project, [], **options)


def test_an_unknown_format_is_refused(project: Project, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no format called"):
        importing.import_paths(project, [tmp_path], format="parquet")


def test_bad_files_are_named_with_their_reason_and_stop_nothing(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    good = handwriting.page(1).jpeg()
    files = {
        "empty.png": b"", "text.jpg": b"no picture", "cut.jpg": good[: len(good) // 2], "good.jpg": good, ".hidden.jpg": good,
        "notes.docx": b"x", "cut.png": encoded(pixels())[:60],
    }  # fmt: skip
    for name, data in files.items():
        (folder / name).write_bytes(data)
    report = importing.import_paths(project, [folder, tmp_path / "nowhere", tmp_path / "in" / "notes.docx"])
    assert report.added == 1
    refused = {Path(r.path).name: r.reason for r in report.rejected}
    assert refused.keys() == {"empty.png", "text.jpg", "cut.jpg", "cut.png", "nowhere", "notes.docx"}
    assert all(reason and "Traceback" not in reason for reason in refused.values())
    whole(project)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_named(project: Project, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0)
    try:
        (refused,) = importing.import_paths(project, [closed]).rejected
        assert "cannot be read" in refused.reason
    finally:
        closed.chmod(0o700)


def test_bad_lines_of_a_label_file_are_named_and_the_good_ones_stay(project: Project, tmp_path: Path) -> None:
    page = handwriting.page(3)
    folder = handwriting.write_yolo(tmp_path / "set", {"p": page})
    label = folder / "labels" / "train" / "p.txt"
    bad = "3 nan 0.5 0.1 0.1\n3 0.5 0.5\n99 0.5 0.5 0.1 0.1\n3 5 5 0.1 0.1\nx y\n"
    label.write_text(label.read_text() + bad, encoding="utf-8")
    report = importing.import_paths(project, [folder])
    assert (report.added, report.boxes, len(report.rejected)) == (1, len(page.boxes), 5)
    assert all("Line" in r.reason for r in report.rejected)


def test_a_duplicate_takes_the_boxes_of_the_file_only_where_nobody_has_been(
    project: Project, tmp_path: Path, handwritten: Handwritten
) -> None:
    pages = {f"p{n}": handwriting.page(n) for n in range(3)}
    folder = handwriting.write_yolo(tmp_path / "set", pages)
    first = importing.import_paths(project, [folder / "images"], format="images")
    fresh, boxed, suggested = first.image_ids
    labeling.apply(project, _draw(project, boxed))
    suggesting._write(project, add_model(project, "a").id, [(suggested, [])])
    labeling.apply(project, _review(project, suggested))
    report = importing.import_paths(project, [folder])
    assert (report.added, report.duplicates) == (0, 3)
    found = {i: labeling.page(project, i) for i in first.image_ids}
    assert len(found[fresh].boxes) == len(pages["p0"].boxes) == report.boxes
    assert [b.class_id for b in found[boxed].boxes] == [3]
    assert found[suggested].boxes == ()


def _draw(project: Project, image_id: int) -> Edit:

    return gestures.draw(labeling.page(project, image_id), Rect(5, 5, 20, 20), 3)


def _review(project: Project, image_id: int) -> Edit:

    return gestures.review(labeling.page(project, image_id))


def test_a_stop_keeps_what_was_committed_whole(project: Project, tmp_path: Path) -> None:
    for n in range(2 * importing.CHUNK + 5):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{n:03d}.png").write_bytes(encoded(pixels(40, 30, seed=n)))

    def stop(done: int, total: int, text: str = "") -> None:
        if done > importing.CHUNK + 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        importing.import_paths(project, [tmp_path / "in"], progress=stop)
    assert images.stats(project).images == importing.CHUNK
    whole(project)
    report = importing.import_paths(project, [tmp_path / "in"])
    assert (report.added, report.duplicates) == (importing.CHUNK + 5, importing.CHUNK)


def test_an_error_while_storing_leaves_no_half_row(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = handwriting.write_yolo(tmp_path / "set", {f"p{n}": handwriting.page(n) for n in range(4)})
    calls = iter(range(100))

    def fail(*args: object) -> object:
        if next(calls) == 14:  # a box of the third page
            raise OSError("disk full")
        return real(*args)

    real = importing._store._box_values
    with monkeypatch.context() as patch:
        patch.setattr(importing._store, "_box_values", fail)
        with pytest.raises(OSError, match="disk full"):
            importing.import_paths(project, [folder])
    with project.read() as session:
        for table in (ImageRow, BlobRow, ThumbnailRow, BoxRow, GroupRow, WriterRow, EditRow):
            assert session.query(table).count() == 0
    assert importing.import_paths(project, [folder]).added == 4


def test_one_writer_many_paths_and_a_file_that_vanishes(project: Project, tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory() as other:
        paths = [Path(other) / f"{n}.png" for n in range(3)]
        for n, path in enumerate(paths):
            path.write_bytes(handwriting.page(n).png())

        def remove(done: int, total: int, text: str = "") -> None:
            paths[2].unlink(missing_ok=True)

        report = importing.import_paths(project, paths, writer="w", progress=remove)
    assert report.added + len(report.rejected) == 3
    whole(project)
