"""Draws the paper under the ink: plain, ruled, squared, security prints, pads and boards.

Owns backgrounds only. Canvases are (height, width, 3) uint8, blue-green-red as OpenCV has them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labeler.training.synth.ink import Matrix, project

Canvas = NDArray[np.uint8]
Generator = np.random.Generator


def pad(width: int, height: int, rng: Generator) -> Canvas:
    """A drawing window: evenly white, at times faintly tinted."""
    tint = 255 if rng.random() < 0.7 else int(rng.integers(235, 255))
    return np.full((height, width, 3), tint, np.uint8)


def board(width: int, height: int, rng: Generator) -> Canvas:
    """Something dark to write on with something light."""
    base: NDArray[np.float64] = (rng.integers(5, 70) + rng.integers(-5, 25, 3)).astype(np.float64)
    if rng.random() < 0.3:
        base = np.zeros(3)
    return _mottled(width, height, np.clip(base, 0, 110), rng, strength=6.0)


def sheet(width: int, height: int, rng: Generator, matrix: Matrix) -> Canvas:
    """A sheet of paper seen under `matrix` (page to canvas): plain, ruled, squared, margined or with a frame."""
    canvas = _mottled(width, height, _paper_colour(rng), rng, strength=float(rng.uniform(0, 5)))
    kind = rng.choice(["plain", "ruled", "squared"], p=[0.5, 0.25, 0.25])
    if kind != "plain":
        _rule(canvas, rng, matrix, squared=kind == "squared")
    return canvas


def security_print(width: int, height: int, rng: Generator) -> Canvas:
    """A cheque's background: fine waves, rings or slanting lines on grey, often with a printed base line."""
    import cv2

    base = float(rng.uniform(130, 225))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    period = float(rng.uniform(3.0, 9.0))
    kind = rng.integers(4)
    if kind == 0:
        phase = y + rng.uniform(1, 4) * np.sin(x / rng.uniform(8, 30)) + rng.uniform(-0.4, 0.4) * x
    elif kind == 1:
        phase = np.hypot(x - rng.uniform(0, width), (y - rng.uniform(0, height)) * rng.uniform(0.8, 1.6))
    elif kind == 2:
        phase = y * rng.uniform(0.5, 1) + x * rng.uniform(-0.8, 0.8)
    else:
        phase = period * (np.sin(x / period * 2) + np.sin(y / period * 2))
    wave = np.sin(phase * (2 * np.pi / period))
    grey = base + rng.uniform(5, 24) * wave + rng.normal(0, rng.uniform(1, 8), (height, width))
    canvas = np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)
    if rng.random() < 0.6:
        at = int(height * rng.uniform(0.85, 0.99))
        tone = int(rng.uniform(30, 120))
        cv2.line(canvas, (0, at), (width, at + int(rng.integers(-3, 4))), (tone,) * 3, int(rng.integers(1, 3)))
    return canvas


def _paper_colour(rng: Generator) -> NDArray[np.float64]:
    if rng.random() < 0.3:
        return np.full(3, float(rng.uniform(235, 255)))
    base = float(rng.uniform(150, 245))
    cast: NDArray[np.float64] = np.clip(base + rng.normal(0, 10, 3), 90, 255)
    return cast


def _mottled(width: int, height: int, colour: NDArray[np.float64], rng: Generator, *, strength: float) -> Canvas:
    import cv2

    coarse = rng.normal(0, strength, (height // 24 + 2, width // 24 + 2)).astype(np.float32)
    cloud = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(colour + cloud[:, :, None], 0, 255), np.uint8)


def _rule(canvas: Canvas, rng: Generator, matrix: Matrix, *, squared: bool) -> None:
    """Draws the lines of exercise paper onto `canvas`."""
    import cv2

    height, width = canvas.shape[:2]
    reach = float(max(width, height))
    gap = float(np.exp(rng.uniform(np.log(10), np.log(60))))
    tone = np.array(canvas[height // 2, width // 2], np.float64)
    colour = np.clip(tone - rng.uniform(15, 110) * rng.uniform(0.2, 1.0, 3), 0, 255)
    thick = 1 if gap < 30 else int(rng.integers(1, 3))
    lines = canvas.copy()
    for axis in (0, 1) if squared else (0,):
        for at in np.arange(-0.5 * reach, 1.5 * reach, gap):
            ends = np.array([[-0.5 * reach, at], [1.5 * reach, at]])
            points = project(ends if axis == 0 else ends[:, ::-1], matrix)
            a, b = np.round(np.clip(points, -8000, 8000) * 16).astype(int).tolist()
            cv2.line(lines, tuple(a), tuple(b), colour.tolist(), thick, cv2.LINE_AA, 4)
    share = float(rng.uniform(0.3, 1.0))
    canvas[:] = cv2.addWeighted(lines, share, canvas, 1 - share, 0)
