"""Files beside the database that may hold a writer's pages: exports, the export cache, pictures that trainings drew, old databases."""

import shutil
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from labeler.core.versions import NAMED
from labeler.services.exporting import CACHE
from labeler.services.project import DATABASE, Project

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".npy", ".cache"})
"""Endings of what a training may have drawn or cached of the pages it saw."""


def exports_with(project: Project, hashes: Iterable[str]) -> list[Path]:
    """Exported data sets in the project's folder that hold one of these pictures, and the cached pictures themselves."""
    wanted = {sha[:NAMED] for sha in hashes}
    folder = project.folder / "exports"
    found: list[Path] = []
    for place in sorted(folder.iterdir()) if folder.is_dir() else []:
        theirs = [file for file in sorted(place.rglob("*")) if file.is_file() and file.name[:NAMED] in wanted]
        if place.name == CACHE:
            found += theirs
        elif theirs:
            found.append(place)
    return found


def training_pictures(folders: Sequence[Path]) -> list[Path]:
    """Pictures and caches below the folders of trainings."""
    return [f for folder in folders for f in sorted(folder.rglob("*")) if f.is_file() and f.suffix.lower() in PICTURES]


def old_databases(project: Project, code: str, hashes: Iterable[str]) -> list[Path]:
    """Other databases below the project's folder that hold the writer: backups from before a migration, and the person's own.

    Other projects that lie inside this one's folder are none of ours.
    """
    wanted = sorted(hashes)
    ours = {project.file, *(project.file.with_name(DATABASE + end) for end in ("-wal", "-shm"))}
    others = {file.parent for file in project.folder.rglob(DATABASE) if file != project.file}
    found = []
    for file in sorted(project.folder.rglob("*")):
        if file in ours or not file.is_file() or others & {*file.parents}:
            continue
        if _is_database(file) and _holds(file, code, wanted):
            found += [file, *(f for end in ("-wal", "-shm") if (f := file.with_name(file.name + end)).exists())]
    return found


def delete(paths: Iterable[Path]) -> int:
    """Delete files and folders; returns how many. Raises OSError."""
    count = 0
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        count += 1
    return count


def _is_database(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(16) == b"SQLite format 3\0"


def _holds(file: Path, code: str, hashes: Sequence[str]) -> bool:
    """Whether a database of ours holds the writer or their pictures. One of ours that cannot be read may hold anything."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not {"writers", "blobs"} <= tables:
                return False
            if connection.execute("SELECT 1 FROM writers WHERE code = ?", (code,)).fetchone():
                return True
            return any(connection.execute("SELECT 1 FROM blobs WHERE sha256 = ?", (sha,)).fetchone() for sha in hashes)
    except sqlite3.DatabaseError:
        return file.name.startswith(Path(DATABASE).stem)
