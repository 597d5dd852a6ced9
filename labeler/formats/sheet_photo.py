"""Finds a printed sheet in a photo or scan by its marks, straightens it, and reads its code. Knows nothing of what is written.

Coordinates on the sheet are millimetres from its top left; in the photo pixels. A code that cannot be read for certain is not read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from labeler.core.boxes import FloatArray, Rect, grown
from labeler.core.sheets import FIRST_MARK, SIZES, Paper, Sheet, code_place, decode, marks, paper_of
from labeler.detect.opencv import load as load_cv2
from labeler.formats.sheet_pdf import CODE_MODULES, dictionary

Picture = npt.NDArray[np.uint8]
FloatPicture = npt.NDArray[np.float32]

FEWEST_MARKS = 3
SMALLEST = 500
"""Pictures whose longer side is shorter than this hold no sheet that could be read."""
LOOK = 1400
"""Longer side, in pixels, at which a picture is first searched for marks."""
STRIDE = 8
"""Pixels between the points of a straightened part whose place is worked out; between them it is interpolated."""
BENT = 0.6
"""Millimetres by which a mark may lie beside its place once the sheet is straightened."""
BORDER = 3
"""White modules around the code."""
CODE_PIXELS = 6
"""Pixels a module of the code is straightened to."""


@dataclass(frozen=True, slots=True)
class Placing:
    """Where a sheet lies in a photo: `homography` takes millimetres to pixels, `bend` what is left of curled paper.

    `error` is how far, in millimetres, marks lie beside their places at most; `found` how many marks were seen.
    """

    paper: Paper
    homography: FloatArray
    bend: FloatArray | None
    error: float
    found: int

    def to_photo(self, points: FloatArray) -> FloatArray:
        """Points of the sheet, (n, 2), in pixels of the photo."""
        out = np.column_stack([points, np.ones(len(points))]) @ self.homography.T
        flat = out[:, :2] / out[:, 2:]
        return flat if self.bend is None else flat + _basis(points, self.paper) @ self.bend

    @property
    def density(self) -> float:
        """Pixels of the photo per millimetre at the middle of the sheet."""
        width, height = SIZES[self.paper]
        middle = np.array([[width / 2, height / 2], [width / 2 + 10, height / 2], [width / 2, height / 2 + 10]])
        a, b, c = self.to_photo(middle)
        return float(min(np.hypot(*(b - a)), np.hypot(*(c - a))) / 10)


def may_be_sheet(glance: Picture | None) -> bool:
    """Whether a small grey version of a picture, its longer side `LOOK`, shows marks of ours: then it is worth looking closer."""
    if glance is None or max(glance.shape) < SMALLEST:
        return False
    return len(_marks(load_cv2(), glance)) >= FEWEST_MARKS


def find(photo: Picture) -> Placing | None:
    """The sheet in a picture, (h, w, 3) RGB or (h, w) grey, however it is turned; None where there is none that can be used."""
    if max(photo.shape[:2]) < SMALLEST:
        return None
    cv2 = load_cv2()
    grey = photo if photo.ndim == 2 else cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    best: Placing | None = None
    for scale in _scales(max(grey.shape)):
        small = grey if scale == 1 else cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        seen = _marks(cv2, small)
        placing = _place(cv2, {i: c / scale for i, c in seen.items()})
        if placing is not None and (best is None or placing.found > best.found):
            best = placing
        if best is not None and best.found == 8:
            break
    return best


def straighten(photo: Picture, placing: Placing, part: Rect, *, pixels_per_mm: float) -> Picture:
    """A part of the sheet seen from straight above, (h, w, 3) or (h, w) as the photo is."""
    cv2 = load_cv2()
    width, height = round(part.w * pixels_per_mm), round(part.h * pixels_per_mm)
    where = _map(placing, part, width, height)
    shrink = placing.density / pixels_per_mm
    source = cv2.GaussianBlur(photo, (0, 0), 0.45 * shrink) if shrink > 1.3 else photo
    return np.asarray(
        cv2.remap(source, where[..., 0], where[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _map(placing: Placing, part: Rect, width: int, height: int) -> FloatPicture:
    """For each pixel of a straightened part its place in the photo as OpenCV counts, (height, width, 2): exact every `STRIDE` pixels."""
    cv2 = load_cv2()
    columns, rows = (
        -(-width // STRIDE) + 2,
        -(-height // STRIDE) + 2,
    )  # a ring more than is kept, to interpolate towards
    x = part.x + (np.arange(columns) - 0.5) * STRIDE * part.w / width
    y = part.y + (np.arange(rows) - 0.5) * STRIDE * part.h / height
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    coarse = (placing.to_photo(grid) - 0.5).astype(np.float32).reshape(rows, columns, 2)
    fine = cv2.resize(coarse, None, fx=STRIDE, fy=STRIDE, interpolation=cv2.INTER_LINEAR)
    return np.asarray(fine[STRIDE : STRIDE + height, STRIDE : STRIDE + width], np.float32)


def read_code(photo: Picture, placing: Placing) -> Sheet | None:
    """The sheet that the code tells of; None where it cannot be read, or says something else than our marks do."""
    cv2 = load_cv2()
    grey = photo if photo.ndim == 2 else cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    for text in _texts(cv2, grey, placing):
        sheet = decode(text)
        if sheet is not None and sheet.paper is placing.paper:
            return sheet
    return None


def _scales(longest: int) -> Iterator[float]:
    """Sizes at which to look for marks, the quickest first."""
    yield min(1.0, LOOK / longest)
    if longest > LOOK:
        yield min(1.0, 2 * LOOK / longest)


def _marks(cv2: Any, grey: Picture) -> dict[int, FloatArray]:
    """Corners, (4, 2), of the marks seen, by id; a mark seen twice is none of them."""
    options = cv2.aruco.DetectorParameters()
    options.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    options.cornerRefinementWinSize = 4
    options.adaptiveThreshWinSizeMin, options.adaptiveThreshWinSizeMax, options.adaptiveThreshWinSizeStep = 5, 45, 10
    options.minMarkerPerimeterRate = 0.02
    corners, ids, _ = cv2.aruco.ArucoDetector(dictionary(cv2), options).detectMarkers(grey)
    found: dict[int, FloatArray] = {}
    twice: set[int] = set()
    for mark, quad in zip(np.ravel(ids).tolist() if ids is not None else [], corners, strict=True):
        if mark in found:
            twice.add(mark)
        # Qt and numpy count from a pixel's corner, OpenCV from its middle.
        found[mark] = np.asarray(quad, np.float64).reshape(4, 2) + 0.5
    return {mark: quad for mark, quad in found.items() if mark not in twice}


def _place(cv2: Any, seen: dict[int, FloatArray]) -> Placing | None:
    paper = paper_of(list(seen))
    if paper is None:
        return None
    places = marks(paper)
    ours = {i: quad for i, quad in seen.items() if i in places}
    if len(ours) < FEWEST_MARKS or _in_line([i - FIRST_MARK[paper] for i in ours]):
        return None
    sheet = np.concatenate([_corners(places[i]) for i in ours])
    photo = np.concatenate(list(ours.values()))
    side = float(np.median([np.hypot(*(q[1] - q[0])) for q in ours.values()]))
    homography, inliers = cv2.findHomography(sheet, photo, cv2.RANSAC, 0.25 * side)
    if homography is None or inliers.sum() < 4 * FEWEST_MARKS or not _is_seen_from_above(homography, paper):
        return None
    flat = Placing(paper, np.asarray(homography, np.float64), None, 0.0, len(ours))
    kept = inliers.ravel().astype(bool)
    bend = _bend(sheet[kept], photo[kept] - flat.to_photo(sheet[kept]), paper) if len(ours) >= 6 else None
    bent = Placing(paper, flat.homography, bend, 0.0, len(ours))
    error = np.hypot(*(photo[kept] - bent.to_photo(sheet[kept])).T).max() / bent.density
    return Placing(paper, flat.homography, bend, float(error), int(kept.sum()) // 4) if error <= 2 * BENT else None


def _bend(sheet: FloatArray, left: FloatArray, paper: Paper) -> FloatArray:
    """What curled paper adds to the flat placing, as a polynomial; damped, so that noise in a corner does not bend the middle."""
    basis = _basis(sheet, paper)
    damping = 0.02 * len(sheet) * np.eye(basis.shape[1])
    return np.asarray(np.linalg.solve(basis.T @ basis + damping, basis.T @ left))


def _basis(points: FloatArray, paper: Paper) -> FloatArray:
    width, height = SIZES[paper]
    u, v = 2 * points[:, 0] / width - 1, 2 * points[:, 1] / height - 1
    return np.column_stack([np.ones_like(u), u, v, u * v, u**2, v**2, u * v**2, u**2 * v])


def _corners(rect: Rect) -> FloatArray:
    return np.array([[rect.x, rect.y], [rect.right, rect.y], [rect.right, rect.bottom], [rect.x, rect.bottom]])


def _in_line(numbers: list[int]) -> bool:
    """Whether marks lie on one side of the sheet, which says little about the other."""
    sides = ({0, 1, 2}, {5, 6, 7}, {0, 3, 5}, {2, 4, 7})
    return any(set(numbers) <= side for side in sides)


def _is_seen_from_above(homography: FloatArray, paper: Paper) -> bool:
    """Whether the sheet's corners make a sound quadrilateral that is not mirrored."""
    width, height = SIZES[paper]
    out = np.column_stack([_corners(Rect(0, 0, width, height)), np.ones(4)]) @ homography.T
    if (out[:, 2] <= 0).any():
        return False
    quad = out[:, :2] / out[:, 2:]
    edge = np.roll(quad, -1, axis=0) - quad
    after = np.roll(edge, -1, axis=0)
    return bool((edge[:, 0] * after[:, 1] - edge[:, 1] * after[:, 0] > 0).all())


def _texts(cv2: Any, grey: Picture, placing: Placing) -> Iterator[str]:
    """What the code may say, read in several ways."""
    place = code_place(placing.paper)
    per_mm = CODE_PIXELS * CODE_MODULES / place.w
    border = BORDER * place.w / CODE_MODULES
    for shift in ((0.0, 0.0), (0.35, 0.0), (-0.35, 0.0), (0.0, 0.35), (0.0, -0.35)):
        moved = Rect(place.x + shift[0], place.y + shift[1], place.w, place.h)
        code = straighten(grey, placing, grown(moved, border), pixels_per_mm=per_mm)
        yield from _read(cv2, _redrawn(cv2, code))
        yield from _read(cv2, code)


def _read(cv2: Any, code: Picture) -> Iterator[str]:
    for reader in (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco()):
        try:
            text, _, _ = reader.detectAndDecode(code)
        except (cv2.error, UnicodeDecodeError):
            continue
        if text:
            yield str(text)


def _redrawn(cv2: Any, code: Picture) -> Picture:
    """The code drawn anew, each module black or white by its middle against the grey around it: the grid is known, so none is sought."""
    side = CODE_PIXELS
    count = code.shape[0] // side
    smooth = cv2.GaussianBlur(code, (0, 0), side / 4)
    middle = smooth[side // 2 :: side, side // 2 :: side][:count, :count].astype(np.float32)
    window = 11
    low, high = cv2.erode(middle, np.ones((window, window))), cv2.dilate(middle, np.ones((window, window)))
    black = middle < (low + high) / 2
    black[:BORDER], black[-BORDER:], black[:, :BORDER], black[:, -BORDER:] = False, False, False, False
    return np.where(np.kron(black, np.ones((8, 8), bool)), 0, 255).astype(np.uint8)
