"""Sensible training settings from the data at hand. Pure."""

import math
from collections.abc import Sequence

import numpy as np

SIZES = (320, 416, 512, 640)
"""Image sizes on offer, smallest first: the cost of training grows with the square."""
LEGIBLE = 20.0
"""Pixels that the longer side of a small digit should have in the network's input."""


BATCHES = (4, 8, 16)
"""Pages a step on offer. On a processor a step of a few costs little more than its pages."""
STEPS_AN_EPOCH = 12
"""What an epoch should have at least: a few pages in one step hardly move the weights."""
STEPS = 150
"""How many steps a training that goes on from good weights takes: more changed little on three kinds of pages, and forgot more."""
STEPS_FROM_SCRATCH = 1500
EPOCHS = (6, 30)
EPOCHS_FROM_SCRATCH = (30, 200)


def batch_size(pages: int) -> int:
    """The largest of `BATCHES` that leaves an epoch over `pages` pages `STEPS_AN_EPOCH` steps."""
    return max((b for b in BATCHES if pages >= STEPS_AN_EPOCH * b), default=BATCHES[0])


def epochs(pages: int, batch: int, *, from_scratch: bool = False) -> int:
    """How often to go through `pages` pages."""
    steps, (least, most) = (STEPS_FROM_SCRATCH, EPOCHS_FROM_SCRATCH) if from_scratch else (STEPS, EPOCHS)
    return min(most, max(least, math.ceil(steps / math.ceil(max(1, pages) / batch))))


def image_size(longest_sides: Sequence[float], digit_sides: Sequence[float]) -> int:
    """The smallest of `SIZES` at which the smallest tenth of the digits stay legible.

    `longest_sides` are the longer sides of the pages that the digits are on, `digit_sides` the longer sides of the digits, in pixels and
    in the same order. Without digits, the largest size.
    """
    if not digit_sides:
        return SIZES[-1]
    share = np.asarray(digit_sides, dtype=np.float64) / np.asarray(longest_sides, dtype=np.float64)
    small = float(np.quantile(share, 0.1))
    return next((size for size in SIZES if small * size >= LEGIBLE), SIZES[-1])
