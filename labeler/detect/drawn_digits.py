"""Digits of our own drawing as examples of what digits look like, for projects that have few of their own."""

from collections.abc import Iterator

import numpy as np

from labeler.core.boxes import Rect, grown
from labeler.core.digits import Style, draw_digit, writer_style
from labeler.core.neighbours import Looks
from labeler.detect import glyphs, opencv

SIZE = 64
HANDS = 40
EACH = 2


def drawn_digits(*, hands: int = HANDS, seed: int = 0) -> Iterator[tuple[int, Looks]]:
    """Each digit and its features, `EACH` times by each of `hands` made-up hands, framed with more or less air."""
    rng = np.random.default_rng(seed)
    for hand in range(hands):
        style = writer_style(hand)
        for digit in range(10):
            for _ in range(EACH):
                yield digit, _look(digit, rng, style)[0]


def _look(digit: int, rng: np.random.Generator, style: Style) -> Looks:
    cv2 = opencv.load()
    pen = max(2, int(style.pen_width * SIZE * 0.9))
    plane = np.zeros((SIZE, SIZE), dtype=np.uint8)
    for stroke in draw_digit(digit, rng, style):
        points = np.round((stroke * (SIZE - 2 * pen) + pen) * 8).astype(np.int32)
        cv2.polylines(plane, [points], False, 255, pen, cv2.LINE_AA, 3)
    x, y, w, h = cv2.boundingRect((plane > 60).astype(np.uint8))
    air = float(rng.uniform(0.0, 0.12)) * max(w, h)
    page = glyphs.Sheet(plane, 1.0, float(max(w, h)), 255.0)
    return glyphs.looks(page, [grown(Rect(x, y, w, h), air)])
