"""How fast the desk is: `python tests/benchmarks/bench_canvas.py [page|walk|open …] [--size 1920x1000]`, one JSON line a figure.

`page`: a picture of 4000 × 3000 pixels with 2,000 boxes in the real window: zooming, panning, hovering, selecting, adding, undoing.
`walk`: next image over 50 pages of 640 × 480 with 12 boxes each, and memory after 1,000 steps. `open`: projects of 1,000 to 100,000 images.
Times run from an event posted until it is handled, committed where it edits, painted and flushed; `cpu_ms` is the GUI thread's own share.
Run it under Xvfb on a quiet machine.
"""

import argparse
import json
import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil

HOME = Path(tempfile.mkdtemp(prefix="labeler-bench-"))
for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
    os.environ[name] = str(HOME / name.lower())

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QSettings, Qt  # noqa: E402
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPen, QWheelEvent  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from labeler.core.boxes import Rect, new_box  # noqa: E402
from labeler.core.edits import Edit, Side  # noqa: E402
from labeler.gui import app as start  # noqa: E402
from labeler.gui.main_window import MainWindow  # noqa: E402
from labeler.gui.pages.desk import DeskPage  # noqa: E402
from labeler.services import images, importing, labeling  # noqa: E402
from labeler.services.project import Project  # noqa: E402
from tests.helpers import handwriting  # noqa: E402

NONE = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
LEFT, NO_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


class Paints(QObject):
    """Counts the paint events of a widget."""

    def __init__(self, widget: QObject) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            self.count += 1
        return False


class Bench:
    """The window on one project, its desk and a stop-watch."""

    def __init__(self, window: MainWindow) -> None:
        page = window.workspace.pages["desk"]  # type: ignore[union-attr]
        assert isinstance(page, DeskPage)
        self.desk, self.canvas = page, page.canvas
        self.paints = Paints(self.canvas)

    def until(self, condition: Callable[[], bool], seconds: float = 120.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            QApplication.processEvents()
            if time.monotonic() > end:
                raise TimeoutError

    def settle(self, seconds: float = 0.2) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            QApplication.processEvents()

    def time(
        self, what: str, act: Callable[[int], None], *, times: int = 60, between: Callable[[], None] | None = None
    ) -> None:
        took, busy = [], []
        for n in range(times):
            before, started, worked = self.paints.count, time.perf_counter(), time.thread_time()
            act(n)
            while self.paints.count == before and time.perf_counter() - started < 2:
                QApplication.processEvents()
            took.append((time.perf_counter() - started) * 1000)
            busy.append((time.thread_time() - worked) * 1000)
            if between:
                between()
            QApplication.processEvents()
        tell(
            what,
            took,
            cpu_ms=round(statistics.median(busy), 2),
            device_ratio=self.canvas.devicePixelRatioF(),
            width=self.canvas.width(),
            height=self.canvas.height(),
        )

    def wheel(self, up: int, keys: Qt.KeyboardModifier) -> Callable[[int], None]:
        def act(n: int) -> None:
            place = QPointF(self.canvas.width() / 2 + n % 7, self.canvas.height() / 2)
            turned = QPoint(0, up if n % 2 else -up)
            QApplication.postEvent(
                self.canvas,
                QWheelEvent(place, self.canvas.mapToGlobal(place), QPoint(), turned, NO_BUTTON, keys, Qt.ScrollPhase.NoScrollPhase, False),
            )  # fmt: skip

        return act

    def mouse(self, kind: QEvent.Type, x: float, y: float, button: Qt.MouseButton, buttons: Qt.MouseButton) -> None:
        place = QPointF(*self.canvas.view.to_screen(x, y))
        QApplication.postEvent(
            self.canvas, QMouseEvent(kind, place, self.canvas.mapToGlobal(place), button, buttons, NONE)
        )

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = NONE, text: str = "") -> None:
        QApplication.postEvent(self.canvas, QKeyEvent(QEvent.Type.KeyPress, key, keys, text))
        QApplication.postEvent(self.canvas, QKeyEvent(QEvent.Type.KeyRelease, key, keys, text))


def tell(what: str, took: list[float], **more: Any) -> None:
    """One figure: milliseconds over its runs."""
    ordered = sorted(took)
    line = {
        "what": what, "n": len(took), "median_ms": round(statistics.median(took), 2),
        "p95_ms": round(ordered[int(0.95 * (len(ordered) - 1))], 2), "min_ms": round(ordered[0], 2), **more,
    }  # fmt: skip
    print(json.dumps(line), flush=True)


@contextmanager
def window_on(folder: Path, size: tuple[int, int]) -> Iterator[Bench]:
    window = start.build(folder)
    window.resize(*size)
    window.show()
    bench = Bench(window)
    bench.until(lambda: bench.desk.editor.page is not None and bench.canvas.scene.picture is not None)
    bench.settle(0.5)
    yield bench
    window.close()
    QApplication.processEvents()


def big_page(folder: Path) -> Path:
    """A project with one picture of 12 megapixels and 2,000 boxes."""
    rng = random.Random(1)
    picture = QImage(4000, 3000, QImage.Format.Format_RGB32)
    picture.fill(QColor(238, 236, 230))
    painter = QPainter(picture)
    painter.setPen(QPen(QColor(40, 45, 90), 5))
    for _ in range(4000):
        x, y = rng.randrange(4000), rng.randrange(3000)
        painter.drawLine(x, y, x + rng.randrange(-30, 30), y + rng.randrange(-40, 40))
    painter.end()
    picture.save(str(folder / "big.jpg"), "JPG", 90)
    with Project.create(folder / "big") as project:
        (image_id,) = importing.import_paths(project, [folder / "big.jpg"]).image_ids
        places = [
            Rect(rng.uniform(0, 3930), rng.uniform(0, 2910), rng.uniform(30, 70), rng.uniform(40, 90))
            for _ in range(2000)
        ]
        boxes = tuple(new_box(r, n % 10) for n, r in enumerate(places))
        labeling.apply(project, Edit(image_id, "Draw boxes", after=Side(boxes)))
        return project.folder


def bench_page(folder: Path, size: tuple[int, int]) -> None:
    with window_on(big_page(folder), size) as bench:
        canvas = bench.canvas
        bench.time("zoom, whole page in sight", bench.wheel(30, CONTROL))
        canvas.fit()
        bench.settle()
        bench.time("pan, whole page in sight", bench.wheel(60, NONE))
        canvas.actual_size()
        bench.settle()
        bench.time("zoom at 100 %", bench.wheel(30, CONTROL))
        canvas.actual_size()
        bench.settle()
        bench.time("pan at 100 %", bench.wheel(60, NONE))
        canvas.fit()
        bench.settle()
        things = canvas.scene.items.things

        def hover(n: int) -> None:
            thing = things[n * 31]
            bench.mouse(QEvent.Type.MouseMove, thing.x + thing.w / 2, thing.y + thing.h / 2, NO_BUTTON, NO_BUTTON)

        bench.time("hover", hover)
        bench.time(
            "select all", lambda _n: bench.key(Qt.Key.Key_A, CONTROL), times=15, between=lambda: canvas.select([])
        )
        bench.settle()
        canvas.set_drawing(True)

        def corner(n: int) -> tuple[float, float]:
            return 300.0 + 300 * (n % 10), 400.0 + 400 * (n // 10)

        def draw(n: int) -> None:
            x, y = corner(n)
            bench.mouse(QEvent.Type.MouseButtonRelease, x + 120, y + 150, LEFT, NO_BUTTON)

        def begin() -> None:
            x, y = corner(len(canvas.scene.items) - 2000)
            bench.mouse(QEvent.Type.MouseButtonPress, x, y, LEFT, LEFT)
            bench.mouse(QEvent.Type.MouseMove, x + 60, y + 80, NO_BUTTON, LEFT)
            bench.mouse(QEvent.Type.MouseMove, x + 120, y + 150, NO_BUTTON, LEFT)
            bench.settle(0.1)

        begin()
        bench.time("add a box: release until committed and painted", draw, times=25, between=begin)
        canvas.cancel_gesture()
        assert len(canvas.scene.items) == 2025, len(canvas.scene.items)
        bench.settle()
        bench.time(
            "undo a box: key until committed and painted",
            lambda _n: bench.key(Qt.Key.Key_Z, CONTROL),
            times=25,
            between=lambda: bench.settle(0.1),
        )
        assert len(canvas.scene.items) == 2000, len(canvas.scene.items)
        print(json.dumps({"what": "memory with the page open", **memory()}), flush=True)


def small_pages(folder: Path, count: int) -> Path:
    """Pages of 640 × 480 with twelve boxes each; every picture is one of fifty."""
    source = folder / "pages"
    source.mkdir()
    made = [handwriting.page(n, digits=12, width=640, height=480) for n in range(50)]
    with Project.create(folder / "walk") as project:
        for start_at in range(0, count, 50):
            for n, page in enumerate(made):
                picture = page.picture.copy()
                bits = np.frombuffer(np.binary_repr(start_at + n, 16).encode(), np.uint8) - ord("0")
                picture[:8, :128] = (
                    255 - 160 * np.kron(bits, np.ones(8, np.uint8))[None, :, None]
                )  # each picture differs
                (source / f"{start_at + n:05d}.jpg").write_bytes(handwriting.Handwriting(picture, ()).jpeg())
            paths = [source / f"{start_at + n:05d}.jpg" for n in range(50)]
            for image_id, page in zip(importing.import_paths(project, paths).image_ids, made, strict=True):
                boxes = tuple(new_box(rect, digit) for digit, rect in page.boxes)
                labeling.apply(project, Edit(image_id, "Draw boxes", after=Side(boxes)))
        assert sum(images.by_state(project).values()) == count
        return project.folder


def bench_walk(folder: Path, size: tuple[int, int], count: int) -> None:
    with window_on(small_pages(folder, count), size) as bench:
        print(json.dumps({"what": "memory with the first page open", **memory()}), flush=True)
        bench.time(
            "next image, key until painted",
            lambda _n: bench.key(Qt.Key.Key_D, text="d"),
            times=50,
            between=lambda: bench.settle(0.15),
        )
        bench.time("next image, keys without a pause", lambda _n: bench.key(Qt.Key.Key_D, text="d"), times=count - 60)
        print(json.dumps({"what": f"memory after walking through {count - 10} images", **memory()}), flush=True)


def library(folder: Path, count: int) -> Path:
    """A project of many images that share their pixels: rows as an import writes them, twelve boxes each."""
    with Project.create(folder / f"open-{count}") as project:
        file = folder / "one.jpg"
        file.write_bytes(handwriting.page(1, digits=12, width=640, height=480).jpeg())
        importing.import_paths(project, [file])
        path = project.file
    with sqlite3.connect(path) as db:
        columns = [c[1] for c in db.execute("PRAGMA table_info(images)")]
        row = dict(zip(columns, db.execute("SELECT * FROM images").fetchone(), strict=True))
        thumbnail = db.execute("SELECT data FROM thumbnails").fetchone()[0]
        ids = range(row["id"] + 1, count + row["id"])
        db.executemany("INSERT INTO blobs (sha256, data) VALUES (?, x'00')", ((f"{n:064x}",) for n in ids))
        marks = ", ".join("?" for _ in columns)
        db.executemany(
            f"INSERT INTO images ({', '.join(columns)}) VALUES ({marks})",
            (
                tuple((row | {"id": n, "sha256": f"{n:064x}", "name": f"page-{n:06d}.jpg"})[c] for c in columns)
                for n in ids
            ),
        )
        db.executemany("INSERT INTO thumbnails (image_id, data) VALUES (?, ?)", ((n, thumbnail) for n in ids))
        db.executemany(
            "INSERT INTO boxes (id, image_id, class_id, x, y, w, h, origin) VALUES (?, ?, ?, ?, ?, 40, 50, 'person')",
            ((uuid.uuid4().hex, n, k % 10, 50.0 * k, 100.0, ) for n in ids for k in range(12)),
        )  # fmt: skip
    db.close()
    return path.parent


def bench_open(folder: Path, size: tuple[int, int], counts: list[int]) -> None:
    for count in counts:
        place = library(folder, count)
        took, listed = [], []
        for _ in range(5):
            started = time.perf_counter()
            window = start.build(place)
            window.resize(*size)
            window.show()
            bench = Bench(window)
            bench.until(lambda b=bench: b.canvas.scene.picture is not None and b.paints.count > 0)
            QApplication.processEvents()
            took.append((time.perf_counter() - started) * 1000)
            bench.until(lambda b=bench, c=count: len(b.desk.images.ids) == c and b.desk.images.known(0) is not None)
            listed.append((time.perf_counter() - started) * 1000)
            bench.time(
                f"next image of {count}",
                lambda _n, b=bench: b.key(Qt.Key.Key_D, text="d"),
                times=20,
                between=lambda b=bench: b.settle(0.05),
            )
            window.close()
            bench.settle(0.1)
        tell(f"open {count} images: until the first page is painted", took, images=count)
        tell(f"open {count} images: until the list shows them too", listed, images=count)


def memory() -> dict[str, float]:
    full = psutil.Process().memory_full_info()
    return {"rss_mib": round(full.rss / 2**20, 1), "uss_mib": round(full.uss / 2**20, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["page", "walk", "open"])
    parser.add_argument("--size", default="1920x1000")
    parser.add_argument("--walk", type=int, default=1000)
    parser.add_argument("--open", type=int, nargs="*", default=[1000, 10_000, 100_000])
    options = parser.parse_args()
    width, height = (int(v) for v in options.size.split("x"))
    application = start.application()
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(HOME / "qt"))
    print(
        json.dumps(
            {
                "what": "load",
                "load_average": os.getloadavg(),
                "platform": application.platformName(),
                "python": sys.version.split()[0],
            }
        )
    )
    with tempfile.TemporaryDirectory(prefix="labeler-bench-") as folder:
        for what in options.what:
            place = Path(folder) / what
            place.mkdir()
            match what:
                case "page":
                    bench_page(place, (width, height))
                case "walk":
                    bench_walk(place, (width, height), options.walk)
                case "open":
                    bench_open(place, (width, height), options.open)


if __name__ == "__main__":
    main()
