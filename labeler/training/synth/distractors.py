"""Things on a page that are no handwritten digit: print, letters, operators, frames, scribbles.

Owns what must *not* be labelled. Printed digits belong here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from labeler.core.digits import Stroke, resample
from labeler.training.synth.hands import Glyph, glyph_of
from labeler.training.synth.paper import Canvas, Generator

_OPERATORS: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "+": (((0.0, 0.5), (1.0, 0.5)), ((0.5, 0.0), (0.5, 1.0))),
    "-": (((0.0, 0.0), (1.0, 0.04)),),
    "×": (((0.0, 0.0), (1.0, 1.0)), ((1.0, 0.0), (0.0, 1.0))),
    "=": (((0.0, 0.0), (1.0, 0.03)), ((0.0, 0.5), (1.0, 0.48))),
    ":": (((0.0, 0.0), (0.05, 0.05)), ((0.0, 0.6), (0.05, 0.65))),
    ".": (((0.0, 0.0), (0.08, 0.08)),),
    ",": (((0.2, 0.0), (0.15, 0.4), (0.0, 0.7)),),
    "√": (((0.0, 0.6), (0.2, 0.5), (0.4, 1.0), (0.7, 0.0), (1.6, 0.0)),),
    "<": (((1.0, 0.0), (0.0, 0.5), (1.0, 1.0)),),
    "x": (((0.0, 0.1), (0.3, 0.2), (0.5, 0.8), (0.8, 0.9)), ((0.8, 0.0), (0.0, 1.0))),
    "n": (((0.0, 0.1), (0.08, 1.0)), ((0.06, 0.4), (0.35, 0.1), (0.6, 0.3), (0.62, 1.0))),
    "A": (((0.0, 1.0), (0.4, 0.0), (0.8, 1.0)), ((0.15, 0.6), (0.65, 0.6))),
    "E": (((0.6, 0.0), (0.0, 0.0), (0.05, 1.0), (0.65, 1.0)), ((0.0, 0.5), (0.5, 0.5))),
    "M": (((0.0, 1.0), (0.1, 0.0), (0.5, 0.6), (0.9, 0.0), (1.0, 1.0)),),
    "m": (((0.0, 0.2), (0.05, 1.0)), ((0.05, 0.5), (0.3, 0.15), (0.45, 1.0)), ((0.45, 0.5), (0.7, 0.15), (0.9, 1.0))),
    "k": (((0.0, 0.0), (0.0, 1.0)), ((0.5, 0.3), (0.0, 0.65), (0.55, 1.0))),
    "w": (((0.0, 0.0), (0.2, 1.0), (0.45, 0.3), (0.7, 1.0), (0.9, 0.0)),),
    "H": (((0.0, 0.0), (0.0, 1.0)), ((0.7, 0.0), (0.7, 1.0)), ((0.0, 0.5), (0.7, 0.5))),
    "T": (((0.0, 0.0), (0.8, 0.0)), ((0.4, 0.0), (0.4, 1.0))),
}  # fmt: skip

_WORDS = (
    "name", "date", "class", "sum", "total", "page", "score", "answer", "No.", "Amount", "Signature", "worksheet",
    "Fiendish", "Sudoku", "exercise", "please", "write", "student", "a)", "b)", "c)", "+", "=", "cm", "kg", "x²",
)  # fmt: skip


def operator(rng: Generator) -> Glyph:
    """A handwritten operator, point or plain letter."""
    return sign(str(rng.choice(list(_OPERATORS))), rng)


def sign(name: str, rng: Generator) -> Glyph:
    """The operator, point or letter called `name`, as a hand would write it."""
    paths = _OPERATORS[name]
    strokes = [resample(np.array(path) + rng.normal(0, 0.05, (len(path), 2)), spacing=0.05) for path in paths]
    return glyph_of(strokes)


def scribble(rng: Generator) -> Glyph:
    """A restless line: a crossing-out, a flourish, a doodle."""
    count = int(rng.integers(12, 40))
    steps = rng.normal(0, 1, (count, 2)) * (1.0, rng.uniform(0.2, 1.0)) + (rng.uniform(0, 0.6), 0)
    path: Stroke = np.cumsum(steps, axis=0)
    if rng.random() < 0.5:
        path[:, 1] = np.where(np.arange(count) % 2, 1.0, 0.0) + rng.normal(0, 0.1, count)
        path[:, 0] = np.arange(count) * rng.uniform(0.1, 0.3)
    t = np.linspace(0, count - 1, count * 6)
    smooth = np.stack([np.interp(t, np.arange(count), path[:, axis]) for axis in (0, 1)], axis=1)
    kernel = np.ones(5) / 5
    smooth = np.stack([np.convolve(smooth[:, axis], kernel, mode="valid") for axis in (0, 1)], axis=1)
    return glyph_of([smooth])


def mark(rng: Generator, recorded: Sequence[Glyph]) -> Glyph:
    """Any handwritten thing that is no digit."""
    if recorded and rng.random() < 0.6:
        return recorded[int(rng.integers(len(recorded)))]
    return scribble(rng) if rng.random() < 0.12 else operator(rng)


def print_text(canvas: Canvas, rng: Generator, *, x: float, y: float, height: float, text: str | None = None) -> None:
    """Sets a line of type onto the canvas with its left top at x, y; words or numbers unless `text` is given."""
    import cv2
    from PIL import Image, ImageDraw, ImageFont

    words = text or printed_words(rng)
    font = ImageFont.truetype(str(rng.choice(_fonts())), max(7, round(height)))
    left, top, right, bottom = (int(v) for v in font.getbbox(words))
    if right - left < 2 or bottom - top < 2:
        return
    stamp = Image.new("L", (right - left + 2, bottom - top + 2), 0)
    ImageDraw.Draw(stamp).text((1 - left, 1 - top), words, fill=255, font=font)
    ink = np.asarray(stamp, np.float32) / 255.0
    x1, y1 = max(0, int(x)), max(0, int(y))
    ink = ink[: max(0, canvas.shape[0] - y1), : max(0, canvas.shape[1] - x1)]
    if ink.size:
        region = canvas[y1 : y1 + ink.shape[0], x1 : x1 + ink.shape[1]]
        alpha = cv2.merge([ink * float(rng.uniform(0.6, 1.0))] * 3)
        region[:] = (region * (1 - alpha) + _print_tone(region) * alpha).astype(np.uint8)


def printed_words(rng: Generator) -> str:
    """A few words or numbers as a form or a book would print them."""
    if rng.random() < 0.45:
        return str(int(10 ** rng.uniform(0, 5)))
    return " ".join(str(word) for word in rng.choice(_WORDS, int(rng.integers(1, 5))))


@cache
def _fonts() -> tuple[str, ...]:
    """The text faces that come with matplotlib, so that every machine sets the same type."""
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    faces = ("DejaVuSans", "DejaVuSerif", "DejaVuSansMono", "STIXGeneral", "cmr10", "cmss10", "cmtt10")
    return tuple(str(p) for p in sorted(folder.glob("*.ttf")) if p.stem.split("-")[0] in faces or p.stem in faces)


def _print_tone(region: Canvas) -> float:
    return 25.0 if float(region.mean()) > 90 else 225.0
