"""Which strokes belong to which digit of the prompt: by shape, position and time, and never by guessing.

Every way to share the strokes out in reading order is scored; the best one counts only where it is good in itself and clearly better
than the next. Otherwise the answer is a reason, and a person looks.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from labeler.core.boxes import FloatArray
from labeler.core.ink import Ink
from labeler.core.ink_evidence import MOST, Evidence, Run, runs_from
from labeler.core.stroke_reader import NO_DIGIT

BEST = 3
"""How many ways to share out the strokes are carried along."""
MARGIN = 4.0
"""Least lead over the next best way."""
WORST = -12.0
"""Least chance that the shape of any group gives its digit."""
FREE = 8.0
"""Most by which sharing the strokes out otherwise, for any digits however many, may look better."""


class Reason(StrEnum):
    """Why strokes could not be shared out."""

    EMPTY = "empty"
    COUNT = "count"
    OVERLAP = "overlap"
    ORDER = "order"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Grouping:
    """`groups[k]` are the strokes of the prompt's digit k, as indices in order of time; None with the `reason` where it is not clear.

    `best` is the likeliest way whether clear or not, and `disputed` the places in the prompt that the doubt is about, where somebody
    else's reading of those digits settles it; empty where nobody's does: a digit struck out, or a stray dot, looks much like the digit
    without it. For measuring, all as logarithms: `lead`, how far the best is ahead of the next; `worst`, the chance of its least likely
    digit; `surplus`, by how much sharing out without the prompt looks better.
    """

    groups: tuple[Run, ...] | None
    reason: Reason | None = None
    best: tuple[Run, ...] = ()
    disputed: tuple[int, ...] = ()
    lead: float = 0.0
    worst: float = 0.0
    surplus: float = 0.0


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to share out the strokes, and the logarithm of how likely it is."""

    score: float
    runs: tuple[Run, ...]


Liking = Callable[[FloatArray], float]
"""How much a group is liked, by its chances of being each digit."""


def group(ink: Ink, prompt: str) -> Grouping:
    """Share the strokes of `ink` out among the digits of `prompt`, written from left to right, and in rows from top to bottom."""
    if not ink:
        return Grouping(None, Reason.EMPTY)
    if not len(prompt) <= len(ink) <= MOST * len(prompt):
        return Grouping(None, Reason.COUNT)
    evidence = Evidence(ink)
    digits = [int(c) for c in prompt]
    ways = _ways(evidence, digits)
    if not ways:
        return Grouping(None, Reason.COUNT)
    best, free = ways[0], _free(evidence)
    chances = [evidence.chance(run)[d] for run, d in zip(best.runs, digits, strict=True)]
    surplus = free.score - best.score if free.runs != best.runs else 0.0
    doubts = _doubts(evidence, ways, free, chances)
    reason, disputed = next(iter(doubts), None), sorted({place for places in doubts.values() for place in places})
    if any(evidence.has_stray(run) or evidence.is_struck(run, d) for run, d in zip(best.runs, digits, strict=True)):
        reason, disputed = reason or Reason.UNCLEAR, []
    shared = tuple(tuple(sorted(run, key=lambda i: (ink[i].start, i))) for run in best.runs)
    lead = best.score - ways[1].score if len(ways) > 1 else np.inf
    return Grouping(
        shared if reason is None else None, reason, shared, tuple(disputed), float(lead), float(min(chances)), float(surplus)
    )  # fmt: skip


def _doubts(evidence: Evidence, ways: Sequence[_Way], free: _Way, chances: Sequence[float]) -> dict[Reason, list[int]]:
    """Why the best way is not good enough, the weightiest reason first, with the places in the prompt that each is about.

    `free` is the best way without the prompt, `chances` are those of the best way's digits.
    """
    best = ways[0].runs
    places = range(len(best))
    found: dict[Reason, list[int]] = {}
    if free.runs != best and free.score - ways[0].score > FREE:
        reason = Reason.COUNT if len(free.runs) != len(best) else Reason.UNCLEAR
        found[reason] = [k for k in places if best[k] not in free.runs] or [*places]
    if torn := [k for k in places if evidence.row(best[k]) < 0]:
        found[Reason.ORDER] = torn
    if rivals := [way.runs for way in ways[1:] if way.score > ways[0].score - MARGIN]:
        found[Reason.OVERLAP] = [k for k in places if any(runs[k] != best[k] for runs in rivals)]
    if unlikely := [k for k in places if chances[k] < WORST]:
        found[Reason.UNCLEAR] = [*found.get(Reason.UNCLEAR, ()), *unlikely]
    return found


def _ways(evidence: Evidence, digits: Sequence[int]) -> list[_Way]:
    """The best ways to share out the strokes for these digits, best first, each once."""
    found: dict[tuple[Run, ...], float] = {}
    for order in evidence.orders:
        ends = _start(len(order))
        for digit in digits:
            ends = _grown(evidence, order, ends, lambda chances, d=digit: float(chances[d]))  # type: ignore[misc]
        found.update({way.runs: way.score for ways in ends[-1].values() for way in ways})
    return [_Way(score, way) for way, score in sorted(found.items(), key=lambda item: -item[1])]


def _free(evidence: Evidence) -> _Way:
    """The best way to share the strokes out for any digits, however many."""
    order = evidence.orders[0]
    ends = _start(len(order))
    for at in range(len(order)):
        for run, ways in _reached(evidence, order, at, ends, lambda chances: float(chances[:NO_DIGIT].max())):
            ends[at + len(run)][run] = ways[:1]
    return max((way for ways in ends[-1].values() for way in ways), key=lambda w: w.score)


Ends = list[dict[Run, list[_Way]]]
"""By the number of strokes used: the best ways so far that end with each run."""


def _start(count: int) -> Ends:
    return [{(): [_Way(0.0, ())]}, *({} for _ in range(count))]


def _grown(evidence: Evidence, order: Sequence[int], ends: Ends, liking: Liking) -> Ends:
    """Every way one group longer."""
    grown: Ends = [{} for _ in ends]
    for at in range(len(order)):
        for run, ways in _reached(evidence, order, at, ends, liking):
            grown[at + len(run)][run] = ways
    return grown


def _reached(
    evidence: Evidence, order: Sequence[int], at: int, ends: Ends, liking: Liking
) -> Iterable[tuple[Run, list[_Way]]]:
    """The ways on from stroke `at` of the order, by the run they take next, best first."""
    if not ends[at]:
        return
    for run in runs_from(order, at):
        own = liking(evidence.chance(run)) + evidence.inner(run)
        ways = []
        for last, before in ends[at].items():
            step = own + (evidence.between(last, run) if last else 0.0)
            ways += [_Way(way.score + step, (*way.runs, run)) for way in before]
        yield run, sorted(ways, key=lambda w: -w.score)[:BEST]
