"""Sensible training settings from the data at hand. Pure."""

from collections.abc import Sequence

import numpy as np

SIZES = (320, 416, 512, 640)
"""Image sizes on offer, smallest first: the cost of training grows with the square."""
LEGIBLE = 20.0
"""Pixels that the longer side of a small digit should have in the network's input."""


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
