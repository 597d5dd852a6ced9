"""One written page drawn again as another pen on other paper would have it, a little bent, with boxes as exact as the first. Pure.

Whoever asks gives the seed: the same page and seed are the same variant. Reads no file, renders nothing. Nobody gets variants unasked:
where a small detector learnt from 498 pages of UniPen ink, three more of each, shown for as many steps, moved mAP50 on held-out writers'
pages from 0.870 to 0.886 and on photographed sums from 0.590 to 0.567 (two trainings each, tests/benchmarks/bench_ink_variants.py).
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from labeler.core import ink as inks
from labeler.core.boxes import ClassRect, FloatArray, Rect, iou
from labeler.core.ink import MIN_WIDTH, Ink, Pen, Stroke
from labeler.core.ink_evidence import hand_size
from labeler.core.ink_pages import InkPage, place
from labeler.core.ink_render import Colour, Look, Paper

RECIPE = 1
"""Part of every seed: to be raised with any change below, so that two apps never mean two pictures by one variant."""
MOST = 20
"""Variants of one page: more are no news."""
SAME = 0.6
"""A box belongs to strokes whose extent overlaps it at least so much (intersection over union): people draw with some air."""
INSIDE, OUTSIDE = 0.9, 0.3
"""A stroke is in a box with this share of its line and more, out of it with this and less; between, nobody can say."""

TURN, SHEAR, STRETCH = 5.0, 0.12, 0.12
"""At most: degrees, and shares of the height and of a side."""
WAVES, BEND = 3, 0.035
"""How many waves bend the page along each axis, and how far in all, in heights of a digit."""
PEN = (0.03, 0.12)
"""Widths of pens, in heights of a digit."""
RESOLUTION = (0.6, 1.5)
"""Pixels for each of the first picture's."""
LEGIBLE = 16.0
"""Digits are not made smaller than so many pixels high."""
THINNEST = 1.2
"""No pen is thinner than so many pixels of the picture."""

INKS: tuple[Colour, ...] = (
    (24, 28, 52), (18, 18, 18), (20, 55, 150), (40, 70, 190), (95, 95, 100), (130, 130, 132), (150, 30, 40), (20, 90, 60),
)  # fmt: skip
LINES: tuple[Colour, ...] = ((70, 120, 200), (90, 90, 90), (200, 80, 80), (80, 160, 120))

Groups = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """The page drawn again, and its boxes in pixels of the new picture, in the order of those asked for."""

    page: InkPage
    boxes: tuple[ClassRect, ...]


def seed_of(name: str, number: int) -> int:
    """The seed of variant `number` (from 1) of the page called `name`: its content's hash, so the same on every machine."""
    digest = hashlib.sha256(f"ink variant {RECIPE}: {name} {number}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


def owners(page: InkPage, boxes: Sequence[Rect], known: Iterable[Sequence[int]] = ()) -> Groups | None:
    """The strokes of each box, which is in pixels of the picture; None where that is not clear for every box.

    `known` are groups of strokes that boxes were made of: they count for boxes that still lie where they lay. Strokes of no box,
    such as letters, are nobody's.
    """
    extents = [(tuple(g), place(page, [page.strokes[i] for i in g])) for g in known]
    shares = _shares(page, boxes)
    groups: list[tuple[int, ...]] = []
    for k, box in enumerate(boxes):
        same = next((g for g, extent in extents if extent is not None and iou(extent, box) > 0.98), None)
        groups.append(same or tuple(np.flatnonzero(shares[k] >= INSIDE).tolist()))
    taken = [i for group in groups for i in group]
    if len(taken) != len(set(taken)):
        return None
    free = [i for i in range(len(page.strokes)) if i not in set(taken)]
    if len(boxes) and free and shares[:, free].max() > OUTSIDE:
        return None
    found = [place(page, [page.strokes[i] for i in group]) for group in groups]
    clear = all(extent is not None and iou(extent, box) >= SAME for extent, box in zip(found, boxes, strict=True))
    return tuple(groups) if clear else None


def variant(page: InkPage, boxes: Sequence[ClassRect], groups: Groups, *, seed: int) -> Variant:
    """The page drawn again; `groups` are the strokes of each of `boxes`, whose classes stay."""
    rng = np.random.default_rng(seed)
    size = hand_size(page.strokes)
    scale = page.scale * float(np.exp(rng.uniform(*np.log(RESOLUTION))))
    scale = max(scale, min(page.scale, LEGIBLE / size))
    pen = _pen(rng, size, scale)
    bent = _bent(rng, page.strokes, size)
    strokes, width, height = _on_page(bent, pen, page.width, page.height, margin=1 / scale)
    drawn = replace(
        page, strokes=tuple(strokes), width=width, height=height, pen=pen, look=_look(rng, size), scale=scale
    )
    return Variant(drawn, tuple(_box(drawn, group, box) for group, box in zip(groups, boxes, strict=True)))


def _shares(page: InkPage, boxes: Sequence[Rect]) -> FloatArray:
    """How much of each stroke's line lies in each box, (boxes, strokes) in 0…1."""
    shares = np.zeros((len(boxes), len(page.strokes)))
    for i, stroke in enumerate(page.strokes):
        line = inks.smooth(stroke.xy) * page.scale
        for k, box in enumerate(boxes):
            inside = (line >= (box.x, box.y)) & (line <= (box.right, box.bottom))
            shares[k, i] = inside.all(axis=1).mean()
    return shares


def _box(page: InkPage, group: Sequence[int], box: ClassRect) -> ClassRect:
    rect = place(page, [page.strokes[i] for i in group])
    assert rect is not None, "a box has strokes"
    return ClassRect(rect.x, rect.y, rect.w, rect.h, box.class_id)


def _bent(rng: np.random.Generator, ink: Ink, size: float) -> list[Stroke]:
    """Turned, sheared and stretched a little around its middle, and bent by long waves."""
    every = np.concatenate([s.xy for s in ink])
    middle = (every.min(axis=0) + every.max(axis=0)) / 2
    turn = np.radians(rng.uniform(-TURN, TURN))
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    sheared = np.array([[1.0, rng.uniform(-SHEAR, SHEAR)], [0.0, 1.0]])
    matrix = turned @ sheared @ np.diag(1 + rng.uniform(-STRETCH, STRETCH, 2))
    lengths = size * rng.uniform(1.5, 4.0, (2, WAVES))
    ways = rng.uniform(0, 2 * np.pi, (2, WAVES))
    waves = 2 * np.pi / lengths[..., None] * np.stack([np.cos(ways), np.sin(ways)], axis=-1)
    phases = rng.uniform(0, 2 * np.pi, (2, WAVES))
    out = []
    for stroke in ink:
        xy = (stroke.xy - middle) @ matrix.T
        moved = np.sin(np.einsum("nd,awd->naw", xy, waves) + phases).mean(axis=2) * (BEND * size)
        out.append(Stroke(np.column_stack([np.round(xy + moved + middle, 3), stroke.points[:, 2:]])))
    return out


def _on_page(ink: Ink, pen: Pen, width: int, height: int, *, margin: float) -> tuple[list[Stroke], int, int]:
    """The ink moved so that it lies on the page whole, which grows where that takes more room."""
    found = inks.bounds(ink, pen)
    assert found is not None, "a page of ink has strokes"
    width = max(width, int(np.ceil(found.w + 2 * margin)))
    height = max(height, int(np.ceil(found.h + 2 * margin)))
    dx = min(max(0.0, margin - found.x), width - margin - found.right)
    dy = min(max(0.0, margin - found.y), height - margin - found.bottom)
    return inks.shifted(ink, dx, dy), width, height


def _pen(rng: np.random.Generator, size: float, scale: float) -> Pen:
    width = size * float(np.exp(rng.uniform(*np.log(PEN))))
    return Pen(max(width, MIN_WIDTH, THINNEST / scale), float(rng.uniform(0, 0.8)), float(rng.uniform(0, 0.5)))


def _look(rng: np.random.Generator, size: float) -> Look:
    ground = np.clip(rng.uniform(212, 255) + rng.uniform(-8, 8, 3), 0, 255)
    strength = rng.uniform(0.2, 0.6)
    lines = ground + strength * (np.array(LINES[rng.integers(len(LINES))]) - ground)
    return Look(
        paper=tuple(Paper)[rng.integers(len(Paper))], ink=INKS[rng.integers(len(INKS))], ground=_colour(ground),
        lines=_colour(lines), pitch=size * float(rng.uniform(0.5, 1.6)),
    )  # fmt: skip


def _colour(values: FloatArray) -> Colour:
    red, green, blue = (round(v) for v in values.tolist())
    return red, green, blue
