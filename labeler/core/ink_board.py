"""What is on the pad and how it got there: a value with undo and redo. Pure; a pad shows it, a page keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from labeler.core.ink import Ink, Stroke, smooth

LIMIT = 200
"""Steps that can be taken back."""


@dataclass(frozen=True, slots=True)
class Board:
    """Strokes in order of writing; `past` and `future` are what undo and redo go to, nearest last."""

    strokes: tuple[Stroke, ...] = ()
    past: tuple[tuple[Stroke, ...], ...] = ()
    future: tuple[tuple[Stroke, ...], ...] = ()

    def becomes(self, strokes: Sequence[Stroke]) -> "Board":
        """The board with these strokes instead, as one step; nothing where they are the same."""
        now = tuple(strokes)
        if now == self.strokes:
            return self
        return Board(now, (*self.past, self.strokes)[-LIMIT:])

    def drawn(self, stroke: Stroke) -> "Board":
        """One stroke more."""
        return self.becomes((*self.strokes, stroke))

    def without(self, gone: Sequence[int]) -> "Board":
        """Without the strokes at these places."""
        return self.becomes([s for i, s in enumerate(self.strokes) if i not in set(gone)])

    def undone(self) -> "Board":
        """One step back."""
        if not self.past:
            return self
        return Board(self.past[-1], self.past[:-1], (*self.future, self.strokes))

    def redone(self) -> "Board":
        """One step forth."""
        if not self.future:
            return self
        return Board(self.future[-1], (*self.past, self.strokes), self.future[:-1])


def touched(ink: Ink, x: float, y: float, reach: float) -> list[int]:
    """Places of the strokes whose line comes within `reach` pixels of a point: what an eraser there takes away."""
    found = []
    for i, stroke in enumerate(ink):
        line = smooth(stroke.xy)
        if np.hypot(line[:, 0] - x, line[:, 1] - y).min() <= reach:
            found.append(i)
    return found
