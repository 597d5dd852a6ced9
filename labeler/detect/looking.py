"""Chooses the size at which a page is looked at again: a detector reads digits best when they are neither tiny nor huge in its input.

Pure. A page is first seen at the model's own size, a small one as it is. Where its digits come out too small there (an A4 scan of small
writing) or too large (a close-up), it is worth another look at the size that suits them.
"""

import statistics
from collections.abc import Callable, Sequence

from labeler.core.boxes import Detection

SURE = 0.25
"""Detections from this score on say how large the digits are, and how much a look has seen."""
TOO_SMALL, TOO_LARGE = 24.0, 95.0
"""Longer sides of a usual digit, in pixels of the input, outside which a page is looked at again."""
SMALL_AIM, LARGE_AIM = 40.0, 70.0
"""What they should come to then."""
SMALLEST_FIRST = 352
"""A page that is smaller is enlarged to this at first: larger, the amounts on cheques were seen no better, at twice the cost."""
BLANK_FACTOR = 2
"""A page on which nothing was found is looked at once more, so many times larger, if it has the pixels for it."""
LARGEST = 1536
CLEARLY_LESS = 0.8
"""The look at the suitable size counts, unless it saw less than this share of what the look before saw."""
LOOKS = 3

Look = Callable[[int], list[Detection]]
"""Detections at an input size, in pixels of the page."""


def first_size(longest: int, *, own: int, stride: int = 32) -> int:
    """The size at which a page whose longer side is `longest` pixels is first looked at by a model whose own size is `own`."""
    return min(own, -(-max(longest, SMALLEST_FIRST) // stride) * stride)


def look(at: Look, *, longest: int, own: int, stride: int = 32) -> list[Detection]:
    """The detections at the size that suits the page, of at most `LOOKS` looks. The page's longer side is `longest` pixels, the model's
    own size is `own`.
    """
    size = first_size(longest, own=own, stride=stride)
    best = at(size)
    tried = {size}
    for _ in range(LOOKS - 1):
        size = next_size(best, longest=longest, size=size, own=own, stride=stride)
        if size in tried:
            break
        tried.add(size)
        other = at(size)
        if _seen(other) <= CLEARLY_LESS * _seen(best):
            break
        best = other
    return best


def next_size(found: Sequence[Detection], *, longest: int, size: int, own: int, stride: int = 32) -> int:
    """The input size that suits what was `found` at `size`: a multiple of `stride`, or `size` itself where that suits."""
    # Enlarging a page beyond its own pixels shows nothing new, but up to the model's own size it helps.
    most = max(min(LARGEST, longest), own)
    sides = [max(d.w, d.h) for d in found if d.score >= SURE]
    if not sides:
        larger = own if size < own else BLANK_FACTOR * size
        return larger if larger <= most else size
    usual = statistics.median(sides) * size / longest
    if TOO_SMALL <= usual <= TOO_LARGE:
        return size
    wanted = size * (SMALL_AIM if usual < TOO_SMALL else LARGE_AIM) / usual
    return max(stride, min(most // stride, round(wanted / stride)) * stride)


def _seen(found: Sequence[Detection]) -> float:
    """How many digits, each by how sure it is."""
    return sum(d.score for d in found if d.score >= SURE)
