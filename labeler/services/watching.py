"""Watches a folder for new pictures and scans, such as a scanner's output. Imports nothing itself and owns no thread."""

import os
from dataclasses import dataclass
from pathlib import Path

from labeler.formats import pixels, scans

SETTING = "watch"
"""Setting: the folder watched, as text; empty for none."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """How a file looked: a file that still looks so the next time is written to its end."""

    size: int
    changed: int


class Watch:
    """A folder being watched. What lies in it at the start is old. Call `fresh` now and then, always on one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known = set(_look(folder))
        self._waiting: dict[Path, _Seen] = {}

    def fresh(self) -> list[Path]:
        """Files that are new and complete, each given once, by name. A folder that cannot be read has none; it may come back."""
        now = _look(self.folder)
        done = sorted(
            p for p, seen in now.items() if p not in self._known and seen.size and self._waiting.get(p) == seen
        )
        self._known |= set(done)
        self._waiting = {p: seen for p, seen in now.items() if p not in self._known}
        return done


def _look(folder: Path) -> dict[Path, _Seen]:
    """Pictures and scans in a folder, not below it, and how they look; partly written files of other names are left alone."""
    found: dict[Path, _Seen] = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if (
                    entry.name.startswith(".")
                    or Path(entry.name).suffix.lower() not in pixels.IMAGE_SUFFIXES | scans.SUFFIXES
                ):
                    continue
                if entry.is_file():
                    status = entry.stat()
                    found[Path(entry.path)] = _Seen(status.st_size, status.st_mtime_ns)
    except OSError:
        return found
    return found
