"""Ink: strokes of a pen, how wide the pen draws them, where they lie, and ink as JSON.

Owns the one outline that bounds, renderer and pad all draw from, so that a box and its pixels cannot disagree. Paints nothing.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from labeler.core.boxes import FloatArray, Rect

NO_PRESSURE = 0.5
"""Pressure of devices that feel none, such as a mouse: the pen then draws as wide as it is set."""
STEP = 1.5
"""Longest step of an outline, in pixels of the page."""
SLOW = 250.0
"""Speed, in pen widths a second, at which half of the thinning by speed is reached."""
SETTLE = 1.5
"""Way, in pen widths, over which the width follows a change of pressure or speed."""
MIN_WIDTH = 1.5
"""Thinner ink could slip between the centres of pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """One touch of the pen. `points` is (n, 4): x, y in pixels of the page, t in seconds since the page began, pressure 0…1."""

    points: FloatArray

    def __len__(self) -> int:
        return len(self.points)

    @property
    def xy(self) -> FloatArray:
        return self.points[:, :2]

    @property
    def start(self) -> float:
        """When the pen came down, in seconds."""
        return float(self.points[0, 2])

    @property
    def end(self) -> float:
        """When the pen went up."""
        return float(self.points[-1, 2])


Ink = Sequence[Stroke]


@dataclass(frozen=True, slots=True)
class Pen:
    """How wide a pen draws: `width` in pixels of the page, and how much of it pressure and speed govern (0…1)."""

    width: float = 5.0
    by_pressure: float = 0.6
    by_speed: float = 0.25


def stroke(points: Iterable[Sequence[float]]) -> Stroke:
    """A stroke of points x, y[, t[, pressure]]. Without times a point is taken every hundredth of a second. Raises ValueError."""
    rows = [tuple(p) for p in points]
    if not rows or not all(2 <= len(r) <= 4 for r in rows):
        raise ValueError("a stroke needs points of two to four numbers")
    filled = [(*r, *((i / 100, NO_PRESSURE)[len(r) - 2 :])) for i, r in enumerate(rows)]
    array = np.array(filled, dtype=np.float64)
    if not np.isfinite(array).all():
        raise ValueError("a stroke needs finite numbers")
    return Stroke(array)


def width_at(pen: Pen, *, pressure: float, speed: float) -> float:
    """The width that a pen settles to at a pressure (0…1) and a speed (pixels a second)."""
    slow = SLOW * pen.width
    wide = 1.0 + pen.by_pressure * (2.0 * min(max(pressure, 0.0), 1.0) - 1.0)
    thin = 1.0 - pen.by_speed * speed / (speed + slow)
    return max(pen.width * wide * thin, MIN_WIDTH)


def widths(points: FloatArray, pen: Pen) -> FloatArray:
    """The pen's width at each point, (n,). It depends on the points before only, so that ink drawn live does not change later."""
    rows = points.tolist()
    out = [width_at(pen, pressure=rows[0][3], speed=0.0)]
    for last, now in itertools.pairwise(rows):
        out.append(next_width(pen, out[-1], last, now))
    return np.array(out)


def next_width(pen: Pen, width: float, last: Sequence[float], now: Sequence[float]) -> float:
    """The width at the point `now` (x, y, t, pressure) of a pen that was `width` wide at the point `last`."""
    way = math.hypot(now[0] - last[0], now[1] - last[1])
    span = now[2] - last[2]
    goal = width_at(pen, pressure=now[3], speed=way / span if span > 1e-4 else 0.0)
    return width + (goal - width) * (1.0 - math.exp(-way / (SETTLE * pen.width)))


def outline(points: FloatArray, pen: Pen) -> FloatArray:
    """The middle line of a stroke as it is drawn: (m, 3) of x, y and half the width there, steps at most about `STEP` apart.

    Between the middles of neighbouring points it is a parabola that has the point as its control, which is smooth and follows the pen
    without waiting: each new point settles one more piece.
    """
    return smooth(np.column_stack([points[:, :2], widths(points, pen) / 2]))


def smooth(nodes: FloatArray) -> FloatArray:
    """Parabolas through the middles of `nodes` (n, k), from the first node to the last; the first two columns are x and y."""
    if len(nodes) == 1:
        return nodes.copy()
    middles = (nodes[:-1] + nodes[1:]) / 2
    ends = np.concatenate([middles, nodes[-1:]])
    starts = np.concatenate([nodes[:1], middles])
    # The first and the last piece are straight: their control lies on the line.
    controls = np.concatenate([(starts[:1] + ends[:1]) / 2, nodes[1:-1], (starts[-1:] + ends[-1:]) / 2])
    return np.concatenate([nodes[:1], _curves(starts, controls, ends)])


def _curve(start: FloatArray, control: FloatArray, end: FloatArray) -> FloatArray:
    """One parabola with its start."""
    return np.concatenate([start[None], _curves(start[None], control[None], end[None])])


def _curves(starts: FloatArray, controls: FloatArray, ends: FloatArray) -> FloatArray:
    """Steps along parabolas, each row of the arguments one, without their starts."""
    way = np.hypot(*(controls - starts)[:, :2].T) + np.hypot(*(ends - controls)[:, :2].T)
    counts = np.maximum(np.ceil(way / STEP), 1).astype(np.int64)
    first = np.cumsum(counts) - counts
    t = ((np.arange(counts.sum()) - np.repeat(first, counts) + 1) / np.repeat(counts, counts))[:, None]
    a, c, b = (np.repeat(part, counts, axis=0) for part in (starts, controls, ends))
    return np.asarray((1 - t) ** 2 * a + 2 * t * (1 - t) * c + t**2 * b)


class Trace:
    """A stroke being drawn: its points so far, and its outline, which settles piece by piece behind the pen and then never changes."""

    def __init__(self, pen: Pen, point: Sequence[float]) -> None:
        self.pen = pen
        self._points = [tuple(point)]
        self._nodes = [np.array([point[0], point[1], width_at(pen, pressure=point[3], speed=0.0) / 2])]

    def add(self, point: Sequence[float]) -> FloatArray:
        """The pen is now at x, y, t, pressure. Returns the outline that has just settled, (m, 3) from where it was settled before."""
        width = next_width(self.pen, 2 * float(self._nodes[-1][2]), self._points[-1], point)
        self._points.append(tuple(point))
        self._nodes.append(np.array([point[0], point[1], width / 2]))
        if len(self._nodes) == 2:
            start, end = self._nodes[0], (self._nodes[0] + self._nodes[1]) / 2
            return _curve(start, (start + end) / 2, end)
        a, b, c = self._nodes[-3:]
        return _curve((a + b) / 2, b, (b + c) / 2)

    def tail(self) -> FloatArray:
        """The outline from where it is settled to the pen, (m, 3)."""
        if len(self._nodes) == 1:
            return self._nodes[0][None]
        return np.stack([(self._nodes[-2] + self._nodes[-1]) / 2, self._nodes[-1]])

    def stroke(self) -> Stroke:
        """The stroke as it is so far."""
        return Stroke(np.array(self._points, dtype=np.float64))


def bounds(ink: Ink, pen: Pen) -> Rect | None:
    """The rectangle that the ink covers, half the pen's width around its middle lines; None where there is no ink."""
    lines = [outline(s.points, pen) for s in ink if len(s)]
    return outline_bounds(lines)


def outline_bounds(lines: Sequence[FloatArray]) -> Rect | None:
    """The same of outlines made already."""
    if not lines:
        return None
    every = np.concatenate(lines)
    low = (every[:, :2] - every[:, 2:]).min(axis=0)
    high = (every[:, :2] + every[:, 2:]).max(axis=0)
    return Rect(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))


def scaled(ink: Ink, factor: float) -> list[Stroke]:
    """The same ink on a page `factor` times as large."""
    return [Stroke(s.points * np.array([factor, factor, 1.0, 1.0])) for s in ink]


def shifted(ink: Ink, dx: float, dy: float) -> list[Stroke]:
    """The same ink elsewhere on the page."""
    return [Stroke(s.points + np.array([dx, dy, 0.0, 0.0])) for s in ink]


def inside(ink: Ink, width: float, height: float) -> list[Stroke]:
    """The ink with every point pulled onto the page: what a pen draws beyond the edge runs along it."""
    low, high = np.zeros(4), np.array([width, height, np.inf, 1.0])
    return [Stroke(np.clip(s.points, low, high)) for s in ink]


def to_json(ink: Ink) -> list[list[list[float]]]:
    """Strokes as lists of [x, y, t, pressure], to a thousandth of a pixel and of a second."""
    return [np.round(s.points, 3).tolist() for s in ink]


def from_json(value: Any) -> list[Stroke]:
    """The inverse of `to_json`. Raises ValueError for anything else."""
    if not isinstance(value, list):
        raise ValueError("ink must be a list of strokes")
    try:
        return [stroke(points) for points in value]
    except TypeError as error:
        raise ValueError("ink must hold numbers") from error


def pen_to_json(pen: Pen) -> dict[str, float]:
    """A pen as plain values."""
    return {"width": pen.width, "by_pressure": pen.by_pressure, "by_speed": pen.by_speed}


def pen_from_json(value: dict[str, Any]) -> Pen:
    """The inverse of `pen_to_json`; what is missing is as usual."""
    usual = pen_to_json(Pen())
    return Pen(**{key: float(value.get(key, default)) for key, default in usual.items()})
