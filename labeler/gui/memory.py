"""What the window remembers by itself: its place and size, the page in front, the splitters; of each project the image in front."""

import hashlib
from pathlib import Path

from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow, QSplitter, QWidget

from labeler.gui import settings

DEFAULT_SIZE = QSize(1280, 800)
TITLE_BAR = QSize(2, 40)
"""What a window manager adds to a window, at most."""


def save_window(window: QMainWindow) -> None:
    """Remember where the window is."""
    settings.window_state().setValue("geometry", window.saveGeometry())


def restore_window(window: QMainWindow) -> None:
    """Put the window where it was; the first time as large as suits it and the screen, title bar and all."""
    found = settings.window_state().value("geometry")
    if isinstance(found, QByteArray) and window.restoreGeometry(found):
        return
    screen = QGuiApplication.primaryScreen()
    room = screen.availableSize() - TITLE_BAR if screen is not None else DEFAULT_SIZE
    window.resize(DEFAULT_SIZE.boundedTo(room))


def save_page(name: str) -> None:
    """Remember the page in front."""
    settings.window_state().setValue("page", name)


def last_page() -> str:
    """The page that was in front."""
    return str(settings.window_state().value("page", "desk"))


def save_image(project: Path, image_id: int | None) -> None:
    """Remember the image in front of a project; None forgets it."""
    settings.window_state().setValue(_image_key(project), image_id or 0)


def last_image(project: Path) -> int | None:
    """The image of a project that was in front."""
    found = settings.window_state().value(_image_key(project), 0)
    return int(found) or None if isinstance(found, int | str) and str(found).isdigit() else None


def save_choice(name: str, value: str) -> None:
    """Remember a small choice of the window, such as the order of a list."""
    settings.window_state().setValue(f"choice/{name}", value)


def choice(name: str) -> str:
    """A small choice of the window as it was left; empty where it was never made."""
    return str(settings.window_state().value(f"choice/{name}", ""))


def save_splitters(page: QWidget) -> None:
    """Remember the splitters of a page that have a name."""
    state = settings.window_state()
    for splitter in page.findChildren(QSplitter):
        if name := splitter.objectName():
            state.setValue(f"splitter/{name}", splitter.saveState())


def restore_splitters(page: QWidget) -> None:
    """Put the splitters of a page where they were."""
    state = settings.window_state()
    for splitter in page.findChildren(QSplitter):
        found = state.value(f"splitter/{splitter.objectName()}") if splitter.objectName() else None
        if isinstance(found, QByteArray):
            splitter.restoreState(found)


def _image_key(project: Path) -> str:
    return "image/" + hashlib.sha256(str(project.resolve()).encode()).hexdigest()[:16]
