"""The pad in the real window: `python tests/benchmarks/bench_pad.py [--points 5000] [--words 30]` on a display (Xvfb will do).

From a tablet or mouse event to the pixels on the window (event sent, painting done), the whole frame with many points, and from the
pen going up to the model's boxes on the board.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QTest

from labeler.core.ink import Stroke
from labeler.gui.pages.collect import CollectPage
from labeler.gui.widgets.pad import Pad
from labeler.training.strokes import prompted
from tests.benchmarks.one_page import collect_page
from tests.helpers import pen


def told(name: str, seconds: Sequence[float]) -> None:
    """Print the middle, the 95th per cent and the worst."""
    ms = 1000 * np.array(seconds)
    print(
        f"{name:46s} n={len(ms):5d}  median {np.median(ms):7.2f} ms   95 % {np.percentile(ms, 95):7.2f} ms   worst {ms.max():7.2f} ms"
    )


def scribble(count: int) -> list[Stroke]:
    """Strokes of a hundred points each, all over the page."""
    rng = np.random.default_rng(0)
    made = []
    for _ in range(count // 100):
        xy = np.clip(rng.uniform((100, 100), (1180, 460)) + np.cumsum(rng.normal(0, 5, (100, 2)), axis=0), 2, 558)
        made.append(Stroke(np.column_stack([xy, np.arange(100) * 0.008, 0.5 + 0.3 * np.sin(np.arange(100) / 9)])))
    return made


def event_latency(pad: Pad) -> list[float]:
    """Tablet moves, each painted at once: from the event until the window's pixels are there."""
    taken = []
    for stroke in scribble(600):
        rows = [(pad.from_page(QPointF(x, y)), p) for x, y, _, p in stroke.points.tolist()]
        pen.tablet(pad, QEvent.Type.TabletPress, *rows[0])
        for at, pressure in rows[1:]:
            start = time.perf_counter()
            pen.tablet(pad, QEvent.Type.TabletMove, at, pressure)
            QCoreApplication.processEvents()
            taken.append(time.perf_counter() - start)
        pen.tablet(pad, QEvent.Type.TabletRelease, rows[-1][0], 0.0)
    return taken


def frames(pad: Pad, repeats: int = 20) -> tuple[list[float], list[float]]:
    """A whole frame from the layer, and the layer painted anew."""
    shown, anew = [], []
    target = QPixmap(pad.size())
    for _ in range(repeats):
        start = time.perf_counter()
        pad.render(target)
        shown.append(time.perf_counter() - start)
        start = time.perf_counter()
        pad.set_page(pad.page, pad.look)
        anew.append(time.perf_counter() - start)
    return shown, anew


def reading(page: CollectPage, words: int) -> list[float]:
    """From the pen going up to the boxes on the board, a word at a time."""
    hands = prompted.drawn(6)
    taken = []
    for n in range(words):
        made = prompted.strings(hands, 1, seed=n, lengths=(3, 6))[0]
        page.pad.start_page()
        pen.write(page.pad, made.strokes)
        start = time.perf_counter()
        while not (page.live.newest and page.live.newest.page.strokes == page.pad.strokes):
            QCoreApplication.processEvents()
            time.sleep(0.0005)
        taken.append(time.perf_counter() - start)
        QTest.qWait(60)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=5000)
    parser.add_argument("--words", type=int, default=30)
    options = parser.parse_args()
    with collect_page() as page:
        QTest.keyClick(page.pad, Qt.Key.Key_N)
        QTest.keyClick(page.writer.new, Qt.Key.Key_Return)
        page.set_live(False)
        told("tablet event to painted pixels, empty page", event_latency(page.pad))
        page.pad.start_page(scribble(options.points))
        told(f"tablet event to painted pixels, {options.points} points", event_latency(page.pad))
        page.pad.start_page(scribble(options.points))
        shown, anew = frames(page.pad)
        told(f"a whole frame, {options.points} points", shown)
        told(f"all ink painted anew, {options.points} points", anew)
        page.pad.start_page()
        page.set_live(True)
        reading(page, 3)
        told("pen up to boxes on the board", reading(page, options.words))


if __name__ == "__main__":
    main()
