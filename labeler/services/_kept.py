"""Pictures kept as files beside the database, each written and checked once, so that an export costs links only.

A kept file that was checked carries a mark: its time of change says which bytes and which size were found in it. Whoever writes to
the file, through whichever link, moves that time, and the file is read again before anybody trusts it.
"""

# ruff: noqa: PTH105, PTH116, PTH123
# Paths are text here: with tens of thousands of files, making Path objects costs more than linking them.

import errno
import hashlib
import os
import shutil
import zlib
from dataclasses import dataclass
from pathlib import Path

from labeler.core.errors import UserError
from labeler.core.i18n import tr
from labeler.core.versions import NAMED
from labeler.formats import containers, pixels
from labeler.formats.sample import Page
from labeler.services._files import sha256_of

_FIRST_MARK = 946_684_800
"""The first second of 2000. Marks are even seconds from there to 2017: every file system can hold them, and no clock writes them now."""


@dataclass(frozen=True, slots=True)
class _Checked:
    """What a file looked like when it held just what it should."""

    sha256: str
    size: tuple[int, int]
    length: int
    changed: int


class KeptPictures:
    """The kept pictures of a project in `folder`, and what is known of them so far. Use one for one export.

    With `thorough` no mark is believed: every byte is read.
    """

    def __init__(self, folder: Path, *, thorough: bool = False) -> None:
        self.folder = folder
        self._text = f"{folder}{os.sep}"
        self._thorough = thorough
        self._checked: dict[tuple[int, int], _Checked] = {}

    def place(self, page: Page) -> Path:
        """Where its bytes lie: named after the image that they are of, so that whose writer withdraws is found."""
        return Path(self._place(page))

    def _place(self, page: Page) -> str:
        name = page.sha256 if page.name == page.sha256[:NAMED] else f"{page.name}-{page.sha256}"
        return f"{self._text}{name[:2]}{os.sep}{name}{page.suffix}"

    def has(self, page: Page) -> bool:
        """Whether its bytes are here. A file that holds others, or fewer, is taken away."""
        place = self._place(page)
        try:
            status = os.stat(place)
        except FileNotFoundError:
            return False
        if status.st_mtime == _mark(page) and not self._thorough:
            self._note(status, page)
            return True
        if _is(Path(place).read_bytes(), page):
            os.utime(place, (_mark(page), _mark(page)))
            self._note(os.stat(place), page)
            return True
        Path(place).unlink()
        return False

    def put(self, page: Page, data: bytes) -> None:
        """Keep the bytes of a page. Raises `UserError` where they are not what the page says."""
        if not _is(data, page):
            raise UserError(
                tr("The picture {name} in the database is not what it was when it came in.", name=page.file_name),
                tr("The project may be damaged: bring back a backup."),
            )
        place = self._place(page)
        part = f"{place}.{os.getpid()}.part"
        try:
            status = _write(part, data, _mark(page))
        except FileNotFoundError:
            Path(part).parent.mkdir(parents=True, exist_ok=True)
            status = _write(part, data, _mark(page))
        os.replace(part, place)
        if status.st_size != len(data):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        self._note(status, page)

    def link(self, page: Page, target: Path) -> None:
        """The picture at another path: a link to the kept file, or a copy where links cannot go."""
        kept = self._place(page)
        try:
            os.link(kept, target)
        except OSError:
            shutil.copyfile(kept, target)

    def sha256_of(self, file: Path) -> str:
        """The SHA-256 of a file: known of an untouched link to a checked picture, computed of any other."""
        known = None if self._thorough else self._known(file)
        return known.sha256 if known is not None else sha256_of(file)

    def size_of(self, file: Path) -> tuple[int, int]:
        """Width and height of the upright picture in a file; as `sha256_of`. Raises BadInput."""
        known = None if self._thorough else self._known(file)
        return known.size if known is not None else pixels.size_of(file)

    def _note(self, status: os.stat_result, page: Page) -> None:
        if status.st_ino:
            size = (page.width, page.height)
            self._checked[status.st_dev, status.st_ino] = _Checked(
                page.sha256, size, status.st_size, status.st_mtime_ns
            )

    def _known(self, file: Path) -> _Checked | None:
        """What is known of a file: that it is, still, one that was checked."""
        status = os.stat(file)
        known = self._checked.get((status.st_dev, status.st_ino))
        is_same = known is not None and (known.length, known.changed) == (status.st_size, status.st_mtime_ns)
        return known if is_same else None


def _mark(page: Page) -> int:
    """The time of change, in seconds, that says a file holds the bytes of a page of this size."""
    return _FIRST_MARK + 2 * (zlib.crc32(f"{page.sha256} {page.width} {page.height}".encode()) >> 4)


def _write(path: str, data: bytes, mark: int) -> os.stat_result:
    with open(path, "wb", buffering=0) as file:
        file.write(data)
    os.utime(path, (mark, mark))
    return os.stat(path)


def _is(data: bytes, page: Page) -> bool:
    """Whether these are a page's bytes, and a picture of its size."""
    if hashlib.sha256(data).hexdigest() != page.sha256:
        return False
    size = containers.size_in_header(data) or pixels.size_of_bytes(data, name=page.file_name)
    return size == (page.width, page.height)
