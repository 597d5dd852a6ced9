"""Tells whether two pictures show one and the same page: scanned again, cut, scaled or compressed otherwise. Needs no model.

Both pictures are reduced to their ink (what differs from the paper around it), laid over each other, and compared: all ink of either
must have ink of the other beneath it. Two hands on one printed form are different pages.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from labeler.detect import opencv

Plane = npt.NDArray[np.float32]
Mask = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.floating[Any]]

SQUARE = 128
"""Pixels per side of the frame in which pages are laid over each other."""
COARSE = 32
SHIFT = 3
"""Cells of the coarse picture by which pages may be shifted: a tenth of the page."""
LIKE = 0.72
"""Correlation of coarse pictures below which it is not worth looking closer."""
ALIKE = 0.97
"""Correlation of coarse pictures, as they lie, from which on the pages may well be copies that lie alike."""
ALIGNED = 0.8
"""Correlation of ink when laid over each other: pages scanned again stay above, other pages of one kind of sheet below."""
TURNS = (0.0, -1.5, 1.5)
"""Degrees to try."""
CLOSE_UP = 1024
STRAY = 3
"""Pixels of connected ink, on the close-up, that may lack ink beneath: less than any digit."""
LEVELS = 16
"""Steps of a grey level that are told apart where levels are counted."""
FAINT = 10.0
"""Grey levels: where even the darkest ink differs less from the paper, the page is blank and like every other."""


@dataclass(frozen=True, slots=True)
class Look:
    """A page at a glance: `ink` as large as the thumbnail, `coarse` (32, 32) of unit length, `soft` (128, 128) at most 1."""

    ink: Plane
    coarse: Plane
    soft: Plane


def glance(thumbnail: bytes) -> Look | None:
    """What a thumbnail shows; None for a blank page. `thumbnail` is a picture of at most about 256 pixels."""
    cv2 = opencv.load()
    ink = _ink(_grey(thumbnail))
    if _darkest(ink) < FAINT:
        return None
    area = cv2.INTER_AREA if min(ink.shape) >= SQUARE else cv2.INTER_LINEAR
    square = cv2.resize(ink, (SQUARE, SQUARE), interpolation=area)
    coarse = cv2.resize(cv2.GaussianBlur(square, (0, 0), 2.5), (COARSE, COARSE), interpolation=cv2.INTER_AREA)
    coarse -= coarse.mean()
    soft = cv2.GaussianBlur(square, (0, 0), 1.8)
    return Look(ink, coarse / max(float(np.linalg.norm(coarse)), 1e-9), soft / max(float(soft.max()), 1e-9))


def lay_over(a: Look, b: Look) -> Plane | None:
    """How `b` lies over `a` where they seem to be one page: (2, 3), from a's frame to b's, both 128 pixels square; else None."""
    likeness, down, right = _shift(a.coarse, b.coarse)
    if likeness < LIKE:
        return None
    for degrees in TURNS:
        start = _turn(degrees, a.ink.shape)
        start[:, 2] -= (right * SQUARE / COARSE, down * SQUARE / COARSE)
        found = _align(a.soft, b.soft, start, iterations=40)
        if found is None:
            continue
        correlation, warp = found
        if correlation >= ALIGNED and _is_small(warp):
            return warp
        if correlation < 0.5:  # no turn will help
            return None
    return None


def unmoved(a: Look, b: Look) -> Plane | None:
    """The warp that moves nothing, where the pages look so much alike as they lie that it is worth trying; else None.

    A copy saved anew or scaled lies just where its original does, and the slow search for how it lies can be spared.
    """
    same_shape = abs(np.log(a.ink.shape[0] * b.ink.shape[1] / (a.ink.shape[1] * b.ink.shape[0]))) < 0.01
    is_alike = same_shape and float((a.coarse * b.coarse).sum()) >= ALIKE
    return np.eye(2, 3, dtype=np.float32) if is_alike else None


def laid_over(a: Look | None, b: Look | None, pictures: Callable[[], tuple[bytes, bytes]]) -> Matrix | None:
    """How two pictures of one page lie over each other, as `overlay`; None for two pages, and where either is blank.

    The pictures themselves are asked for only where the looks agree.
    """
    if a is None or b is None:
        return None
    lying = unmoved(a, b)
    if lying is not None and (found := overlay(*pictures(), lying, refine=False)) is not None:
        return found
    warp = lay_over(a, b)
    return overlay(*pictures(), warp) if warp is not None else None


def overlay(first: bytes, second: bytes, warp: Plane, *, refine: bool = True) -> Matrix | None:
    """How the pictures lie over each other, from pixels of the first to pixels of the second: (3, 3); None where they do not agree.

    With `refine`, `warp` is where to begin; without, it is taken as it is.
    """
    cv2 = opencv.load()
    (a, scale_a), (b, scale_b) = (_close_up(data) for data in (first, second))
    exact = _homography(a, b, warp) if refine else _stretched(a, b, warp)
    if exact is None:
        return None
    height, width = a.shape
    flags = cv2.WARP_INVERSE_MAP
    over = cv2.warpPerspective(b, exact, (width, height), flags=flags | cv2.INTER_LINEAR)
    both = cv2.warpPerspective(np.ones(b.shape, np.uint8), exact, (width, height), flags=flags | cv2.INTER_NEAREST)
    inside = cv2.erode(both, np.ones((5, 5), np.uint8))
    if cv2.countNonZero(inside) < 0.5 * inside.size:
        return None
    reach = max(1, round(max(width, height) * 0.004))
    first_ink, second_ink = (_Depth(plane, _darkest(plane, inside)) for plane in (a, over))
    if _strays(first_ink, second_ink, inside, reach) or _strays(second_ink, first_ink, inside, reach):
        return None
    return np.diag([1 / scale_b, 1 / scale_b, 1]) @ exact @ np.diag([scale_a, scale_a, 1])


@lru_cache(24)
def _close_up(data: bytes) -> tuple[Plane, float]:
    """The ink of a picture, at most `CLOSE_UP` pixels on the longer side, and its scale."""
    cv2 = opencv.load()
    grey = _grey(data)
    scale = min(1.0, CLOSE_UP / max(grey.shape))
    if scale < 1:
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return _ink(grey), scale


def _grey(data: bytes) -> npt.NDArray[np.uint8]:
    cv2 = opencv.load()
    grey: npt.NDArray[np.uint8] = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    return grey


def _ink(grey: npt.NDArray[np.uint8]) -> Plane:
    """How far each pixel is from the paper around it, in grey levels. The paper is the median of a wide neighbourhood."""
    cv2 = opencv.load()
    scale = min(1.0, 256 / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    window = min(101, max(15, int(max(small.shape) * 0.2) | 1))
    paper = cv2.resize(cv2.medianBlur(small, window), grey.shape[::-1]).astype(np.float32)
    ink: Plane = cv2.GaussianBlur(np.abs(paper - grey), (0, 0), 0.8)
    return ink


def _darkest(ink: Plane, inside: Mask | None = None) -> float:
    """Mean of the darkest hundredth, to a sixteenth of a grey level. Counted, since sorting is slow where most of the page is equal."""
    cv2: Any = opencv.load()
    levels = cv2.calcHist([(ink * LEVELS).astype(np.uint16)], [0], inside, [255 * LEVELS + 1], [0, 255 * LEVELS + 1])
    most = levels.ravel()[::-1].astype(np.int64)
    size = int(most.sum())
    count = max(20, size // 100)
    if size <= count:
        return 0.0
    taken = np.diff(np.minimum(np.cumsum(most), count), prepend=0)
    return float((taken * np.arange(len(most))[::-1]).sum()) / count / LEVELS


def _shift(a: Plane, b: Plane) -> tuple[float, int, int]:
    """The best correlation of two coarse pictures over small shifts, and that shift down and to the right."""
    spectrum = np.fft.rfft2(a) * np.conj(np.fft.rfft2(b))
    everywhere = np.fft.irfft2(spectrum, s=a.shape)
    near = [(i, j) for i in range(-SHIFT, SHIFT + 1) for j in range(-SHIFT, SHIFT + 1)]
    down, right = max(near, key=lambda at: everywhere[at])
    return float(everywhere[down, right]), down, right


def _turn(degrees: float, shape: tuple[int, ...]) -> Plane:
    """A turn of the page, in the frame where it is drawn square."""
    angle = np.deg2rad(degrees)
    to_square = np.diag([SQUARE / shape[1], SQUARE / shape[0]])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = to_square @ turn @ np.linalg.inv(to_square)
    middle = np.full(2, SQUARE / 2)
    return np.column_stack([linear, middle - linear @ middle]).astype(np.float32)


def _is_small(warp: Plane) -> bool:
    return bool(np.abs(warp[:, :2] - np.eye(2)).max() < 0.3 and np.abs(warp[:, 2]).max() < 0.3 * SQUARE)


def _align(a: Plane, b: Plane, start: Plane, *, iterations: int) -> tuple[float, Plane] | None:
    """Refine a warp by enhanced correlation (Evangelidis and Psarakis 2008): affine from (2, 3), perspective from (3, 3)."""
    cv2 = opencv.load()
    motion = cv2.MOTION_AFFINE if start.shape == (2, 3) else cv2.MOTION_HOMOGRAPHY
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, iterations, 1e-4)
    try:
        correlation, warp = cv2.findTransformECC(a, b, start, motion, stop, None, 3)
    except cv2.error:  # it did not converge
        return None
    return float(correlation), warp


def _homography(a: Plane, b: Plane, warp: Plane) -> Matrix | None:
    """`warp`, refined, from the pixels of `a` to those of `b`: (3, 3)."""
    cv2 = opencv.load()
    height, width = (max(16, round(side * min(1.0, 384 / max(a.shape)))) for side in a.shape)
    small = [
        cv2.GaussianBlur(cv2.resize(p, (width, height), interpolation=cv2.INTER_AREA), (0, 0), 1.5) for p in (a, b)
    ]
    to_square = np.diag([SQUARE / width, SQUARE / height, 1.0])
    start = np.linalg.inv(to_square) @ np.vstack([warp, [0, 0, 1]]) @ to_square
    first, second = (p / max(float(p.max()), 1e-9) for p in small)
    found = _align(first, second, start.astype(np.float32), iterations=60)
    if found is None:
        return None
    shrink = np.diag([width / a.shape[1], height / a.shape[0], 1.0])
    enlarge = np.diag([b.shape[1] / width, b.shape[0] / height, 1.0])
    exact: Matrix = enlarge @ found[1] @ shrink
    return exact


def _stretched(a: Plane, b: Plane, warp: Plane) -> Matrix:
    """`warp`, from square to square, as one from the pixels of `a` to those of `b`: (3, 3)."""
    to_square = np.diag([SQUARE / a.shape[1], SQUARE / a.shape[0], 1.0])
    from_square = np.diag([b.shape[1] / SQUARE, b.shape[0] / SQUARE, 1.0])
    stretched: Matrix = from_square @ np.vstack([warp, [0, 0, 1]]) @ to_square
    return stretched


@dataclass(frozen=True, slots=True)
class _Depth:
    """The ink of a picture, and how deep its darkest is where the pictures overlap."""

    ink: Plane
    darkest: float


def _strays(upper: _Depth, beneath: _Depth, inside: Mask, reach: int) -> bool:
    """Whether an area of clear ink of more than `STRAY` connected pixels has nothing beneath it within `reach` pixels."""
    cv2: Any = opencv.load()
    clear = cv2.compare(upper.ink, 0.5 * upper.darkest, cv2.CMP_GT)
    faint = cv2.compare(beneath.ink, 0.2 * beneath.darkest, cv2.CMP_GT)
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    alone = cv2.bitwise_and(clear, cv2.bitwise_not(cv2.dilate(faint, brush)), mask=inside)
    if cv2.countNonZero(alone) <= STRAY:  # far quicker to tell than what is connected
        return False
    count, _, stats, _ = cv2.connectedComponentsWithStats(alone, connectivity=8)
    return bool(count > 1 and stats[1:, cv2.CC_STAT_AREA].max() > STRAY)
