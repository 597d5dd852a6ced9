"""Whether a detector's scores mean what they say: of the finds that score 0.8, are four in five right? Pure."""

from dataclasses import dataclass

import numpy as np

from labeler.core.metrics import Ranked

BINS = 10
FLOOR = 0.05
"""Finds that score less are noise that nobody is ever shown."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Finds with scores from `low` to `high`: how many, their mean score, and the share of them that are right at IoU 0.5."""

    low: float
    high: float
    count: int
    score: float
    right: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The bins that are not empty, and the expected calibration error: the gap between score and share, weighed by the finds.

    After Naeini et al. (2015), with a detector's hits as Küppers et al. (2020) count them. `error` is None where nothing was found.
    """

    bins: tuple[Bin, ...]
    error: float | None


def calibration(ranked: Ranked, *, bins: int = BINS, floor: float = FLOOR) -> Calibration:
    """How far the scores of the finds of at least `floor` are from the share that is right."""
    seen = ranked.scores >= floor
    scores, hits = ranked.scores[seen], ranked.hits[0, seen]
    place = np.minimum((scores * bins).astype(np.int64), bins - 1)
    found = [
        Bin(n / bins, (n + 1) / bins, int(inside.sum()), float(scores[inside].mean()), float(hits[inside].mean()))
        for n in range(bins)
        if (inside := place == n).any()
    ]
    count = sum(b.count for b in found)
    error = sum(b.count * abs(b.score - b.right) for b in found) / count if count else None
    return Calibration(tuple(found), error)
