"""Reads the strokes of one digit: how likely each digit is, and how likely that these strokes are no digit at all.

A small network over the directions of the strokes; it serves the grouping of ink, and is no detector: it sees strokes, never pixels.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from labeler.core.assets import weights
from labeler.core.boxes import FloatArray

NO_DIGIT = 10
"""Column of the answer for strokes that are no digit: a part of one, or parts of two."""
GRID = 10
DIRECTIONS = 4
LENGTH = GRID * GRID * DIRECTIONS + 3
FILE = "strokes.npz"

Matrix = npt.NDArray[np.float32]


def features(strokes: Sequence[FloatArray], size: float) -> Matrix:
    """What the reader sees of a group of strokes, (`LENGTH`,): how much line runs where in which of four directions, then its extent.

    `strokes` are (n, ≥ 2) points; `size` is the height of this hand's digits, which tells a bar from a digit.
    """
    lines = [np.asarray(s[:, :2]) for s in strokes]
    every = np.concatenate(lines)
    low, high = every.min(axis=0), every.max(axis=0)
    side = max(float((high - low).max()), 1e-6)
    shift = (low + high) / 2 - side / 2
    # Points so far that neighbours are about a third of a cell apart, whatever the device's rate was.
    ways = [_even((line - shift) / side * (GRID - 1), 1 / 3) for line in lines]
    maps = np.zeros((GRID + 1, GRID + 1, DIRECTIONS), np.float32)
    for way in ways:
        _draw(maps, way)
    extent = np.log(np.maximum(np.array([*(high - low), side]) / size, 0.02))
    return np.concatenate([np.sqrt(maps[:GRID, :GRID].reshape(-1)), extent]).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Reader:
    """The network: one hidden layer."""

    mean: Matrix
    spread: Matrix
    first: Matrix
    first_bias: Matrix
    second: Matrix
    second_bias: Matrix

    def read(self, rows: Matrix) -> Matrix:
        """Logarithms of the chances of 0…9 and of `NO_DIGIT`, (n, 11), for rows of `features`."""
        hidden = np.maximum(((rows - self.mean) / self.spread) @ self.first + self.first_bias, 0.0)
        out = hidden @ self.second + self.second_bias
        out = out - out.max(axis=1, keepdims=True)
        return np.asarray(out - np.log(np.exp(out).sum(axis=1, keepdims=True)), np.float32)


@cache
def reader() -> Reader:
    """The reader that ships with the app."""
    return from_bytes((weights() / FILE).read_bytes())


def from_bytes(data: bytes) -> Reader:
    """A reader out of the file's bytes."""
    with np.load(io.BytesIO(data), allow_pickle=False) as kept:
        return Reader(**{name: kept[name].astype(np.float32) for name in Reader.__dataclass_fields__})


def to_bytes(network: Reader) -> bytes:
    """A reader as a file, in half precision."""
    out = io.BytesIO()
    np.savez_compressed(
        out, **{name: getattr(network, name).astype(np.float16) for name in Reader.__dataclass_fields__}
    )
    return out.getvalue()


def _even(line: FloatArray, spacing: float) -> FloatArray:
    """Points along a line at even distances; a dot stays one point."""
    steps = np.hypot(*np.diff(line, axis=0).T) if len(line) > 1 else np.zeros(0)
    at = np.concatenate([[0.0], np.cumsum(steps)])
    if at[-1] < 1e-9:
        return line[:1]
    goal = np.linspace(0.0, at[-1], max(2, int(np.ceil(at[-1] / spacing)) + 1))
    return np.stack([np.interp(goal, at, line[:, 0]), np.interp(goal, at, line[:, 1])], axis=1)


def _draw(maps: Matrix, way: FloatArray) -> None:
    """Add a line's steps to the four cells around each step's middle, to the two directions nearest its own."""
    if len(way) == 1:
        way = np.concatenate([way, way + 0.01])
    step = np.diff(way, axis=0)
    middle = (way[1:] + way[:-1]) / 2
    length = np.hypot(step[:, 0], step[:, 1])
    turn = np.mod(np.arctan2(step[:, 1], step[:, 0]), np.pi) / np.pi * DIRECTIONS
    whole, cell = np.floor(turn).astype(np.int64), np.floor(middle).astype(np.int64)
    part, inside = turn - whole, middle - cell
    for which, share in ((whole, 1 - part), (whole + 1, part)):
        for dx, wx in ((0, 1 - inside[:, 0]), (1, inside[:, 0])):
            for dy, wy in ((0, 1 - inside[:, 1]), (1, inside[:, 1])):
                at = (np.clip(cell[:, 1] + dy, 0, GRID), np.clip(cell[:, 0] + dx, 0, GRID), which % DIRECTIONS)
                np.add.at(maps, at, length * share * wx * wy)
