"""What a digit looks like: turns the ink in a rectangle into features that can be compared, and finds ink the size of digits.

Features are histograms of gradient directions over a grid (after Dalal and Triggs 2005), so that slant, pen and paper matter little.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from labeler.core.boxes import Rect
from labeler.core.neighbours import Looks
from labeler.detect import opencv
from labeler.detect.ink import depth_of

Bytes = npt.NDArray[np.uint8]
Plane = npt.NDArray[np.float32]

DIGIT = 48.0
"""Pixels that a digit's longer side has on a sheet, at most: more shows nothing new and costs time."""
SIDE = 32
CELLS = 7
DIRECTIONS = 8
FEATURES = CELLS * CELLS * DIRECTIONS
AIR = 0.08
"""Room around the rectangle, as a share of its longer side: what is cut off shows there."""
FAINTEST = 10.0
"""Grey levels that ink differs from its paper."""
TALL = (0.5, 1.7)
"""What may be a digit is between these shares of the usual size."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as ink: `depth` is how far each pixel is from its paper, `scale` sheet pixels per image pixel, `size` the usual longer
    side of a digit in image pixels, `level` how deep the ink of its digits usually is."""

    depth: Bytes
    scale: float
    size: float
    level: float


def sheet(image: Bytes, boxes: Sequence[Rect]) -> Sheet:
    """The ink of a page (h, w, 3) with at least one box; the boxes say how large its digits are, and how dark."""
    cv2 = opencv.load()
    size = float(np.median([max(b.w, b.h) for b in boxes]))
    scale = min(1.0, DIGIT / size)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    if scale < 1:
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    depth = depth_of(grey, 1.2 * size * scale)
    level = float(np.median([_deepest(depth, b, scale) for b in boxes]))
    return Sheet(depth, scale, size, max(level, FAINTEST))


def faintness(page: Sheet, rect: Rect) -> float:
    """How much paler than the page's digits the ink in a rectangle is: 0 for as dark as half of them, 1 for empty paper."""
    return float(np.clip(1 - 2 * _deepest(page.depth, rect, page.scale) / page.level, 0, 1))


def looks(page: Sheet, rects: Sequence[Rect]) -> Looks:
    """Features of what lies in each rectangle (image pixels): (n, 392), each row of unit length."""
    glyphs = np.zeros((len(rects), SIDE, SIDE), dtype=np.float32)
    for n, rect in enumerate(rects):
        glyphs[n] = _glyph(page, rect)
    return _features(glyphs)


def blobs(page: Sheet, *, without: Sequence[Rect] = ()) -> list[Rect]:
    """Connected ink that has the size of a digit and is no solid block, in image pixels; ink in the rectangles `without` does not
    count, so that a digit shows that touches them."""
    cv2 = opencv.load()
    mask = (page.depth > max(0.4 * page.level, FAINTEST)).astype(np.uint8)
    for rect in without:
        mask[_span(rect.y, rect.bottom, page.scale), _span(rect.x, rect.right, page.scale)] = 0
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    size = page.size * page.scale
    found = []
    for x, y, w, h, area in stats[1:].astype(np.float64):
        long, short = max(w, h), min(w, h)
        is_digit_like = TALL[0] * size <= long <= TALL[1] * size and short >= 0.06 * size and area >= 0.04 * size**2
        is_block = area > 0.75 * w * h and short > 0.3 * size
        if is_digit_like and not is_block:
            found.append(Rect(*(float(v) / page.scale for v in (x, y, w, h))))
    return found


def _deepest(depth: Bytes, rect: Rect, scale: float) -> float:
    part = depth[_span(rect.y, rect.bottom, scale), _span(rect.x, rect.right, scale)]
    return float(np.quantile(part, 0.95)) if part.size else 0.0


def _span(start: float, stop: float, scale: float) -> slice:
    return slice(max(int(start * scale), 0), max(int(stop * scale) + 1, 0))


def _glyph(page: Sheet, rect: Rect) -> Plane:
    """The ink in and just around a rectangle, its longer side filling the square; at most 1."""
    cv2 = opencv.load()
    x, y, w, h = (v * page.scale for v in (rect.x, rect.y, rect.w, rect.h))
    zoom = SIDE / (max(w, h, 1e-6) * (1 + 2 * AIR))
    middle = SIDE / 2
    warp = np.array([[zoom, 0, middle - (x + w / 2) * zoom], [0, zoom, middle - (y + h / 2) * zoom]], dtype=np.float32)
    glyph: Plane = cv2.warpAffine(page.depth, warp, (SIDE, SIDE), flags=cv2.INTER_LINEAR).astype(np.float32)
    inside = np.zeros_like(glyph)
    reach_x, reach_y = w * zoom / 2 + 2, h * zoom / 2 + 2
    rows, columns = (slice(max(0, int(middle - r)), int(middle + r) + 1) for r in (reach_y, reach_x))
    inside[rows, columns] = glyph[rows, columns]
    clipped: Plane = np.clip(inside / max(float(np.quantile(inside, 0.98)), FAINTEST), 0, 1)
    return clipped


def _features(glyphs: Plane) -> Looks:
    """Directions of the ink's edges, each shared between the two nearest of eight, pooled over seven by seven soft cells."""
    blur, pool = _blur(SIDE, SIDE, 0.7), _blur(CELLS, SIDE, 2.0)
    soft = blur @ glyphs @ blur.T
    across, down = np.zeros_like(soft), np.zeros_like(soft)
    across[:, :, 1:-1] = soft[:, :, 2:] - soft[:, :, :-2]
    down[:, 1:-1] = soft[:, 2:] - soft[:, :-2]
    strength = np.hypot(across, down)
    turn = (np.arctan2(down, across) / (2 * np.pi) % 1.0) * DIRECTIONS
    first = np.floor(turn).astype(np.int64)
    rest = turn - first
    planes = []
    for direction in range(DIRECTIONS):
        near = (first % DIRECTIONS == direction) * (1 - rest) + ((first + 1) % DIRECTIONS == direction) * rest
        planes.append(pool @ (strength * near).astype(np.float32) @ pool.T)
    features = np.stack(planes, axis=-1).reshape(len(glyphs), FEATURES)
    # The square root compares histograms by their overlap (Hellinger), and makes the rows of unit length.
    rooted: Looks = np.sqrt(features / (features.sum(axis=1, keepdims=True) + 1e-6)).astype(np.float32)
    return rooted


@cache
def _blur(out: int, size: int, sigma: float) -> Plane:
    """(out, size): each row a Gaussian window of `sigma` pixels, the rows evenly spread."""
    centres = (np.arange(out) + 0.5) * size / out - 0.5
    window = np.exp(-0.5 * ((np.arange(size)[None, :] - centres[:, None]) / sigma) ** 2)
    made: Plane = (window / window.sum(axis=1, keepdims=True)).astype(np.float32)
    return made
