"""A consistent copy of a project's database, taken while it may be in use, and checked."""

from pathlib import Path

from labeler.core.errors import UserError
from labeler.core.i18n import tr
from labeler.services.project import Project
from labeler_db import migrate

HEAD = b"SQLite format 3\0"


def backup(project: Project, file: Path) -> Path:
    """Copy the database to `file`; it holds images, boxes and history. An earlier backup is replaced, nothing else. Raises `UserError`."""
    if file.is_dir():
        raise UserError(
            tr("{path} is a folder.", path=file), tr("Give the name of the file to write, for example backup.db.")
        )
    if file.is_file() and (file.samefile(project.file) or not _is_backup(file)):
        raise UserError(tr("{path} is no backup, so it is not replaced.", path=file), tr("Choose another name."))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        migrate.copy_verified(project.file, file)
    except (OSError, migrate.DamagedError) as error:
        raise UserError(
            tr("The backup to {path} failed: {reason}", path=file, reason=error),
            tr("Check that the folder can be written and the disk has room."),
        ) from error
    return file.resolve()


def _is_backup(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(len(HEAD)) == HEAD
