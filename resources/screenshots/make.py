"""Makes the README's pictures from the sample project: `python resources/screenshots/make.py`. Needs no display."""

import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from labeler.gui import app, theme
from labeler.gui.main_window import MainWindow
from labeler.services import demo, images

HERE = Path(__file__).resolve().parent
SIZE = (1280, 800)
SHOTS = (
    ("desk", "light", "en"),
    ("desk", "dark", "zh_CN"),
    ("collect", "light", "en"),
    ("data", "light", "en"),
    ("ledger", "dark", "en"),
)
"""Page, theme and language of each picture."""


def main() -> None:
    """Make them all."""
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["XDG_CONFIG_HOME"] = scratch
        folder = Path(scratch) / "Class 7b"
        with demo.make_sample(folder) as project:
            waiting = next(i.id for i in images.images(project, images.image_ids(project)) if i.state == "suggested")
        qt = app.application()
        window = app.build(folder)
        window.resize(*SIZE)
        window.show()
        for page, look, language in SHOTS:
            theme.apply(qt, look)
            window.set_language(language)
            window.show_page(page, waiting if page == "desk" else None)
            settle(qt, window)
            window.grab().save(str(HERE / f"{page}-{look}-{language}.jpg"), "JPG", 90)
        window.close()
        settle(qt, window)


def settle(qt: QApplication, window: MainWindow) -> None:
    """Let the window read, lay out and paint until it has nothing left to do."""
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < 1.5:
        qt.processEvents()
        if window.session is not None and window.session.tasks.busy:
            quiet_since = time.monotonic()
        time.sleep(0.02)


if __name__ == "__main__":
    main()
