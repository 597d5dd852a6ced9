"""What the window remembers by itself: its place and size, the page in front, the splitters."""

from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow, QSplitter, QWidget

from labeler.gui import settings

DEFAULT_SIZE = QSize(1280, 800)


def save_window(window: QMainWindow) -> None:
    """Remember where the window is."""
    settings.window_state().setValue("geometry", window.saveGeometry())


def restore_window(window: QMainWindow) -> None:
    """Put the window where it was; the first time, as large as suits it and the screen."""
    found = settings.window_state().value("geometry")
    if isinstance(found, QByteArray) and window.restoreGeometry(found):
        return
    screen = QGuiApplication.primaryScreen()
    window.resize(DEFAULT_SIZE.boundedTo(screen.availableSize()) if screen is not None else DEFAULT_SIZE)


def save_page(name: str) -> None:
    """Remember the page in front."""
    settings.window_state().setValue("page", name)


def last_page() -> str:
    """The page that was in front."""
    return str(settings.window_state().value("page", "desk"))


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
