"""Where files of a person's own go unless they say otherwise."""

from pathlib import Path

from PySide6.QtCore import QStandardPaths


def documents() -> Path:
    """The person's folder for documents, else their home."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(place) if place and Path(place).is_dir() else Path.home()
