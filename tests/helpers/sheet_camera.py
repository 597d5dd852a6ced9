"""Sheets as they come back: filled in by hands, then seen by a phone or a scanner. The truth is known to the pixel.

Stands in for photographs of paper: tilt, turn, curl, lens, shade, colour cast, blur, shake, noise, little resolution, JPEG.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pypdfium2

from labeler.core.boxes import Rect
from labeler.core.ink import Pen, Stroke, outline
from labeler.core.ink_render import coverage
from labeler.core.sheets import Cell, Sheet, layout
from labeler.formats.sheet_pdf import pdf
from labeler.training.strokes.prompted import Glyph

DENSITY = 12.0
"""Pixels per millimetre at which the sheet is printed and filled in."""
PENS = {
    "black": ((25, 25, 30), 0.55),
    "blue": ((40, 60, 160), 0.5),
    "felt": ((20, 20, 25), 0.95),
    "pencil": ((110, 110, 115), 0.45),
    "red": ((190, 40, 45), 0.5),
}
"""Colour and width in millimetres."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What was done to one cell: `kind` is written, empty, struck or leaves; `ids` are its digits' numbers in the page's `ids`."""

    cell: Cell
    kind: str
    ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A filled sheet, (h, w, 3) RGB at `DENSITY`, what is in its cells, and which pixel is which digit's ink, (h, w), 0 for none."""

    sheet: Sheet
    picture: np.ndarray
    ids: np.ndarray
    cells: tuple[Filled, ...]


def printed(sheet: Sheet) -> np.ndarray:
    """The sheet as a printer makes it, RGB at `DENSITY`."""
    document = pypdfium2.PdfDocument(pdf([sheet]))
    page = document[0].render(scale=DENSITY * 25.4 / 72).to_numpy()
    document.close()
    return np.ascontiguousarray(page[..., 2::-1])


def filled(sheet: Sheet, hand: Mapping[int, Sequence[Glyph]], *, seed: int, odd: float = 0.15) -> Page:
    """A sheet filled in by a hand; a share `odd` of its cells is left empty, struck out or overrun."""
    rng = np.random.default_rng(seed)
    picture = printed(sheet).astype(np.float32)
    colour, width = PENS[str(rng.choice(list(PENS)))]
    pen = Pen(max(width * float(rng.uniform(0.8, 1.3)) * DENSITY, 2.0), 0.0, 0.0)
    size = float(rng.uniform(7.5, 11.0))
    cells = []
    ids = np.zeros(picture.shape[:2], np.uint16)
    for cell in layout(sheet).cells:
        kind = (
            "written" if len(cell.prompt) > 1 or rng.random() > odd else str(rng.choice(["empty", "struck", "leaves"]))
        )
        drawn = _write(rng, cell, hand, kind, size, pen)
        mine = []
        for strokes in drawn:
            part, covered = _inked(strokes, pen, ids.shape)
            shade = 1 - 0.25 * rng.random() if colour == PENS["pencil"][0] else 1.0
            picture[part] += (np.array(colour, np.float32) - picture[part]) * (covered * shade)[..., None]
            mine.append(int(ids.max()) + 1)
            ids[part][covered >= 0.5] = mine[-1]
        cells.append(Filled(cell, kind, tuple(mine) if kind == "written" else ()))
    return Page(sheet, np.clip(picture, 0, 255).astype(np.uint8), ids, tuple(cells))


def _inked(strokes: list[Stroke], pen: Pen, shape: tuple[int, int]) -> tuple[tuple[slice, slice], np.ndarray]:
    """The part of the page that strokes lie in, and how much of each of its pixels they cover."""
    lines = [outline(s.points, pen) for s in strokes]
    every = np.concatenate(lines)
    x1, y1 = np.maximum(np.floor((every[:, :2] - every[:, 2:]).min(axis=0)) - 2, 0).astype(int).tolist()
    x2, y2 = np.minimum(np.ceil((every[:, :2] + every[:, 2:]).max(axis=0)) + 2, shape[::-1]).astype(int).tolist()
    covered = coverage([line - np.array([x1, y1, 0.0]) for line in lines], x2 - x1, y2 - y1)
    return (slice(y1, y2), slice(x1, x2)), covered


def _write(
    rng: np.random.Generator, cell: Cell, hand: Mapping[int, Sequence[Glyph]], kind: str, size: float, pen: Pen
) -> list[list[Stroke]]:  # fmt: skip
    """The strokes of each digit, or of what strikes the cell out."""
    if kind == "empty":
        return []
    r = cell.rect
    if kind == "struck":
        return [_strike(rng, r)]
    drawn, x = [], r.x + float(rng.uniform(2, 6))
    for digit in cell.prompt:
        glyph = hand[int(digit)][int(rng.integers(len(hand[int(digit)])))]
        points = np.concatenate(glyph)[:, :2]
        low, high = points.min(axis=0), points.max(axis=0)
        room = r.w - 3.0 if len(cell.prompt) == 1 else 16.0
        scale = min(
            size * float(rng.uniform(0.9, 1.1)),
            (r.h - 3.0) / max(high[1] - low[1], 1e-6),
            room / max(high[0] - low[0], 1e-6),
        )
        w, h = (high - low) * scale
        free = (r.w - 2.4 - w, r.h - 2.4 - h)
        at = np.array(
            [r.x + 1.2 + float(rng.uniform(0, max(free[0], 0))), r.y + 1.2 + float(rng.uniform(0, max(free[1], 0)))]
        )
        if len(cell.prompt) > 1:
            at[0], x = x, x + w + float(rng.uniform(2.0, 6.0))
        if kind == "leaves":
            at = at + _away(rng, r, at, (w, h))
        mine = [
            Stroke(np.column_stack([((s[:, :2] - low) * scale + at) * DENSITY, s[:, 2], np.full(len(s), 0.5)]))
            for s in glyph
        ]
        drawn.append(mine)
    return drawn


def _away(rng: np.random.Generator, r: Rect, at: np.ndarray, size: tuple[float, float]) -> np.ndarray:
    """A shift that takes a good part of a digit out of its cell."""
    out = float(rng.uniform(1.6, 3.0))
    side = int(rng.integers(3))
    if side == 0:
        return np.array([r.x - out - at[0], 0.0])
    if side == 1:
        return np.array([r.right + out - size[0] - at[0], 0.0])
    return np.array([0.0, r.bottom + out - size[1] - at[1]])


def _strike(rng: np.random.Generator, r: Rect) -> list[Stroke]:
    """A cross from corner to corner, a scribble, or two lines across."""
    way = int(rng.integers(3))
    a, b = (r.x + 1.0, r.y + 1.0), (r.right - 1.0, r.bottom - 1.0)
    if way == 0:
        lines = [[a, b], [(b[0], a[1]), (a[0], b[1])]]
    elif way == 1:
        lines = [[(a[0] + (b[0] - a[0]) * n / 9, b[1] - 1 if n % 2 else a[1] + 1) for n in range(10)]]
    else:
        middle = (a[1] + b[1]) / 2
        lines = [[(a[0], middle - 1), (b[0], middle - 0.4)], [(a[0], middle + 1.2), (b[0], middle + 1.6)]]
    made = []
    for line in lines:
        xy = np.concatenate([np.linspace(p, q, 24) for p, q in itertools.pairwise(line)])
        xy = xy + np.cumsum(rng.normal(0, 0.02, xy.shape), axis=0)
        made.append(Stroke(np.column_stack([xy * DENSITY, np.arange(len(xy)) * 0.01, np.full(len(xy), 0.5)])))
    return made


@dataclass(frozen=True, slots=True)
class Photo:
    """The file, and for each of its pixels' middles the place on the page, (h, w, 2), in the page's pixels (corner at 0)."""

    jpeg: bytes
    where: np.ndarray


def photographed(page: np.ndarray, *, seed: int, hard: float = 1.0) -> Photo:
    """The sheet as a phone sees it on a table; `hard` scales every trouble."""
    rng = np.random.default_rng((seed, 77))
    height, width = page.shape[:2]
    longest = int(rng.uniform(1500, 3400))
    scale = longest / max(height, width) * float(rng.uniform(0.78, 0.95))
    w, h = width * scale, height * scale
    tilt = 0.10 * hard
    corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float64)
    moved = corners + rng.uniform(-tilt, tilt, (4, 2)) * [w, h]
    turn = float(rng.uniform(-0.3, 0.3)) * hard + float(rng.choice([0, np.pi / 2, np.pi, -np.pi / 2]))
    c, s = np.cos(turn), np.sin(turn)
    moved = (moved - [w / 2, h / 2]) @ np.array([[c, s], [-s, c]])
    moved -= moved.min(axis=0) - rng.uniform(12, 70, 2)
    out_w, out_h = (int(v) for v in moved.max(axis=0) + rng.uniform(12, 70, 2))
    matrix = cv2.getPerspectiveTransform((corners / scale).astype(np.float32), moved.astype(np.float32))
    seen, where = _warped(page, np.linalg.inv(matrix), (out_w, out_h), rng, hard)
    seen = _lit(seen, rng, hard)
    seen = cv2.GaussianBlur(seen, (0, 0), max(0.3, float(rng.uniform(0.4, 1.3)) * hard))
    if rng.random() < 0.4 * hard:
        seen = cv2.filter2D(seen, -1, _shake(rng, float(rng.uniform(2, 5)) * hard))
    seen = seen + rng.normal(0, float(rng.uniform(1, 7)) * hard, seen.shape)
    return Photo(_jpeg(np.clip(seen, 0, 255), int(rng.uniform(95 - 50 * hard, 95))), where)


def _jpeg(picture: np.ndarray, quality: int) -> bytes:
    bgr = np.ascontiguousarray(picture[..., ::-1].astype(np.uint8))
    done, coded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return coded.tobytes()


def scanned(page: np.ndarray, *, seed: int, dpi: int = 200) -> Photo:
    """The sheet from a scanner: a little turned, perhaps lying on its side or upside down."""
    rng = np.random.default_rng((seed, 99))
    height, width = page.shape[:2]
    scale = dpi / 25.4 / DENSITY
    size = (round(width * scale), round(height * scale))
    turn = float(rng.uniform(-2.5, 2.5)) * np.pi / 180
    x, y = np.meshgrid(np.arange(size[0]) + 0.5, np.arange(size[1]) + 0.5)
    u, v = x / scale - width / 2, y / scale - height / 2
    where = np.stack(
        [np.cos(turn) * u - np.sin(turn) * v + width / 2, np.sin(turn) * u + np.cos(turn) * v + height / 2], axis=-1
    )
    quarter = int(rng.integers(4))
    where = np.ascontiguousarray(np.rot90(where, quarter))
    source = cv2.GaussianBlur(page, (0, 0), max(0.3, 0.45 / scale))
    x, y = ((where[..., i] - 0.5).astype(np.float32) for i in (0, 1))
    seen = cv2.remap(source, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(250, 250, 250))
    return Photo(_jpeg(seen, 85), where)


def _warped(
    page: np.ndarray, inverse: np.ndarray, size: tuple[int, int], rng: np.random.Generator, hard: float
) -> np.ndarray:
    """Perspective, curled paper and the lens at once, on a table."""
    x, y = np.meshgrid(np.arange(size[0]) + 0.5, np.arange(size[1]) + 0.5)
    centre, reach = np.array(size) / 2, max(size) / 2
    u, v = (x - centre[0]) / reach, (y - centre[1]) / reach
    lens = 1 + float(rng.uniform(-0.02, 0.02)) * hard * (u**2 + v**2)
    x, y = centre[0] + u * lens * reach, centre[1] + v * lens * reach
    points = np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
    px, py, pw = inverse @ points
    px, py = px / pw, py / pw
    height, width = page.shape[:2]
    bend = float(rng.uniform(-2.0, 2.0)) * hard * DENSITY
    phase = float(rng.uniform(0, np.pi))
    px = px + bend * np.sin(np.pi * py / height + phase)
    py = py + 0.5 * bend * np.sin(np.pi * px / width + phase)
    shape = (size[1], size[0])
    shrink = float(np.hypot(inverse[0, 0], inverse[1, 0]) / abs(inverse[2, 2]))
    source = cv2.GaussianBlur(page, (0, 0), max(0.3, 0.45 * shrink))
    table = np.array(rng.uniform(60, 190, 3), np.float32)
    mapped = cv2.remap(
        source,
        (px - 0.5).astype(np.float32).reshape(shape),
        (py - 0.5).astype(np.float32).reshape(shape),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=tuple(float(c) for c in table),
    )
    return mapped.astype(np.float32), np.stack([px, py], axis=-1).reshape(*shape, 2)


def _lit(seen: np.ndarray, rng: np.random.Generator, hard: float) -> np.ndarray:
    """Light from one side, a shadow with a soft edge, a colour cast."""
    height, width = seen.shape[:2]
    u, v = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    angle = float(rng.uniform(0, 2 * np.pi))
    light = 0.86 + 0.14 * hard * (np.cos(angle) * u + np.sin(angle) * v) * float(rng.uniform(0.2, 1))
    if rng.random() < 0.5:
        edge = np.cos(angle + 1) * u + np.sin(angle + 1) * v - float(rng.uniform(-0.6, 0.6))
        light = light * (1 - float(rng.uniform(0.15, 0.45)) * hard / (1 + np.exp(-edge * float(rng.uniform(6, 40)))))
    cast = 1 - rng.uniform(0, 0.18, 3) * hard
    return seen * light[..., None] * cast


def _shake(rng: np.random.Generator, length: float) -> Any:
    side = int(length) * 2 + 3
    kernel = np.zeros((side, side), np.float32)
    angle = float(rng.uniform(0, np.pi))
    for t in np.linspace(-length / 2, length / 2, 40):
        kernel[round(side // 2 + t * np.sin(angle)), round(side // 2 + t * np.cos(angle))] = 1
    return kernel / kernel.sum()
