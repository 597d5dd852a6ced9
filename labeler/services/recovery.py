"""The way back from a backup: which ones there are, what is in them, and putting one in the place of a project's database."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from labeler.core.errors import BadInput, NotFound, UserError
from labeler.core.i18n import tr
from labeler.services import _saved
from labeler.services.project import DATABASE
from labeler_db import migrate

PLACES = (".", _saved.FOLDER)
"""Folders of a project in which backups lie."""
PARTS = ("", "-wal", "-shm")
"""What a database consists of while it is in use."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of a project's database: when it was written, and what is in it.

    `reason` says what the program saved it before: "training", "update", "replaced" by another backup; "" where a person did.
    """

    path: Path
    at: datetime
    images: int
    boxes: int
    reviewed: int
    reason: str = ""

    @property
    def occasion(self) -> str:
        """What it was saved before, in words."""
        return {
            _saved.TRAINING: tr("before a training"),
            _saved.UPDATE: tr("before an update of Labeler"),
            _saved.REPLACED: tr("before a backup was restored"),
        }.get(self.reason, tr("by hand"))

    @property
    def is_replaced(self) -> bool:
        """Whether it was the project's database, until a backup took its place."""
        return self.reason == _saved.REPLACED


def look(file: Path) -> Backup:
    """What a backup holds. Raises `NotFound`, `BadInput` for what is damaged or no project."""
    if not file.is_file():
        raise NotFound(tr("There is no file {path}.", path=file))
    try:
        migrate.check_whole(file)
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            images, reviewed = connection.execute(
                "SELECT count(*), count(CASE WHEN state = 'reviewed' THEN 1 END) FROM images"
            ).fetchone()
            (boxes,) = connection.execute("SELECT count(*) FROM boxes").fetchone()
    except (sqlite3.DatabaseError, migrate.DamagedError) as error:
        raise BadInput(
            tr("{path} is damaged or no copy of a project.", path=file), tr("Choose another backup.")
        ) from error
    at, reason = _saved.about(file) or (datetime.fromtimestamp(file.stat().st_mtime, UTC), "")
    return Backup(file, at, images, boxes, reviewed, reason)


def backups(folder: Path) -> list[Backup]:
    """The sound backups that lie in a project's folder, newest first."""
    found = []
    for place in PLACES:
        for file in sorted((folder / place).glob("*.db")):
            if file.name == DATABASE:
                continue
            try:
                found.append(look(file))
            except UserError:
                continue
    return sorted(found, key=lambda b: b.at, reverse=True)


def restore(folder: Path, file: Path) -> Path | None:
    """Put a copy of backup `file` in the place of the project's database, which must not be open here.

    The database as it was is kept beside it; returns where, None where there was none. Raises `NotFound`, `BadInput` where the
    backup is damaged, `UserError` where another program has the project open or the folder cannot be written.
    """
    look(file)
    database = folder / DATABASE
    if database.is_file() and file.samefile(database):
        raise BadInput(tr("{path} is the project itself.", path=file), tr("Choose a backup of it."))
    fresh = folder / f"{DATABASE}.restored"
    try:
        migrate.copy_verified(file, fresh)
        _refuse_while_in_use(database)
        kept = _set_aside(database)
        fresh.replace(database)
    except migrate.DamagedError as error:
        raise BadInput(
            tr("{path} is damaged or no copy of a project.", path=file), tr("Choose another backup.")
        ) from error
    except OSError as error:
        raise UserError(
            tr("The folder {path} cannot be written: {reason}", path=folder, reason=error.strerror or error),
            tr("Nothing was changed."),
        ) from error
    finally:
        fresh.unlink(missing_ok=True)
    return kept


def _refuse_while_in_use(database: Path) -> None:
    """A sound database that another program writes to or reads from is locked. Raises `UserError`."""
    if not database.is_file():
        return
    try:
        with closing(sqlite3.connect(database, timeout=0.5, isolation_level=None)) as connection:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise UserError(
                tr("Another window or program has this project open."), tr("Close it there, then restore.")
            ) from error
    except sqlite3.DatabaseError:  # damaged: that is why it is replaced
        return


def _set_aside(database: Path) -> Path | None:
    if not database.is_file():
        return None
    kept = _saved.aside(database)
    for part in PARTS:
        piece = database.with_name(database.name + part)
        if piece.exists():
            piece.replace(kept.with_name(kept.name + part))
    return kept
