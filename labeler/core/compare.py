"""Two detectors on the same pages: what changed, digit by digit and page by page, with paired intervals. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from labeler.core.bootstrap import Difference, interval, ratio_difference, resampled
from labeler.core.boxes import FloatArray
from labeler.core.corrections import needed
from labeler.core.matching import IntArray, Page, match
from labeler.core.metrics import Ranked, precision_at_recall, rank


@dataclass(frozen=True, slots=True)
class DigitChange:
    """One class at the operating score: digits judged, and how many each detector found with the right class.

    `lost` of them only the current one found, `gained` only the candidate. `worse_pages` are the numbers of the pages on which
    the candidate found fewer of this class, most lost first.
    """

    class_id: int
    support: int
    current: int
    candidate: int
    lost: int
    gained: int
    recall: Difference
    worse_pages: tuple[int, ...]

    @property
    def recall_change(self) -> float:
        """Candidate's recall minus the current model's."""
        return (self.candidate - self.current) / self.support if self.support else 0.0


@dataclass(frozen=True, slots=True)
class PairChange:
    """Two classes that look alike: their digits, and how many each detector took for the other, `new` and `gone` between the two."""

    classes: tuple[int, int]
    support: int
    current: int
    candidate: int
    new: int
    gone: int


@dataclass(frozen=True, slots=True)
class PageChange:
    """Corrections that a page needs with each detector; `page` is its number."""

    page: int
    current: int
    candidate: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything the gate asks, and what a person wants to see of it. Differences are candidate minus current.

    `work` are the corrections that each leaves to do on all pages. `changed` are the pages that need more or fewer corrections, those that
    got worst first.
    """

    pages: int
    boxes: int
    same: bool
    map50: Difference
    map50_95: Difference
    corrections_per_100: Difference
    work: tuple[int, int]
    digits: tuple[DigitChange, ...]
    pairs: tuple[PairChange, ...]
    blank_pages: int
    blank_alarms: tuple[int, int]
    changed: tuple[PageChange, ...]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """One detector's answers: what each true digit was seen as (-1: missed), and each page's corrections."""

    seen: tuple[IntArray, ...]
    work: IntArray


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
    before, after = _outcome(current, min_score), _outcome(candidate, min_score)
    truth = [np.array([t.class_id for t in p.truth], dtype=np.int64) for p in current]
    drawn = resampled(len(current), resamples=resamples, seed=seed)
    map50, map50_95 = _map_differences(current, candidate, classes, drawn, level)
    digits = np.array([len(t) for t in truth], dtype=np.float64)
    return Comparison(
        pages=len(current),
        boxes=int(digits.sum()),
        same=[p.found for p in current] == [p.found for p in candidate],
        map50=map50,
        map50_95=map50_95,
        corrections_per_100=ratio_difference(
            before.work.astype(float), after.work.astype(float), digits, drawn, level=level, factor=100.0
        ),
        work=(int(before.work.sum()), int(after.work.sum())),
        digits=tuple(_digit_change(c, truth, before, after, drawn, level) for c in range(classes)),
        pairs=tuple(_pair_change(pair, truth, before, after) for pair in pairs),
        blank_pages=sum(not p.truth for p in current),
        blank_alarms=(_alarms(current, min_score), _alarms(candidate, min_score)),
        changed=_changed(before.work, after.work),
    )


def _outcome(pages: Sequence[Page], min_score: float) -> _Outcome:
    seen, work = [], []
    for page in pages:
        matching = match(page, min_score=min_score)
        answers = np.full(len(page.truth), -1, dtype=np.int64)
        for pair in matching.pairs:
            answers[pair.truth] = page.found[pair.found].class_id
        seen.append(answers)
        work.append(needed(page, matching).work)
    return _Outcome(tuple(seen), np.array(work, dtype=np.int64))


def _map_differences(
    current: Sequence[Page], candidate: Sequence[Page], classes: int, drawn: FloatArray, level: float
) -> tuple[Difference, Difference]:
    """The change of mAP50 and of mAP50-95."""
    before, after = rank(current, classes=classes), rank(candidate, classes=classes)

    def change(weights: FloatArray | None) -> FloatArray:
        return _maps(after, classes, weights) - _maps(before, classes, weights)

    values = change(None)
    rows = np.array([change(weights) for weights in drawn]).reshape(-1, 2)
    first, second = (interval(float(values[n]), rows[:, n], level=level) for n in range(2))
    return first, second


def _maps(ranked: Ranked, classes: int, weights: FloatArray | None) -> FloatArray:
    """mAP50 and mAP50-95 over the classes that the pages have; zeros where they have none."""
    support = ranked.support.sum(axis=0) if weights is None else weights @ ranked.support
    judged = [c for c in range(classes) if support[c] > 0]
    if not judged:
        return np.zeros(2)
    ap = np.array([precision_at_recall(ranked, c, weights=weights).mean(axis=1) for c in judged])
    return np.array([ap[:, 0].mean(), ap.mean()])


def _digit_change(
    class_id: int, truth: Sequence[IntArray], before: _Outcome, after: _Outcome, drawn: FloatArray, level: float
) -> DigitChange:
    own = [t == class_id for t in truth]
    had = [o & (seen == class_id) for o, seen in zip(own, before.seen, strict=True)]
    has = [o & (seen == class_id) for o, seen in zip(own, after.seen, strict=True)]
    support, first, second = (np.array([float(m.sum()) for m in masks]) for masks in (own, had, has))
    loss = first - second
    worse = sorted(np.flatnonzero(loss > 0).tolist(), key=lambda page: (-loss[page], page))
    return DigitChange(
        class_id,
        support=int(support.sum()),
        current=int(first.sum()),
        candidate=int(second.sum()),
        lost=sum(int((a & ~b).sum()) for a, b in zip(had, has, strict=True)),
        gained=sum(int((b & ~a).sum()) for a, b in zip(had, has, strict=True)),
        recall=ratio_difference(first, second, support, drawn, level=level),
        worse_pages=tuple(worse),
    )


def _pair_change(pair: tuple[int, int], truth: Sequence[IntArray], before: _Outcome, after: _Outcome) -> PairChange:
    a, b = pair
    support = current = candidate = new = gone = 0
    for true, first, second in zip(truth, before.seen, after.seen, strict=True):
        had, has = (((true == a) & (seen == b)) | ((true == b) & (seen == a)) for seen in (first, second))
        support += int(((true == a) | (true == b)).sum())
        current += int(had.sum())
        candidate += int(has.sum())
        new += int((has & ~had).sum())
        gone += int((had & ~has).sum())
    return PairChange(pair, support, current, candidate, new, gone)


def _changed(before: IntArray, after: IntArray) -> tuple[PageChange, ...]:
    pages = np.flatnonzero(before != after).tolist()
    rows = [PageChange(page, int(before[page]), int(after[page])) for page in pages]
    return tuple(sorted(rows, key=lambda r: (r.current - r.candidate, r.page)))


def _alarms(pages: Sequence[Page], min_score: float) -> int:
    return sum(d.score >= min_score for p in pages if not p.truth for d in p.found)
