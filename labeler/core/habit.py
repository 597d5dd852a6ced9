"""How much larger or smaller than a model's a person draws boxes: learnt from the pages reviewed last, for the suggestions to come.

People leave very different amounts of paper around a digit; a model leaves what it was taught. Knows no pictures and no database.
"""

from collections.abc import Sequence

from labeler.core.boxes import Rect, clip, grown, iou

LAST = 24
"""So many boxes, the latest ones, make a habit."""
FEWEST = 6
"""Fewer say nothing yet."""
MOST = 0.25
"""No single box counts for more: it may have been drawn around two digits."""
ONE_DIGIT = 0.3
"""A box that overlaps its suggestion less (IoU) went elsewhere, and tells nothing of size."""
NOTABLE = 0.01
"""A habit that differs by less is the same."""


def margin(seen: Rect, kept: Rect) -> float | None:
    """By how much `kept` reaches further than `seen` on a side, on the mean of the four, as a share of the longer side of `seen`.

    None where the two are not around one digit.
    """
    if iou(seen, kept) < ONE_DIGIT:
        return None
    further = (kept.w - seen.w + kept.h - seen.h) / 4 / max(seen.w, seen.h)
    return min(max(further, -MOST), MOST)


def habit(margins: Sequence[float]) -> float:
    """The margin that suggestions should have, from those of the latest boxes.

    Their mean, and not their median: people correct what is clearly off and leave the rest, so a few large margins among many
    small ones are how an ill-fitting size shows. Corrected for, they become rare, and the mean comes to rest.
    """
    return sum(margins) / len(margins) if len(margins) >= FEWEST else 0.0


def sized(seen: Rect, by: float, *, width: float, height: float) -> Rect:
    """A model's box with the margin `by`, cut to the page."""
    if not by:
        return seen
    return clip(grown(seen, by * max(seen.w, seen.h)), width, height)


def as_seen(rect: Rect, by: float) -> Rect:
    """The model's own box from one that was `sized`; of one that was cut at the page's edge nearly so."""
    return grown(rect, -by * max(rect.w, rect.h) / (1 + 2 * by))
