"""Boxes, detections and suggestions, and their geometry. All coordinates are pixels of the upright image, top-left origin, as floats."""

import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

MIN_SIDE = 1.0
"""A box is at least this many pixels wide and high: less cannot be seen, grabbed or learnt from."""


class Origin(StrEnum):
    """Who stands behind a box."""

    PERSON = "person"
    SUGGESTION = "suggestion"
    IMPORT = "import"
    INK = "ink"


class ReviewState(StrEnum):
    """How far an image has come."""

    NEW = "new"
    SUGGESTED = "suggested"
    REVIEWED = "reviewed"


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle: left, top, width, height."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def bottom(self) -> float:
        return self.y + self.h

    @property
    def area(self) -> float:
        return self.w * self.h


@dataclass(frozen=True, slots=True)
class ClassRect(Rect):
    """A rectangle with a class: all that a version or an export keeps of a box."""

    class_id: int


@dataclass(frozen=True, slots=True)
class Box(ClassRect):
    """A rectangle with a class that a person stands behind. `suggestion_id` names the suggestion it came from."""

    id: str
    origin: Origin = Origin.PERSON
    suggestion_id: int | None = None

    def placed(self, rect: Rect) -> "Box":
        """The same box elsewhere."""
        return replace(self, x=rect.x, y=rect.y, w=rect.w, h=rect.h)


@dataclass(frozen=True, slots=True)
class Detection(ClassRect):
    """What a detector returns: a rectangle, a class and a score in 0…1."""

    score: float


@dataclass(frozen=True, slots=True)
class Suggestion(Detection):
    """A detection kept in the project; immutable once written, nobody's word yet."""

    id: int
    model_id: int
    margin: float = 0.0
    """By how much it is larger than what the model saw; see `core.habit`."""


def new_id() -> str:
    """A fresh box id, made by whoever draws the box, so that undo and redo keep it."""
    return uuid.uuid4().hex


def new_box(rect: Rect, class_id: int, *, origin: Origin = Origin.PERSON) -> Box:
    """A new box at `rect`."""
    return Box(rect.x, rect.y, rect.w, rect.h, class_id, new_id(), origin)


def accepted(suggestion: Suggestion) -> Box:
    """The box that accepting `suggestion` makes."""
    s = suggestion
    return Box(s.x, s.y, s.w, s.h, s.class_id, new_id(), Origin.SUGGESTION, s.id)


def from_corners(x1: float, y1: float, x2: float, y2: float) -> Rect:
    """The rectangle between two opposite corners, in any order."""
    return Rect(min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1))


def grown(rect: Rect, by: float) -> Rect:
    """`rect` with every side moved `by` pixels outwards; inwards where that is negative."""
    return Rect(rect.x - by, rect.y - by, rect.w + 2 * by, rect.h + 2 * by)


def clip(rect: Rect, width: float, height: float) -> Rect:
    """`rect` cut to the page, never thinner than `MIN_SIDE` and never outside."""
    x1 = min(max(rect.x, 0.0), max(width - MIN_SIDE, 0.0))
    y1 = min(max(rect.y, 0.0), max(height - MIN_SIDE, 0.0))
    x2 = min(max(rect.right, x1 + MIN_SIDE), max(width, x1 + MIN_SIDE))
    y2 = min(max(rect.bottom, y1 + MIN_SIDE), max(height, y1 + MIN_SIDE))
    return Rect(x1, y1, x2 - x1, y2 - y1)


def move_inside(rect: Rect, width: float, height: float) -> Rect:
    """`rect` pushed back onto the page, keeping its size where it fits."""
    x = min(max(rect.x, 0.0), max(width - rect.w, 0.0))
    y = min(max(rect.y, 0.0), max(height - rect.h, 0.0))
    return Rect(x, y, min(rect.w, width), min(rect.h, height))


def is_finite(rect: Rect) -> bool:
    """Whether every number of `rect` is a number."""
    return all(math.isfinite(v) for v in (rect.x, rect.y, rect.w, rect.h))


def intersection(a: Rect, b: Rect) -> float:
    """Area that two rectangles share."""
    w = min(a.right, b.right) - max(a.x, b.x)
    h = min(a.bottom, b.bottom) - max(a.y, b.y)
    return max(w, 0.0) * max(h, 0.0)


def iou(a: Rect, b: Rect) -> float:
    """Intersection over union, 0…1."""
    shared = intersection(a, b)
    union = a.area + b.area - shared
    return shared / union if union > 0 else 0.0


def as_array(rects: Sequence[Rect]) -> FloatArray:
    """Shape (n, 4): x, y, w, h."""
    return np.array([(r.x, r.y, r.w, r.h) for r in rects], dtype=np.float64).reshape(-1, 4)


def iou_matrix(a: FloatArray, b: FloatArray) -> FloatArray:
    """IoU of every row of `a` (n, 4) with every row of `b` (m, 4), both x, y, w, h; shape (n, m)."""
    top_left = np.maximum(a[:, None, :2], b[None, :, :2])
    bottom_right = np.minimum(a[:, None, :2] + a[:, None, 2:], b[None, :, :2] + b[None, :, 2:])
    sides = np.clip(bottom_right - top_left, 0.0, None)
    shared = sides[..., 0] * sides[..., 1]
    union = (a[:, 2] * a[:, 3])[:, None] + (b[:, 2] * b[:, 3])[None, :] - shared
    result: FloatArray = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return result
