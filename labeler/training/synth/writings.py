"""Recorded pages of pen strokes, letters and digits in the order and place they were written in. Reads, draws nothing."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from labeler.training.synth.hands import Glyph, glyph_of


@dataclass(frozen=True, slots=True)
class Sign:
    """One character of a writing: the glyph's left top at `x`, `y`, one glyph unit being `height`, all in the writing's units."""

    glyph: Glyph
    digit: int
    """0…9, or -1 for what is no digit."""
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Writing:
    """What somebody wrote on one page."""

    signs: tuple[Sign, ...]

    @property
    def usual(self) -> float:
        """The median height of its signs."""
        return float(np.median([sign.height for sign in self.signs]))


def unipen_writings(path: Path, *, without: Collection[str] = ()) -> list[Writing]:
    """The pages of a recorded-pages file that have a letter or digit, leaving out the writers in `without`."""
    writings = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            page = json.loads(line)
            if page["writer"] not in without:
                strokes = [np.array(stroke, np.float64) for stroke in page["strokes"]]
                signs = [
                    _sign(char["label"], [strokes[i] for i in char["strokes"]])
                    for char in page["chars"]
                    if char["strokes"]
                ]
                writings.append(Writing(tuple(signs)))
    return [writing for writing in writings if writing.signs]


def _sign(label: str, strokes: list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]]) -> Sign:
    points = np.concatenate(strokes)
    low = points.min(axis=0)
    width, height = np.maximum(points.max(axis=0) - low, 1e-6)
    digit = int(label) if len(label) == 1 and label in "0123456789" else -1
    return Sign(glyph_of(strokes), digit, float(low[0]), float(low[1]), float(max(height, 0.4 * width)))
