"""One page of the real window, shown and settled, for benchmarks."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from labeler.gui import app, memory
from labeler.gui.pages.collect import CollectPage
from labeler.services.project import Project


@contextmanager
def shown_page(project: Path, name: str, *, size: tuple[int, int]) -> Iterator[QWidget]:
    """The page `name` of a project, in front; its window closes with the context, whatever is still going on."""
    app.application()
    memory.save_page(name)
    window = app.build(project)
    window.resize(*size)
    window.show()
    QTest.qWait(1500)
    assert window.workspace is not None
    yield window.workspace.pages[name]
    window.close_now()


@contextmanager
def collect_page() -> Iterator[CollectPage]:
    """The collect page of a new project."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "project"
        Project.create(folder).close()
        with shown_page(folder, "collect", size=(1440, 860)) as page:
            assert isinstance(page, CollectPage)
            yield page
