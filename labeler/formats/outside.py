"""Reads what others wrote without trusting it: folders, text, JSON, XML, numbers and rectangles.

Everything here ends in a value that can be relied on or in BadInput with one reason.
"""

import json
import math
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

from labeler.core.boxes import MIN_SIDE, Rect, clip
from labeler.core.errors import BadInput
from labeler.core.i18n import tr
from labeler.formats.pixels import IMAGE_SUFFIXES
from labeler.formats.sample import Rejected

OVERHANG = 0.01
"""How far a box may reach over the page's edge, as a share of that side, and be cut; beyond, it is refused."""

_LONGEST_TEXT = 64 << 20
_SPLIT_NAMES = {"train": "train", "training": "train", "test": "test", "testing": "test"}
_SPLIT_NAMES |= {"val": "val", "valid": "val", "validation": "val"}


def files_under(folder: Path, rejected: list[Rejected]) -> list[Path]:
    """All files below `folder` in a fixed order; hidden ones are passed over, unreadable folders go to `rejected`."""
    found: list[Path] = []
    seen: set[tuple[int, int]] = set()
    _is_new(folder, seen)

    def report(error: OSError) -> None:
        rejected.append(Rejected(str(error.filename or folder), unreadable(error)))

    for at, folders, names in os.walk(folder, onerror=report, followlinks=True):
        folders[:] = sorted(name for name in folders if not _is_hidden(name) and _is_new(Path(at, name), seen))
        found += [Path(at, name) for name in sorted(names) if not _is_hidden(name)]
    return found


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _is_new(folder: Path, seen: set[tuple[int, int]]) -> bool:
    """False for a folder already walked, so that a link to a parent ends the walk there."""
    try:
        status = folder.stat()
    except OSError:
        return True
    # Windows' cheap stat has no inode; it has next to no folder links either.
    key = (status.st_dev, status.st_ino)
    is_new = key not in seen or status.st_ino == 0
    seen.add(key)
    return is_new


def is_picture(path: Path) -> bool:
    """Whether the file name says picture."""
    return path.suffix.lower() in IMAGE_SUFFIXES


def unreadable(error: OSError) -> str:
    """Why the system did not let us read, as a sentence."""
    return tr("It cannot be read: {reason}.", reason=error.strerror or type(error).__name__)


def split_named(parts: Iterable[str]) -> str | None:
    """The split that the last telling part of a path names: `valid/images` is val, `instances_train2017` is train."""
    for part in reversed(list(parts)):
        for word in re.split(r"[^a-z]+", part.lower()):
            if word in _SPLIT_NAMES:
                return _SPLIT_NAMES[word]
    return None


def read_bytes(path: Path) -> bytes:
    """The file's bytes. Raises BadInput where the system refuses."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(unreadable(error)) from error


def text_of(data: bytes) -> str:
    """UTF-8 (or UTF-16 with its mark, as Windows tools write) as text. Raises BadInput for anything else."""
    if len(data) > _LONGEST_TEXT:
        raise BadInput(tr("It is far too long for what it should be."))
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return data.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(tr("It is not text in UTF-8.")) from error


def json_of(data: bytes) -> Any:
    """The JSON value in `data`. Raises BadInput where it is none."""
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadInput(tr("It is not valid JSON: {reason}.", reason=_short(error))) from error


def xml_of(data: bytes) -> ElementTree.Element:
    """The root element. Raises BadInput for what is no XML, or has a document type: entities let a small file fill the memory."""

    def refuse(*_: object) -> None:
        raise BadInput(tr("It has a document type declaration, which no label file needs, so it is not trusted."))

    checker = expat.ParserCreate()
    checker.StartDoctypeDeclHandler = refuse
    try:
        checker.Parse(data, True)
        return ElementTree.fromstring(data)
    except (expat.ExpatError, ElementTree.ParseError, ValueError, LookupError) as error:
        raise BadInput(tr("It is not valid XML: {reason}.", reason=_short(error))) from error


def _short(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120].rstrip(".")


def number(value: object) -> float:
    """A finite number from a JSON number or a numeral. Raises BadInput for anything else, NaN and infinity included."""
    plain = _plain_number(value) if isinstance(value, str) else None
    if plain is not None:
        return plain
    if isinstance(value, str) and not _NUMERAL.fullmatch(value.strip()):
        raise BadInput(tr("“{value}” is not a number.", value=value[:40]))
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise BadInput(tr("“{value}” is not a number.", value=str(value)[:40]))
    try:
        result = float(value)
    except OverflowError:
        result = math.inf
    if not math.isfinite(result):
        raise BadInput(tr("“{value}” is not a finite number.", value=str(value)[:40]))
    return result


def numbers(fields: Sequence[str]) -> list[float]:
    """As `number`, of several numerals; all at once where they are what nearly every numeral is. Raises BadInput."""
    text = "".join(fields)
    if text.isascii() and "_" not in text:
        try:
            found = [float(field) for field in fields]
        except ValueError:
            pass
        else:
            if math.isfinite(sum(found)):
                return found
    return [number(field) for field in fields]


def _plain_number(text: str) -> float | None:
    """What nearly every numeral is, found without the pattern; None leaves the judgement to that."""
    if not text.isascii() or "_" in text:
        return None
    try:
        result = float(text)
    except ValueError:
        return None
    return result if math.isfinite(result) else None


_NUMERAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(nan|inf|infinity)", re.ASCII | re.IGNORECASE)


def page_rect(rect: Rect, *, width: int, height: int) -> Rect:
    """`rect` cut to a page of `width` × `height` pixels. Raises BadInput where it has no area or reaches too far outside."""
    if rect.x >= 0 <= rect.y and rect.right <= width and rect.bottom <= height and min(rect.w, rect.h) >= MIN_SIDE:
        return rect
    if rect.w <= 0 or rect.h <= 0:
        raise BadInput(tr("The box has no area."))
    across, down = OVERHANG * width, OVERHANG * height
    if rect.x < -across or rect.y < -down or rect.right > width + across or rect.bottom > height + down:
        raise BadInput(tr("The box reaches outside the page."))
    inside = clip(rect, width, height)
    # Thinner than half a pixel is a slip of the mouse or of a program, and would be made up by clipping.
    if (
        min(rect.w, rect.h) < 0.5
        or min(rect.right, width) <= max(rect.x, 0)
        or min(rect.bottom, height) <= max(rect.y, 0)
    ):
        raise BadInput(tr("The box has no area."))
    return inside


def same_size(declared: tuple[float, float], actual: tuple[int, int]) -> None:
    """Raises BadInput where labels were made for a picture of another size than it has; 0 × 0 says nothing."""
    if min(declared) <= 0 or max(abs(d - a) for d, a in zip(declared, actual, strict=True)) < 1:
        return
    texts = {"declared": f"{declared[0]:g} × {declared[1]:g}", "actual": f"{actual[0]} × {actual[1]}"}
    if tuple(declared) == actual[::-1]:
        raise BadInput(tr("It labels the picture lying on its side ({declared}, upright {actual}).", **texts))
    raise BadInput(tr("It labels a picture of {declared} pixels, but the picture has {actual}.", **texts))
