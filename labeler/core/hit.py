"""What lies under the pointer: handle, edge or body of which rectangle. Pure functions over arrays, so that 2,000 boxes cost microseconds.

Owns where handles are and how near is near enough; paints nothing and changes nothing. Coordinates are pixels of the upright image;
`scale` is screen pixels per image pixel, so that what can be grabbed keeps its size on the screen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from labeler.core.boxes import FloatArray, Rect

HANDLE_REACH = 7.0
"""Screen pixels from a handle's centre within which it is grabbed."""
EDGE_REACH = 4.0
"""Screen pixels on either side of an edge within which it is grabbed."""
ROOM = 28.0
"""Screen pixels that handles of one side keep between them: on a smaller box they stand outside, so its body stays free."""
MIDDLE_FROM = 52.0
"""Screen pixels a side is long before it shows a handle in its middle."""
EDGES_FROM = 12.0
"""Screen pixels both sides of a box that is not selected are long before its edges can be grabbed."""
HANDLES_UP_TO = 12
"""With more boxes selected than this none shows handles."""


class Part(Enum):
    """A part of a rectangle, as the directions in which dragging it moves an edge: -1 left or top, 1 right or bottom, 0 neither."""

    BODY = (0, 0)
    LEFT = (-1, 0)
    RIGHT = (1, 0)
    TOP = (0, -1)
    BOTTOM = (0, 1)
    TOP_LEFT = (-1, -1)
    TOP_RIGHT = (1, -1)
    BOTTOM_LEFT = (-1, 1)
    BOTTOM_RIGHT = (1, 1)


@dataclass(frozen=True, slots=True)
class Hit:
    """The rectangle at `index`, grabbed by `part`."""

    index: int
    part: Part


@dataclass(frozen=True, slots=True)
class Handle:
    """Where one handle of a selected rectangle stands, in image pixels."""

    part: Part
    x: float
    y: float


def handles(rect: Rect, scale: float) -> list[Handle]:
    """The handles of a selected rectangle: corners, and the middles of sides long enough on the screen."""
    out_x = max(ROOM / scale - rect.w, 0.0) / 2
    out_y = max(ROOM / scale - rect.h, 0.0) / 2
    xs = {-1: rect.x - out_x, 0: rect.x + rect.w / 2, 1: rect.right + out_x}
    ys = {-1: rect.y - out_y, 0: rect.y + rect.h / 2, 1: rect.bottom + out_y}
    wide, high = rect.w * scale >= MIDDLE_FROM, rect.h * scale >= MIDDLE_FROM
    shown = [p for p in Part if p is not Part.BODY and (p.value[0] != 0 or wide) and (p.value[1] != 0 or high)]
    return [Handle(p, xs[p.value[0]], ys[p.value[1]]) for p in shown]


def hit(rects: FloatArray, x: float, y: float, *, scale: float, selected: Sequence[int] = ()) -> Hit | None:
    """What a press at (x, y) grabs of `rects` (n, 4) as x, y, w, h: handles of `selected` first, then edges, then bodies.

    Among edges those of `selected` come first, then those of the smallest rectangle; among bodies the smallest rectangle.
    """
    if not len(rects):
        return None
    return _handle_at(rects, x, y, scale, selected) or _edge_or_body_at(rects, x, y, scale, selected)


def handle_at(rects: FloatArray, x: float, y: float, *, scale: float, selected: Sequence[int]) -> Hit | None:
    """The handle of one of `selected` at (x, y), if there is one."""
    return _handle_at(rects, x, y, scale, selected) if len(rects) else None


def beneath(rects: FloatArray, x: float, y: float, index: int) -> int:
    """Of the rectangles around (x, y), smallest first, the one after `index`, the first again after the last; `index` where it is alone."""
    inside = touching(rects, Rect(x, y, 0.0, 0.0))
    pile = inside[np.argsort(rects[inside, 2] * rects[inside, 3], kind="stable")].tolist()
    return int(pile[(pile.index(index) + 1) % len(pile)]) if index in pile else index


def touching(rects: FloatArray, band: Rect) -> npt.NDArray[np.intp]:
    """Indices of the rectangles (n, 4) that share at least a point with `band`."""
    return np.flatnonzero(
        (rects[:, 0] <= band.right)
        & (rects[:, 0] + rects[:, 2] >= band.x)
        & (rects[:, 1] <= band.bottom)
        & (rects[:, 1] + rects[:, 3] >= band.y)
    )


def _handle_at(rects: FloatArray, x: float, y: float, scale: float, selected: Sequence[int]) -> Hit | None:
    if len(selected) > HANDLES_UP_TO:
        return None
    reach = (HANDLE_REACH / scale) ** 2
    found: tuple[float, Hit] | None = None
    for index in selected:
        for handle in handles(_rect(rects, index), scale):
            distance = (handle.x - x) ** 2 + (handle.y - y) ** 2
            if distance <= reach and (found is None or distance < found[0]):
                found = distance, Hit(int(index), handle.part)
    return found[1] if found else None


def _edge_or_body_at(rects: FloatArray, x: float, y: float, scale: float, selected: Sequence[int]) -> Hit | None:
    out = EDGE_REACH / scale
    near = touching(rects, Rect(x - out, y - out, 2 * out, 2 * out))
    if not len(near):
        return None
    chosen = frozenset(int(i) for i in selected)
    by_size = near[np.argsort(rects[near, 2] * rects[near, 3], kind="stable")]
    parts = [(int(i), _part(_rect(rects, i), x, y, scale, int(i) in chosen)) for i in by_size]
    edges = [Hit(i, part) for i, part in parts if part is not None and part is not Part.BODY]
    for found in edges:
        if found.index in chosen:
            return found
    if edges:
        return edges[0]
    return next((Hit(i, part) for i, part in parts if part is not None), None)


def _part(rect: Rect, x: float, y: float, scale: float, selected: bool) -> Part | None:
    """The part of `rect` at a point at most the edge's reach away from it; None where the point is outside and grabs no edge."""
    inside = rect.x <= x <= rect.right and rect.y <= y <= rect.bottom
    if not selected and min(rect.w, rect.h) * scale < EDGES_FROM:
        return Part.BODY if inside else None
    part = Part((_side(rect.x, rect.right, x, scale), _side(rect.y, rect.bottom, y, scale)))
    return part if part is not Part.BODY or inside else None


def _side(low: float, high: float, at: float, scale: float) -> int:
    reach = min(EDGE_REACH / scale, (high - low) / 4)
    if at < low + reach:
        return -1
    return 1 if at > high - reach else 0


def _rect(rects: FloatArray, index: int | np.intp) -> Rect:
    x, y, w, h = rects[index].tolist()
    return Rect(x, y, w, h)
