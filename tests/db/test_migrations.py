"""Schema upgrades: an older file comes up to date after a verified backup, all or nothing; newer and damaged files are refused."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from labeler.core.errors import BadInput, Cancelled, Damaged, UserError
from labeler.services.project import Project, needs_update
from labeler_db import migrate
from labeler_db.engine import make_engine
from labeler_db.models import Base

FIRST = "0001"
OLD_ROWS = """
INSERT INTO classes VALUES (0, '0'), (1, '1');
INSERT INTO blobs VALUES ('a', x'00'), ('b', x'01');
INSERT INTO groups (id) VALUES (1), (2);
INSERT INTO models (id, name, origin, arch, imgsz, classes, sha256, settings, metrics, created_at)
  VALUES (4, 'old', 'trained', 'yolov5n', 320, '["0","1"]', 'x', '{}', '{}', '2026-01-01 00:00:00');
INSERT INTO images (id, sha256, upright_sha256, format, width, height, name, source, kind, fingerprint, group_id, state, suggested_by,
                    added_at)
  VALUES (1, 'a', 'a', 'png', 9, 9, 'é', '', 'picture', 0, 1, 'reviewed', 4, '2026-01-01 00:00:00'),
         (2, 'b', 'b', 'png', 9, 9, 'n', '', 'picture', 0, 2, 'suggested', 4, '2026-01-01 00:00:00');
INSERT INTO boxes (id, image_id, class_id, x, y, w, h, origin) VALUES ('b1', 1, 1, 1.5, 2, 3, 4, 'person');
"""


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    """A project's database as the first version of the program left it."""
    file = tmp_path / "数据集" / "labeler.db"
    file.parent.mkdir()
    engine = make_engine(file)
    command.upgrade(migrate.config(engine), FIRST)
    engine.dispose()
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(OLD_ROWS)
    return file


def rows(file: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


def test_the_models_are_what_the_migrations_make(template: Path) -> None:
    engine = make_engine(template / "labeler.db")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_the_files_of_the_migrations_are_named_in_their_order() -> None:
    scripts = list(ScriptDirectory.from_config(migrate.config()).walk_revisions())
    assert [script.revision for script in reversed(scripts)] == migrate.revisions()


def test_every_step_can_be_taken_back(old_file: Path) -> None:
    engine = make_engine(old_file)
    command.upgrade(migrate.config(engine), "head")
    command.downgrade(migrate.config(engine), FIRST)
    assert migrate.current(engine) == FIRST
    command.upgrade(migrate.config(engine), "head")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()
    assert rows(old_file, "SELECT id, x FROM boxes") == [("b1", 1.5)]


def test_an_older_project_comes_up_to_date_and_its_backup_is_as_it_was(old_file: Path) -> None:
    assert needs_update(old_file.parent)
    with Project.open(old_file.parent) as project:
        assert project.classes == ("0", "1")
        saved = project.updated_from
    assert not needs_update(old_file.parent)
    assert rows(old_file, "SELECT version_num FROM alembic_version") == [(migrate.head(),)]
    assert rows(old_file, "SELECT id, reviewed_with FROM images ORDER BY id") == [(1, 4), (2, None)]
    assert rows(old_file, "SELECT id, x FROM boxes") == [("b1", 1.5)]
    assert saved is not None
    migrate.check_integrity(saved)
    assert rows(saved, "SELECT version_num FROM alembic_version") == [(FIRST,)]
    assert rows(saved, "SELECT id, state FROM images") == [(1, "reviewed"), (2, "suggested")]
    with Project.open(old_file.parent) as project:
        assert project.updated_from is None
    assert len([p for p in old_file.parent.rglob("*.db") if p != old_file]) == 1


def test_an_older_project_that_cannot_be_backed_up_is_left_alone_and_not_called_damaged(
    old_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = old_file.read_bytes()
    (old_file.parent / "backups").write_text("in the way", encoding="utf-8")
    with pytest.raises(UserError, match="failed") as no_folder:
        Project.open(old_file.parent)
    (old_file.parent / "backups").unlink()
    real = sqlite3.connect

    def full(name: object, **how: object) -> sqlite3.Connection:
        connection = real(name, **how)  # type: ignore[call-overload]
        if str(name).endswith(".part"):
            connection.execute("PRAGMA max_page_count = 1")
        return connection  # type: ignore[no-any-return]

    monkeypatch.setattr(migrate.sqlite3, "connect", full)
    with pytest.raises(UserError, match="failed: database or disk is full") as no_room:
        Project.open(old_file.parent)
    assert not any(isinstance(error.value, Damaged) for error in (no_folder, no_room))
    assert old_file.read_bytes() == before
    assert list((old_file.parent / "backups").iterdir()) == []


def test_a_newer_project_is_refused_and_not_touched(template: Path, tmp_path: Path) -> None:
    file = tmp_path / "labeler.db"
    shutil.copyfile(template / "labeler.db", file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = file.read_bytes()
    with pytest.raises(UserError, match="newer Labeler"):
        Project.open(tmp_path)
    assert file.read_bytes() == before
    assert [p.name for p in tmp_path.glob("*before*")] == []


def with_next_step(monkeypatch: pytest.MonkeyPatch, scripts: Path, body: str) -> None:
    """A program one revision ahead, whose newest migration is `body`."""
    shutil.copytree(Path(migrate.__file__).parent / "migrations", scripts)
    text = f"""import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "next", "{migrate.head()}", None, None
def upgrade():
{body}
def downgrade():
    pass
"""
    (scripts / "versions" / "next.py").write_text(text, encoding="utf-8")

    monkeypatch.setattr(migrate, "SCRIPTS", scripts)


def test_a_migration_that_fails_leaves_the_file_as_it_was_and_the_backup(
    old_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Project.open(old_file.parent).close()
    was = rows(old_file, "SELECT sql FROM sqlite_master ORDER BY name")
    body = '    op.create_table("more", sa.Column("id", sa.Integer()))\n    op.execute("DELETE FROM boxes")\n    raise OSError("full")'
    with_next_step(monkeypatch, tmp_path / "scripts", body)
    with pytest.raises(OSError, match="full"):
        Project.open(old_file.parent)
    assert rows(old_file, "SELECT sql FROM sqlite_master ORDER BY name") == was
    assert rows(old_file, "SELECT id FROM boxes") == [("b1",)]
    assert len([p for p in old_file.parent.rglob("*.db") if p != old_file]) == 2
    monkeypatch.undo()
    Project.open(old_file.parent).close()


def test_a_table_rebuilt_by_a_migration_takes_nothing_with_it(
    old_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = '    with op.batch_alter_table("images", recreate="always") as batch:\n        batch.add_column(sa.Column("more", sa.Integer()))'
    with_next_step(monkeypatch, tmp_path / "scripts", body)
    Project.open(old_file.parent).close()
    assert rows(old_file, "SELECT id FROM boxes") == [("b1",)]
    assert rows(old_file, "SELECT id, more FROM images ORDER BY id") == [(1, None), (2, None)]


def test_a_migration_that_leaves_orphans_is_taken_back(
    old_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_next_step(monkeypatch, tmp_path / "scripts", '    op.execute("DELETE FROM images")')
    with pytest.raises(RuntimeError, match="refers to nothing"):
        Project.open(old_file.parent)
    assert rows(old_file, "SELECT count(*) FROM images") == [(2,)]


def test_two_programs_that_open_an_older_project_at_once_both_get_it(old_file: Path) -> None:
    code = f"from pathlib import Path; from labeler.services.project import Project; Project.open(Path({str(old_file.parent)!r})).close()"
    started = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(3)]
    told = [process.communicate(timeout=120)[1] for process in started]
    assert [p.returncode for p in started] == [0, 0, 0], told
    assert rows(old_file, "SELECT id, reviewed_with FROM images ORDER BY id") == [(1, 4), (2, None)]


def broken(file: Path, how: str) -> None:
    data = bytearray(file.read_bytes())
    if how == "garbage":
        data = bytearray(b"this is no database at all" * 400)
    elif how == "cut":
        data = data[: len(data) // 2]
    elif how == "empty":
        data = bytearray()
    else:
        for at in range(4096, len(data), 4096):
            data[at : at + 64] = b"\xff" * 64
    file.write_bytes(data)


@pytest.mark.parametrize("how", ["garbage", "cut", "empty", "pages"])
def test_a_damaged_database_is_recognised_when_it_is_opened(template: Path, tmp_path: Path, how: str) -> None:
    shutil.copyfile(template / "labeler.db", tmp_path / "labeler.db")
    broken(tmp_path / "labeler.db", how)
    before = (tmp_path / "labeler.db").read_bytes()
    with pytest.raises(BadInput, match="damaged"):
        Project.open(tmp_path)
    assert (tmp_path / "labeler.db").read_bytes() == before


@pytest.mark.parametrize("table", ["images", "boxes"])
def test_damage_in_a_growing_table_is_found_at_once_or_by_the_check_that_follows(old_file: Path, table: str) -> None:
    Project.open(old_file.parent).close()
    ((page,),) = rows(old_file, f"SELECT rootpage FROM sqlite_master WHERE name = '{table}'")
    data = bytearray(old_file.read_bytes())
    size = int.from_bytes(data[16:18], "big")
    start = (int(str(page)) - 1) * size
    data[start : start + size] = b"\xff" * size
    old_file.write_bytes(data)
    with pytest.raises(BadInput, match="damaged"):
        Project.open(old_file.parent)
    with Project.open(old_file.parent, check_all=False) as project, pytest.raises(BadInput, match="damaged"):
        project.check()


@pytest.mark.parametrize("table", sorted(migrate.LARGE))
def test_damage_in_a_large_table_is_found_by_the_check_that_follows(old_file: Path, table: str) -> None:
    with Project.open(old_file.parent) as project:
        project.check()
    ((page,),) = rows(old_file, f"SELECT rootpage FROM sqlite_master WHERE name = '{table}'")
    data = bytearray(old_file.read_bytes())
    size = int.from_bytes(data[16:18], "big")
    start = (int(str(page)) - 1) * size
    data[start : start + size] = b"\xff" * size
    old_file.write_bytes(data)
    with Project.open(old_file.parent) as project, pytest.raises(BadInput, match="damaged"):
        project.check()


def test_the_check_of_a_project_can_be_stopped(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_done: int, _total: int, _text: str = "") -> None:
        raise Cancelled

    monkeypatch.setattr(migrate, "STEP", 1)
    with pytest.raises(Cancelled):
        project.check(stop)


@pytest.mark.parametrize("how", ["garbage", "pages"])
def test_no_copy_is_kept_of_a_damaged_file(template: Path, tmp_path: Path, how: str) -> None:
    shutil.copyfile(template / "labeler.db", tmp_path / "labeler.db")
    broken(tmp_path / "labeler.db", how)
    with pytest.raises(migrate.DamagedError):
        migrate.copy_verified(tmp_path / "labeler.db", tmp_path / "copy.db")
    assert [p.name for p in tmp_path.iterdir() if "copy" in p.name] == []
