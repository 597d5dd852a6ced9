"""The formats by name: which one a path looks like, and how to read and write each."""

from pathlib import Path

from labeler.core.errors import NotFound
from labeler.core.i18n import tr
from labeler.formats import yolo
from labeler.formats.sample import Page, Reader, Writer

__all__ = ["READERS", "WRITERS", "Page", "detect_format"]

READERS: dict[str, Reader] = {"yolo": yolo.read}
WRITERS: dict[str, Writer] = {"yolo": yolo.write}

_DETECTORS = {"yolo": yolo.detect}


def detect_format(path: Path) -> str:
    """The format that the file or folder at `path` looks like; "images" where no labels are recognised. Raises NotFound."""
    if not path.exists():
        raise NotFound(tr("There is no {path}.", path=path))
    return next((name for name, looks_like in _DETECTORS.items() if looks_like(path)), "images")
