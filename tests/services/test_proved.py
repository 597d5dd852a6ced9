"""An export asked for again: linked from one that was proved and stands untouched, and written anew as soon as anything is in doubt."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from labeler.core import gestures
from labeler.core.boxes import Rect
from labeler.core.errors import Cancelled
from labeler.formats.registry import WRITERS
from labeler.services import _proved, exporting, images, labeling, versions
from labeler.services.project import Project
from tests.helpers.fake_detector import add_labelled

Files = dict[str, str]


@pytest.fixture
def labelled(project: Project) -> Project:
    """Pages by six writers, in all splits."""
    add_labelled(project, writers=6)
    return project


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The exports that were not linked but written."""
    found: list[str] = []
    honest = exporting.prove

    def prove(folder: Path, format_: str, *arguments: object, **named: object) -> None:
        found.append(format_)
        honest(folder, format_, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(exporting, "prove", prove)
    return found


def files(folder: Path) -> Files:
    found = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in found}


def folders(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_dir())


@pytest.mark.parametrize("format_", sorted(WRITERS))
def test_an_export_asked_for_again_is_linked_and_the_same(
    labelled: Project, tmp_path: Path, written: list[str], format_: str
) -> None:
    first = exporting.export(labelled, tmp_path / "a", format=format_)
    again = exporting.export(labelled, tmp_path / "数据 é" / "b", format=format_)
    assert written == [format_]
    assert files(again.path) == files(first.path)
    assert folders(again.path) == folders(first.path)
    assert (again.version, again.boxes, again.by_split) == (first.version, first.boxes, first.by_split)
    assert exporting.export(labelled, tmp_path / "c", format=format_, thorough=True).hash == first.hash
    assert written == [format_, format_]
    assert files(tmp_path / "c") == files(first.path)


def test_files_of_a_page_are_shared_and_closed_and_those_of_the_whole_are_not(
    labelled: Project, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        exporting.export(labelled, tmp_path / name)
    for name in files(tmp_path / "a"):
        one, other = ((tmp_path / folder / name).stat() for folder in ("a", "b"))
        is_of_a_page = name.startswith(("images/", "labels/"))
        assert (one.st_ino == other.st_ino) is is_of_a_page
        if name.startswith("labels/") and os.name == "posix":
            assert not one.st_mode & 0o222


def test_replacing_an_export_by_itself_links_it_and_the_next_one_finds_it(
    labelled: Project, tmp_path: Path, written: list[str]
) -> None:
    out = exporting.export(labelled, tmp_path / "out").path
    before = files(out)
    for _ in range(2):
        exporting.export(labelled, out)
        assert files(out) == before
    assert written == ["yolo"]


def test_a_change_in_the_project_is_in_the_next_export(labelled: Project, tmp_path: Path, written: list[str]) -> None:
    before = exporting.export(labelled, tmp_path / "a")
    image_id = next(i.image_id for i in versions.labelled(labelled) if i.image_id is not None)
    labeling.apply(labelled, gestures.draw(labeling.page(labelled, image_id), Rect(1, 1, 9, 9), 0))
    after = exporting.export(labelled, tmp_path / "b")
    assert (after.version, after.boxes) == ("v2", before.boxes + 1)
    old = exporting.export(labelled, tmp_path / "c", version="v1")
    assert files(old.path) == files(before.path) != files(after.path)
    assert written == ["yolo", "yolo"]


def test_another_name_is_in_the_proof(labelled: Project, tmp_path: Path) -> None:
    exporting.export(labelled, tmp_path / "a")
    versions.describe(labelled, "v1", name_now="期末")
    out = exporting.export(labelled, tmp_path / "b").path
    assert json.loads((out / "proof.json").read_text(encoding="utf-8"))["version"] == "期末"


def one(out: Path, pattern: str) -> Path:
    file = next(p for p in sorted(out.glob(pattern)) if p.stat().st_size)
    file.chmod(0o644)
    return file


def edit_a_label_in_place(out: Path) -> None:
    with one(out, "labels/train/*.txt").open("r+b") as file:
        file.write(b"9")


def write_a_label_anew(out: Path) -> None:
    label = one(out, "labels/train/*.txt")
    text = label.read_text(encoding="ascii")
    label.unlink()
    label.write_text("1" + text[1:], encoding="ascii")


def remove_a_label(out: Path) -> None:
    one(out, "labels/train/*.txt").unlink()


def write_into_a_picture(out: Path) -> None:
    with one(out, "images/train/*.png").open("r+b") as file:
        file.seek(-20, os.SEEK_END)
        file.write(b"xx")


def give_the_classes_other_names(out: Path) -> None:
    description = out / "data.yaml"
    description.write_text(description.read_text(encoding="utf-8").replace("0: '0'", "0: '1'"), encoding="utf-8")


def remove_a_folder(out: Path) -> None:
    (out / "labels" / "test").rename(out / "elsewhere")


def remove_it_all(out: Path) -> None:
    out.rename(out.with_name("elsewhere"))


SPOILERS = [
    edit_a_label_in_place, write_a_label_anew, remove_a_label, write_into_a_picture, give_the_classes_other_names, remove_a_folder,
    remove_it_all,
]  # fmt: skip


@pytest.mark.parametrize("spoil", SPOILERS, ids=lambda s: s.__name__)
def test_what_was_touched_is_lent_to_nobody(
    labelled: Project, tmp_path: Path, written: list[str], spoil: Callable[[Path], None]
) -> None:
    clean = files(exporting.export(labelled, tmp_path / "a").path)
    spoil(tmp_path / "a")
    assert files(exporting.export(labelled, tmp_path / "b").path) == clean
    assert files(exporting.export(labelled, tmp_path / "c").path) == clean
    assert written == ["yolo", "yolo"]
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".b")] == []


def test_a_training_has_label_files_of_its_own(labelled: Project, tmp_path: Path, written: list[str]) -> None:
    exporting.export(labelled, tmp_path / "a")
    exporting.export(labelled, tmp_path / "b", alone=True)
    exporting.export(labelled, tmp_path / "c")
    assert written == ["yolo", "yolo"]
    assert files(tmp_path / "a") == files(tmp_path / "b") == files(tmp_path / "c")
    label = next(n for n in files(tmp_path / "a") if n.startswith("labels/"))
    inodes = [(tmp_path / folder / label).stat().st_ino for folder in "abc"]
    assert inodes[0] == inodes[2] != inodes[1]


def test_where_links_cannot_go_it_is_written(
    labelled: Project, tmp_path: Path, written: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = files(exporting.export(labelled, tmp_path / "a").path)

    def refuse(source: str, target: str) -> None:
        raise OSError("cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    assert files(exporting.export(labelled, tmp_path / "b").path) == clean
    assert written == ["yolo", "yolo"]


def test_a_stop_while_linking_leaves_nothing(labelled: Project, tmp_path: Path) -> None:
    exporting.export(labelled, tmp_path / "a")

    def stop(done: int, total: int, text: str = "") -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        exporting.export(labelled, tmp_path / "b", progress=stop)
    assert [p.name for p in tmp_path.iterdir() if "b" in p.name] == []


@pytest.mark.parametrize("rubbish", ["", "{", "[]", "[1, 2, 3, 4]", '["/", [".."], [], [["x", "y", "z"]]]'])
def test_a_record_that_cannot_be_read_is_no_record(
    labelled: Project, tmp_path: Path, written: list[str], rubbish: str
) -> None:
    clean = files(exporting.export(labelled, tmp_path / "a").path)
    [record] = (labelled.folder / "exports" / exporting.CACHE / _proved.FOLDER).iterdir()
    record.write_text(rubbish, encoding="utf-8")
    assert files(exporting.export(labelled, tmp_path / "b").path) == clean
    assert written == ["yolo", "yolo"]


def test_only_the_last_exports_are_remembered(labelled: Project, tmp_path: Path) -> None:
    image_id = images.image_ids(labelled)[0]
    for n in range(_proved.MOST + 2):
        labeling.apply(labelled, gestures.draw(labeling.page(labelled, image_id), Rect(n + 1, 1, 9, 9), 0))
        exporting.export(labelled, tmp_path / "out")
    assert len(list((labelled.folder / "exports" / exporting.CACHE / _proved.FOLDER).iterdir())) == _proved.MOST


def test_another_writer_of_files_is_not_answered_with_what_the_old_one_wrote(
    labelled: Project, tmp_path: Path, written: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    exporting.export(labelled, tmp_path / "a")
    honest = WRITERS["yolo"]

    def newer(folder: Path, *arguments: object, **named: object) -> None:
        honest(folder, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setitem(WRITERS, "yolo", newer)
    exporting.export(labelled, tmp_path / "b")
    assert written == ["yolo", "yolo"]
