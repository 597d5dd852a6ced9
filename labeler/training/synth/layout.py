"""Where digits go on a page: scattered, in numbers, in sums, in grids, or one alone.

Owns places and sizes in page pixels. Draws nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labeler.training.synth.paper import Generator


@dataclass(frozen=True, slots=True)
class Slot:
    """Room for one thing to be written: centre and height in page pixels. A `digit` of -1 is a letter or sign.

    A slot with `chained` stands right of the one before, `gap` digit heights from its ink (below 0: touching).
    """

    x: float
    y: float
    height: float
    digit: int
    chained: bool = False
    gap: float = 0.2


@dataclass(frozen=True, slots=True)
class Plan:
    """Slots for digits, and lines (x1, y1, x2, y2, thickness) that belong to the layout, such as a grid's."""

    slots: tuple[Slot, ...]
    lines: tuple[tuple[float, float, float, float, float], ...] = ()


def scattered(width: int, height: int, rng: Generator) -> Plan:
    """Single digits anywhere, of about one size, seldom on top of one another."""
    size = log_uniform(rng, 13, 0.45 * min(width, height))
    goal = int(rng.integers(1, max(2, min(14, round(0.3 * width * height / size**2)))))
    slots: list[Slot] = []
    for _ in range(goal * 4):
        own = size * float(np.exp(rng.normal(0, 0.2)))
        x, y = float(rng.uniform(0.4 * own, width - 0.4 * own)), float(rng.uniform(own / 2, height - own / 2))
        if len(slots) < goal and all(np.hypot(x - s.x, y - s.y) > 0.55 * (own + s.height) for s in slots):
            slots.append(Slot(x, y, own, _digit(rng)))
    return Plan(tuple(slots))


def numbers(width: int, height: int, rng: Generator) -> Plan:
    """Rows of numbers, loose to touching."""
    size = log_uniform(rng, 10, 0.3 * min(width, height))
    gap = float(
        rng.choice([rng.uniform(-0.12, 0.05), rng.uniform(0.08, 0.35), rng.uniform(0.35, 0.8)], p=[0.25, 0.5, 0.25])
    )
    slots: list[Slot] = []
    y = float(rng.uniform(0.55, 1.6)) * size
    while y < height - 0.5 * size and len(slots) < 60:
        x = float(rng.uniform(0.5, 3.0)) * size
        while x < width - 0.6 * size:
            count = int(rng.integers(1, 7))
            slots += _number(x, y, size, count, gap, rng)
            x += (count * (0.65 + max(gap, 0)) + float(rng.uniform(0.4, 5.0))) * size
        y += float(rng.uniform(1.15, 2.6)) * size
    return Plan(tuple(slots))


def strip(width: int, height: int, rng: Generator) -> Plan:
    """One amount that nearly fills a strip of paper, as on a cheque."""
    count = int(rng.integers(2, 8))
    size = min(float(rng.uniform(0.45, 0.85)) * height, width / (0.62 * count))
    gap = float(rng.uniform(-0.15, 0.25))
    start = float(rng.uniform(0.3 * size, max(0.31 * size, width - 0.6 * size * count)))
    return Plan(tuple(_number(start, height * float(rng.uniform(0.42, 0.58)), size, count, gap, rng)))


def column_sum(width: int, height: int, rng: Generator) -> Plan:
    """Sums written under one another with a line above the result and small carry digits."""
    size = log_uniform(rng, 18, 0.24 * height)
    step = float(rng.uniform(0.7, 1.2)) * size
    columns = int(rng.integers(1, max(2, min(5, int((width - size) / step)))))
    right = float(rng.uniform(columns * step + 0.5 * size, max(columns * step + 0.6 * size, width - 0.5 * size)))
    rows = int(rng.integers(2, max(3, min(5, int(height / (1.3 * size))))))
    top = float(rng.uniform(0.7, max(0.8, height / size - 1.25 * rows))) * size
    slots, lines = [], []
    for row in range(rows):
        y = top + row * 1.25 * size
        for column in range(int(rng.integers(1, columns + 1))):
            own = size * float(np.exp(rng.normal(0, 0.08)))
            jitter = rng.normal(0, 0.05, 2) * size
            slots.append(Slot(right - column * step + jitter[0], y + jitter[1], own, _digit(rng)))
            if column and rng.random() < (0.45 if row == 0 else 0.2):
                beside = right - (column + float(rng.choice([0.0, 0.5]))) * step
                slots.append(Slot(beside, y - 0.75 * size, own * float(rng.uniform(0.22, 0.5)), 1))
    if rng.random() < 0.8:
        y = top + (rows - 1.5) * 1.25 * size
        lines.append(
            (right - columns * step, y, right + 0.6 * size, y + float(rng.normal(0, 0.04)) * size, 0.07 * size)
        )
    return Plan(tuple(slots), tuple(lines))


def grid(width: int, height: int, rng: Generator) -> Plan:
    """A table or puzzle with a digit in many of its cells."""
    cells = int(rng.choice([3, 4, 5, 6, 9, 9, 9]))
    cell = min(width, height) * float(rng.uniform(0.6, 0.97)) / cells
    wide, high = cells, cells if rng.random() < 0.7 else int(rng.integers(1, cells + 1))
    x0 = float(rng.uniform(0, width - cell * wide))
    y0 = float(rng.uniform(0, height - cell * high))
    thin, thick = max(0.7, cell * 0.02), max(1.2, cell * 0.06)
    third = cells % 3 == 0
    lines = [
        (
            x0 + i * cell,
            y0,
            x0 + i * cell,
            y0 + cell * high,
            thick if i in (0, wide) or (third and i % 3 == 0) else thin,
        )
        for i in range(wide + 1)
    ] + [
        (
            x0,
            y0 + i * cell,
            x0 + cell * wide,
            y0 + i * cell,
            thick if i in (0, high) or (third and i % 3 == 0) else thin,
        )
        for i in range(high + 1)
    ]
    fill, share = float(rng.uniform(0.2, 0.85)), float(rng.uniform(0.4, 0.85))
    slots = [
        Slot(
            x0 + (c + 0.5) * cell + float(rng.normal(0, 0.06)) * cell,
            y0 + (r + 0.5) * cell + float(rng.normal(0, 0.05)) * cell,
            cell * share * float(np.exp(rng.normal(0, 0.1))),
            _digit(rng),
        )
        for r in range(high)
        for c in range(wide)
        if rng.random() < fill
    ]
    return Plan(tuple(slots), tuple(lines))


def alone(width: int, height: int, rng: Generator) -> Plan:
    """One or two digits that fill much of the page."""
    size = float(rng.uniform(0.4, 0.95)) * min(height, width * 1.3)
    first = Slot(float(rng.uniform(0.35, 0.65)) * width, float(rng.uniform(0.47, 0.53)) * height, size, _digit(rng))
    if rng.random() < 0.35:
        return Plan((first, Slot(0, first.y, size, _digit(rng), chained=True, gap=float(rng.uniform(0.05, 0.3)))))
    return Plan((first,))


def log_uniform(rng: Generator, low: float, high: float) -> float:
    """A number between two positive ones, evenly on the log scale."""
    return float(np.exp(rng.uniform(np.log(low), np.log(max(high, low * 1.01)))))


def _number(x: float, y: float, size: float, count: int, gap: float, rng: Generator) -> list[Slot]:
    slots = []
    for i in range(count):
        own = size * float(np.exp(rng.normal(0, 0.09)))
        own_gap = gap + float(rng.normal(0, 0.05))
        slots.append(Slot(x, y + float(rng.normal(0, 0.05)) * size, own, _digit(rng), chained=i > 0, gap=own_gap))
    return slots


def _digit(rng: Generator) -> int:
    return int(rng.integers(10))
