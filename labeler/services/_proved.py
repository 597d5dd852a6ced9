"""Exports that were proved, remembered: asked for again, one is linked from where it stands, as long as nobody wrote to it.

A file is what was proved while its length and its time of change are. Files of one page are linked and therefore closed to writing;
what is about the whole export, and sometimes edited by hand, is copied.
"""

# ruff: noqa: PTH101, PTH116
# Paths are text here: with tens of thousands of files, making Path objects costs more than linking them.

import hashlib
import inspect
import json
import os
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import labeler
from labeler.core.i18n import tr
from labeler.core.progress import Progress
from labeler.formats.registry import WRITERS
from labeler.services._proof import PROOF_FILE
from labeler.services.versions import Version

FOLDER = "proved"
MOST = 8
"""Exports that are remembered in a project."""
STEP = 256
"""Files between two looks at whether to go on."""
CLOSED = 0o444
"""The rights of a file that several exports may share: whoever edits the labels of one would edit the other's."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file of an export: its path below the export's folder, and what it looked like when it was right."""

    path: str
    length: int
    changed: int

    def is_still(self, file: str) -> bool:
        status = os.stat(file)
        return status.st_size == self.length and status.st_mtime_ns == self.changed


@dataclass(frozen=True, slots=True)
class Proved:
    """An export that stands in `folder`: its `inner` folders, files about the `whole`, and files of one of the `pages` each."""

    folder: str
    inner: tuple[str, ...]
    whole: tuple[_Seen, ...]
    pages: tuple[_Seen, ...]


def record_of(cache: Path, version: Version, format_: str) -> Path:
    """Where it is remembered that a version was exported in a format by this program, as it is now."""
    code = inspect.getsourcefile(inspect.unwrap(WRITERS[format_]))
    program = hashlib.sha256(Path(code).read_bytes() if code else b"").hexdigest()
    name = json.dumps([labeler.__version__, program, version.hash, version.name, format_])
    return cache / FOLDER / hashlib.sha256(name.encode()).hexdigest()[:32]


def lend(record: Path, part: Path, progress: Progress) -> Proved | None:
    """Fill the empty folder `part` from the export remembered in `record`, and tell what is in it.

    None where none stands untouched, or links cannot go there; `part` is empty then. Raises `Cancelled`.
    """
    known = _read(record)
    try:
        if known is not None and _is_linked(known, part, progress):
            return known
    except OSError:
        pass
    shutil.rmtree(part)
    part.mkdir()
    return None


def _is_linked(known: Proved, part: Path, progress: Progress) -> bool:
    for name in known.inner:
        (part / name).mkdir()
    here, there = f"{known.folder}{os.sep}", f"{part}{os.sep}"
    for done, seen in enumerate(known.pages):
        if done % STEP == 0:
            progress(done, len(known.pages), tr("Exporting"))
        os.link(here + seen.path, there + seen.path)
        if not seen.is_still(there + seen.path):
            return False
    for seen in known.whole:
        shutil.copyfile(here + seen.path, there + seen.path)
    return all(seen.is_still(here + seen.path) for seen in known.whole)


def look(folder: Path, names: Collection[str]) -> Proved:
    """The export in `folder` as it is, to be proved next: what is written after this look shows. Files whose stems are in `names` are of
    one page each, and closed to writing from now on."""
    inner, whole, pages = [], [], []
    for path, entry in _walk(str(folder), ""):
        if entry.is_dir(follow_symlinks=False):
            inner.append(path)
            continue
        status = entry.stat()
        seen = _Seen(path, status.st_size, status.st_mtime_ns)
        if entry.name.rpartition(".")[0] not in names:
            whole.append(seen)
            continue
        pages.append(seen)
        if status.st_nlink == 1 and os.name == "posix":
            os.chmod(entry.path, CLOSED)
    return Proved(str(folder), tuple(inner), tuple(whole), tuple(pages))


def remember(record: Path, proved: Proved, out: Path) -> None:
    """Remember that what was `proved` stands in `out` now, and forget the oldest such exports. What cannot be written is not remembered."""
    whole = []
    try:
        for path in sorted({PROOF_FILE, *(seen.path for seen in proved.whole)}):
            status = (out / path).stat()
            whole.append((path, status.st_size, status.st_mtime_ns))
        record.parent.mkdir(parents=True, exist_ok=True)
        part = record.with_suffix(f".{os.getpid()}.part")
        pages = [(seen.path, seen.length, seen.changed) for seen in proved.pages]
        part.write_text(json.dumps([str(out), proved.inner, whole, pages]), encoding="utf-8")
        part.replace(record)
        kept = sorted(record.parent.iterdir(), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in kept[MOST:]:
            old.unlink(missing_ok=True)
    except OSError:
        return


def _read(record: Path) -> Proved | None:
    try:
        folder, inner, whole, pages = json.loads(record.read_text(encoding="utf-8"))
        known = Proved(folder, tuple(inner), tuple(_Seen(*s) for s in whole), tuple(_Seen(*s) for s in pages))
    except (OSError, ValueError, TypeError):
        return None
    return known


def _walk(folder: str, above: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Everything below a folder by its path from there, each folder before what is in it."""
    with os.scandir(folder) as entries:
        for entry in entries:
            path = f"{above}{entry.name}"
            yield path, entry
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path, f"{path}{os.sep}")
