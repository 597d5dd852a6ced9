"""A writer withdraws: no byte of theirs is left in any file of the project's folder, and everything of everybody else is."""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from labeler.core.boxes import Rect
from labeler.core.errors import Conflict, NotFound
from labeler.core.gestures import draw, review
from labeler.core.ink_pages import InkPage
from labeler.services import (
    backup,
    collecting,
    exporting,
    forgetting,
    images,
    importing,
    labeling,
    models,
    sheets,
    suggesting,
    versions,
    writers,
)
from labeler.services.project import Project
from labeler.training.strokes.prompted import drawn, strings
from labeler_db.models import ModelRow, RunRow, VersionRow
from tests.helpers.command import Outcome
from tests.helpers.handwriting import Handwriting

CODE = "zögernd-4711-Q"
OTHER = "bleibt-0815-P"
Handwritten = Callable[..., tuple[Path, Handwriting]]


def strings_of(page: InkPage) -> list[bytes]:
    """Text that the page's ink has in the database: a stroke's first points as JSON."""
    stroke = page.strokes[0].points
    return [json.dumps([round(float(v), 3) for v in point]).encode() for point in stroke[2:5]]


@pytest.fixture
def traces(project: Project, handwritten: Handwritten, tmp_path: Path) -> dict[str, list[bytes]]:
    """A project in full use by two writers; gives the bytes of each that could be found."""
    found: dict[str, list[bytes]] = {CODE: [], OTHER: []}
    hands = drawn(2, each=2, seed=3)
    for n, code in enumerate((CODE, OTHER)):
        path, made = handwritten(f"{code}/photo.png", seed=40 + n, writer=n)
        report = importing.import_paths(project, [path], writer=code)
        image_id = report.image_ids[0]
        page = labeling.page(project, image_id)
        for digit, rect in made.boxes:
            labeling.apply(project, draw(page, Rect(rect.x, rect.y, rect.w, rect.h), digit))
            page = labeling.page(project, image_id)
        suggesting.suggest(project, image_ids=[image_id], min_score=0.01)
        labeling.apply(project, review(labeling.page(project, image_id)))
        written = strings(hands, 4, seed=n)[n]
        ink = InkPage(tuple(written.strokes), 1280, 560, written.prompt)
        collecting.save(project, ink, writer=code)
        for one in images.images(project, images.image_ids(project)):
            if one.writer == code:
                found[code] += pieces(images.picture(project, one.id)) + pieces(images.original(project, one.id))
                found[code] += pieces(images.thumbnail(project, one.id))
                found[code].append(hashlib.sha256(images.picture(project, one.id)).hexdigest().encode())
        found[code] += [*strings_of(ink), *(text for text in encodings(code))]
    sheets.print_sheets(project, tmp_path / "sheets.pdf", writers=[CODE, OTHER])
    project.set_setting("pad", {"writer": CODE, "paper": "plain"})
    return found


def pieces(data: bytes) -> list[bytes]:
    """Parts of a file that only a copy of it has."""
    middle = len(data) // 2
    return [data[middle : middle + 48], data[-80:-32]]


def encodings(code: str) -> list[bytes]:
    return [code.encode(), json.dumps(code).strip('"').encode()]


def hits(folder: Path, wanted: list[bytes]) -> dict[str, int]:
    """In which files which of the wanted bytes are, by the number of them."""
    found = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            data = file.read_bytes()
            count = sum(piece in data for piece in wanted)
            if count:
                found[str(file.relative_to(folder))] = count
    return found


def test_no_byte_of_a_withdrawn_writer_is_left_in_any_file(project: Project, traces: dict[str, list[bytes]]) -> None:
    exporting.export(project, project.folder / "exports" / "first")
    backup.backup(project, project.folder / "mine.db")
    before = hits(project.folder, traces[CODE])
    assert {"labeler.db", "mine.db"} & set(before)
    assert any(name.startswith("exports/") for name in hits(project.folder, traces[CODE]))
    gone = forgetting.forget(project, CODE)
    assert hits(project.folder, traces[CODE]) == {}
    assert gone.images == 2
    assert gone.boxes > 0
    assert gone.backups == ("mine.db",)
    project.close()
    assert hits(project.folder, traces[CODE]) == {}


def test_ink_drawn_again_goes_with_the_ink(project: Project, traces: dict[str, list[bytes]]) -> None:
    for code in (CODE, OTHER):
        writers.set_split(project, code, "train", allow_harm=True)
    report = exporting.export(project, project.folder / "exports" / "drawn", variants=2)
    assert len(report.variants.images) == 4
    drawn_of = {code: [v for v in report.variants.images if v.writer == code] for code in (CODE, OTHER)}
    files = [f for f in (project.folder / "exports").rglob("*variant*.png") if f.is_file()]
    theirs = {code: [f for f in files if any(f.name.startswith(v.name) for v in drawn_of[code])] for code in drawn_of}
    wanted = [piece for f in theirs[CODE] for piece in pieces(f.read_bytes())]
    assert wanted
    kept = [f for f in theirs[OTHER] if exporting.CACHE in f.parts]
    assert len(kept) == 2
    forgetting.forget(project, CODE)
    assert hits(project.folder, [*wanted, *traces[CODE]]) == {}
    assert all(f.exists() for f in kept)


def test_an_export_or_a_copy_is_found_wherever_it_lies_in_the_folder(
    project: Project, traces: dict[str, list[bytes]]
) -> None:
    """Exports beside `exports`, one broken off half-way, a photo put into the folder by hand; what is somebody else's stays."""
    exporting.export(project, project.folder / "for the lab" / "coco", format="coco")
    exporting.export(project, project.folder / "exports" / "broken")
    (project.folder / "exports" / "broken" / "proof.json").unlink()
    photos = {i.writer: i for i in images.images(project, images.image_ids(project)) if i.kind == "picture"}
    (project.folder / "photos").mkdir()
    for image in photos.values():
        (project.folder / "photos" / f"{image.id}.png").write_bytes(images.original(project, image.id))
    assert {name.split("/")[0] for name in hits(project.folder, traces[CODE])} >= {"for the lab", "exports", "photos"}
    forgetting.forget(project, CODE)
    assert hits(project.folder, traces[CODE]) == {}
    assert not (project.folder / "for the lab" / "coco").exists()
    assert not (project.folder / "exports" / "broken").exists()
    assert [f.name for f in (project.folder / "photos").iterdir()] == [f"{photos[OTHER].id}.png"]


def test_everything_of_everybody_else_stays(project: Project, traces: dict[str, list[bytes]]) -> None:
    kept = [i.id for i in images.images(project, images.image_ids(project)) if i.writer == OTHER]
    before = {i: (labeling.page(project, i), images.picture(project, i), images.thumbnail(project, i)) for i in kept}
    ink = [collecting.ink_page(project, i).strokes[0].points.tolist() for i in kept if before[i][0].image.kind == "ink"]
    forgetting.forget(project, CODE)
    assert images.image_ids(project) == kept
    for i in kept:
        assert (labeling.page(project, i), images.picture(project, i), images.thumbnail(project, i)) == before[i]
    assert ink == [
        collecting.ink_page(project, i).strokes[0].points.tolist() for i in kept if before[i][0].image.kind == "ink"
    ]
    assert [w.code for w in images.writers(project)] == [OTHER]
    assert [s.writer for s in sheets.printed(project)] == [OTHER]
    assert all(piece_there(project, p) for p in encodings(OTHER)[:1])
    with closing(sqlite3.connect(project.file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def piece_there(project: Project, piece: bytes) -> bool:
    return bool(hits(project.folder, [piece]))


def test_versions_hold_less_and_say_so_and_can_still_be_exported(
    project: Project, traces: dict[str, list[bytes]], tmp_path: Path
) -> None:
    frozen = versions.freeze(project)
    gone = forgetting.forget(project, CODE)
    (after,) = versions.versions(project)
    assert gone.versions == 1
    assert after.images == frozen.images - 2
    assert after.hash != frozen.hash
    assert "withdrawn" in after.note
    report = exporting.export(project, tmp_path / "out", version=after.name)
    assert report.boxes == after.boxes
    assert versions.freeze(project).hash == after.hash


def test_models_that_learnt_from_the_writer_are_marked_and_those_made_from_them(
    project: Project, traces: dict[str, list[bytes]]
) -> None:
    frozen = versions.freeze(project)
    split = {r.writer: r.split for r in versions.images_of(project, frozen.id)}[CODE]
    with project.write() as session:
        shipped = session.get_one(ModelRow, 1)
        plain = {
            "arch": shipped.arch,
            "imgsz": 640,
            "classes": shipped.classes,
            "sha256": shipped.sha256,
            "origin": "trained",
        }
        first = ModelRow(
            name="first", version_id=frozen.id, parent_id=1, metrics={"test": {"per_writer": [{"name": CODE}]}}, **plain
        )
        session.add(first)
        session.flush()
        session.add(ModelRow(name="second", parent_id=first.id, **plain))
        session.add(ModelRow(name="apart", parent_id=1, **plain))
    gone = forgetting.forget(project, CODE)
    assert set(gone.models) == (set() if split == "test" else {"first", "second"})
    marked = {m.name for m in models.list_models(project) if forgetting.MARK in m.settings}
    assert marked == set(gone.models)
    assert models.find(project, "first").metrics == {"test": {"per_writer": []}}


def test_a_database_that_does_not_hold_the_writer_is_left_alone(
    project: Project, traces: dict[str, list[bytes]], new_project: Callable[[str], Project]
) -> None:
    other = new_project("other")
    backup.backup(other, project.folder / "unrelated.db")
    inner = project.folder / "inner"
    other.close()
    shutil.copytree(other.folder, inner)
    with closing(sqlite3.connect(project.folder / "notes.sqlite")) as connection:
        connection.execute("CREATE TABLE notes (text)")
    (project.folder / "exports" / "mine").mkdir(parents=True)
    (project.folder / "exports" / "mine" / "readme.txt").write_text("keep")
    assert forgetting.forget(project, CODE).backups == ()
    for name in ("unrelated.db", "notes.sqlite", "inner/labeler.db", "exports/mine/readme.txt"):
        assert (project.folder / name).exists()


def test_pictures_that_a_training_drew_go_and_the_others_stay(project: Project, traces: dict[str, list[bytes]]) -> None:
    frozen = versions.freeze(project)
    for name, version_id in (("1", frozen.id), ("2", None)):
        folder = project.folder / "runs" / name / "train"
        folder.mkdir(parents=True)
        (folder / "train_batch0.jpg").write_bytes(b"mosaic")
        (folder / "results.csv").write_text("epoch")
        with project.write() as session:
            session.add(
                RunRow(state="done", folder=f"runs/{name}", version_id=version_id, request={}, result={"codes": [CODE]})
            )
    forgetting.forget(project, CODE)
    left = sorted(str(p.relative_to(project.folder / "runs")) for p in (project.folder / "runs").rglob("*.*"))
    assert left == ["1/train/results.csv", "2/train/results.csv", "2/train/train_batch0.jpg"]
    assert hits(project.folder, encodings(CODE)) == {}


def test_nothing_is_forgotten_while_a_training_may_read_the_pages(
    project: Project, traces: dict[str, list[bytes]]
) -> None:
    with project.write() as session:
        session.add(RunRow(state="running", folder="runs/1", request={}))
    with pytest.raises(Conflict):
        forgetting.forget(project, CODE)
    assert CODE in [w.code for w in images.writers(project)]


def test_while_another_program_reads_the_database_it_is_said_and_can_be_finished_later(
    project: Project, traces: dict[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labeler_db.engine.BUSY_TIMEOUT_MS", 200)
    project.close()
    reopened = Project.open(project.folder)
    with closing(sqlite3.connect(project.file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM images").fetchone()
        with pytest.raises(Conflict, match="another program"):
            forgetting.forget(reopened, CODE)
        reader.execute("ROLLBACK")
    assert {w.code: w.images for w in images.writers(reopened)} == {CODE: 0, OTHER: 2}  # to ask for it once more
    forgetting.forget(reopened, CODE)
    assert [w.code for w in images.writers(reopened)] == [OTHER]
    assert hits(reopened.folder, traces[CODE]) == {}
    with pytest.raises(NotFound):
        forgetting.forget(reopened, CODE)
    reopened.close()


def test_what_was_broken_off_before_the_database_was_rewritten_is_finished_later(
    project: Project, traces: dict[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_project: Project, _code: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(forgetting, "_shrink", killed)
        with pytest.raises(KeyboardInterrupt):
            forgetting.forget(project, CODE)
    assert [w.code for w in images.writers(project)] == [OTHER]
    forgetting.forget(project, CODE)
    assert hits(project.folder, traces[CODE]) == {}


def test_a_writer_without_pages_and_one_nobody_knows(project: Project) -> None:
    collecting.add_writer(project, CODE)
    assert forgetting.forget(project, CODE).images == 0
    assert images.writers(project) == []
    with pytest.raises(NotFound):
        forgetting.forget(project, CODE)


def test_the_command_says_what_it_did(
    project: Project, traces: dict[str, list[bytes]], labeler: Callable[..., Outcome]
) -> None:
    project.close()
    told = labeler("forget", project.folder, "--writer", CODE, "--json").ok()
    assert told.json["removed"] == 2
    assert told.json["boxes"] > 0
    assert hits(project.folder, traces[CODE]) == {}
    assert labeler("forget", project.folder, "--writer", CODE).code == 2
    with Project.open(project.folder) as again, again.read() as session:
        assert session.query(VersionRow).count() == 0
