"""A consistent copy of a project's database, taken while it may be in use, and checked."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from labeler.core.errors import UserError
from labeler.core.i18n import tr
from labeler.services import _saved
from labeler.services.project import Project
from labeler_db import migrate

HEAD = b"SQLite format 3\0"
ROOM = 2
"""Times its own size that the disk must have free for an automatic backup."""


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


def automatic(project: Project, reason: str) -> Path | None:
    """Back up into the project's own folder before something large, and drop automatic backups that are old enough.

    None where nothing was written since the last one, or the disk has too little room left. `reason` is a short word for the name.
    Raises `UserError` where the database itself is damaged.
    """
    last = _saved.newest(project.folder)
    if last is not None and _written(project) <= last:
        return None
    size = project.file.stat().st_size
    if shutil.disk_usage(project.folder).free < ROOM * size:
        return None
    made = backup(project, _saved.automatic(project.folder, reason))
    _saved.drop_old(project.folder)
    return made


def _written(project: Project) -> datetime:
    """When the database, or the log beside it, was last written."""
    files = (project.file, project.file.with_name(project.file.name + "-wal"))
    return datetime.fromtimestamp(max(f.stat().st_mtime for f in files if f.exists()), UTC)
