"""Files beside the database that may hold a writer's pages: exports, copies, pictures that trainings drew, old databases."""

import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from labeler.core.versions import NAMED
from labeler.services._files import sha256_of
from labeler.services._proof import PROOF_FILE
from labeler.services.exporting import CACHE
from labeler.services.project import DATABASE, Project

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".npy", ".cache"})
"""Endings of what a training may have drawn or cached of the pages it saw."""


def files_with(project: Project, hashes: Iterable[str]) -> list[Path]:
    """What holds one of these pictures anywhere below the project's folder: whole exports, kept pictures, files of anybody's.

    A file is known by its name, which exports give it after the picture, or by its bytes. Databases, and other projects that lie
    inside this one's folder, are not looked into.
    """
    wanted = set(hashes)
    names = {sha[:NAMED] for sha in wanted}
    found: dict[Path, None] = {}
    for file in _own_files(project):
        if found.keys() & {*file.parents}:
            continue
        if file.name[:NAMED] in names or (not _is_database(file) and sha256_of(file) in wanted):
            found[_export_of(project, file)] = None
    return list(found)


def _export_of(project: Project, file: Path) -> Path:
    """The export that a file belongs to, whose labels and lists tell of it too; else the file itself."""
    above = [folder for folder in file.parents if folder.is_relative_to(project.folder) and folder != project.folder]
    for folder in above:
        if (folder / PROOF_FILE).is_file():
            return folder
    exports = project.folder / "exports"
    broken_off = next((folder for folder in above if folder.parent == exports and folder.name != CACHE), None)
    return broken_off or file


def _own_files(project: Project) -> Iterator[Path]:
    """Every file below the project's folder but its database, and nothing of another project that lies in there."""
    ours = {project.file, *(project.file.with_name(DATABASE + end) for end in ("-wal", "-shm"))}
    others = {file.parent for file in project.folder.rglob(DATABASE) if file != project.file}
    for file in sorted(project.folder.rglob("*")):
        if file not in ours and file.is_file() and not others & {*file.parents}:
            yield file


def training_pictures(folders: Sequence[Path]) -> list[Path]:
    """Pictures and caches below the folders of trainings."""
    return [f for folder in folders for f in sorted(folder.rglob("*")) if f.is_file() and f.suffix.lower() in PICTURES]


def old_databases(project: Project, code: str, hashes: Iterable[str]) -> list[Path]:
    """Other databases below the project's folder that hold the writer: backups from before a migration, and the person's own.

    Other projects that lie inside this one's folder are none of ours.
    """
    wanted = sorted(hashes)
    found = []
    for file in _own_files(project):
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
