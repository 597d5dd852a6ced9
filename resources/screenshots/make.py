"""Makes the README's pictures from the sample project: `python resources/screenshots/make.py [NAME …]`. Needs no display.

Nothing but the sample project's drawn handwriting is shown. A picture at 200 % is made by a process of its own, since Qt reads the
scale once.
"""

import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from labeler.core import digits, gestures
from labeler.core.boxes import Box, Rect
from labeler.gui import app, theme
from labeler.gui.main_window import MainWindow
from labeler.gui.pages.check import CheckPage
from labeler.gui.pages.collect import CollectPage
from labeler.gui.pages.models import ModelsPage
from labeler.gui.pages.train import TrainPage
from labeler.services import demo, images, importing, labeling
from labeler.services.project import Project

HERE = Path(__file__).resolve().parent
SIZE = (1280, 800)
MANY = 2000


@dataclass(frozen=True)
class Shot:
    """One picture: the page in front, its theme and language, which project, and how large a pixel is."""

    name: str
    page: str
    look: str = "light"
    language: str = "en"
    project: str = "sample"
    scale: str = "1"


SHOTS = (
    Shot("desk-light-en", "desk"),
    Shot("desk-dark-zh_CN", "desk", "dark", "zh_CN"),
    Shot("desk-200-light-en", "desk", scale="2"),
    Shot("desk-empty-light-en", "desk", project="empty"),
    Shot("desk-2000-light-en", "desk", project="many"),
    Shot("collect-light-en", "collect"),
    Shot("data-light-en", "data"),
    Shot("ledger-dark-en", "ledger", "dark"),
    Shot("check-light-en", "check", project="trained"),
    Shot("train-dark-en", "train", "dark", project="trained"),
    Shot("models-light-en", "models", project="trained"),
)


def main(names: list[str]) -> None:
    """Make them all, or those that are named."""
    shots = [s for s in SHOTS if not names or s.name in names]
    ratio = os.environ.get("QT_SCALE_FACTOR", "1")
    for other in sorted({s.scale for s in shots if s.scale != ratio}):
        wanted = [s.name for s in shots if s.scale == other]
        subprocess.run([sys.executable, __file__, *wanted], env=os.environ | {"QT_SCALE_FACTOR": other}, check=True)
    here = [s for s in shots if s.scale == ratio]
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["LABELER_CONFIG_DIR"] = scratch
        for project in dict.fromkeys(s.project for s in here):
            folder = Path(scratch) / project / "Class 7b"
            PROJECTS[project](folder)
            _take(folder, [s for s in here if s.project == project])


def _take(folder: Path, shots: list[Shot]) -> None:
    qt = app.application()
    with Project.open(folder) as project:
        found = images.images(project, images.image_ids(project))
    waiting = next((i.id for i in found if i.state == "suggested"), None)
    window = app.build(folder)
    window.resize(*SIZE)
    window.show()
    _settle(qt, window)
    for shot in shots:
        theme.apply(qt, shot.look)
        window.set_language(shot.language)
        window.show_page(shot.page, waiting if shot.page == "desk" else None)
        _settle(qt, window)
        if shot.page in BEFORE:
            BEFORE[shot.page](window)
            _settle(qt, window)
        window.grab().save(str(HERE / f"{shot.name}.jpg"), "JPG", 88)
    window.close()
    _settle(qt, window)


def _write(window: MainWindow) -> None:
    """The first writer of the list writes most of what is asked for: two prompts kept, the third under the pen."""
    page = _page(window, "collect")
    assert isinstance(page, CollectPage)
    page.writer.step(1)
    hand = digits.writer_style(7)
    for turn in range(3):
        rng = np.random.default_rng(turn)
        room, asked = page.pad.page, page.asked
        height = 0.42 * room.height()
        step = room.width() / (len(asked) + 1)
        for place, digit in enumerate(asked):
            for stroke in digits.draw_digit(int(digit), rng, hand):
                points = stroke * height + ((place + 0.7) * step, 0.28 * room.height())
                page.pad.pen_down(QPointF(*points[0]), 0.6, erase=False)
                for point in points[1:]:
                    page.pad.pen_move(QPointF(*point), 0.6)
                page.pad.pen_up()
        if turn < 2:
            page.save()


def _sample(folder: Path) -> None:
    demo.make_sample(folder).close()


def _empty(folder: Path) -> None:
    Project.create(folder).close()


def _many(folder: Path) -> None:
    """The sample's reviewed pages side by side on one large page, with `MANY` boxes."""
    from PIL import Image

    beside = folder.parent / "pages"
    with demo.make_sample(beside) as sample:
        pages = [labeling.page(sample, i) for i in images.image_ids(sample)]
        pages = [page for page in pages if page.image.state == "reviewed"]
        pictures = [images.picture(sample, page.image.id) for page in pages]
    columns, width, height = 6, pages[0].image.width, pages[0].image.height
    boxes: list[Box] = []
    places = []
    while len(boxes) < MANY:
        n = len(places)
        x, y = n % columns * width, n // columns * height
        places.append((n % len(pages), x, y))
        boxes += [b.placed(Rect(b.x + x, b.y + y, b.w, b.h)) for b in pages[n % len(pages)].boxes]
    whole = Image.new("RGB", (columns * width, -(-len(places) // columns) * height), "white")
    for n, x, y in places:
        whole.paste(Image.open(io.BytesIO(pictures[n])), (x, y))
    file = folder.parent / "handwriting" / "wall.jpg"
    file.parent.mkdir()
    whole.save(file, quality=85)
    with Project.create(folder) as project:
        (image,) = importing.import_paths(project, [file], writer="class-7b").image_ids
        page = labeling.page(project, image)
        labeling.apply(project, gestures.add(page, boxes[:MANY], "Wall"))


def _trained(folder: Path) -> None:
    """Once around the loop, and then somebody relabels and loses a few boxes without noticing."""
    demo.run_loop(folder, epochs=6)
    rng = np.random.default_rng(3)
    with Project.open(folder) as project:
        for image in images.image_ids(project)[::4]:
            page = labeling.page(project, image)
            if len(page.boxes) < 2:
                continue
            one, other = (page.boxes[i] for i in rng.choice(len(page.boxes), 2, replace=False))
            labeling.apply(project, gestures.relabel(page, {one.id}, (one.class_id + 5) % 10))
            labeling.apply(project, gestures.delete(labeling.page(project, image), {other.id}))


def _check(window: MainWindow) -> None:
    page = _page(window, "check")
    assert isinstance(page, CheckPage)
    page.run()


def _evaluation(window: MainWindow) -> None:
    page = _page(window, "models")
    assert isinstance(page, ModelsPage)
    page.show_evaluation()
    page.evaluation.tabs.setCurrentIndex(1)


def _log(window: MainWindow) -> None:
    page = _page(window, "train")
    assert isinstance(page, TrainPage)
    bar = page.detail.log.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)


def _page(window: MainWindow, name: str) -> object:
    assert window.workspace is not None
    return window.workspace.pages[name]


BEFORE: dict[str, Callable[[MainWindow], None]] = {
    "collect": _write,
    "check": _check,
    "train": _log,
    "models": _evaluation,
}
"""What is done on a page before its picture is taken."""
PROJECTS: dict[str, Callable[[Path], None]] = {"sample": _sample, "empty": _empty, "many": _many, "trained": _trained}


def _settle(qt: QApplication, window: MainWindow) -> None:
    """Let the window read, lay out and paint until nothing on it changes any more."""
    started = quiet_since = time.monotonic()
    last = window.grab().toImage()
    while time.monotonic() - quiet_since < 1.5 or time.monotonic() - started < 4:
        for _ in range(20):
            qt.processEvents()
            time.sleep(0.02)
        now = window.grab().toImage()
        if now != last or (window.session is not None and window.session.tasks.busy):
            last, quiet_since = now, time.monotonic()


if __name__ == "__main__":
    main(sys.argv[1:])
