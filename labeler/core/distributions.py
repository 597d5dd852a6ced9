"""How numbers and places are spread: counts in equal bins, and how dense points lie on a page. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BINS = 24


@dataclass(frozen=True, slots=True)
class Histogram:
    """`edges` has one number more than `counts`; a number counts from its lower edge on, the last bin holds its upper edge, too."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


def histogram(values: FloatArray, *, bins: int = BINS) -> Histogram:
    """Counts in bins of one round width from 0 to the largest of `values` (n,), none of which is below 0."""
    if not len(values):
        return Histogram((), ())
    width = round_up(max(float(values.max()), 1e-9) / bins)
    count = max(1, int(np.ceil(values.max() / width - 1e-9)))
    edges = np.arange(count + 1) * width
    counts, _ = np.histogram(np.minimum(values, edges[-1]), edges)
    return Histogram(tuple(float(e) for e in edges), tuple(int(n) for n in counts))


def density(points: FloatArray, *, columns: int, rows: int) -> npt.NDArray[np.int64]:
    """How many of `points` (n, 2), each x and y in 0…1, lie in each cell; shape (rows, columns), row 0 at y = 0."""
    if not len(points):
        return np.zeros((rows, columns), dtype=np.int64)
    x = np.clip((points[:, 0] * columns).astype(int), 0, columns - 1)
    y = np.clip((points[:, 1] * rows).astype(int), 0, rows - 1)
    return np.bincount(y * columns + x, minlength=rows * columns).reshape(rows, columns)


def running(counts: Sequence[int]) -> list[int]:
    """Sums of the first, the first two, the first three … of `counts`."""
    return [int(n) for n in np.cumsum(np.asarray(counts, dtype=np.int64))]


def round_up(step: float) -> float:
    """The first of 1, 2 and 5 times a power of ten that is at least `step`."""
    power = 10.0 ** np.floor(np.log10(step))
    return float(next(power * n for n in (1, 2, 5, 10) if power * n >= step * (1 - 1e-9)))
