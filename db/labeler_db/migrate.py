"""Brings a project's schema up to date, after a verified backup; refuses a schema newer than this program."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

LARGE = frozenset({"blobs", "thumbnails", "ink", "suggestions", "version_images", "edits"})
"""Tables whose check would take long."""


class NewerSchemaError(Exception):
    """The file was written by a newer program."""


class DamagedError(Exception):
    """The file is no SQLite database, or fails its integrity check."""


def config(engine: Engine | None = None) -> Config:
    """Alembic's configuration, without a file of its own."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    made.attributes["engine"] = engine
    return made


def head() -> str:
    """The newest revision this program knows."""
    found = ScriptDirectory.from_config(config()).get_current_head()
    assert found is not None
    return found


def current(engine: Engine) -> str | None:
    """The revision of the file, None where it has no tables yet."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def check_whole(file: Path) -> None:
    """Raise `DamagedError` where `file` is no database of this program, was cut short, or its small tables are broken.

    Quick enough for every start: the pictures' bytes are not read.
    """
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "alembic_version" not in tables:
                raise DamagedError("it holds no project")
            wal = file.with_name(file.name + "-wal")
            if not (wal.exists() and wal.stat().st_size) and file.stat().st_size < pages * size:
                raise DamagedError("it was cut short")
            for table in sorted(tables - LARGE - {"sqlite_sequence"}):
                answer = connection.execute(f"PRAGMA quick_check({table})").fetchone()[0]
                if answer != "ok":
                    raise DamagedError(str(answer))
    except sqlite3.OperationalError:  # it may not be opened at all
        raise
    except sqlite3.DatabaseError as error:
        raise DamagedError(str(error)) from error


def upgrade(engine: Engine, file: Path) -> Path | None:
    """Migrate `file` to `head()`.

    Returns the backup that was taken, None where nothing had to change or the file was new.
    """
    now, newest = current(engine), head()
    if now == newest:
        return None
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if now is not None and now not in known:
        raise NewerSchemaError(now)
    saved = None
    if now is not None:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        saved = file.parent / "backups" / f"{file.stem}-before-{newest}-{stamp}.db"
        saved.parent.mkdir(exist_ok=True)
        copy_verified(file, saved)
    command.upgrade(config(engine), "head")
    return saved


def copy_verified(file: Path, target: Path) -> None:
    """A consistent copy of a database that may be in use, checked before it gets its name. Raises `DamagedError`."""
    part = target.with_name(target.name + ".part")
    try:
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(part)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        check_integrity(part)
        part.replace(target)
    except sqlite3.DatabaseError as error:
        raise DamagedError(str(error)) from error
    finally:
        part.unlink(missing_ok=True)


def check_integrity(file: Path) -> None:
    """Raise `DamagedError` where SQLite finds the file broken."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise DamagedError(str(error)) from error
    if answer != "ok":
        raise DamagedError(str(answer))
