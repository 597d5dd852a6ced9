"""Draws ink into pixels without a window: antialiased, the pen's width varying, on plain, ruled or squared paper. numpy only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from labeler.core.boxes import FloatArray
from labeler.core.ink import Ink, Pen, outline

Coverage = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]

VISIBLE = 0.5
"""From this much coverage a pixel counts as inked."""
_TILES = 400_000
"""Pixels computed at once: enough to be quick, few enough to stay in the cache."""


class Paper(StrEnum):
    """What the page shows before anything is written."""

    PLAIN = "plain"
    RULED = "ruled"
    SQUARED = "squared"


@dataclass(frozen=True, slots=True)
class Look:
    """How a page looks. `pitch` is the distance of the paper's lines in pixels of the page; colours are RGB."""

    paper: Paper = Paper.PLAIN
    ink: Colour = (24, 28, 52)
    ground: Colour = (255, 255, 255)
    lines: Colour = (198, 214, 235)
    pitch: float = 40.0


def coverage(lines: Sequence[FloatArray], width: int, height: int, *, scale: float = 1.0) -> Coverage:
    """How much of each pixel is inked, (height, width) in 0…1, for outlines in page coordinates drawn `scale` times as large.

    A step covers what lies within half a width of it, with an edge one pixel soft; a pixel has the most that any step gives it.
    """
    out = np.zeros((height, width), np.float32)
    steps = [_steps(line) for line in lines if len(line)]
    if not steps:
        return out
    every = np.concatenate(steps) * scale
    for part in _alike(every):
        _cover(out, part)
    return out


def render(ink: Ink, pen: Pen, width: int, height: int, *, scale: float = 1.0, look: Look = Look()) -> Picture:
    """The page as a picture (height, width, 3), RGB; `width` and `height` are of the picture, `scale` is its pixels per page pixel."""
    covered = coverage([outline(s.points, pen) for s in ink if len(s)], width, height, scale=scale)[..., None]
    page = paper(width, height, scale=scale, look=look).astype(np.float32)
    mixed = page + (np.array(look.ink, np.float32) - page) * covered
    return np.asarray(np.round(mixed), np.uint8)


def paper(width: int, height: int, *, scale: float = 1.0, look: Look = Look()) -> Picture:
    """The empty page, (height, width, 3), RGB."""
    page = np.empty((height, width, 3), np.uint8)
    page[:] = look.ground
    thick = max(1, round(scale))
    if look.paper is not Paper.PLAIN:
        for y in rule_places(height, look.pitch * scale):
            page[y : y + thick] = look.lines
    if look.paper is Paper.SQUARED:
        for x in rule_places(width, look.pitch * scale):
            page[:, x : x + thick] = look.lines
    return page


def rule_places(length: float, pitch: float) -> list[int]:
    """Where the lines of ruled or squared paper begin along a side, in pixels."""
    return [round(n * pitch) for n in range(1, int((length - 1) / pitch) + 1)]


def pixel_bounds(covered: Coverage, *, at_least: float = VISIBLE) -> tuple[int, int, int, int] | None:
    """x1, y1, x2, y2 of the inked pixels, the last two exclusive; None where there are none."""
    rows, columns = np.flatnonzero((covered >= at_least).any(axis=1)), np.flatnonzero((covered >= at_least).any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _steps(line: FloatArray) -> FloatArray:
    """(m, 6): both ends of each step of an outline. A dot is one step of no length."""
    if len(line) == 1:
        return np.concatenate([line, line], axis=1)
    return np.concatenate([line[:-1], line[1:]], axis=1)


def _alike(steps: FloatArray) -> Iterator[FloatArray]:
    """Steps in batches of about one extent, so that one size of tile fits a batch."""
    reach = np.abs(steps[:, 3:5] - steps[:, :2]).max(axis=1) + 2 * np.maximum(steps[:, 2], steps[:, 5])
    order = np.argsort(reach, kind="stable")
    at = 0
    while at < len(order):
        count = max(1, int(_TILES / (reach[order[at]] + 4) ** 2))
        yield steps[order[at : at + count]]
        at += count


def _cover(out: Coverage, steps: FloatArray) -> None:
    """Add a batch of steps to the picture, each on a tile around it."""
    a, b, ra, rb = steps[:, :2], steps[:, 3:5], steps[:, 2], steps[:, 5]
    margin = np.maximum(ra, rb)[:, None] + 1.0
    corner = np.floor(np.minimum(a, b) - margin).astype(np.int64)
    far = np.ceil(np.maximum(a, b) + margin).astype(np.int64)
    wide, tall = (far - corner).max(axis=0).tolist()
    x = corner[:, 0, None, None] + np.arange(wide)
    y = corner[:, 1, None, None] + np.arange(tall)[:, None]
    way = (b - a).astype(np.float32)
    squared = (way**2).sum(axis=1)
    px = (x + 0.5 - a[:, 0, None, None]).astype(np.float32)
    py = (y + 0.5 - a[:, 1, None, None]).astype(np.float32)
    dx, dy = way[:, 0, None, None], way[:, 1, None, None]
    along = (px * dx + py * dy) / np.maximum(squared, np.float32(1e-12))[:, None, None]
    np.clip(along, 0.0, 1.0, out=along)
    radius = ra.astype(np.float32)[:, None, None] + along * (rb - ra).astype(np.float32)[:, None, None]
    value = radius + np.float32(0.5) - np.hypot(px - along * dx, py - along * dy)
    height, width = out.shape
    x, y = np.broadcast_arrays(x, y)
    hit = (value > 0) & (x >= 0) & (x < width) & (y >= 0) & (y < height)
    np.maximum.at(out.reshape(-1), (y[hit] * width + x[hit]), np.minimum(value[hit], np.float32(1.0)))
