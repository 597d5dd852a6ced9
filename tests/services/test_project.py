"""Opening and making projects: settings, refusals, other programs' commits, a lock held too long, a disk that is full."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from labeler.core import shipped
from labeler.core.changes import Changes
from labeler.core.errors import BadInput, NotFound, UserError
from labeler.services import images, models
from labeler.services.project import DATABASE, Project
from labeler_db import engine
from tests.helpers.fake_detector import add_pages


def test_a_new_project_has_its_classes_folders_and_the_shipped_detector(tmp_path: Path) -> None:
    with Project.create(tmp_path / "学校 é" / "p", classes=["0", " 1 ", "+"]) as project:
        assert project.classes == ("0", "1", "+")
        assert project.class_id("+") == 2
        assert project.class_id("9") is None
        assert {p.name for p in project.folder.iterdir()} >= {"models", "runs", "exports", DATABASE}
        current = models.current(project)
        assert (current.name, current.origin, current.is_current) == ("shipped", "shipped", True)
        assert models.onnx_file(project, current).is_file()
    with Project.open(tmp_path / "学校 é" / "p" / DATABASE) as project:
        assert project.classes == ("0", "1", "+")
        assert [m.name for m in models.list_models(project)] == [one.name for one in shipped.detectors()]


@pytest.mark.parametrize("classes", [[], ["1", "1"], ["1", ""], ["1", " 1"]])
def test_class_names_must_make_sense(tmp_path: Path, classes: list[str]) -> None:
    with pytest.raises(BadInput):
        Project.create(tmp_path / "p", classes)
    assert not (tmp_path / "p").exists()


def test_a_project_is_not_made_twice_nor_where_it_cannot_be(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="already holds"):
        Project.create(project.folder)
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(UserError, match="cannot be written"):
        Project.create(tmp_path / "file" / "p")
    with pytest.raises(NotFound, match="no project"):
        Project.open(tmp_path)


def test_settings_are_kept(project: Project) -> None:
    assert project.setting("gate", {"x": 1}) == {"x": 1}
    project.set_setting("gate", {"é": [1, 2.5, None]})
    project.set_setting("gate", {"é": [1, 2.5, None, True]})
    with Project.open(project.folder) as again:
        assert again.setting("gate") == {"é": [1, 2.5, None, True]}
    with pytest.raises(TypeError):
        project.set_setting("gate", object())


def test_a_transaction_that_fails_changes_nothing_and_tells_nobody(project: Project) -> None:
    told: list[Changes] = []
    project.changes.subscribe(told.append)
    ids = add_pages(project, 1)

    def fail() -> None:
        with project.write(Changes(library=True)) as session:
            session.execute(text("DELETE FROM thumbnails"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert images.thumbnail(project, ids[0])
    assert told == []


def test_only_what_others_commit_counts_as_foreign(project: Project) -> None:
    before = project.data_version()
    add_pages(project, 1)
    project.set_setting("a", 1)
    assert project.data_version() == before
    with Project.open(project.folder) as other:
        seen = other.data_version()
        add_pages(other, 1, first=5)
        assert other.data_version() == seen
    assert project.data_version() != before
    now = project.data_version()
    assert project.data_version() == now


def test_a_reader_sees_one_state_while_others_write(project: Project) -> None:
    from labeler_db.models import ImageRow

    with project.read() as session:
        assert session.query(ImageRow).count() == 0
        with Project.open(project.folder) as other:
            add_pages(other, 2)
        assert session.query(ImageRow).count() == 0
    assert images.stats(project).images == 2


def test_a_lock_held_too_long_is_said(new_project: Callable[[str], Project], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 50)
    project = new_project("p")
    with closing(sqlite3.connect(project.file, isolation_level=None)) as greedy:
        greedy.execute("BEGIN IMMEDIATE")
        with pytest.raises(UserError, match="writing to this project for too long"):
            project.set_setting("a", 1)
        greedy.execute("ROLLBACK")
    project.set_setting("a", 1)


def test_a_full_disk_is_said_and_nothing_is_half_written(project: Project) -> None:
    add_pages(project, 1)
    with project._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    for _ in range(8):  # every connection of the pool gets the limit
        connections = [project._engine.connect() for _ in range(8)]
        for connection in connections:
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
            connection.close()
    with pytest.raises(UserError, match=r"The disk with the project .* is full"):
        add_pages(project, 50, width=300, height=300, first=10)
    assert images.stats(project).images == 1


def test_two_programs_open_one_project_for_the_first_time_at_once(tmp_path: Path, template: Path) -> None:
    folder = tmp_path / "p"
    folder.mkdir()
    with closing(sqlite3.connect(template / DATABASE)) as source, closing(sqlite3.connect(folder / DATABASE)) as copy:
        source.backup(copy)
        copy.execute("DELETE FROM promotions")
        copy.execute("DELETE FROM models")
        copy.commit()
    code = f"from pathlib import Path; from labeler.services.project import Project; Project.open(Path({str(folder)!r})).close()"
    started = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(3)]
    told = [process.communicate(timeout=120)[1] for process in started]
    assert [p.returncode for p in started] == [0, 0, 0], told
    with Project.open(folder) as project:
        assert [m.name for m in models.list_models(project)] == [one.name for one in shipped.detectors()]
        assert [p.kind for p in models.promotions(project)] == ["start"]
