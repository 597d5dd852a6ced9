"""Puts a glyph's ink on a canvas and says exactly where it lies.

Owns rasterising strokes and bitmaps under a projective map. Knows no colour and no paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labeler.core.digits import Stroke
from labeler.training.synth.hands import Bitmap, Glyph

Matrix = NDArray[np.float64]

VISIBLE = 64
"""From this much ink (of 255) a pixel counts as written on."""


@dataclass(frozen=True, slots=True)
class Blot:
    """Ink on a canvas: coverage 0…255 with its top-left pixel at (x, y). May be cut at the canvas's edge."""

    mask: Bitmap
    x: int
    y: int
    kept: float
    """Share of the glyph's extent that fell on the canvas."""

    def bounds(self) -> tuple[int, int, int, int] | None:
        """x1, y1, x2, y2 of the visible ink in canvas pixels, x2 and y2 exclusive; None where there is none."""
        rows, columns = np.nonzero(self.mask >= VISIBLE)
        if not len(rows):
            return None
        return (
            self.x + int(columns.min()), self.y + int(rows.min()),
            self.x + int(columns.max()) + 1, self.y + int(rows.max()) + 1,
        )  # fmt: skip


def project(points: Stroke, matrix: Matrix) -> Stroke:
    """(n, 2) points under a 3 × 3 projective map."""
    out = points @ matrix[:, :2].T + matrix[:, 2]
    projected: Stroke = out[:, :2] / out[:, 2:]
    return projected


def place(x: float, y: float, height: float, *, turn: float = 0.0) -> Matrix:
    """The map that puts a unit-high glyph's top left at (x, y), `height` pixels high, turned by `turn` radians."""
    c, s = height * np.cos(turn), height * np.sin(turn)
    return np.array([[c, -s, x], [s, c, y], [0.0, 0.0, 1.0]])


def blot(
    glyph: Glyph, matrix: Matrix, *, pen: float, size: tuple[int, int], pressure: NDArray[np.float64] | None = None
) -> Blot | None:
    """The ink of a glyph under `matrix` on a canvas of `size` (width, height); `pen` is the thickness in pixels.

    Strokes run through pixel centres: where `matrix` says (3, 4), the middle of that pixel is inked.
    `pressure` (factors, any length ≥ 2) varies the thickness along each stroke. None if nothing falls on the canvas.
    """
    outline = _outline(glyph)
    corners = project(outline, matrix)
    margin = 0.0 if glyph.bitmap is not None else pen / 2 + 1
    low = np.floor(corners.min(axis=0) - margin).astype(int)
    high = np.ceil(corners.max(axis=0) + margin).astype(int) + 1
    x1, y1 = np.maximum(low, 0)
    x2, y2 = np.minimum(high, size)
    if x2 - x1 < 2 or y2 - y1 < 2:
        return None
    kept = float((x2 - x1) * (y2 - y1) / np.prod(high - low))
    local = np.array([[1.0, 0.0, -x1], [0.0, 1.0, -y1], [0.0, 0.0, 1.0]]) @ matrix
    shape = (int(x2 - x1), int(y2 - y1))
    if glyph.bitmap is not None:
        mask = _warp_bitmap(glyph.bitmap, local, shape)
    else:
        mask = _draw_strokes([project(stroke, local) for stroke in glyph.strokes], pen, shape, pressure)
    return Blot(mask, int(x1), int(y1), kept)


def _outline(glyph: Glyph) -> Stroke:
    if glyph.bitmap is None:
        return np.concatenate(glyph.strokes)
    return np.array([[0.0, 0.0], [glyph.aspect, 0.0], [0.0, 1.0], [glyph.aspect, 1.0]])


def _warp_bitmap(bitmap: Bitmap, matrix: Matrix, shape: tuple[int, int]) -> Bitmap:
    import cv2

    scale = 1.0 / bitmap.shape[0]
    to_unit = np.array([[scale, 0.0, scale / 2], [0.0, scale, scale / 2], [0.0, 0.0, 1.0]])
    shift = np.array([[1.0, 0.0, -0.5], [0.0, 1.0, -0.5], [0.0, 0.0, 1.0]])
    shrinks = np.hypot(matrix[0, 0], matrix[1, 0]) < 14
    source = cv2.GaussianBlur(bitmap, (3, 3), 0.8) if shrinks else bitmap
    warped = cv2.warpPerspective(source, shift @ matrix @ to_unit, shape, flags=cv2.INTER_CUBIC)
    if np.hypot(matrix[0, 0], matrix[1, 0]) > 45:
        # A 28-pixel scan blown up is a blur with steps: steepen its edge to a pen's.
        warped = np.clip((cv2.GaussianBlur(warped, (0, 0), 1.6).astype(np.float32) - 70) * 2.4, 0, 255).astype(np.uint8)
    return np.asarray(warped, np.uint8)


def _draw_strokes(
    strokes: list[Stroke], pen: float, shape: tuple[int, int], pressure: NDArray[np.float64] | None
) -> Bitmap:
    import cv2

    # Whole-pixel pens only: draw larger and average down, more so the thinner the pen.
    up = 4 if pen < 3 else 2 if pen < 8 else 1
    mask = np.zeros((shape[1] * up, shape[0] * up), np.uint8)
    for stroke in strokes:
        fixed = np.round((stroke + 0.5) * up * 16 - 8).astype(np.int32)
        if len(fixed) < 2:
            fixed = np.repeat(fixed, 2, axis=0)
        if pressure is None:
            cv2.polylines(mask, [fixed], False, 255, max(1, round(pen * up)), cv2.LINE_AA, 4)
            continue
        along = np.interp(np.linspace(0, 1, len(fixed)), np.linspace(0, 1, len(pressure)), pressure)
        for a, b, factor in zip(fixed[:-1], fixed[1:], along, strict=False):
            thick = max(1, round(pen * up * factor))
            cv2.line(mask, (int(a[0]), int(a[1])), (int(b[0]), int(b[1])), 255, thick, cv2.LINE_AA, 4)
    if up > 1:
        mask = cv2.resize(mask, shape, interpolation=cv2.INTER_AREA)
    return np.asarray(mask, np.uint8)
