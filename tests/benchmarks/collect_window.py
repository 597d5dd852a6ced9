"""The collect page of a new project in the real window, for benchmarks."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtTest import QTest

from labeler.gui import app, memory
from labeler.gui.pages.collect import CollectPage
from labeler.services.project import Project


@contextmanager
def collect_page() -> Iterator[CollectPage]:
    """The page, shown and settled; its window closes with the context."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "project"
        Project.create(folder).close()
        app.application()
        memory.save_page("collect")
        window = app.build(folder)
        window.resize(1440, 860)
        window.show()
        QTest.qWait(1500)
        assert window.workspace is not None
        page = window.workspace.pages["collect"]
        assert isinstance(page, CollectPage)
        yield page
        window.close()
