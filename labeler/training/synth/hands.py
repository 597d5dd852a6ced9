"""Hands that write one digit (or letter) at a time: our own drawer, recorded pen strokes, or scanned glyphs.

Owns the way from a source to a `Glyph`. Chooses nothing about pages.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labeler.core.digits import Stroke, draw_digit, writer_style

Bitmap = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Glyph:
    """What a hand wrote: strokes with y from 0 to 1 (down) and x from 0, or a bitmap of ink (255) on nothing (0)."""

    strokes: tuple[Stroke, ...] = ()
    bitmap: Bitmap | None = None

    @property
    def aspect(self) -> float:
        """Width over height."""
        if self.bitmap is not None:
            return float(self.bitmap.shape[1] / self.bitmap.shape[0])
        return max(float(np.concatenate(self.strokes)[:, 0].max()), 0.02)


@dataclass(frozen=True, slots=True)
class Hand:
    """One writer. Digits that the source lacks are written by our own drawer in the style `seed`."""

    seed: int
    glyphs: Mapping[int, Sequence[Glyph]] = field(default_factory=dict)

    def write(self, digit: int, rng: np.random.Generator) -> Glyph:
        """One digit, 0…9, as this writer would write it now."""
        recorded = self.glyphs.get(digit)
        if recorded:
            return recorded[int(rng.integers(len(recorded)))]
        return glyph_of(draw_digit(digit, rng, writer_style(self.seed)))

    @property
    def pen(self) -> float:
        """This writer's usual stroke thickness in heights of a digit."""
        return writer_style(self.seed).pen_width


def glyph_of(strokes: Sequence[Stroke]) -> Glyph:
    """Strokes in any unit, moved and scaled (x and y alike) so that y runs from 0 to 1 and x from 0.

    A mark much wider than it is high (a minus, a lying 1) is scaled by its width instead.
    """
    points = np.concatenate(list(strokes)).astype(np.float64)
    low = points.min(axis=0)
    width, height = np.maximum(points.max(axis=0) - low, 1e-6)
    scale = 1.0 / max(height, 0.4 * width)
    return Glyph(tuple((np.asarray(stroke, np.float64) - low) * scale for stroke in strokes))


def unipen_hands(path: Path, *, without: Collection[str] = ()) -> list[Hand]:
    """A hand for each writer of a recorded-strokes file, leaving out the writers in `without` and spiky glyphs."""
    found: dict[str, dict[int, list[Glyph]]] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record["writer"] in without or record.get("flags"):
                continue
            strokes = [np.array(stroke, np.float64) for stroke in record["strokes"]]
            found.setdefault(record["writer"], {}).setdefault(record["label"], []).append(glyph_of(strokes))
    return [Hand(seed=100_000 + i, glyphs=glyphs) for i, (_, glyphs) in enumerate(sorted(found.items()))]


def unipen_marks(path: Path, *, without: Collection[str] = ()) -> list[Glyph]:
    """Letters and symbols of recorded pad pages, for use as things that are no digit.

    Left out: what cannot be told from a digit without its context (O, l, I, S …).
    """
    doubtful = set("OoDQlI|iSsZzBbGgqy?/\\)(!'`,.;:-_")
    marks: list[Glyph] = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            page = json.loads(line)
            if page["writer"] in without:
                continue
            strokes = [np.array(stroke, np.float64) for stroke in page["strokes"]]
            marks += [
                glyph_of([strokes[i] for i in char["strokes"]])
                for char in page["chars"]
                if not char["label"].isdigit() and char["label"] not in doubtful and char["strokes"]
            ]
    return marks


def mnist_hands(path: Path, *, without: Collection[int] = ()) -> list[Hand]:
    """A hand for each writer of a glyph archive with `images` (n, 28, 28), `labels` and `writer`, less `without`."""
    with np.load(path) as archive:
        images, labels, writers = archive["images"], archive["labels"], archive["writer"]
    found: dict[int, dict[int, list[Glyph]]] = {}
    for image, label, writer in zip(images, labels, writers, strict=True):
        if int(writer) not in without:
            found.setdefault(int(writer), {}).setdefault(int(label), []).append(Glyph(bitmap=_cropped(image)))
    return [Hand(seed=200_000 + i, glyphs=glyphs) for i, (_, glyphs) in enumerate(sorted(found.items()))]


def _cropped(image: Bitmap) -> Bitmap:
    rows, columns = np.nonzero(image > 60)
    return image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
