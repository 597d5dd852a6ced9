"""What comes from outside may be anything: each bad thing gets its reason, the good ones come in, nothing half-done stays."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from labeler.services import images, labeling
from labeler.services.project import Project
from tests.helpers import handwriting
from tests.helpers.command import Outcome, labeler, labeler_process
from tests.helpers.pictures import PictureFile, encoded, pixels


@pytest.fixture
def project_folder(template: Path, tmp_path: Path) -> Path:
    """An empty project that no one has open."""
    import shutil

    return Path(shutil.copytree(template, tmp_path / "项目"))


def import_beside_a_good_one(project: Path, bad: Path, good: Path) -> str:
    """Import both; the good one comes in, the bad one is rejected. Returns the reason."""
    report = labeler("import", project, bad, good, "--json").ok().json
    assert report["added"] == 1
    reasons = [rejected["reason"] for rejected in report["rejected"] if bad.name in rejected["path"]]
    assert len(reasons) == 1
    assert labeler("stats", project, "--json").json["images"] == 1
    return str(reasons[0])


def assert_nothing_done(outcome: Outcome, project: Path) -> None:
    """Exit code 2, a sentence without a traceback, and a project as it was."""
    assert outcome.code == 2
    assert outcome.err.strip()
    assert "Traceback" not in outcome.err
    assert labeler("stats", project, "--json").json["images"] == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.jpg", b""),
        ("text.jpg", "这不是图片, it is text".encode()),
        ("truncated.jpg", encoded(pixels(200, 150), "JPEG")[:900]),
        ("header-only.png", b"\x89PNG\r\n\x1a\n"),
        ("broken.png", encoded(pixels(60, 40))[:-400]),
        ("zip.heic", b"PK\x03\x04" + bytes(100)),
    ],
)
def test_a_file_that_is_no_picture(
    project_folder: Path, tmp_path: Path, png: PictureFile, name: str, content: bytes
) -> None:
    bad = tmp_path / name
    bad.write_bytes(content)
    assert import_beside_a_good_one(project_folder, bad, png("good.png"))


def test_only_bad_files_is_a_problem_of_the_user(project_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("text", encoding="utf-8")
    outcome = labeler("import", project_folder, tmp_path / "text.jpg", "--json")
    assert_nothing_done(outcome, project_folder)
    assert "text.jpg" in outcome.err
    assert outcome.json["rejected"][0]["path"] == str(tmp_path / "text.jpg")


def test_a_path_that_does_not_exist(project_folder: Path, tmp_path: Path, png: PictureFile) -> None:
    assert_nothing_done(labeler("import", project_folder, tmp_path / "nowhere"), project_folder)
    assert "no such file" in import_beside_a_good_one(project_folder, tmp_path / "nowhere", png("good.png")).lower()


def test_an_empty_folder(project_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert_nothing_done(labeler("import", project_folder, tmp_path / "empty"), project_folder)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="permissions are taken away in Linux' way")
def test_a_folder_without_permission(project_folder: Path, tmp_path: Path, png: PictureFile) -> None:
    good = png("good.png")
    closed = png("closed/page.png", seed=1).parent
    closed.chmod(0)
    try:
        alone = labeler_process("import", project_folder, closed, obeys_permissions=True)
        assert_nothing_done(alone, project_folder)
        assert "Permission denied" in alone.err
        both = labeler_process("import", project_folder, closed, good, "--json", obeys_permissions=True).ok().json
    finally:
        closed.chmod(0o700)
    assert both["added"] == 1
    assert "Permission denied" in both["rejected"][0]["reason"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="permissions are taken away in Linux' way")
def test_places_that_cannot_be_written(project_folder: Path, tmp_path: Path, png: PictureFile) -> None:
    labeler("import", project_folder, png("good.png")).ok()
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    for arguments in (
        ["init", closed / "new"],
        ["backup", project_folder, closed / "b.db"],
        ["predict", tmp_path / "good.png", "--draw", closed / "out"],
        ["models", project_folder, "save", "shipped", closed / "m.onnx"],
    ):
        outcome = labeler_process(*arguments, obeys_permissions=True)
        assert outcome.code == 2, outcome
        assert "Traceback" not in outcome.err
        assert "Permission denied" in outcome.err or "unable to open" in outcome.err
    assert not list(closed.iterdir())


BAD_LINES = {
    "class 99": "99 0.5 0.5 0.1 0.1",
    "NaN": "3 nan 0.5 0.1 0.1",
    "infinity": "3 0.5 inf 0.1 0.1",
    "outside the page": "3 1.7 0.5 0.1 0.1",
    "negative size": "3 0.5 0.5 -0.1 0.1",
    "too few numbers": "3 0.5 0.5",
    "words": "three 0.5 0.5 0.1 0.1",
    "half a class": "1.5 0.5 0.5 0.1 0.1",
}


@pytest.mark.parametrize("bad", BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_of_a_label_file_is_named_and_the_good_ones_come_in(
    project_folder: Path, tmp_path: Path, bad: str
) -> None:
    data = handwriting.write_yolo(
        tmp_path / "data", {"a": handwriting.page(1, digits=3), "b": handwriting.page(2, digits=2)}
    )
    label = data / "labels" / "train" / "a.txt"
    lines = label.read_text(encoding="utf-8").splitlines()
    label.write_text("\n".join([lines[0], bad, *lines[1:]]), encoding="utf-8")
    report = labeler("import", project_folder, data, "--json").ok().json
    assert (report["added"], report["boxes"]) == (2, 5)
    (rejected,) = report["rejected"]
    assert "a.txt" in rejected["path"]
    assert "2" in rejected["path"] + rejected["reason"], "the line is named"


def test_an_empty_label_file_is_a_blank_page_and_a_missing_one_says_nothing(
    project_folder: Path, tmp_path: Path
) -> None:
    data = handwriting.write_yolo(tmp_path / "data", {n: handwriting.page(i, digits=2) for i, n in enumerate("abc")})
    (data / "labels" / "train" / "a.txt").write_bytes(b"")
    (data / "labels" / "train" / "b.txt").unlink()
    report = labeler("import", project_folder, data, "--json").ok().json
    assert (report["added"], report["boxes"]) == (3, 2)
    with Project.open(project_folder) as project:
        found = {image.name: image for image in images.images(project, images.image_ids(project))}
        states = {name: str(image.state) for name, image in found.items()}
        assert labeling.page(project, found["a.png"].id).boxes == ()
    assert states["a.png"] != states["b.png"], "labelled as blank is not the same as never looked at"


def test_a_label_file_that_is_no_text(project_folder: Path, tmp_path: Path) -> None:
    data = handwriting.write_yolo(
        tmp_path / "data", {"a": handwriting.page(1, digits=3), "b": handwriting.page(2, digits=2)}
    )
    (data / "labels" / "train" / "a.txt").write_bytes(bytes(range(256)))
    report = labeler("import", project_folder, data, "--json").ok().json
    assert report["boxes"] == 2
    assert any("a.txt" in rejected["path"] for rejected in report["rejected"])


def test_a_data_yaml_without_names(project_folder: Path, tmp_path: Path) -> None:
    data = handwriting.write_yolo(tmp_path / "data", {"a": handwriting.page(1)})
    (data / "data.yaml").write_text("train: images/train\nnc: 10\n", encoding="utf-8")
    outcome = labeler("import", project_folder, data, "--json")
    assert_nothing_done(outcome, project_folder)
    assert "names" in outcome.json["rejected"][0]["reason"]


@pytest.mark.parametrize(
    "content", [b"names: [0, 1", b"\xff\xfe\x00", b"- a\n- b\n", b"names: {x: y}\ntrain: images/train\n"]
)
def test_a_data_yaml_that_makes_no_sense(project_folder: Path, tmp_path: Path, content: bytes) -> None:
    data = handwriting.write_yolo(tmp_path / "data", {"a": handwriting.page(1)})
    (data / "data.yaml").write_bytes(content)
    outcome = labeler("import", project_folder, data, "--format", "yolo", "--json")
    assert outcome.code == 2
    assert outcome.json["rejected"][0]["reason"]
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["stats", "{nowhere}"],
        ["open", "{nowhere}"],
        ["{nowhere}"],
        ["import", "{nowhere}", "x.png"],
        ["predict", "{nowhere}/x.png"],
        ["predict", "{good}", "--model", "{nowhere}.onnx"],
        ["predict", "{good}", "--model", "{good}"],
        ["init", "{project}"],
        ["init", "{good}"],
        ["init", "{nowhere}", "--classes", "a,a"],
        ["export", "{project}", "{nowhere}"],
        ["evaluate", "{project}"],
        ["evaluate", "{project}", "--model", "nobody"],
        ["suggest", "{project}", "--model", "nobody"],
        ["suggest", "{project}", "--state", "odd"],
        ["suggest", "{project}", "--min-score", "nan"],
        ["accept", "{project}", "--image", "7"],
        ["accept", "{project}", "--min-score", "1.5"],
        ["split", "{project}", "--val", "0.6", "--test", "0.5"],
        ["import", "{project}", "{good}", "--writer-from", "("],
        ["import", "{project}", "{good}", "--writer", "a", "--writer-from", "folder"],
        ["train", "{project}", "--arch", "resnet"],
        ["train", "{project}", "--epochs", "0"],
        ["train", "{project}", "--from", "{nowhere}.pt"],
        ["train", "{project}"],
        ["cancel", "{project}", "1"],
        ["resume", "{project}", "1"],
        ["models", "{project}", "promote"],
        ["models", "{project}", "promote", "nobody"],
        ["models", "{project}", "rollback"],
        ["models", "{project}", "import", "{good}"],
        ["models", "{project}", "import", "{nowhere}.pt"],
        ["backup", "{project}", "{project}"],
        ["restore", "{nowhere}"],
        ["restore", "{project}", "{nowhere}"],
        ["restore", "{project}", "{good}"],
        ["nonsense"],
        ["stats"],
        ["stats", "{project}", "--odd"],
    ],
)
def test_every_mistake_is_said_in_a_sentence(
    project_folder: Path, tmp_path: Path, png: PictureFile, arguments: list[str]
) -> None:
    places = {"nowhere": str(tmp_path / "无处"), "good": str(png("good.png")), "project": str(project_folder)}
    outcome = labeler(*(argument.format(**places) for argument in arguments))
    assert outcome.code == 2, outcome
    assert outcome.err.strip()
    assert "Traceback" not in outcome.err
    assert outcome.out == ""


def test_a_damaged_database_is_said_so(project_folder: Path) -> None:
    (project_folder / "labeler.db").write_bytes(b"no database at all" * 100)
    outcome = labeler("stats", project_folder)
    assert outcome.code == 2
    assert "damaged" in outcome.err


@pytest.mark.skipif(os.name == "nt", reason="Windows does not let such a name be made")
def test_a_file_name_that_is_no_text(project_folder: Path, tmp_path: Path, png: PictureFile) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path / "p") + b"\xff\xfe.png"))
    png("good.png").rename(odd)
    report = labeler("import", project_folder, odd, "--json")
    assert report.ok().json["added"] == 1
    with Project.open(project_folder) as project:
        (image,) = images.images(project, images.image_ids(project))
    assert image.name == "p\ufffd\ufffd.png"


@pytest.fixture
def crowded(project_folder: Path, png: Callable[..., Path]) -> Path:
    """A project with some images."""
    files = [png(f"{n}.png", seed=n) for n in range(5)]
    labeler("import", project_folder, *files).ok()
    return project_folder


def test_a_project_that_another_program_has_locked_waits_and_then_says_so(
    crowded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3
    from contextlib import closing

    monkeypatch.setattr("labeler_db.engine.BUSY_TIMEOUT_MS", 50)
    with closing(sqlite3.connect(crowded / "labeler.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        outcome = labeler("split", crowded)
        other.execute("ROLLBACK")
    assert outcome.code == 2
    assert "Another program" in outcome.err
    labeler("split", crowded).ok()
