"""Opening and making projects: a folder with `labeler.db` and, beside it, `models/`, `runs/`, `exports/`. The only wiring there is."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session

from labeler.core.changes import ChangeFeed, Changes
from labeler.core.errors import BadInput, Damaged, NotFound, UserError
from labeler.core.i18n import tr
from labeler.core.progress import Progress, silent
from labeler.services import _saved
from labeler.services._foreign import ForeignCommits
from labeler_db import migrate
from labeler_db.engine import make_engine, reading, shrink, writing
from labeler_db.models import ClassRow, SettingRow

DATABASE = "labeler.db"
DIGITS = tuple(str(n) for n in range(10))


def _damaged(file: Path) -> Damaged:
    return Damaged(
        tr("The project's database {path} is damaged or no database.", path=file),
        tr("“labeler restore {folder}” lists its backups and brings one back.", folder=file.parent),
    )


def _refused(file: Path, error: Exception) -> UserError:
    """Full disk, missing rights, or another program that holds the file: SQLite names each in English, after its class."""
    reason = str(getattr(error, "orig", error))
    if "locked" in reason:
        return UserError(
            tr("Another program has been writing to this project for too long."),
            tr("Wait until it is done, or close it. Nothing was changed."),
        )
    if "full" in reason:
        return UserError(
            tr("The disk with the project {path} is full.", path=file.parent),
            tr("Free some space. Nothing was changed."),
        )
    return UserError(
        tr("The project's database {path} cannot be used: {reason}", path=file, reason=reason),
        tr("Check that the disk has room and that you may write to the folder. Nothing was changed."),
    )


def needs_update(folder: Path) -> bool:
    """Whether an older program wrote the project in `folder`, so that opening it takes as long as a backup. Cheap; False where in doubt."""
    file = folder if folder.name == DATABASE else folder / DATABASE
    try:
        return file.is_file() and migrate.is_older(file)
    except (sqlite3.Error, migrate.DamagedError):
        return False


class Project:
    """One open project. Safe to use from several threads: every call opens its own session.

    Attributes: `folder`, `classes` (names by class id), `changes` (who wants to hear of committed changes), `updated_from` (the backup of
    the database that an older program wrote, where opening brought it up to date).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / DATABASE
        self.changes = ChangeFeed()
        self._engine = make_engine(self.file)
        self.updated_from: Path | None = None
        try:
            migrate.upgrade(self._engine, save=self._save_before_update)
            with self.read() as session:
                rows = session.execute(select(ClassRow.name).order_by(ClassRow.id))
                self.classes: tuple[str, ...] = tuple(rows.scalars())
            self._foreign = ForeignCommits(self._engine)
        except migrate.NewerSchemaError as error:
            self._engine.dispose()
            raise UserError(
                tr("This project was written by a newer Labeler."), tr("Update Labeler, then open the project again.")
            ) from error
        except OperationalError as error:
            self._engine.dispose()
            raise _refused(self.file, error) from error
        except (DatabaseError, migrate.DamagedError) as error:
            self._engine.dispose()
            raise _damaged(self.file) from error

    @classmethod
    def create(cls, folder: Path, classes: Sequence[str] = DIGITS) -> "Project":
        """A new project in `folder`, which may exist but holds no project yet. Raises `UserError`."""
        names = [name.strip() for name in classes]
        if not names or len(set(names)) != len(names) or not all(names):
            raise BadInput(
                tr("Class names must be given once each and not be empty."),
                tr("For example: --classes 0,1,2,3,4,5,6,7,8,9"),
            )
        if (folder / DATABASE).exists():
            raise UserError(
                tr("{path} already holds a project.", path=folder), tr("Open it, or choose another folder.")
            )
        try:
            for part in ("models", "runs", "exports"):
                (folder / part).mkdir(parents=True, exist_ok=True)
            project = cls(folder)
        except OSError as error:
            raise UserError(
                tr("The folder {path} cannot be written: {reason}", path=folder, reason=error.strerror or error),
                tr("Choose a folder you may write to."),
            ) from error
        with project.write() as session:
            session.add_all(ClassRow(id=n, name=name) for n, name in enumerate(names))
        project.classes = tuple(names)
        project._register_shipped()
        return project

    @classmethod
    def open(cls, folder: Path, *, check_all: bool = True) -> "Project":
        """The project in `folder` (or of which `folder` is the database file). Raises `NotFound`, `UserError`.

        Without `check_all`, what takes longer the more images there are is left to `check`.
        """
        if folder.name == DATABASE:
            folder = folder.parent
        if not (folder / DATABASE).is_file():
            raise NotFound(
                tr("There is no project in {path}.", path=folder), tr("Make one with: labeler init {path}", path=folder)
            )
        try:
            migrate.check_whole(folder / DATABASE, growing=check_all)
        except migrate.DamagedError as error:
            raise _damaged(folder / DATABASE) from error
        except sqlite3.OperationalError as error:
            raise _refused(folder / DATABASE, error) from error
        project = cls(folder)
        with suppress(UserError):  # a full disk must not bar the way to the labels
            project._register_shipped()
        return project

    def check(self, progress: Progress = silent) -> None:
        """Look over the tables that grow with the images, half a second for 100,000, then pictures and history, which is as fast as
        the disk can read. Raises `Damaged`, `Cancelled`.
        """
        try:
            migrate.check_rest(self.file, step=lambda: progress(0, 0, tr("Looking the project over")))
        except migrate.DamagedError as error:
            raise _damaged(self.file) from error
        except sqlite3.OperationalError as error:
            raise _refused(self.file, error) from error

    def _save_before_update(self) -> None:
        file = _saved.automatic(self.folder, _saved.UPDATE)
        try:
            file.parent.mkdir(exist_ok=True)
            migrate.copy_verified(self.file, file)
        except OSError as error:
            self._engine.dispose()
            raise UserError(
                tr(
                    "This project is from an older Labeler, and the backup before it is brought up to date failed: {reason}",
                    reason=error.strerror or error,
                ),
                tr("Make room on the disk, or see that the folder can be written. Nothing was changed."),
            ) from error
        _saved.drop_old(self.folder)
        self.updated_from = file

    def _register_shipped(self) -> None:
        from labeler.services import shipped_models  # it imports this module

        shipped_models.register(self)

    def close(self) -> None:
        """Let go of the database file."""
        self._foreign.close()
        self._engine.dispose()

    def __enter__(self) -> "Project":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one consistent state."""
        with reading(self._engine) as session:
            yield session

    @contextmanager
    def write(self, changes: Changes | None = None) -> Iterator[Session]:
        """One transaction; `changes` are published once it is committed. Raises `UserError` where the disk or another program bars it."""
        try:
            with writing(self._engine) as session:
                session.connection()  # takes the write lock
                self._foreign.before_own()
                try:
                    yield session
                    session.commit()
                finally:
                    self._foreign.after_own()
        except OperationalError as error:
            raise _refused(self.file, error) from error
        if changes is not None:
            self.changes.publish(changes)

    def shrink(self) -> bool:
        """Write the database's file anew without what was deleted, and empty its log; False where another program is in the way."""
        return shrink(self._engine)

    def data_version(self) -> int:
        """Another number whenever another process has changed the project; our own changes leave it as it is. Cheap: no file is read."""
        return self._foreign.count()

    def setting(self, key: str, default: Any = None) -> Any:
        """A fact kept with the project, as plain JSON values."""
        with self.read() as session:
            row = session.get(SettingRow, key)
            return default if row is None else row.value

    def set_setting(self, key: str, value: Any) -> None:
        """Keep a fact with the project; `value` must be plain JSON values."""
        json.dumps(value)
        with self.write() as session:
            session.merge(SettingRow(key=key, value=value))

    def class_id(self, name: str) -> int | None:
        """The id of the class called `name`."""
        return self.classes.index(name) if name in self.classes else None
