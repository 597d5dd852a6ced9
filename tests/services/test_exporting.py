"""Versions and exports: the same content is one version and the same bytes anywhere; an export that differs by one mark is thrown away."""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image as Picture

from labeler.core import gestures
from labeler.core.boxes import ClassRect, Rect
from labeler.core.errors import BadInput, Cancelled, NotFound, UserError
from labeler.formats.registry import WRITERS
from labeler.services import exporting, images, importing, labeling, splitting, versions
from labeler.services._proof import ProofFailed, prove
from labeler.services.project import Project
from tests.helpers import handwriting
from tests.helpers.fake_detector import add_labelled, add_pages, review_with_boxes


@pytest.fixture
def labelled(project: Project, tmp_path: Path) -> Project:
    """Pages by six writers in PNG and JPEG, one blank page each, every split used."""
    for writer in range(6):
        folder = tmp_path / "in" / f"writer{writer}"
        folder.mkdir(parents=True)
        for n in range(2):
            page = handwriting.page(n, writer=writer, width=160, height=120, digits=3)
            (folder / f"{n}.{'png' if n else 'jpg'}").write_bytes(page.png() if n else page.jpeg())
        (folder / "blank.png").write_bytes(
            handwriting.page(9, writer=writer, width=90 + writer, height=60, digits=0).png()
        )
    importing.import_paths(project, [tmp_path / "in"], writer_from="folder")
    for image in images.images(project, images.image_ids(project)):
        digits = (
            ()
            if image.name == "blank.png"
            else (ClassRect(10, 11, 30, 40, image.id % 10), ClassRect(60.25, 5, 20, 33, 7))
        )
        review_with_boxes(project, image.id, *digits)
    splitting.assign(project)
    return project  # fmt: skip


def files(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def test_the_same_content_is_one_version_and_a_change_is_another(labelled: Project) -> None:
    first = versions.freeze(labelled)
    assert (first.name, first.images, first.boxes) == ("v1", 18, 24)
    assert first.by_split == {s: n for s, n in images.stats(labelled).by_split.items() if s != "none"}
    assert versions.freeze(labelled) == first
    image_id = images.image_ids(labelled)[0]
    labeling.apply(labelled, gestures.draw(labeling.page(labelled, image_id), Rect(1, 1, 9, 9), 0))
    second = versions.freeze(labelled)
    assert (second.name, second.boxes) == ("v2", 25)
    labeling.undo(labelled)
    assert versions.freeze(labelled) == first
    assert [v.name for v in versions.versions(labelled)] == ["v1", "v2"]
    assert versions.find(labelled, "v2") == second
    with pytest.raises(NotFound):
        versions.find(labelled, "v3")


CHANGES = [
    "UPDATE boxes SET x = x + 1 WHERE rowid = 1",
    "UPDATE boxes SET class_id = (class_id + 1) % 10 WHERE rowid = 1",
    "INSERT INTO boxes (id, image_id, class_id, x, y, w, h, origin) VALUES ('new', 1, 0, 1, 1, 5, 5, 'person')",
    "DELETE FROM boxes",
    "UPDATE images SET state = 'new' WHERE id = 3",
    "UPDATE images SET doubts = '[]' WHERE id = 1",
    "DELETE FROM images WHERE id = 3",
    "UPDATE writers SET split = CASE split WHEN 'test' THEN 'train' ELSE 'test' END WHERE id = 1",
    "UPDATE classes SET name = 'ten' WHERE id = 9",
]


@pytest.mark.parametrize("change", CHANGES)
def test_freezing_reads_everything_again_after_any_change_whoever_made_it(
    labelled: Project, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """Another program, too: the database itself counts the changes."""
    first = versions.freeze(labelled)
    reads: list[str] = []
    honest = versions._labelled
    monkeypatch.setattr(versions, "_labelled", lambda session: reads.append("all") or honest(session))
    assert versions.freeze(labelled) == first
    assert not reads
    with closing(sqlite3.connect(labelled.file)) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute(change)
        connection.commit()
    versions.freeze(labelled)
    versions.freeze(labelled)
    assert reads == ["all"]


def test_names_are_kept_apart(labelled: Project) -> None:
    named = versions.freeze(labelled, name="für die 期末", note="before the exam")
    assert (named.name, named.note) == ("für die 期末", "before the exam")
    assert versions.freeze(labelled, name="für die 期末") == named
    assert versions.freeze(labelled) == named
    other = versions.freeze(labelled, name="again")
    assert (other.hash, other.id == named.id) == (named.hash, False)
    labeling.undo(labelled)
    with pytest.raises(UserError, match="holds other data"):
        versions.freeze(labelled, name="again")


def test_a_version_gets_a_name_and_a_note_and_holds_what_it_held(labelled: Project) -> None:
    before = versions.freeze(labelled)
    named = versions.describe(labelled, "v1", name_now="期中", note=" first ")
    assert (named.name, named.note, named.hash, named.id) == ("期中", "first", before.hash, before.id)
    assert versions.describe(labelled, "期中", note="second").note == "second"
    versions.freeze(labelled, name="other")
    for bad in ("other", "  "):
        with pytest.raises(BadInput):
            versions.describe(labelled, "期中", name_now=bad)
    with pytest.raises(NotFound):
        versions.describe(labelled, "v1", note="x")


def test_nothing_labelled_is_nothing_to_freeze(project: Project) -> None:
    add_pages(project, 2)
    with pytest.raises(UserError, match="nothing to freeze"):
        versions.freeze(project)
    assert versions.versions(project) == []


def test_an_export_holds_what_the_project_holds(labelled: Project, tmp_path: Path) -> None:
    report = exporting.export(labelled, tmp_path / "出" / "数据")
    stats = images.stats(labelled)
    assert (report.version, report.boxes) == ("v1", stats.boxes)
    assert report.by_split == {s: stats.by_split[s] for s in ("train", "val", "test")}
    names = files(report.path)
    for split, count in report.by_split.items():
        assert sum(n.startswith(f"images/{split}/") for n in names) == count
        assert sum(n.startswith(f"labels/{split}/") for n in names) == count
    assert not list(report.path.parent.glob(".*"))
    proof = json.loads((report.path / "proof.json").read_text(encoding="utf-8"))
    assert proof["hash"] == report.hash
    assert "who wrote a page" in proof["not in these files"]
    assert sum(proof["splits"][s]["boxes"] for s in proof["splits"]) == stats.boxes
    assert sum(proof["splits"][s]["blank"] for s in proof["splits"]) == 6
    everything = b"".join(p.read_bytes() for p in report.path.rglob("*.*") if p.suffix in (".txt", ".yaml", ".json"))
    assert str(tmp_path).encode() not in everything
    assert b"writer0" not in everything


def test_an_export_read_back_into_a_new_project_gives_the_same_version(
    labelled: Project, new_project: Callable[[str], Project], tmp_path: Path
) -> None:
    report = exporting.export(labelled, tmp_path / "out")
    again = new_project("again")
    read = importing.import_paths(again, [report.path], use_splits=True)
    assert (read.added, read.boxes, read.rejected) == (18, 24, ())
    assert versions.freeze(again).hash == report.hash


@pytest.mark.parametrize("format_", sorted(WRITERS))
def test_every_export_is_the_same_bytes_here_and_in_a_copy_elsewhere(
    labelled: Project, tmp_path: Path, format_: str
) -> None:
    first = exporting.export(labelled, tmp_path / "a", format=format_)
    again = exporting.export(labelled, tmp_path / "b", format=format_)
    elsewhere = tmp_path / "anderswo" / "Kopie é"
    labelled.close()
    shutil.copytree(labelled.folder, elsewhere, ignore=shutil.ignore_patterns("exports"))
    with Project.open(elsewhere) as copy:
        other = exporting.export(copy, tmp_path / "c", format=format_)
        assert other.hash == first.hash == again.hash
        assert files(other.path) == files(first.path) == files(again.path)


def test_pictures_are_written_once_and_linked_from_then_on(labelled: Project, tmp_path: Path) -> None:
    first = exporting.export(labelled, tmp_path / "a").path
    second = exporting.export(labelled, tmp_path / "b").path
    pictures = [p.relative_to(first) for p in (first / "images").rglob("*") if p.is_file()]
    assert len(pictures) == 18
    for name in pictures:
        assert (first / name).stat().st_ino == (second / name).stat().st_ino
    assert (first / "data.yaml").stat().st_ino != (second / "data.yaml").stat().st_ino


def test_where_links_cannot_go_bytes_are_copied(
    labelled: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked = files(exporting.export(labelled, tmp_path / "a").path)

    def refuse(source: str, target: Path) -> None:
        raise OSError("cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    assert files(exporting.export(labelled, tmp_path / "b").path) == linked


def test_a_picture_spoilt_in_an_earlier_export_spoils_no_later_one(labelled: Project, tmp_path: Path) -> None:
    """Both are links to one file: whoever edits a picture in place edits the cache too."""
    first = exporting.export(labelled, tmp_path / "a").path
    clean = files(first)
    spoilt = next((first / "images").rglob("*.png"))
    spoilt.chmod(0o644)
    with spoilt.open("r+b") as file:
        file.write(b"spoilt")
    assert files(exporting.export(labelled, tmp_path / "b").path) == clean


def test_an_earlier_export_is_replaced_as_a_whole(labelled: Project, tmp_path: Path) -> None:
    out = exporting.export(labelled, tmp_path / "out").path
    (out / "labels" / "train" / "extra.txt").write_text("", encoding="utf-8")
    labeling.apply(labelled, gestures.reopen(labeling.page(labelled, 3)))
    report = exporting.export(labelled, out)
    assert report.version == "v2"
    assert not (out / "labels" / "train" / "extra.txt").exists()
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".out")) == []
    exporting.export(labelled, out, version="v1")
    assert json.loads((out / "proof.json").read_text(encoding="utf-8"))["version"] == "v1"


def test_a_folder_of_somebody_else_is_never_replaced(labelled: Project, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work", encoding="utf-8")
    for out in (mine, labelled.folder, tmp_path / "mine" / "thesis.txt"):
        before = files(mine)
        with pytest.raises(UserError):
            exporting.export(labelled, out)
        assert files(mine) == before
    empty = tmp_path / "empty"
    empty.mkdir()
    assert exporting.export(labelled, empty).path == empty


def test_an_export_into_the_current_folder(labelled: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    assert exporting.export(labelled, Path("sub")).path == here / "sub"


@pytest.mark.parametrize("how", ["stop", "full"])
def test_an_export_that_does_not_end_leaves_nothing(
    labelled: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    out = exporting.export(labelled, tmp_path / "out").path
    before = files(out)
    calls = iter(range(100))

    def trouble(done: int, total: int, text: str = "") -> None:
        if next(calls) == 5:
            raise Cancelled if how == "stop" else OSError(28, "No space left on device")

    with pytest.raises(Cancelled if how == "stop" else UserError):
        exporting.export(labelled, out, thorough=True, progress=trouble)
    assert files(out) == before
    assert [p.name for p in tmp_path.iterdir() if "out" in p.name] == ["out"]


def test_unknown_formats_and_versions_are_refused(labelled: Project, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no export format"):
        exporting.export(labelled, tmp_path / "out", format="parquet")
    with pytest.raises(NotFound):
        exporting.export(labelled, tmp_path / "out", version="v9")
    assert not (tmp_path / "out").exists()


# The proof itself: spoil an export by one mark, and it must be caught.


def drop_a_label(out: Path) -> None:
    label = one_label(out)
    label.write_text("".join(label.read_text().splitlines(keepends=True)[1:]), encoding="ascii")


def shift_a_class(out: Path) -> None:
    label = one_label(out)
    head, _, rest = label.read_text().partition(" ")
    label.write_text(f"{(int(head) + 1) % 10} {rest}", encoding="ascii")


def swap_width_and_height(out: Path) -> None:
    label = one_label(out)
    first, *rest = label.read_text().splitlines(keepends=True)
    c, x, y, w, h = first.split()
    label.write_text("".join([f"{c} {x} {y} {h} {w}\n", *rest]), encoding="ascii")


def shift_a_box_by_two_pixels(out: Path) -> None:
    label = one_label(out)
    c, x, rest = label.read_text().split(" ", 2)
    label.write_text(f"{c} {float(x) + 2 / 160:.8f} {rest}", encoding="ascii")


def add_a_label(out: Path) -> None:
    with one_label(out).open("a", encoding="ascii") as file:
        file.write("3 0.5 0.5 0.1 0.1\n")


def double_a_label(out: Path) -> None:
    label = one_label(out)
    label.write_text(label.read_text() + label.read_text().splitlines(keepends=True)[0], encoding="ascii")


def rotate_a_picture(out: Path) -> None:
    picture = one_label(out, suffix=".png")
    with Picture.open(picture) as page:
        turned = page.transpose(Picture.Transpose.ROTATE_180)
    picture.unlink()
    turned.save(picture)


def turn_a_picture_on_its_side(out: Path) -> None:
    picture = one_label(out, suffix=".png")
    with Picture.open(picture) as page:
        turned = page.transpose(Picture.Transpose.ROTATE_90)
    picture.unlink()
    turned.save(picture)


def move_a_page_across_splits(out: Path) -> None:
    label = one_label(out)
    picture = one_label(out, suffix=".png")
    for file in (label, picture):
        file.rename(Path(str(file).replace(f"{os.sep}train{os.sep}", f"{os.sep}test{os.sep}")))


def bytes_in_two_splits(out: Path) -> None:
    picture, label = one_label(out, suffix=".png"), one_label(out)
    shutil.copyfile(picture, out / "images" / "test" / picture.name)
    shutil.copyfile(label, out / "labels" / "test" / label.name)


def bytes_twice_in_one_split_under_another_name(out: Path) -> None:
    picture, label = one_label(out, suffix=".png"), one_label(out)
    shutil.copyfile(picture, picture.with_name("other.png"))
    shutil.copyfile(label, label.with_name("other.txt"))


def remove_an_empty_label_file(out: Path) -> None:
    next(p for p in (out / "labels" / "train").iterdir() if not p.stat().st_size).unlink()


def remove_a_picture(out: Path) -> None:
    one_label(out, suffix=".png").unlink()


def reorder_the_classes(out: Path) -> None:
    text = (out / "data.yaml").read_text(encoding="utf-8")
    text = text.replace("0: '0'", "0: 'x'").replace("1: '1'", "1: '0'").replace("0: 'x'", "0: '1'")
    (out / "data.yaml").write_text(text, encoding="utf-8")


def write_into_a_picture(out: Path) -> None:
    """In place, so that it stays the same file, of the same length, that all exports link to."""
    with one_label(out, suffix=".png").open("r+b") as file:
        file.seek(-20, os.SEEK_END)
        file.write(b"xx")


def one_label(out: Path, suffix: str = ".txt") -> Path:
    """A label file with two boxes in train whose picture is a PNG, or that picture."""
    label = next(
        p
        for p in sorted((out / "labels" / "train").iterdir())
        if p.stat().st_size and (out / "images" / "train" / f"{p.stem}.png").exists()
    )
    return label if suffix == ".txt" else out / "images" / "train" / f"{label.stem}.png"


MUTATIONS = [
    drop_a_label, shift_a_class, swap_width_and_height, shift_a_box_by_two_pixels, add_a_label, double_a_label, rotate_a_picture,
    turn_a_picture_on_its_side, move_a_page_across_splits, bytes_in_two_splits, bytes_twice_in_one_split_under_another_name,
    remove_an_empty_label_file, remove_a_picture, reorder_the_classes,
]  # fmt: skip


@pytest.mark.parametrize("spoil", MUTATIONS, ids=lambda m: m.__name__)
def test_the_proof_catches(
    labelled: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Path], None]
) -> None:
    """Spoilt while it is written, by a faulty writer: the export is thrown away, and the one that stood there stays."""
    out = exporting.export(labelled, tmp_path / "out").path
    before = files(out)
    honest = WRITERS["yolo"]

    def faulty(folder: Path, *arguments: object, **named: object) -> None:
        honest(folder, *arguments, **named)  # type: ignore[arg-type]
        spoil(folder)

    monkeypatch.setitem(WRITERS, "yolo", faulty)
    with pytest.raises(ProofFailed, match="thrown away"):
        exporting.export(labelled, out)
    assert files(out) == before
    assert [p.name for p in tmp_path.iterdir() if "out" in p.name] == ["out"]


def test_a_picture_written_to_during_an_export_is_caught_and_the_next_export_is_right(
    labelled: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In place: it stays the same file, of the same length, that all exports and the kept picture are."""
    before = files(exporting.export(labelled, tmp_path / "out").path)
    honest = WRITERS["yolo"]

    def faulty(folder: Path, *arguments: object, **named: object) -> None:
        honest(folder, *arguments, **named)  # type: ignore[arg-type]
        write_into_a_picture(folder)

    with monkeypatch.context() as patched:
        patched.setitem(WRITERS, "yolo", faulty)
        with pytest.raises(ProofFailed, match="thrown away"):
            exporting.export(labelled, tmp_path / "out")
    assert files(exporting.export(labelled, tmp_path / "out").path) == before
    assert files(exporting.export(labelled, tmp_path / "out", thorough=True).path) == before


def test_the_proof_passes_what_is_right_and_catches_a_writer_on_two_sides(labelled: Project, tmp_path: Path) -> None:
    report = exporting.export(labelled, tmp_path / "out")
    version = versions.find(labelled, report.version)
    held = versions.images_of(labelled, version.id)
    prove(report.path, "yolo", version, held)
    from dataclasses import replace

    torn = [replace(i, writer="same") for i in held]
    with pytest.raises(ProofFailed, match="writer same is in"):
        prove(report.path, "yolo", version, torn)


def test_unlabelled_pages_stay_out(project: Project, tmp_path: Path) -> None:
    add_labelled(project, writers=4)
    add_pages(project, 3, first=900)
    report = exporting.export(project, tmp_path / "out")
    assert sum(report.by_split.values()) == 8
