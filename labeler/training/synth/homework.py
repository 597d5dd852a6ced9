"""Composes a page of homework: sums in a student's hand on exercise paper, neatly photographed. For samples, not for training."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from labeler.training.synth import camera, distractors
from labeler.training.synth.hands import Glyph, Hand
from labeler.training.synth.ink import Matrix, blot, place
from labeler.training.synth.page import Page
from labeler.training.synth.paper import Canvas, Generator

INKS = ((150.0, 60.0, 30.0), (45.0, 40.0, 40.0), (95.0, 90.0, 88.0))
"""Blue pen, black pen, pencil; blue-green-red."""
SIGNS = {"+": "+", "-": "-", "x": "×", "=": "="}


@dataclass(slots=True)
class _Sheet:
    canvas: Canvas
    view: Matrix
    ink: NDArray[np.float64]
    pen: float
    rng: Generator
    boxes: list[tuple[float, ...]] = field(default_factory=list)

    def write(self, glyph: Glyph, x: float, y: float, height: float, digit: int | None = None) -> float:
        """Ink a glyph with its left top at x, y; returns its right edge."""
        turn = float(self.rng.normal(0, 0.02))
        size = (self.canvas.shape[1], self.canvas.shape[0])
        done = blot(glyph, self.view @ place(x, y, height, turn=turn), pen=self.pen, size=size)
        if done is not None:
            h, w = done.mask.shape
            region = self.canvas[done.y : done.y + h, done.x : done.x + w]
            alpha = done.mask[:, :, None].astype(np.float32) * (0.92 / 255)
            region[:] = (region * (1 - alpha) + self.ink.astype(np.float32) * alpha).astype(np.uint8)
            bounds = done.bounds()
            if digit is not None and bounds is not None:
                self.boxes.append((float(digit), *(float(v) for v in bounds)))
        return x + glyph.aspect * height


def homework(rng: Generator, hand: Hand, *, width: int = 800, height: int = 600, blank: bool = False) -> Page:
    """One page of `hand`'s sums, `width` × `height` pixels; `blank` leaves the paper empty of digits."""
    turn = float(rng.normal(0, 0.015))
    c, s = np.cos(turn), np.sin(turn)
    view = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    step = float(rng.uniform(24, 30))
    sheet = _Sheet(
        _paper(width, height, step, rng), view, np.array(INKS[int(rng.integers(len(INKS)))]), hand.pen * step * 0.9, rng
    )
    if not blank:
        _sums(sheet, hand, step)
    return Page(camera.photograph(sheet.canvas, rng), np.array(sheet.boxes, np.float64).reshape(-1, 5))


def _paper(width: int, height: int, step: float, rng: Generator) -> Canvas:
    import cv2

    tone = np.clip(rng.normal(243, 3) + rng.normal(0, 2, 3), 225, 252)
    canvas = np.tile(tone.astype(np.uint8), (height, width, 1))
    line = (int(tone[0] - 12), int(tone[1] - 28), int(tone[2] - 46))
    squared = rng.random() < 0.6
    for y in np.arange(step, height, step):
        cv2.line(canvas, (0, round(y)), (width, round(y)), line, 1, cv2.LINE_AA)
    if squared:
        for x in np.arange(step, width, step):
            cv2.line(canvas, (round(x), 0), (round(x), height), line, 1, cv2.LINE_AA)
    else:
        cv2.line(canvas, (round(2.5 * step), 0), (round(2.5 * step), height), (150, 150, 225), 1, cv2.LINE_AA)
    return canvas


def _sums(sheet: _Sheet, hand: Hand, step: float) -> None:
    height, width = sheet.canvas.shape[:2]
    size, rng = 1.35 * step, sheet.rng
    columns = max(1, int((width - 3 * step) / (11.5 * step)))
    for row in range(int((height - 2 * step) / (2.8 * step))):
        for column in range(columns):
            x = 3.2 * step + column * (width - 3.5 * step) / columns
            y = step * (1.4 + 2.8 * row) + float(rng.normal(0, 0.08)) * step
            if rng.random() < 0.9:
                _line(sheet, hand, _sum(rng), x, y, size)


def _sum(rng: Generator) -> str:
    a, b = int(rng.integers(2, 99)), int(rng.integers(2, 99))
    kind = rng.integers(3)
    if kind == 0:
        return f"{a}+{b}={a + b}"
    if kind == 1:
        return f"{max(a, b)}-{min(a, b)}={abs(a - b)}"
    a, b = a % 9 + 1, b % 9 + 1
    return f"{a}x{b}={a * b}"


def _line(sheet: _Sheet, hand: Hand, text: str, x: float, y: float, size: float) -> None:
    rng = sheet.rng
    for sign in text:
        own = size * float(np.exp(rng.normal(0, 0.05)))
        down = float(rng.normal(0, 0.03)) * size
        if sign.isdigit():
            x = sheet.write(hand.write(int(sign), rng), x, y + down, own, int(sign)) + size * float(
                rng.uniform(0.12, 0.26)
            )
        else:
            small = 0.45 * size
            glyph = distractors.sign(SIGNS[sign], rng)
            x += 0.2 * size
            x = (
                sheet.write(glyph, x, y + down + (0.35 if sign == "-" else 0.15) * size + 0.15 * size, small)
                + 0.38 * size
            )
