"""How loosely a person draws boxes: the paper they leave around ink, learnt from the boxes they dragged last. Knows no pictures."""

from collections import deque
from statistics import median

from labeler.core.boxes import Rect, grown

LAST = 9
"""So many of the boxes dragged last make a habit: the latest page counts, not last year's."""


class Looseness:
    """Margins are kept as shares of the longer side of the ink, so that they carry over to digits of another size."""

    def __init__(self) -> None:
        self._shares: deque[float] = deque(maxlen=LAST)

    def __bool__(self) -> bool:
        """Whether anything is known yet."""
        return bool(self._shares)

    def learn(self, rect: Rect, margin: float) -> None:
        """A person dragged the box `rect`, which leaves `margin` pixels of paper around its ink on each side."""
        ink = max(rect.w, rect.h) - 2 * margin
        if ink > 0:
            self._shares.append(margin / ink)

    def around(self, tight: Rect) -> Rect:
        """A box around ink with the outline `tight`, as loose as the middle one of those learnt."""
        by = median(self._shares) * max(tight.w, tight.h) if self._shares else 0.0
        return grown(tight, by)
