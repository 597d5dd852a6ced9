"""Brings a project's schema up to date, after a verified backup; refuses a schema newer than this program.

Alembic is imported only where there is something to migrate: every start asks, and hardly any has to.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = Path(__file__).parent / "migrations"
LARGE = frozenset({"blobs", "thumbnails", "ink", "suggestions", "version_images", "edits"})
"""Tables whose check would take long."""
GROWING = frozenset({"images", "boxes", "rejections", "groups", "doubts"})
"""Tables that are checked in a fraction of a second even where there are 100,000 images; a window does not wait for that."""


STEP = 10_000
"""SQLite's own steps between two looks at whether to go on."""


class NewerSchemaError(Exception):
    """The file was written by a newer program."""


class DamagedError(Exception):
    """The file is no SQLite database, or fails its integrity check."""


def config(engine: Engine | None = None) -> "Config":
    """Alembic's configuration, without a file of its own."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    made.attributes["engine"] = engine
    return made


def revisions() -> list[str]:
    """The revisions this program knows, oldest first: each migration's file name begins with its own."""
    return sorted(file.stem.partition("_")[0] for file in (SCRIPTS / "versions").glob("*.py"))


def head() -> str:
    """The newest revision this program knows."""
    return revisions()[-1]


def current(engine: Engine) -> str | None:
    """The revision of the file, None where it has no tables yet."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        return None if found is None else str(found)


def is_older(file: Path) -> bool:
    """Whether `file` is of a revision before the newest. Raises `DamagedError`, `sqlite3.OperationalError` for another program's file."""
    with _readable(file) as connection:
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return found is not None and found[0] in revisions()[:-1]


def check_whole(file: Path, *, growing: bool = True) -> None:
    """Raise `DamagedError` where `file` is no database of this program, was cut short, or its tables are broken.

    The pictures' bytes are not read. Without the `growing` tables it takes the same few milliseconds however many images there are.
    """
    with _readable(file) as connection:
        pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        tables = _tables(connection)
        if "alembic_version" not in tables:
            raise DamagedError("it holds no project")
        wal = file.with_name(file.name + "-wal")
        if not (wal.exists() and wal.stat().st_size) and file.stat().st_size < pages * size:
            raise DamagedError("it was cut short")
        _check(connection, tables - LARGE - (frozenset() if growing else GROWING))


def check_rest(file: Path, *, step: Callable[[], None]) -> None:
    """Raise `DamagedError` where one of the growing or large tables is broken: every page of them is read.

    `step` is called many times a second; what it raises ends the check.
    """
    raised: list[BaseException] = []

    def ask() -> int:
        try:
            step()
        except BaseException as error:  # noqa: BLE001 - SQLite would swallow it
            raised.append(error)
        return len(raised)

    try:
        with _readable(file) as connection:
            connection.set_progress_handler(ask, STEP)
            tables = _tables(connection)
            for some in (GROWING, LARGE):
                _check(connection, tables & some)
    except sqlite3.OperationalError:
        if not raised:
            raise
    if raised:
        raise raised[0]


@contextmanager
def _readable(file: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            yield connection
    except sqlite3.OperationalError:  # it may not be opened at all
        raise
    except sqlite3.DatabaseError as error:
        raise DamagedError(str(error)) from error


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _check(connection: sqlite3.Connection, tables: set[str]) -> None:
    for table in sorted(tables - {"sqlite_sequence"}):
        answer = connection.execute(f"PRAGMA quick_check({table})").fetchone()[0]
        if answer != "ok":
            raise DamagedError(str(answer))


def upgrade(engine: Engine, *, save: Callable[[], None]) -> None:
    """Migrate the file behind `engine` to `head()`, where it is older; `save` is called before, unless the file is new.

    Raises `NewerSchemaError`, and whatever `save` raises: then nothing was changed.
    """
    now = current(engine)
    if now == head():
        return
    if now is not None and now not in revisions():
        raise NewerSchemaError(now)
    if now is not None:
        save()
    from alembic import command

    command.upgrade(config(engine), "head")


def copy_verified(file: Path, target: Path) -> None:
    """A consistent copy of a database that may be in use, checked before it gets its name.

    Raises `DamagedError`, `OSError` where the disk or another program bars it.
    """
    part = target.with_name(target.name + ".part")
    try:
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(part)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        check_integrity(part)
        part.replace(target)
    except sqlite3.OperationalError as error:  # a full disk is one, and no damage
        raise OSError(str(error)) from error
    except sqlite3.DatabaseError as error:
        raise DamagedError(str(error)) from error
    finally:
        part.unlink(missing_ok=True)


def check_integrity(file: Path) -> None:
    """Raise `DamagedError` where SQLite finds the file broken."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        raise DamagedError(str(error)) from error
    if answer != "ok":
        raise DamagedError(str(answer))
