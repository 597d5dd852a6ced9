"""The window for tests: built as the command builds it, closed as a person closes it; keys and theme begin as built in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from labeler.gui import actions, app, appearance, collector, memory, theme
from labeler.gui.main_window import MainWindow
from labeler.services.project import Project

OpenWindow = Callable[..., MainWindow]


@pytest.fixture(scope="session", autouse=True)
def application(home: Path, qapp: object) -> None:
    """What stands from the application's start to its end is no test's own."""
    app.application()


@pytest.fixture(autouse=True)
def fresh_settings(own_settings: None, qtbot: QtBot) -> Iterator[None]:
    """No keys of a person's own, the light theme, English."""
    running = app.application()
    actions.reload()
    theme.apply(running, "light")
    yield
    appearance.set_language("")
    theme.apply(running, "light")
    collector.collect_what_is_due()  # many tests run no event loop for long


@pytest.fixture
def open_window(qtbot: QtBot) -> Iterator[OpenWindow]:
    """`open_window(folder, page="data")` shows the window on a project; without a folder on none."""
    windows: list[MainWindow] = []

    def open_(folder: Path | None = None, *, page: str = "data") -> MainWindow:
        memory.save_page(page)
        window = app.build(folder)
        windows.append(window)
        qtbot.addWidget(window)
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        return window

    yield open_
    for window in windows:
        window.close_now()


@pytest.fixture
def folder(project: Project) -> Path:
    """A project's folder, not open."""
    project.close()
    return project.folder
