"""Two detectors on the same pages: differences with paired bootstrap intervals (Efron and Tibshirani 1993). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from labeler.core.boxes import FloatArray
from labeler.core.matching import IntArray, Page, match
from labeler.core.metrics import Ranked, precision_at_recall, rank


@dataclass(frozen=True, slots=True)
class Difference:
    """Candidate minus current: the measured value and the bounds of its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class DigitChange:
    """One class at the operating score: digits judged, and how many each detector found with the right class."""

    class_id: int
    support: int
    current: int
    candidate: int

    @property
    def recall_change(self) -> float:
        """Candidate's recall minus the current model's."""
        return (self.candidate - self.current) / self.support if self.support else 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything the gate asks. `confusions` holds, for each pair of classes, how often either was taken for the other."""

    pages: int
    boxes: int
    same: bool
    map50_95: Difference
    digits: tuple[DigitChange, ...]
    confusions: dict[tuple[int, int], tuple[int, int]]
    pair_support: dict[tuple[int, int], int]
    blank_pages: int
    blank_alarms: tuple[int, int]


def compare(
    current: Sequence[Page],
    candidate: Sequence[Page],
    *,
    classes: int,
    min_score: float,
    pairs: Sequence[tuple[int, int]] = (),
    resamples: int = 300,
    level: float = 0.95,
    seed: int = 0,
) -> Comparison:
    """Compare detections on the same pages with the same truth, in the same order. Pages are what is resampled.

    Raises `ValueError` where the truths differ.
    """
    if [p.truth for p in current] != [p.truth for p in candidate]:
        raise ValueError("both detectors must be judged on the same pages")
    before, after = _confusion(current, classes, min_score), _confusion(candidate, classes, min_score)
    support = before[:classes].sum(axis=1)
    return Comparison(
        pages=len(current),
        boxes=int(support.sum()),
        same=[p.found for p in current] == [p.found for p in candidate],
        map50_95=_map_difference(current, candidate, classes, resamples, level, seed),
        digits=tuple(DigitChange(c, int(support[c]), int(before[c, c]), int(after[c, c])) for c in range(classes)),
        confusions={(a, b): (_mixed(before, a, b), _mixed(after, a, b)) for a, b in pairs},
        pair_support={(a, b): int(support[a] + support[b]) for a, b in pairs},
        blank_pages=sum(not p.truth for p in current),
        blank_alarms=(_alarms(current, min_score), _alarms(candidate, min_score)),
    )


def _map_difference(
    current: Sequence[Page], candidate: Sequence[Page], classes: int, resamples: int, level: float, seed: int
) -> Difference:
    before, after = rank(current, classes=classes), rank(candidate, classes=classes)
    count = len(current)
    value = _map(after, classes, None) - _map(before, classes, None)
    rng = np.random.default_rng(seed)
    drawn = (
        rng.multinomial(count, np.full(count, 1 / count), size=resamples).astype(np.float64)
        if count
        else np.zeros((0, 0))
    )
    differences = [_map(after, classes, weights) - _map(before, classes, weights) for weights in drawn] or [0.0]
    tail = (1 - level) / 2
    low, high = np.quantile(differences, [tail, 1 - tail])
    return Difference(value, float(low), float(high))


def _map(ranked: Ranked, classes: int, weights: FloatArray | None) -> float:
    support = ranked.support.sum(axis=0) if weights is None else weights @ ranked.support
    judged = [c for c in range(classes) if support[c] > 0]
    return float(np.mean([precision_at_recall(ranked, c, weights=weights).mean() for c in judged])) if judged else 0.0


def _confusion(pages: Sequence[Page], classes: int, min_score: float) -> IntArray:
    """(classes, classes + 1): what each true digit was found as; the last column is "missed"."""
    table = np.zeros((classes, classes + 1), dtype=np.int64)
    for page in pages:
        matching = match(page, min_score=min_score)
        for pair in matching.pairs:
            table[page.truth[pair.truth].class_id, page.found[pair.found].class_id] += 1
        for missed in matching.missed:
            table[page.truth[missed].class_id, classes] += 1
    return table


def _mixed(table: IntArray, a: int, b: int) -> int:
    return int(table[a, b] + table[b, a])


def _alarms(pages: Sequence[Page], min_score: float) -> int:
    return sum(d.score >= min_score for p in pages if not p.truth for d in p.found)
