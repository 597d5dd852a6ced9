"""Which detection stands for which true box. Owns the greedy matching and nothing that is averaged over pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from labeler.core.boxes import Detection, FloatArray, iou_matrix

IntArray = npt.NDArray[np.int64]


class Labelled(Protocol):
    """Anything with a rectangle and a class: a box of a person, or a detection."""

    @property
    def x(self) -> float: ...
    @property
    def y(self) -> float: ...
    @property
    def w(self) -> float: ...
    @property
    def h(self) -> float: ...
    @property
    def class_id(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Page:
    """What is on one page and what a detector found there; coordinates in pixels of the upright image."""

    truth: Sequence[Labelled]
    found: Sequence[Detection]


@dataclass(frozen=True, slots=True)
class Match:
    """A true box and the detection that stands for it, as indices into the page's `truth` and `found`."""

    truth: int
    found: int
    iou: float
    same_class: bool


@dataclass(frozen=True, slots=True)
class Matching:
    """Every true box and every detection of a page, once: matched, missed (truth) or imagined (found)."""

    pairs: tuple[Match, ...]
    missed: tuple[int, ...]
    imagined: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Arrays:
    """A page as arrays, detections by falling score (equal scores keep their order)."""

    truth_boxes: FloatArray
    truth_classes: IntArray
    found_boxes: FloatArray
    found_classes: IntArray
    scores: FloatArray
    order: IntArray
    """Index into the page's `found` of each row."""


def arrays(page: Page) -> Arrays:
    """`page` as arrays: boxes (n, 4) as x, y, w, h."""
    scores = np.array([d.score for d in page.found], dtype=np.float64)
    order = np.argsort(-scores, kind="stable").astype(np.int64)
    found = _rows(page.found)[order]
    classes = np.array([d.class_id for d in page.found], dtype=np.int64)[order]
    return Arrays(_rows(page.truth), _classes(page.truth), found, classes, scores[order], order)


def greedy(iou: FloatArray, thresholds: FloatArray) -> IntArray:
    """Match detections (rows, by falling score) to true boxes (columns), each at most once.

    Every detection takes the free true box that it overlaps most, if by at least the threshold; of equals the last, as
    pycocotools does. `iou` (n, m) is zero where a pair may not match. Returns (len(thresholds), n): the column, or -1.
    """
    count, wide = len(thresholds), iou.shape[1]
    match = np.full((count, iou.shape[0]), -1, dtype=np.int64)
    if wide == 0:
        return match
    floor = np.minimum(thresholds, 1 - 1e-10)[:, None]
    free = np.ones((count, wide), dtype=bool)
    levels = np.arange(count)
    for row in np.flatnonzero(iou.max(axis=1) >= floor.min()):
        overlap = np.where(free & (iou[row] >= floor), iou[row], -1.0)
        best = wide - 1 - np.argmax(overlap[:, ::-1], axis=1)
        taken = overlap[levels, best] > 0
        match[taken, row] = best[taken]
        free[levels[taken], best[taken]] = False
    return match


def match(page: Page, *, min_score: float, iou: float = 0.5) -> Matching:
    """Match the detections of at least `min_score`: first within a class, then what is left over across classes."""
    a = arrays(page)
    rows = a.scores >= min_score
    table = iou_matrix(a.found_boxes[rows], a.truth_boxes)
    same = a.found_classes[rows, None] == a.truth_classes[None, :]
    level = np.array([iou])
    chosen = greedy(np.where(same, table, 0.0), level)[0]
    left = table.copy()
    left[chosen >= 0] = 0.0
    left[:, chosen[chosen >= 0]] = 0.0
    chosen = np.where(chosen >= 0, chosen, greedy(left, level)[0])
    pairs = tuple(
        Match(int(t), int(a.order[f]), float(table[f, t]), bool(same[f, t])) for f, t in enumerate(chosen) if t >= 0
    )
    met = {p.truth for p in pairs}
    return Matching(
        pairs,
        tuple(t for t in range(len(page.truth)) if t not in met),
        tuple(int(a.order[f]) for f in np.flatnonzero(chosen < 0)),
    )


def _rows(items: Sequence[Labelled]) -> FloatArray:
    return np.array([(i.x, i.y, i.w, i.h) for i in items], dtype=np.float64).reshape(-1, 4)


def _classes(items: Sequence[Labelled]) -> IntArray:
    return np.array([i.class_id for i in items], dtype=np.int64)
