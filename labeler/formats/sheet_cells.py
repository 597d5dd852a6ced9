"""What is written in the cells of a straightened sheet: the extent of each digit's ink, and which cells a person must look at.

Owns what counts as ink on paper. Frames are pale and their places known, so they are left out; ink is followed across them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from labeler.core.boxes import Rect
from labeler.core.sheets import CELL_SPACE, LABEL, Cell
from labeler.detect.opencv import load as load_cv2

Picture = npt.NDArray[np.uint8]
Depth = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

FAINTEST = 0.16
"""Least darkness of ink, as a share of the paper's lightness."""
EDGE = 0.5
"""Ink ends where it is this share as dark as in its middle."""
SPECK = 0.12
"""Square millimetres: less is dust."""
LEAST = 0.6
"""Square millimetres of ink without which a cell is empty."""
BAND = 0.75
"""Millimetres to either side of a frame's line within which something pale is the line."""
LEAVING = 0.9
"""Millimetres beyond its frame from which ink has left its cell."""
BESIDE = 2.5
"""Millimetres that ink beside an empty cell is high at least: a 1 that missed it, and no dirt."""
STRUCK_ACROSS = 0.84
"""A level line this long, in widths of its cell, through the middle of what is written strikes it out …"""
STRUCK_SLANTING = 0.8
"""… and so does a slanting one this long, in its diagonals."""
STRUCK_LENGTH = 5.2
"""A line as long as this many heights of what it draws is a scribble."""


class State(StrEnum):
    """What a cell holds."""

    EMPTY = "empty"
    WRITTEN = "written"
    STRUCK = "struck"
    LEAVES = "leaves"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class CellInk:
    """What a cell holds: for `WRITTEN` a box for each digit of its prompt. Boxes and `frame` are in pixels of the straightened picture."""

    cell: Cell
    frame: Rect
    state: State
    boxes: tuple[Rect, ...] = ()


@dataclass(frozen=True, slots=True)
class _Marks:
    """Connected ink: bounds (n, 4) as x1, y1, x2, y2 exclusive and areas (n), in pixels of the window."""

    labels: npt.NDArray[np.int32]
    bounds: npt.NDArray[np.int64]
    areas: npt.NDArray[np.int64]


def read_cells(picture: Picture, cells: Sequence[Cell], part: Rect, *, pixels_per_mm: float) -> list[CellInk]:
    """Read every cell of `picture`, (h, w, 3) RGB, which shows the sheet's `part` straightened."""
    cv2 = load_cv2()
    depth = darkness(cv2, picture, pixels_per_mm)
    read = [_read(cv2, depth, cell, part, pixels_per_mm) for cell in cells]
    return [_with_neighbours(cv2, depth, read, n, pixels_per_mm) for n in range(len(read))]


def without_prompts(picture: Picture, cells: Sequence[Cell], part: Rect, *, pixels_per_mm: float) -> Picture:
    """The picture with the printed prompts painted over in the paper's colour: they are digits, and nobody's handwriting."""
    cv2 = load_cv2()
    k, out = pixels_per_mm, picture.copy()
    for cell in cells:
        place = cell.label
        x1, x2 = (min(max(round((x - part.x) * k), 0), out.shape[1]) for x in (place.x, place.right))
        y1, y2 = (min(max(round((y - part.y) * k), 0), out.shape[0]) for y in (place.y - 0.4, place.bottom - 0.5))
        strip = out[y1:y2, x1:x2]
        if strip.size:
            lightest = np.percentile(strip.reshape(-1, 3), 70, axis=0)
            ink = (strip.astype(np.float32).mean(axis=2) < 0.93 * float(lightest.mean())).astype(np.uint8)
            grown = cv2.dilate(ink, np.ones((3, 3), np.uint8), iterations=max(1, round(k / 4)))
            strip[grown > 0] = lightest.astype(np.uint8)
    return out


def darkness(cv2: Any, picture: Picture, pixels_per_mm: float) -> Depth:
    """How much darker each pixel is than the paper around it, (h, w) in 0…1; pale blue print hardly shows."""
    blue = picture[..., 2]
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    deep = np.maximum(_below_paper(cv2, blue, pixels_per_mm), _below_paper(cv2, grey, pixels_per_mm) - 0.1)
    return np.asarray(deep, np.float32)


def _below_paper(cv2: Any, grey: Picture, pixels_per_mm: float) -> Depth:
    side = 2 * round(3.5 * pixels_per_mm / 4) + 1
    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    light = cv2.morphologyEx(
        cv2.medianBlur(small, 3), cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    )
    paper = cv2.resize(cv2.GaussianBlur(light, (0, 0), side / 3), grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(1.0 - grey.astype(np.float32) / np.maximum(paper.astype(np.float32), 1.0), np.float32)


def _read(cv2: Any, depth: Depth, cell: Cell, part: Rect, k: float) -> CellInk:
    reach = CELL_SPACE / 2 - 0.1
    frame = Rect((cell.rect.x - part.x) * k, (cell.rect.y - part.y) * k, cell.rect.w * k, cell.rect.h * k)
    x1, y1 = max(0, round(frame.x - reach * k)), max(0, round(frame.y - reach * k))
    x2, y2 = min(depth.shape[1], round(frame.right + reach * k)), min(depth.shape[0], round(frame.bottom + reach * k))
    window = depth[y1:y2, x1:x2]
    inside = _distance_inside(window.shape, Rect(frame.x - x1, frame.y - y1, frame.w, frame.h)) / k
    mask = _ink(window, inside)
    if mask is None or mask[inside > 0].sum() < LEAST * k * k:
        return CellInk(cell, frame, State.EMPTY)
    marks = _connected(cv2, mask, SPECK * k * k)
    mine = _belonging(marks, inside)
    if _leaves(marks, mine, inside, k):
        return CellInk(cell, frame, State.LEAVES)
    if not mine:
        return CellInk(cell, frame, State.EMPTY)
    drawn = np.isin(marks.labels, np.array(mine) + 1)
    if len(cell.prompt) == 1:
        if _is_struck(cv2, drawn, Rect(0, 0, frame.w, frame.h)):
            return CellInk(cell, frame, State.STRUCK)
        return CellInk(cell, frame, State.WRITTEN, (_bounds(marks, mine, x1, y1),))
    groups = _digits(marks, mine)
    if len(groups) != len(cell.prompt):
        return CellInk(cell, frame, State.COUNT)
    return CellInk(cell, frame, State.WRITTEN, tuple(_bounds(marks, g, x1, y1) for g in groups))


def _with_neighbours(cv2: Any, depth: Depth, read: Sequence[CellInk], at: int, k: float) -> CellInk:
    """A cell, now that those beside it are read: an empty one has lost its ink where some lies beside it that is no neighbour's."""
    mine = read[at]
    if mine.state is not State.EMPTY:
        return mine
    for side, at_side in ((-1, at - 1), (1, at + 1)):
        there = 0 <= at_side < len(read) and read[at_side].frame.y == mine.frame.y
        taken = there and read[at_side].state is not State.EMPTY
        if _lies_beside(cv2, depth, mine.frame, side, k, taken=taken):
            return replace(mine, state=State.LEAVES)
    return mine


def _lies_beside(cv2: Any, depth: Depth, frame: Rect, side: int, k: float, *, taken: bool) -> bool:
    """Whether there is ink to the left (-1) or right (1) of a frame; where the cell there is taken, what runs into it is its own."""
    near, far = BAND / 2 * k, (CELL_SPACE + 2 * BAND if taken else CELL_SPACE - BAND) * k
    x1, x2 = (frame.x - far, frame.x - near) if side < 0 else (frame.right + near, frame.right + far)
    left, right = max(0, round(x1)), min(depth.shape[1], round(x2))
    strip = depth[max(0, round(frame.y)) : round(frame.bottom), left:right]
    if not strip.size or (strip > FAINTEST).sum() < LEAST * k * k:
        return False
    dark = float(np.percentile(strip[strip > FAINTEST], 80))
    marks = _connected(cv2, strip > max(EDGE * dark, FAINTEST), LEAST * k * k)
    tall = marks.bounds[:, 3] - marks.bounds[:, 1] >= BESIDE * k
    beyond = marks.bounds[:, 0] if side < 0 else strip.shape[1] - marks.bounds[:, 2]
    return bool((tall & ((beyond > BAND * k) | (not taken))).any())


def _distance_inside(shape: tuple[int, ...], frame: Rect) -> Depth:
    """How far each pixel lies inside the frame, negative outside, in pixels."""
    x, y = np.arange(shape[1]) + 0.5, np.arange(shape[0]) + 0.5
    across = np.minimum(x - frame.x, frame.right - x)[None, :]
    down = np.minimum(y - frame.y, frame.bottom - y)[:, None]
    return np.asarray(np.minimum(across, down), np.float32)


def _ink(window: Depth, inside: Depth) -> Mask | None:
    """Inked pixels; None where nothing is dark enough. On the frame's line only what is darker than the line is ink."""
    free = window[inside > BAND]
    if not free.size:
        return None
    dark = float(np.percentile(free[free > FAINTEST], 80)) if (free > FAINTEST).sum() > 8 else 0.0
    if dark < FAINTEST:
        return None
    edge = max(EDGE * dark, 0.6 * FAINTEST)
    mask = window > edge
    line = np.abs(inside) < BAND
    pale = float(np.percentile(window[np.abs(inside) < BAND / 3], 60))
    mask[line] = window[line] > max(edge, pale + 0.5 * (max(dark - pale, 0.0)))
    return mask


def _connected(cv2: Any, mask: Mask, least: float) -> _Marks:
    """Connected ink without specks; label n + 1 of `labels` is entry n."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    kept = [n for n in range(1, count) if stats[n, cv2.CC_STAT_AREA] >= least]
    renamed = np.zeros(count, np.int32)
    renamed[kept] = np.arange(1, len(kept) + 1)
    x, y, w, h = (stats[kept, i].astype(np.int64) for i in (0, 1, 2, 3))
    return _Marks(
        renamed[labels], np.column_stack([x, y, x + w, y + h]), stats[kept, cv2.CC_STAT_AREA].astype(np.int64)
    )


def _belonging(marks: _Marks, inside: Depth) -> list[int]:
    """The marks that lie in the cell, for the most part."""
    mine = []
    for n in range(len(marks.areas)):
        depth = inside[marks.labels == n + 1]
        if (depth > BAND).sum() >= 0.3 * len(depth):
            mine.append(n)
    return mine


def _leaves(marks: _Marks, mine: list[int], inside: Depth, k: float) -> bool:
    """Whether ink runs out of the cell, or lies between it and its neighbours."""
    beyond = inside < -LEAVING
    label = np.zeros_like(beyond)
    label[: max(0, round((LABEL / 2 - 0.4) * k))] = True  # what is printed above the cell ends here
    for n in range(len(marks.areas)):
        drawn = marks.labels == n + 1
        if n in mine and (drawn & beyond).any():
            return True
        if n not in mine and (drawn & beyond & ~label).sum() > LEAST * k * k / 2 and (drawn & (inside > -0.2)).any():
            return True
    return False


def _is_struck(cv2: Any, drawn: Mask, frame: Rect) -> bool:
    """Whether the ink strikes its cell out: a scribble, or a straight line right across it."""
    y, x = np.nonzero(drawn)
    height, width = int(np.ptp(y)) + 1, int(np.ptp(x)) + 1
    inner = cv2.distanceTransform(drawn.astype(np.uint8), cv2.DIST_L2, 3)
    ridge = inner[(inner > 0) & (inner >= 0.8 * cv2.dilate(inner, np.ones((3, 3))))]
    pen = max(2 * float(np.median(ridge)), 1.0)
    if len(x) / pen > STRUCK_LENGTH * max(height, width) and width > 0.4 * frame.w:
        return True
    if width > 1.8 * height and width > 0.6 * frame.w:
        return True
    middle = (np.abs(y - (y.min() + y.max()) / 2) < 0.3 * height) & (height > 0.3 * frame.h)
    if _crosses(x[middle], y[middle], range(-24, 25, 3), pen, STRUCK_ACROSS * frame.w):
        return True
    slanting = [*range(-66, -26, 3), *range(27, 67, 3)]
    return _crosses(x, y, slanting, pen, STRUCK_SLANTING * float(np.hypot(frame.w, frame.h)))


def _crosses(x: Ints, y: Ints, angles: Iterable[int], pen: float, goal: float) -> bool:
    """Whether a straight line at one of these angles, in degrees, is at least `goal` long."""
    if not len(x) or np.hypot(np.ptp(x), np.ptp(y)) < goal:
        return False
    return any(_longest(x, y, np.radians(angle), pen) >= goal for angle in angles)


def _longest(x: Ints, y: Ints, angle: float, pen: float) -> float:
    """How much of a straight line at this angle is inked at most, in pixels; gaps do not count."""
    along, beside = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    best = 0
    for offset in (0.0, 0.5):
        band = np.floor(beside / (1.2 * pen) + offset).astype(np.int64)
        cells = np.unique((band - band.min()) * 10_000 + np.floor((along - along.min()) / 2).astype(np.int64))
        best = max(best, int(np.bincount(cells // 10_000).max()))
    return 2.0 * best


def _digits(marks: _Marks, mine: list[int]) -> list[list[int]]:
    """Marks of a line joined to digits: what lies above each other belongs together. From left to right."""
    groups: list[list[int]] = []
    reach = -1
    for n in sorted(mine, key=lambda n: int(marks.bounds[n, 0])):
        left, right = int(marks.bounds[n, 0]), int(marks.bounds[n, 2])
        narrow = min(right - left, reach - min(int(marks.bounds[i, 0]) for i in groups[-1])) if groups else 0
        if groups and reach - left > 0.3 * narrow:
            groups[-1].append(n)
            reach = max(reach, right)
        else:
            groups.append([n])
            reach = right
    return groups


def _bounds(marks: _Marks, which: list[int], dx: int, dy: int) -> Rect:
    low, high = marks.bounds[which, :2].min(axis=0), marks.bounds[which, 2:].max(axis=0)
    return Rect(float(low[0] + dx), float(low[1] + dy), float(high[0] - low[0]), float(high[1] - low[1]))
