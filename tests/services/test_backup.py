"""Backups: a consistent copy while others write, checked; never half a file, never over the project itself."""

import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from labeler.core import gestures
from labeler.core.boxes import Rect
from labeler.core.errors import UserError
from labeler.services import backup as backup_service
from labeler.services import images, labeling
from labeler.services.backup import automatic, backup
from labeler.services.project import DATABASE, Project
from labeler_db import migrate
from tests.helpers.fake_detector import add_labelled, add_pages


def test_a_backup_opens_as_the_project_it_was(project: Project, tmp_path: Path) -> None:
    add_labelled(project, writers=2)
    file = backup(project, tmp_path / "备份" / "é.db")
    assert [p.name for p in file.parent.iterdir()] == ["é.db"]
    labeling.undo(project)
    (tmp_path / "back").mkdir()
    shutil.copyfile(file, tmp_path / "back" / DATABASE)
    with Project.open(tmp_path / "back") as restored:
        assert images.stats(restored).images == 4
        assert images.stats(restored).by_state["reviewed"] == 4
        assert labeling.undo(restored) is not None


def test_a_backup_taken_while_a_person_draws_is_consistent(project: Project, tmp_path: Path) -> None:
    (image_id,) = add_pages(project, 1)
    stop = threading.Event()

    def draw() -> None:
        with Project.open(project.folder) as mine:
            while not stop.is_set():
                labeling.apply(mine, gestures.draw(labeling.page(mine, image_id), Rect(5, 5, 9, 9), 1))

    person = threading.Thread(target=draw)
    person.start()
    try:
        files = [backup(project, tmp_path / f"{n}.db") for n in range(4)]
    finally:
        stop.set()
        person.join()
    counts = []
    for file in files:
        migrate.check_integrity(file)
        with closing(sqlite3.connect(file)) as connection:
            boxes, edits = (connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("boxes", "edits"))
        assert boxes == edits
        counts.append(boxes)
    assert counts == sorted(counts)


def test_a_backup_goes_where_it_can_and_replaces_only_backups(project: Project, tmp_path: Path) -> None:
    first = backup(project, tmp_path / "b.db")
    add_pages(project, 1)
    assert backup(project, first) == first
    with closing(sqlite3.connect(first)) as connection:
        assert connection.execute("SELECT count(*) FROM images").fetchone() == (1,)
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    for bad in (project.file, project.folder, tmp_path / "thesis.txt", tmp_path / "thesis.txt" / "b.db"):
        with pytest.raises(UserError):
            backup(project, bad)
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "years of work"
    assert images.stats(project).images == 1


def test_a_damaged_project_gives_no_backup(project: Project, tmp_path: Path) -> None:
    good = backup(project, tmp_path / "b.db").read_bytes()
    project.close()
    data = bytearray(project.file.read_bytes())
    for at in range(8192, len(data), 4096):
        data[at : at + 64] = b"\xff" * 64
    project.file.write_bytes(data)
    with pytest.raises(UserError, match="failed"):
        backup(project, tmp_path / "b.db")
    assert (tmp_path / "b.db").read_bytes() == good


def test_a_backup_by_itself_is_taken_only_when_something_changed(project: Project) -> None:
    add_pages(project, 1)
    first = automatic(project, "training")
    assert first is not None
    migrate.check_integrity(first)
    assert automatic(project, "training") is None
    add_pages(project, 1, first=5)
    second = automatic(project, "training")
    assert second is not None
    assert {first, second} == set((project.folder / "backups").iterdir())


def test_old_backups_go_but_neither_those_a_person_made_nor_the_last_of_another_kind(project: Project) -> None:
    folder = project.folder / "backups"
    mine = backup(project, folder / "mine.db")
    odd = backup(project, folder / "auto-notatime-x.db")
    update = folder / "auto-20200101T000000000000-update.db"
    shutil.copyfile(mine, update)
    for n in range(20):
        shutil.copyfile(mine, folder / f"auto-20200101T0000{n:02d}000000-training.db")
    add_pages(project, 1)
    made = automatic(project, "training")
    left = sorted(p.name for p in folder.iterdir())
    assert made is not None
    assert {mine.name, odd.name, made.name, update.name} <= set(left)
    assert len(left) == 3 + 3


def test_a_disk_with_little_room_is_not_filled_with_backups(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    add_pages(project, 1)
    usage = shutil.disk_usage(project.folder)
    monkeypatch.setattr(backup_service.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    assert automatic(project, "training") is None
