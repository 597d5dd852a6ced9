"""Where rectangles end up while they are dragged: moved, resized, drawn, nudged; kept on the page and snapped to its borders.

Pure functions; all coordinates are pixels of the upright image, `snap` is how near to a border is taken as meaning the border.
"""

import numpy as np

from labeler.core.boxes import MIN_SIDE, FloatArray, Rect, from_corners
from labeler.core.hit import Part


def moved(rects: FloatArray, dx: float, dy: float, *, page: Rect, snap: float = 0.0) -> FloatArray:
    """`rects` (n, 4) shifted together, as far as the page lets their common outline go."""
    if not len(rects):
        return rects
    left, top = float(rects[:, 0].min()), float(rects[:, 1].min())
    right, bottom = float((rects[:, 0] + rects[:, 2]).max()), float((rects[:, 1] + rects[:, 3]).max())
    shift = np.array([
        _shift(left, right, dx, page.x, page.right, snap), _shift(top, bottom, dy, page.y, page.bottom, snap), 0.0, 0.0,
    ])  # fmt: skip
    result: FloatArray = rects + shift
    return result


def resized(rect: Rect, part: Part, dx: float, dy: float, *, page: Rect, snap: float = 0.0) -> Rect:
    """`rect` with the edges of `part` shifted; dragged across the opposite edge it turns over."""
    x_side, y_side = part.value
    left = _edge(rect.x, dx if x_side < 0 else 0.0, page.x, page.right, snap)
    right = _edge(rect.right, dx if x_side > 0 else 0.0, page.x, page.right, snap)
    top = _edge(rect.y, dy if y_side < 0 else 0.0, page.y, page.bottom, snap)
    bottom = _edge(rect.bottom, dy if y_side > 0 else 0.0, page.y, page.bottom, snap)
    return _at_least(from_corners(left, top, right, bottom), page)


def drawn(x1: float, y1: float, x2: float, y2: float, *, page: Rect, snap: float = 0.0) -> Rect:
    """The rectangle between the corner where drawing began and the pointer."""
    xs = sorted(_border(min(max(x, page.x), page.right), page.x, page.right, snap) for x in (x1, x2))
    ys = sorted(_border(min(max(y, page.y), page.bottom), page.y, page.bottom, snap) for y in (y1, y2))
    return _at_least(from_corners(xs[0], ys[0], xs[1], ys[1]), page)


def _shift(low: float, high: float, by: float, page_low: float, page_high: float, snap: float) -> float:
    by = min(max(by, page_low - low), max(page_high - high, page_low - low))
    if by and abs(low + by - page_low) <= snap:
        return page_low - low
    if by and abs(high + by - page_high) <= snap:
        return page_high - high
    return by


def _edge(at: float, by: float, low: float, high: float, snap: float) -> float:
    if not by:
        return at
    return _border(min(max(at + by, low), high), low, high, snap)


def _border(at: float, low: float, high: float, snap: float) -> float:
    if at - low <= snap:
        return low
    return high if high - at <= snap else at


def _at_least(rect: Rect, page: Rect) -> Rect:
    w, h = max(rect.w, MIN_SIDE), max(rect.h, MIN_SIDE)
    return Rect(min(rect.x, page.right - w), min(rect.y, page.bottom - h), w, h)
