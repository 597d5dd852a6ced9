"""What speaks for and against strokes being one digit, and two groups being neighbours: shape, place and time. Decides nothing.

Costs and chances are natural logarithms, so that they add up; lengths are compared with the height of this hand's digits.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from labeler.core.boxes import FloatArray
from labeler.core.ink import Ink
from labeler.core.stroke_reader import features, reader

MOST = 5
"""More strokes than this are no digit."""
OVERLAP = 6.0
"""Against neighbours: for each height's width that they overlap."""
ORDER = 12.0
"""Against neighbours: for each height that the second lies before the first."""
MEET = 0.7
"""Against neighbours whose lines meet."""
INTERLEAVE = 5.0
"""Against neighbours whose strokes were written in turn."""
GAP = 12.0
"""Against a digit: for each height of the widest gap in it."""
DOT = 0.08
"""Strokes smaller than this, in heights of a digit, are dots."""
BARRED = frozenset({0, 4, 7})
"""Digits that some hands write with a straight line across: a slash through the 0, a bar through the 7."""
BEYOND = 0.04
"""A bar that reaches farther than this beyond a 7 on both sides, in heights of a digit, strikes it out: of 547 real sevens, 5 do."""
SHORT = 0.06
"""A line need not quite reach the ends of what it strikes out, in heights of a digit."""
TURNS, COVERED = 3, 0.1
"""A stroke that goes back and forth so often, all over other strokes but for such a margin, scribbles them out."""
FLAT = 0.4
"""A line through a 0 that falls, or rises by less than this share of its width, strikes it out: of 609 real zeros, none has one."""
MIDDLE = 0.25
"""A line whose own middle is farther from the middle, in heights of what it crosses, is the bar of a 5 or the foot of a 1."""
TALL = 0.5
"""What is struck out is at least so high, in heights of a digit: the foot and the flag of a 1 are not."""
BELONGS = 0.5
"""A stroke without which the others are so much less likely the digit, as logarithms, is a part of it and strikes nothing out."""
SPOILS, SURELY = 4.0, -0.3
"""One without which the others surely are the digit, and with which they are so much less likely it, strikes it out."""

Run = tuple[int, ...]
"""Strokes taken together, as sorted indices."""
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


def hand_size(ink: Ink) -> float:
    """How high this hand's digits are, in pixels: the middle of those strokes that are at least half as high as the highest."""
    extents = np.array([np.ptp(s.xy, axis=0) for s in ink])
    tall = np.sort(extents[:, 1])
    while len(tall) > 1 and tall[-1] > 3 * tall[-2]:  # a slip of the device, not a digit
        tall = tall[:-1]
    high = tall[tall >= 0.5 * tall.max()]
    return max(float(np.median(high)), 0.25 * float(np.median(extents[:, 0])), 1.0)


def runs(ink: Ink) -> list[Run]:
    """Every group of strokes that a grouping looks at."""
    return Evidence(ink).runs()


def runs_from(order: Sequence[int], at: int) -> Iterator[Run]:
    """The runs of an order that begin at a place."""
    for count in range(1, min(MOST, len(order) - at) + 1):
        yield tuple(sorted(order[at : at + count]))


class Evidence:
    """The strokes with what scoring asks for, each answer worked out once."""

    def __init__(self, ink: Ink) -> None:
        self.ink = ink
        self.size = hand_size(ink)
        self.low = np.array([s.xy.min(axis=0) for s in ink])
        self.high = np.array([s.xy.max(axis=0) for s in ink])
        self.start = np.array([s.start for s in ink])
        self.rank = np.argsort(np.argsort(self.start, kind="stable"), kind="stable")
        self.near = _near(ink, self.size)
        self.straight = [_is_straight(s.xy, 0.4 * self.size) for s in ink]
        self.rows = _rows(self.low[:, 1], self.high[:, 1], self.size)
        self.orders = self._orders()
        self._chances: dict[Run, FloatArray] = {}
        self._extents: dict[Run, tuple[float, float]] = {}
        self._costs: dict[tuple[Run, Run], float] = {}

    def runs(self) -> list[Run]:
        """Every run that any order offers."""
        return sorted({run for order in self.orders for at in range(len(order)) for run in runs_from(order, at)})

    def chance(self, run: Run) -> FloatArray:
        """Logarithms of the chances of each digit and of none."""
        if not self._chances:
            self._read(self.runs())
        if run not in self._chances:  # a part of one
            self._read([run])
        return self._chances[run]

    def extent(self, run: Run) -> tuple[float, float]:
        """Left and right end."""
        if run not in self._extents:
            rows = list(run)
            self._extents[run] = (float(self.low[rows, 0].min()), float(self.high[rows, 0].max()))
        return self._extents[run]

    def row(self, run: Run) -> int:
        """The row of a run, -1 where it reaches over two."""
        found = {int(self.rows[i]) for i in run}
        return found.pop() if len(found) == 1 else -1

    def inner(self, run: Run) -> float:
        """What speaks against these strokes being one digit, apart from their shape."""
        if len(run) == 1:
            return 0.0
        order = sorted(run, key=lambda i: self.low[i, 0])
        reach, gap = self.high[order[0], 0], 0.0
        for i in order[1:]:
            gap = max(gap, self.low[i, 0] - reach)
            reach = max(reach, self.high[i, 0])
        return -GAP * float(gap) / self.size

    def between(self, first: Run, second: Run) -> float:
        """What speaks against two runs being neighbouring digits in this order; nothing across rows."""
        if (first, second) not in self._costs:
            same_row = self.row(first) == self.row(second)
            self._costs[first, second] = self._cost(first, second) if same_row else 0.0
        return -self._costs[first, second]

    def _cost(self, first: Run, second: Run) -> float:
        (a1, a2), (b1, b2) = self.extent(first), self.extent(second)
        cost = OVERLAP * max(0.0, a2 - b1) / self.size
        cost += ORDER * max(0.0, (a1 + a2) / 2 - (b1 + b2) / 2 + 0.1 * self.size) / self.size
        cost += MEET * bool(self.near[np.ix_(first, second)].any())
        return cost + INTERLEAVE * self._interleaved(first, second)

    def has_stray(self, run: Run) -> bool:
        """Whether a dot lies apart from the other strokes and beyond them: nobody can say whose it is, and it would widen the box."""
        for i in run:
            others = [j for j in run if j != i]
            if others and (self.high[i] - self.low[i]).max() < DOT * self.size and not self.near[i, others].any():
                low, high = self.low[others].min(axis=0), self.high[others].max(axis=0)
                if (self.low[i] < low).any() or (self.high[i] > high).any():
                    return True
        return False

    def is_struck(self, run: Run, digit: int) -> bool:
        """Whether a straight line or a scribble runs right across the other strokes, or one of them, as nobody writes this digit."""
        return any(self._is_strike(i, run, digit) for i in run)

    def _is_strike(self, stroke: int, run: Run, digit: int) -> bool:
        others = tuple(j for j in run if j != stroke)
        if not others:
            return False
        without = self.chance(others)[digit]
        gain = self.chance(run)[digit] - without
        if gain > BELONGS:
            return False
        if gain < -SPOILS and without > SURELY:
            return True
        crossed = [j for j in others if not (digit == 0 and self.straight[j])]
        return any(
            self._strikes(stroke, part, digit) for part in (crossed, *([j] for j in crossed if len(crossed) > 1))
        )

    def _strikes(self, stroke: int, others: list[int], digit: int) -> bool:
        """Whether a stroke strikes out others that are as high as a digit is."""
        if not others or not self.near[stroke, others].any():
            return False
        low, high = self.low[others].min(axis=0), self.high[others].max(axis=0)
        if high[1] - low[1] < TALL * self.size:
            return False
        beyond = np.minimum(low - self.low[stroke], self.high[stroke] - high) / self.size
        if not self.straight[stroke]:
            covers = bool((beyond > -COVERED).all())
            return covers and max(_turns(side, 0.15 * self.size) for side in self.ink[stroke].xy.T) >= TURNS
        middle = (self.low[stroke, 1] + self.high[stroke, 1]) / 2
        inside = bool(abs((middle - low[1]) / (high[1] - low[1]) - 0.5) < MIDDLE)
        return self._line_strikes(stroke, beyond, digit, inside=inside)

    def _line_strikes(self, line: int, beyond: FloatArray, digit: int, *, inside: bool) -> bool:
        """The same of a straight line, which reaches so far `beyond` the others on both sides and up and down, in heights of a digit."""
        across, along = (beyond > -SHORT).tolist()
        through = bool(across and inside)
        way = self.ink[line].xy[-1] - self.ink[line].xy[0]
        match digit:
            case 0:
                rises = way[0] * way[1] < 0 and abs(way[1]) > FLAT * abs(way[0])
                return through and (not rises or bool((beyond > 0.02).all()))
            case 7:
                return bool(across and along) or (through and bool(beyond[0] > BEYOND))
            case 4:
                return through
            case _:
                return bool(along) or through

    def _interleaved(self, first: Run, second: Run) -> bool:
        a, b = self.rank[list(first)], self.rank[list(second)]
        return not (a.max() < b.min() or b.max() < a.min())

    def _orders(self) -> list[list[int]]:
        centre = (self.low[:, 0] + self.high[:, 0]) / 2
        keys = (centre, self.low[:, 0], self.high[:, 0], self.start)
        orders = [np.lexsort((key, self.rows)).tolist() for key in keys]
        return [list(o) for o in dict.fromkeys(tuple(o) for o in orders)]

    def _read(self, wanted: Sequence[Run]) -> None:
        rows = np.stack([features([self.ink[i].points for i in run], self.size) for run in wanted])
        for run, chances in zip(wanted, reader().read(rows), strict=True):
            self._chances[run] = chances.astype(np.float64)


def _is_straight(xy: FloatArray, at_least: float) -> bool:
    chord = float(np.hypot(*(xy[-1] - xy[0])))
    way = float(np.hypot(*np.diff(xy, axis=0).T).sum()) if len(xy) > 1 else 0.0
    return chord >= at_least and chord >= 0.93 * way


def _turns(values: FloatArray, least: float) -> int:
    """How often values go back by more than `least` after going forth by more than that."""
    turns, way, extreme = 0, 0, float(values[0])
    for value in values.tolist():
        if way == 0:
            way = int(np.sign(value - extreme)) if abs(value - extreme) > least else 0
            extreme = value if way else extreme
        elif (value - extreme) * way > 0:
            extreme = value
        elif (extreme - value) * way > least:
            turns, way, extreme = turns + 1, -way, value
    return turns


def _near(ink: Ink, size: float) -> Flags:
    """Which strokes come within about a twenty-fifth of a digit's height of each other, (n, n) bool."""
    reach = size / 25
    cells = [{(int(x), int(y)) for x, y in _dense(s.xy, reach / 2) / reach} for s in ink]
    near: Flags = np.zeros((len(ink), len(ink)), bool)
    for i in range(len(ink)):
        for j in range(i):
            near[i, j] = near[j, i] = not cells[i].isdisjoint(cells[j])
    return near


def _dense(xy: FloatArray, spacing: float) -> FloatArray:
    """Points along a line, at most `spacing` apart."""
    if len(xy) == 1:
        return xy
    step = np.hypot(*np.diff(xy, axis=0).T)
    at = np.concatenate([[0.0], np.cumsum(step)])
    goal = np.linspace(0.0, at[-1], max(2, int(np.ceil(at[-1] / spacing)) + 1))
    return np.stack([np.interp(goal, at, xy[:, 0]), np.interp(goal, at, xy[:, 1])], axis=1)


def _rows(top: FloatArray, bottom: FloatArray, size: float) -> Ints:
    """The row of each stroke, from the top. Rows are what free stripes across the page part; one of bars and dots alone is none."""
    order = np.argsort(top, kind="stable").tolist()
    stripes: list[list[int]] = [[order[0]]]
    reach = float(bottom[order[0]])
    for i in order[1:]:
        if top[i] > reach + 0.1 * size:
            stripes.append([])
        stripes[-1].append(i)
        reach = max(reach, float(bottom[i]))
    rows: list[list[int]] = []
    low: list[int] = []
    for stripe in stripes:
        if max(float(bottom[i] - top[i]) for i in stripe) >= 0.5 * size:
            rows.append([*low, *stripe])
            low = []
        else:
            low += stripe
    rows = rows or [[]]
    rows[-1] += low
    found: Ints = np.zeros(len(top), np.int64)
    for number, row in enumerate(rows):
        found[row] = number
    return found
