"""A lesson replayed: `python tests/benchmarks/bench_lesson.py SHARED [--writers 30] [--prompts 20]` on a display (Xvfb will do).

Every writer's strokes, of writers that the reader of strokes never saw where there are enough, go as tablet events into the real window;
keys do the rest. Says how long the app needed, what became boxes, what a person must look at, and beside it the hand actions that
drawing the same boxes takes in a tool where a box is two clicks and a class is picked or typed.
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest

from labeler.core.ink import Stroke
from labeler.gui.pages.collect import CollectPage
from labeler.services import images, labeling
from labeler.training.strokes import prompted
from labeler.training.strokes.fit import held_out
from tests.benchmarks.one_page import collect_page
from tests.helpers import pen

ACTIONS_A_BOX = 4
"""In labelme: two clicks for the corners, the class typed, Enter."""


def fitted(glyphs: list[prompted.Glyph], width: int, height: int) -> list[Stroke]:
    """The strokes on the page, written smaller where they would run off it, as a person does who sees its edge."""
    points = np.concatenate([s[:, :2] for glyph in glyphs for s in glyph])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = min(1.0, (width - 40) / (high[0] - low[0]), (height - 40) / (high[1] - low[1]))
    shift = np.maximum(20 - low * scale, 0) + np.minimum(np.array([width, height]) - 20 - high * scale, 0)
    return [
        Stroke(np.column_stack([s[:, :2] * scale + shift, s[:, 2], np.full(len(s), 0.5)])) for g in glyphs for s in g
    ]


def lesson(
    page: CollectPage, hands: dict[str, dict[int, list[prompted.Glyph]]], writers: list[str], prompts: int
) -> tuple[int, float, float]:
    """Replay it. Returns the digits asked for, the seconds it took, and the longest that Enter held the window."""
    digits, held = 0, 0.0
    start = time.perf_counter()
    for n, code in enumerate(writers):
        QTest.keyClick(page.pad, Qt.Key.Key_N)
        QTest.keyClick(page.writer.new, Qt.Key.Key_Return)
        rng = np.random.default_rng(n)
        for k in range(prompts):
            assert len(page.asked) == page.plan.length.value(), "a page must never lose its prompt"
            digits += len(page.asked)
            glyphs = prompted._placed(rng, hands[code], [int(c) for c in page.asked], sorted(prompted.GAPS)[k % 3])
            pen.write(page.pad, fitted(glyphs, page.pad.page.width(), page.pad.page.height()))
            before = time.perf_counter()
            QTest.keyClick(page.pad, Qt.Key.Key_Return)
            held = max(held, time.perf_counter() - before)
            QCoreApplication.processEvents()
    while page._unsaved:
        QCoreApplication.processEvents()
        time.sleep(0.001)
    return digits, time.perf_counter() - start, held


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--writers", type=int, default=30)
    parser.add_argument("--prompts", type=int, default=20)
    options = parser.parse_args()
    hands = prompted.unipen(options.shared)
    writers = sorted((w for w in hands if len(hands[w]) == 10), key=lambda w: (not held_out(w), w))[: options.writers]
    with collect_page() as page:
        digits, seconds, held = lesson(page, hands, writers, options.prompts)
        kept = [labeling.page(page.session.project, i) for i in images.image_ids(page.session.project)]
    pages, boxes = len(kept), sum(len(p.boxes) for p in kept)
    waiting = [p for p in kept if p.image.doubts]
    print(f"{len({p.image.writer for p in kept})} writers, {pages} pages, {digits} digits asked for")
    print(f"{seconds / 60:.1f} minutes of app time, {seconds / pages * 1000:.0f} ms a page")
    print(f"Enter holds the window at most {held * 1000:.0f} ms")
    print(f"{boxes} boxes without a person ({boxes / digits:.1%}); {len(waiting)} of {pages} pages wait for a person")
    print("  ", dict(Counter(p.image.doubts[0].kind.value for p in waiting)))
    print(
        f"{2 * len(writers) + pages} key presses; the same boxes by hand, {ACTIONS_A_BOX} actions each: {boxes * ACTIONS_A_BOX}"
    )


if __name__ == "__main__":
    main()
