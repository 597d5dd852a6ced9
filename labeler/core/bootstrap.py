"""How sure a difference between two detectors on the same pages is: paired bootstrap intervals and the sign test. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from labeler.core.boxes import FloatArray


@dataclass(frozen=True, slots=True)
class Difference:
    """Candidate minus current: the measured value and the bounds of its interval."""

    value: float
    low: float
    high: float


def resampled(pages: int, *, resamples: int, seed: int = 0) -> FloatArray:
    """(resamples, pages): how often each page is drawn when as many are drawn with replacement (Efron and Tibshirani 1993)."""
    if not pages:
        return np.zeros((0, 0))
    rng = np.random.default_rng(seed)
    return rng.multinomial(pages, np.full(pages, 1 / pages), size=resamples).astype(np.float64)


def interval(value: float, differences: Sequence[float] | FloatArray, *, level: float) -> Difference:
    """`value` with the middle `level` of what the resamples gave."""
    known = [d for d in differences if np.isfinite(d)] or [value]
    tail = (1 - level) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return Difference(value, float(low), float(high))


def ratio_difference(
    before: FloatArray, after: FloatArray, per: FloatArray, drawn: FloatArray, *, level: float, factor: float = 1.0
) -> Difference:
    """The change of `factor` × sum(count) / sum(per). `before`, `after` and `per` hold one number a page."""
    total = per.sum()
    value = factor * float((after - before).sum() / total) if total else 0.0
    shares = drawn @ per
    changed = drawn @ (after - before)
    return interval(
        value, factor * np.divide(changed, shares, out=np.full_like(changed, np.nan), where=shares > 0), level=level
    )


def sign_test(worse: int, better: int) -> float:
    """How likely so many of the changed cases, or more, went worse by luck alone (one-sided; McNemar's exact test)."""
    count = worse + better
    return sum(comb(count, n) for n in range(worse, count + 1)) / (1 << count)
