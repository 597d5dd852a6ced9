"""How fast the desk is: `python tests/benchmarks/bench_canvas.py [page|walk|open …] [--size 1920x1000]`, one JSON line a figure.

`page`: a picture of 4000 × 3000 pixels with 2,000 boxes in the real window: opening, zooming, panning, hovering, selecting, adding,
undoing. `walk`: next image over pages of 640 × 480 with 12 boxes each, and memory after 1,000 steps. `open`: projects of 1,000 to
100,000 images. Times run from an event posted until it is handled, committed where it edits, painted and flushed; `cpu_ms` is the GUI
thread's own share. Run it under Xvfb on a quiet machine. `bench_rivals.py` runs it beside other programs.
"""

import argparse
import gc
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
HOME = Path(tempfile.mkdtemp(prefix="labeler-bench-"))
for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
    os.environ[name] = str(HOME / name.lower())

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QSettings, Qt  # noqa: E402
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from labeler.gui import app as start  # noqa: E402
from labeler.gui.main_window import MainWindow  # noqa: E402
from labeler.gui.pages.desk import DeskPage  # noqa: E402

WORK = Path(__file__).with_name("desk_work.py")
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
            cpu_p95_ms=round(sorted(busy)[int(0.95 * (len(busy) - 1))], 2),
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


def made(kind: str, folder: Path, count: int = 1) -> Path:
    """The project of `desk_work.py`, made by another process so that this one's memory is the app's; kept where it is there already."""
    if not folder.exists():
        subprocess.run([sys.executable, WORK, kind, folder, str(count)], check=True)
    return folder / "project"


def tell(what: str, took: list[float], **more: Any) -> None:
    """One figure: milliseconds over its runs."""
    ordered = sorted(took)
    line = {
        "what": what, "n": len(took), "median_ms": round(statistics.median(took), 2),
        "p95_ms": round(ordered[int(0.95 * (len(ordered) - 1))], 2), "min_ms": round(ordered[0], 2), **more,
    }  # fmt: skip
    print(json.dumps(line), flush=True)


@contextmanager
def shown(project: Path, size: tuple[int, int]) -> Iterator[Bench]:
    """The window on a project, as soon as it has painted its first page."""
    window = start.build(project)
    if not gc.get_freeze_count():  # once, as the app does: what a closed window leaves is to be collected
        start.spare_collector()
    window.resize(*size)
    window.show()
    bench = Bench(window)
    bench.until(lambda: bench.canvas.scene.picture is not None and bench.paints.count > 0)
    QApplication.processEvents()
    yield bench
    window.close()
    QApplication.processEvents()


@contextmanager
def window_on(project: Path, size: tuple[int, int]) -> Iterator[Bench]:
    """The window on a project, come to rest."""
    with shown(project, size) as bench:
        bench.settle(0.7)
        yield bench


def bench_opening(bench: Bench) -> None:
    """From the empty page to the large one, whose picture nobody has fetched ahead."""
    empty, big = bench.desk.images.ids
    took = []
    for _ in range(5):
        bench.desk.show_image(empty)
        bench.settle()
        bench.desk.pictures.stop()
        bench.desk.pictures.forget()
        started = time.perf_counter()
        bench.desk.show_image(big)
        bench.until(lambda: bench.canvas.scene.picture is not None and bench.canvas.scene.picture.width == 4000)
        bench.canvas.repaint()
        QApplication.processEvents()
        took.append((time.perf_counter() - started) * 1000)
        assert len(bench.canvas.scene.items) == 2000
    bench.settle(0.5)
    tell("open the page, its picture not fetched ahead", took)


def bench_page(folder: Path, size: tuple[int, int]) -> None:
    with window_on(made("big", folder), size) as bench:
        canvas = bench.canvas
        bench_opening(bench)
        print(json.dumps({"what": "memory with the page open", **memory()}), flush=True)
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
        print(json.dumps({"what": "memory after drawing there", **memory()}), flush=True)
        bench_disk(bench.desk.session.project.folder)


def bench_disk(folder: Path) -> None:
    """The floor beneath every edit: one row committed as the project commits it."""
    took = []
    with closing(sqlite3.connect(folder / "floor.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS rows (n)")
        for n in range(40):
            started = time.perf_counter()
            connection.execute("INSERT INTO rows VALUES (?)", (n,))
            took.append((time.perf_counter() - started) * 1000)
    tell("one row committed on this disk", took)


def bench_walk(folder: Path, size: tuple[int, int], count: int) -> None:
    with window_on(made("pages", folder, count), size) as bench:
        print(json.dumps({"what": "memory with the first page open", **memory()}), flush=True)
        bench.time(
            "next image, key until painted",
            lambda _n: bench.key(Qt.Key.Key_D, text="d"),
            times=50,
            between=lambda: bench.settle(0.15),
        )
        bench.time("next image, keys without a pause", lambda _n: bench.key(Qt.Key.Key_D, text="d"), times=count - 60)
        bench.settle(1.0)
        print(json.dumps({"what": f"memory after walking through {count - 10} images", **memory()}), flush=True)


def bench_open(folder: Path, size: tuple[int, int], counts: list[int]) -> None:
    """Opening in a running process, the sizes by turns."""
    projects = {count: made("library", folder / str(count), count) for count in counts}
    painted: dict[int, list[float]] = {count: [] for count in counts}
    listed: dict[int, list[float]] = {count: [] for count in counts}
    for turn in range(6):
        for count, project in projects.items():
            started = time.perf_counter()
            with shown(project, size) as bench:
                first = (time.perf_counter() - started) * 1000
                bench.until(lambda b=bench, c=count: len(b.desk.images.ids) == c and b.desk.images.known(0) is not None)
                if turn:  # the first turn warms the caches of the machine
                    painted[count].append(first)
                    listed[count].append((time.perf_counter() - started) * 1000)
                bench.settle(0.1)
    for count in counts:
        tell(f"open {count} images: until the first page is painted", painted[count], images=count)
        tell(f"open {count} images: until the list shows them too", listed[count], images=count)
    for count, project in projects.items():
        with window_on(project, size) as bench:
            bench.time(
                f"next image of {count}",
                lambda _n, b=bench: b.key(Qt.Key.Key_D, text="d"),
                times=50,
                between=lambda b=bench: b.settle(0.05),
            )


def bench_start(project: Path, size: tuple[int, int], since: float, count: int) -> None:
    """From the start of this process, at the monotonic time `since`, to a page painted, the list full and the window answering."""
    with shown(project, size) as bench:
        bench.until(lambda: len(bench.desk.images.ids) == count and bench.desk.images.known(0) is not None)
        QApplication.processEvents()
        tell(f"start with {count} images until responsive", [(time.monotonic() - since) * 1000], images=count)
        bench.settle(3.0)
        print(json.dumps({"what": f"memory when idle with {count} images", **memory()}), flush=True)


def memory() -> dict[str, float]:
    full = psutil.Process().memory_full_info()
    return {"rss_mib": round(full.rss / 2**20, 1), "uss_mib": round(full.uss / 2**20, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["page", "walk", "open"], help="page, walk, open; or start alone")
    parser.add_argument("--size", default="1920x1000")
    parser.add_argument("--walk", type=int, default=1000)
    parser.add_argument("--open", type=int, nargs="*", default=[1000, 10_000, 100_000])
    parser.add_argument("--work", type=Path, help="a folder that keeps the projects for the next time")
    parser.add_argument("--since", type=float, default=time.monotonic(), help="for start: when this process began")
    options = parser.parse_args()
    width, height = (int(v) for v in options.size.split("x"))
    application = start.application()
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(HOME / "qt"))
    load = {"load_average": os.getloadavg(), "platform": application.platformName(), "python": sys.version.split()[0]}
    print(json.dumps({"what": "load", **load}), flush=True)
    with tempfile.TemporaryDirectory(prefix="labeler-bench-") as temporary:
        work = options.work or Path(temporary)
        for what in options.what:
            match what:
                case "page":
                    bench_page(work / "big", (width, height))
                case "walk":
                    bench_walk(work / f"pages-{options.walk}", (width, height), options.walk)
                case "open":
                    bench_open(work / "library", (width, height), options.open)
                case "start":
                    (count,) = options.open
                    project = made("library", work / "library" / str(count), count)
                    bench_start(project, (width, height), options.since, count)


if __name__ == "__main__":
    main()
