"""Boxes around ink: the digit under a click, and a box tightened to what is written inside it. Classical image processing, no model.

Ink is what differs from the paper around it. Strokes that belong together are joined, touching digits are never split.
All coordinates are pixels of the upright image; images are (h, w, 3) RGB or (h, w) grey, uint8.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from labeler.core.boxes import Rect, clip, from_corners, grown, iou
from labeler.detect import opencv

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

PADDING = 0.025
"""Paper left around the ink on each side, as a share of its longer side."""
SIZES = tuple(20 * 1.5**n for n in range(11))
"""Sizes of digit that are looked for, in pixels."""
UNLIKE = 2.5
"""Digits of one page differ in size by no more than this factor from what is usual there."""
NORMAL = 80.0
"""Every window is scaled so that the size looked for has this many pixels: strokes then have one width, and a click one cost."""
AROUND = 1.6
"""Half the side of a window, in sizes."""
FITS = (0.42, 1.3)
"""What is found belongs to the size looked for when its longer side is this share of it."""
SHARES = (0.22, 0.32, 0.42, 0.52)
"""Thresholds tried, as shares of how dark the stroke under the pointer is."""
NOISES = 3.0
"""Standard deviations of the paper's noise that ink stands out by."""
FAINTEST = 10.0
"""Grey levels that the faintest ink differs from its paper."""
DARK_BOARD = 110
"""Windows darker than this may be a board with light writing."""
LINE = 1.5
"""Straight ink is a ruled line when it is this many times as long as the size looked for."""
TILT = 5
"""Pixels of a window by which a ruled line may stray from its row."""
SAME = 0.85
"""Overlap (IoU) from which two findings are one."""
CLICK_REACH = 0.2
"""How far from ink a click may be, in sizes."""
INSIDE = 0.5
"""A mark of whose outline this share lies in a digit's outline is a stroke of that digit."""
NEAR = 0.22
"""How far above a digit a short stroke may float and still belong to it, in the digit's longer side; below it none may: lines lie there."""


def ink_box(image: Bytes, x: float, y: float, *, size: float | None = None, margin: float | None = None) -> Rect | None:
    """The box of the connected writing at (x, y); None where there is no ink near, or where it runs over the page.

    `size` is how large digits on this page usually are, in pixels, where that is known; `margin` the paper to leave around the ink,
    in pixels, else `PADDING` is left.
    """
    height, width = image.shape[:2]
    if not (0 <= x < width and 0 <= y < height):
        return None
    found = _at_size(image, x, y, size, ruled=True) if size is not None else None
    if found is None:
        likely = SIZES if size is None else [s for s in SIZES if size / UNLIKE <= s <= size * UNLIKE]
        found = _at_any_size(image, x, y, likely)
    return None if found is None else _padded(found, margin, width, height)


def tighten(image: Bytes, rect: Rect, *, margin: float | None = None) -> Rect | None:
    """`rect` moved to the ink that lies mostly inside it; None where there is none."""
    height, width = image.shape[:2]
    window = _window(image, rect.x + rect.w / 2, rect.y + rect.h / 2, max(rect.w, rect.h))
    x1, y1 = (max(int(v), 0) for v in window.inward(rect.x, rect.y))
    x2, y2 = (int(v) + 1 for v in window.inward(rect.right, rect.bottom))
    within = window.depth[y1:y2, x1:x2]
    if not within.size:
        return None
    marks = _marks(window.depth, max(SHARES[1] * float(np.percentile(within, 97)), _faintest(window.depth)))
    inside = marks.labels[y1:y2, x1:x2]
    share = np.bincount(inside.ravel(), minlength=len(marks.areas)) / np.maximum(marks.areas, 1)
    share[0] = 0.0
    kept = np.flatnonzero((share >= INSIDE) & (marks.areas >= _SPECK))
    if not kept.size:
        return None
    low, high = marks.boxes[kept, :2].min(axis=0), marks.boxes[kept, 2:].max(axis=0)
    return _padded(window.outward(np.concatenate([low, high])), margin, width, height)


def margin_of(image: Bytes, boxes: list[Rect]) -> float | None:
    """How much paper a person leaves around ink, in pixels: the median over boxes that they drew. None where no box holds ink."""
    found = []
    for box in boxes:
        tight = tighten(image, box, margin=0.0)
        if tight is not None:
            found.append((box.w - tight.w + box.h - tight.h) / 4)
    return max(float(np.median(found)), 0.0) if found else None


@dataclass(frozen=True, slots=True)
class _Window:
    """A part of an image: `depth` is how much each pixel differs from its paper, `scale` window pixels per image pixel.

    `area` and `page` are in pixels of the image.
    """

    depth: Bytes
    area: Rect
    page: Rect
    scale: float

    def inward(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.area.x) * self.scale, (y - self.area.y) * self.scale

    def outward(self, outline: Ints) -> Rect:
        x1, y1, x2, y2 = (float(v) / self.scale for v in outline)
        right, bottom = min(x2 + self.area.x, self.area.right), min(y2 + self.area.y, self.area.bottom)
        return from_corners(x1 + self.area.x, y1 + self.area.y, right, bottom)

    def cuts(self, rect: Rect) -> bool:
        """Whether `rect` runs out of the window, where the image goes on."""
        area, page = self.area, self.page
        return (
            rect.x <= area.x > page.x
            or rect.y <= area.y > page.y
            or rect.right >= area.right < page.right
            or rect.bottom >= area.bottom < page.bottom
        )


@dataclass(frozen=True, slots=True)
class _Marks:
    """Connected ink in a window: `labels` (h, w), and by label `boxes` (n, 4) as x1, y1, x2, y2 and `areas` (n). Label 0 is paper."""

    labels: npt.NDArray[np.int32]
    boxes: Ints
    areas: Ints


_SPECK = 0.0006 * NORMAL**2
"""Window pixels below which a mark is a speck and no stroke."""


def _at_any_size(image: Bytes, x: float, y: float, sizes: Sequence[float]) -> Rect | None:
    """What is found looking for the most sizes; of what is found equally often the largest: a digit is more than any piece of it."""
    found: list[Rect] = []
    for size in sizes:
        if size / 2 > max(image.shape[:2]):
            break
        rect = _at_size(image, x, y, size)
        if rect is not None:
            found.append(rect)
    return _most_agreed(found)


def _most_agreed(found: Sequence[Rect]) -> Rect | None:
    """The rectangle that most others equal, of several such the largest."""
    if not found:
        return None
    return max(found, key=lambda r: (sum(iou(r, other) >= SAME for other in found), r.area))


def _at_size(image: Bytes, x: float, y: float, size: float, *, ruled: bool = False) -> Rect | None:
    """The outline of a digit of about this size, without padding; with `ruled`, also where it touches a ruled line."""
    window = _window(image, x, y, size)
    found = _most_stable(window, *window.inward(x, y))
    if ruled and not _fits(found, size):
        clear = replace(window, depth=_without_lines(window.depth))
        found = _most_stable(clear, *clear.inward(x, y))
    return found if _fits(found, size) else None


def _fits(found: Rect | None, size: float) -> bool:
    return found is not None and FITS[0] * size <= max(found.w, found.h) <= FITS[1] * size


def _without_lines(depth: Bytes) -> Bytes:
    """The window without its ruled lines: straight ink much longer than a digit, more or less level or upright."""
    cv2 = opencv.load()
    mask = (depth > _faintest(depth)).astype(np.uint8)
    long = int(LINE * NORMAL)
    lines = np.zeros_like(mask)
    # Made thicker first: a line on a photograph is never quite level, and would leave a row of pixels before it is long enough.
    for along, across in (((1, long), (TILT, 1)), ((long, 1), (1, TILT))):
        thick = cv2.dilate(mask, np.ones(across, np.uint8))
        lines |= cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones(along, np.uint8))
    cleared: Bytes = np.where(cv2.dilate(lines, np.ones((3, 3), np.uint8)) > 0, 0, depth).astype(np.uint8)
    return cleared


def _window(image: Bytes, x: float, y: float, size: float) -> _Window:
    cv2 = opencv.load()
    height, width = image.shape[:2]
    half = AROUND * size
    left, top = max(int(x - half), 0), max(int(y - half), 0)
    right, bottom = min(int(x + half) + 1, width), min(int(y + half) + 1, height)
    part = np.ascontiguousarray(image[top:bottom, left:right])
    grey = part if part.ndim == 2 else cv2.cvtColor(part[..., :3], cv2.COLOR_RGB2GRAY)
    scale = min(NORMAL / size, 2.0)
    target = max(round(grey.shape[1] * scale), 1), max(round(grey.shape[0] * scale), 1)
    grey = cv2.resize(grey, target, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    area = from_corners(float(left), float(top), float(right), float(bottom))
    return _Window(depth_of(grey, size * scale), area, Rect(0.0, 0.0, float(width), float(height)), scale)


def depth_of(grey: Bytes, size: float) -> Bytes:
    """How much darker than its paper each pixel is; on a dark board with light writing, how much lighter."""
    cv2 = opencv.load()
    grey = cv2.GaussianBlur(grey, (3, 3), 0)
    side = int(size / 2) | 1
    dark: Bytes = cv2.subtract(_paper(grey, side), grey)
    if np.median(grey) < DARK_BOARD:
        light: Bytes = cv2.subtract(_paper(255 - grey, side), 255 - grey)
        return light if float(light.mean()) < float(dark.mean()) else dark
    return dark


def _paper(grey: Bytes, side: int) -> Bytes:
    """What the paper would look like without ink: the brightest of the neighbourhood, smoothed."""
    cv2 = opencv.load()
    closed = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (side, side)))
    paper: Bytes = np.maximum(cv2.blur(closed, (side, side)), grey)
    return paper


def _faintest(depth: Bytes) -> float:
    """The depth from which a pixel is ink and not the paper's own noise."""
    middle = float(np.median(depth))
    noise = 1.4826 * float(np.median(np.abs(depth.astype(np.int16) - int(middle))))
    return max(middle + NOISES * noise, FAINTEST)


def _most_stable(window: _Window, x: float, y: float) -> Rect | None:
    """The outline found at a point with the most thresholds; of those found equally often the largest.

    A digit looks the same over a range of thresholds, a fragment of it or its merger with a line does not
    (after the idea of maximally stable regions, Matas et al. 2002).
    """
    floor = _faintest(window.depth)
    level = _level_at(window.depth, x, y, floor)
    if level is None:
        return None
    found: list[Rect] = []
    for share in SHARES:
        outline = _grown_from(_marks(window.depth, max(share * level, floor)), x, y)
        rect = window.outward(outline) if outline is not None else None
        if rect is not None and not window.cuts(rect):
            found.append(rect)
    return _most_agreed(found)


def _level_at(depth: Bytes, x: float, y: float, floor: float) -> float | None:
    """How dark the stroke under the pointer is, or the nearest one in reach; None without ink."""
    for near in (3.0, CLICK_REACH * NORMAL / 2, CLICK_REACH * NORMAL):
        part = depth[max(int(y - near), 0) : int(y + near) + 1, max(int(x - near), 0) : int(x + near) + 1]
        if part.size and part.max() > floor:
            return float(part.max())
    return None


def _marks(depth: Bytes, threshold: float) -> _Marks:
    cv2 = opencv.load()
    mask = (depth > threshold).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    boxes = np.stack([stats[:, 0], stats[:, 1], stats[:, 0] + stats[:, 2], stats[:, 1] + stats[:, 3]], axis=1)
    return _Marks(labels, boxes.astype(np.int64), stats[:, 4].astype(np.int64))


def _grown_from(marks: _Marks, x: float, y: float) -> Ints | None:
    """The outline x1, y1, x2, y2 of the mark nearest to a point and of everything that belongs to it."""
    first = _nearest(marks, x, y)
    if first is None:
        return None
    members = np.zeros(len(marks.areas), dtype=bool)
    members[first] = True
    while True:
        low, high = marks.boxes[members, :2].min(axis=0), marks.boxes[members, 2:].max(axis=0)
        more = _belonging(marks, low, high) & ~members
        if not more.any():
            return np.concatenate([low, high])
        members |= more


def _nearest(marks: _Marks, x: float, y: float) -> int | None:
    """The mark nearest to a point; a speck only where there is nothing else."""
    rows, columns = np.nonzero(marks.labels)
    if not rows.size:
        return None
    far = (columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2
    big = marks.areas[marks.labels[rows, columns]] >= 3 * _SPECK
    for choice in (np.flatnonzero(big), np.arange(rows.size)):
        if choice.size:
            best = choice[np.argmin(far[choice])]
            if far[best] <= (CLICK_REACH * NORMAL) ** 2:
                return int(marks.labels[rows[best], columns[best]])
    return None


def _belonging(marks: _Marks, low: Ints, high: Ints) -> npt.NDArray[np.bool_]:
    """Which marks are strokes of the digit between `low` and `high`: inside its outline, or a short stroke just above it."""
    size = (high - low).max()
    side = marks.boxes[:, 2:] - marks.boxes[:, :2]
    shared = np.minimum(marks.boxes[:, 2:], high) - np.maximum(marks.boxes[:, :2], low)
    inside = (shared > 0).all(axis=1) & (shared.clip(0).prod(axis=1) >= INSIDE * side.prod(axis=1))
    reach = np.where(marks.boxes[:, 1] < low[1], NEAR * size, 0.0)
    flag = (
        (shared[:, 1] >= -reach)
        & (shared[:, 0] >= 0.2 * side[:, 0])
        & (side[:, 1] <= 0.45 * size)
        & (side[:, 0] <= 1.1 * size)
    )
    found: npt.NDArray[np.bool_] = (inside | flag) & (marks.areas >= _SPECK)
    found[0] = False
    return found


def _padded(rect: Rect, margin: float | None, width: int, height: int) -> Rect:
    by = PADDING * max(rect.w, rect.h) if margin is None else margin
    return clip(grown(rect, by), width, height)
