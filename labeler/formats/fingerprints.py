"""Small pictures of pictures: the thumbnail that lists show, and the 64-bit fingerprint by which near-duplicates are found."""

import io
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

LONG_SIDE = 256
"""Longest side of a thumbnail in pixels; smaller pictures keep their size."""

_GRID = 32
_FREQUENCIES = sorted(((i, j) for i in range(11) for j in range(11)), key=lambda ij: (sum(ij), ij))[1:65]
"""The 64 lowest by row and column, without the constant."""


def shrink(picture: "Picture") -> "Picture":
    """A small copy of a grey or RGB picture. A JPEG not yet decoded gets decoded at reduced size, many times faster,
    and stays so: open it anew for its pixels."""
    from PIL import Image

    scale = min(1.0, LONG_SIDE / max(picture.size))
    width, height = (max(1, round(side * scale)) for side in picture.size)
    picture.draft(None, (width, height))
    small = picture.resize((width, height), Image.Resampling.HAMMING, reducing_gap=2.0)
    small.info = {}
    return small


def thumbnail_bytes(small: "Picture") -> bytes:
    """`small` as a JPEG without metadata."""
    out = io.BytesIO()
    small.save(out, "JPEG", quality=85)
    return out.getvalue()


def fingerprint(small: "Picture") -> int:
    """64 bits as a signed integer: which of the page's 64 lowest spatial frequencies (discrete cosine transform at
    32 × 32 points) lie above their median. Few bits change when a page is scaled, re-encoded or lit anew."""
    from PIL import Image

    grid = np.asarray(small.convert("L").resize((_GRID, _GRID), Image.Resampling.BOX), dtype=np.float64)
    waves = _cosines()
    spectrum = waves @ grid @ waves.T
    # Rounded, so that an empty page is all zeros rather than the signs of rounding errors.
    strengths = np.array([round(float(spectrum[ij]), 3) for ij in _FREQUENCIES])
    bits = np.packbits(strengths > np.median(strengths))
    return int.from_bytes(bits.tobytes(), "big", signed=True)


def distance(a: int, b: int) -> int:
    """How many of the 64 bits differ, 0…64; unrelated pages are about 32 apart."""
    return ((a ^ b) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()


@cache
def _cosines() -> npt.NDArray[np.float64]:
    """Rows of the type-II cosine transform, shape (11, 32)."""
    k = np.arange(11)[:, None]
    n = np.arange(_GRID)[None, :]
    return np.cos(np.pi * k * (2 * n + 1) / (2 * _GRID)) / _GRID
