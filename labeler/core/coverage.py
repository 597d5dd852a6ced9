"""What each split holds of each class, and what is too thin to judge by. Pure.

With 30 digits a share near 90 % is known to about 11 points either way (95 %, normal approximation of the binomial); with fewer it
says little. And three hands, for the habits of one or two say nothing of others.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labeler.core.splits import SPLITS

ENOUGH_DIGITS = 30
ENOUGH_WRITERS = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """What one split holds of one class. `writers` counts the known hands."""

    digits: int = 0
    writers: int = 0


@dataclass(frozen=True, slots=True)
class Gap:
    """A class that a split has too little of. `more` is how many more writers would do; at least, where nobody has written the class."""

    split: str
    class_id: int
    cell: Cell
    more: int

    @property
    def is_missing(self) -> bool:
        """Whether there is none at all."""
        return not self.cell.digits


@dataclass(frozen=True, slots=True)
class Coverage:
    """`cells` by split and class id (absent where there is nothing); `per_writer` is how many of a class a writer wrote on average.

    `writers` counts the hands in each split, the key "none" those without one; it is empty where no writer is known.
    """

    classes: tuple[str, ...]
    cells: Mapping[tuple[str, int], Cell]
    writers: Mapping[str, int]
    per_writer: Mapping[int, float]

    def cell(self, split: str, class_id: int) -> Cell:
        """What a split holds of a class."""
        return self.cells.get((split, class_id), Cell())

    @property
    def unwritten(self) -> tuple[str, ...]:
        """The classes that nobody has written yet, by name."""
        return tuple(name for n, name in enumerate(self.classes) if not self.per_writer.get(n))

    def is_enough(self, cell: Cell) -> bool:
        """Whether one can judge by it."""
        return cell.digits >= ENOUGH_DIGITS and (cell.writers >= ENOUGH_WRITERS or not self.writers)


def gaps(coverage: Coverage) -> list[Gap]:
    """What is thin, worst first: nothing at all before little, test before val before train."""
    found = [
        Gap(split, class_id, cell, _more(coverage, class_id, cell))
        for split in SPLITS
        for class_id in range(len(coverage.classes))
        if not coverage.is_enough(cell := coverage.cell(split, class_id))
    ]
    return sorted(found, key=lambda g: (not g.is_missing, -SPLITS.index(g.split), g.cell.digits, g.class_id))


def writers_wanted(found: Sequence[Gap], split: str) -> int:
    """How many more writers would fill every gap of a split at once, at least; 0 where there is none."""
    return max((gap.more for gap in found if gap.split == split), default=0)


def _more(coverage: Coverage, class_id: int, cell: Cell) -> int:
    hands = ENOUGH_WRITERS - cell.writers if coverage.writers else 0
    each = coverage.per_writer.get(class_id, 0.0)
    return max(1, hands, math.ceil((ENOUGH_DIGITS - cell.digits) / each) if each else 0)
