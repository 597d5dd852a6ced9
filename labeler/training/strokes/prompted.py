"""Prompted strings as a hand would leave them on a pad: digits of one writer side by side, tight to loose, in honest disorder.

Works on real strokes (UniPen) and on digits drawn by the core alike. What each stroke belongs to is known.
"""

import itertools
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from labeler.core.digits import draw_digit, writer_style
from labeler.core.ink import Stroke

HEIGHT = 110.0
"""Pixels that a writer's median digit is high on the pad."""
GAPS = {"loose": (0.35, 0.9), "normal": (0.12, 0.4), "tight": (-0.12, 0.12)}
"""Gap between the boxes of neighbouring digits, in digit heights, from … to."""

FAULTS = ("missing", "extra", "crossed", "x-ed", "scribbled", "mended", "joined")
"""A digit missing, one too many, one struck out with a line, with two, or by scribbling, one struck out and written again beside it, and
two joined without lifting the pen."""
STRUCK = frozenset({"crossed", "x-ed", "scribbled", "mended"})

Glyph = list[np.ndarray]
"""Strokes of one digit: (n, 3) arrays of x, y in heights of the writer's median digit, top left at the origin, and seconds."""


@dataclass(frozen=True, slots=True)
class Prompted:
    """A prompt and what was written for it. `owner[i]` is the place in the prompt that stroke i was written for, -1 for none.

    `fault` is "" where exactly the prompt was written: only then is there a right answer other than "let a person look".
    """

    prompt: str
    strokes: list[Stroke]
    owner: tuple[int, ...]
    writer: str
    spacing: str
    fault: str = ""
    late: bool = False


def unipen(shared: Path) -> dict[str, dict[int, list[Glyph]]]:
    """Every writer's digits of the real stroke data: writer → digit → glyphs."""
    heights: dict[str, list[float]] = defaultdict(list)
    raw: dict[str, dict[int, list[tuple[Glyph, float]]]] = defaultdict(lambda: defaultdict(list))
    with (shared / "strokes" / "unipen_digits.jsonl").open(encoding="utf-8") as file:
        for line in file:
            one = json.loads(line)
            rate = one.get("points_per_second") or 100.0
            strokes = [
                np.column_stack([np.array(s, float).reshape(-1, 2), np.arange(len(s)) / rate]) for s in one["strokes"]
            ]
            raw[one["writer"]][one["label"]].append((strokes, one["h"]))
            heights[one["writer"]].append(one["h"])
    return {
        writer: {
            digit: [
                [s / (np.median(heights[writer]), np.median(heights[writer]), 1) for s in strokes]
                for strokes, _ in found
            ]
            for digit, found in digits.items()
        }
        for writer, digits in raw.items()
    }


def drawn(writers: int, *, each: int = 4, seed: int = 0) -> dict[str, dict[int, list[Glyph]]]:
    """The same from the core's own pen paths, where there is no real data."""
    out: dict[str, dict[int, list[Glyph]]] = {}
    for writer in range(writers):
        rng, style = np.random.default_rng((seed, writer)), writer_style(seed * 1000 + writer)
        out[f"drawn-{writer}"] = {
            digit: [
                [np.column_stack([s, np.arange(len(s)) * 0.008]) for s in draw_digit(digit, rng, style)]
                for _ in range(each)
            ]
            for digit in range(10)
        }
    return out


def strings(
    hands: Mapping[str, Mapping[int, Sequence[Glyph]]], count: int, *, seed: int = 0, faults: float = 0.0, late: float = 0.1,
    lengths: tuple[int, int] = (1, 8),
) -> list[Prompted]:  # fmt: skip
    """`count` prompted strings, the writers and the spacings in turn.

    A share `late` of strings has a second stroke put in at the end (the bar of a 7 for example); a share `faults` is not what was
    asked for, as `FAULTS` says.
    """
    rng = np.random.default_rng(seed)
    writers = sorted(w for w, digits in hands.items() if len(digits) == 10)
    spacings = sorted(GAPS)
    return [
        _string(
            rng, hands[writers[n % len(writers)]], writers[n % len(writers)], spacings[n // len(writers) % 3],
            int(rng.integers(lengths[0], lengths[1] + 1)), rng.random() < late, _fault(rng, faults),
        )
        for n in range(count)
    ]  # fmt: skip


def _fault(rng: np.random.Generator, share: float) -> str:
    return str(rng.choice(FAULTS)) if rng.random() < share else ""


def _string(
    rng: np.random.Generator, hand: Mapping[int, Sequence[Glyph]], writer: str, spacing: str, length: int, late: bool, fault: str
) -> Prompted:  # fmt: skip
    prompt = [int(d) for d in rng.integers(0, 10, length)]
    written = list(prompt)
    owners = list(range(length))
    if fault == "missing" and length > 1:
        gone = int(rng.integers(length))
        del written[gone], owners[gone]
    elif fault == "extra":
        written.append(int(rng.integers(10)))
        owners.append(-1)
    elif fault == "mended":
        struck = int(rng.integers(length))
        written.insert(struck, written[struck])
        owners.insert(struck, -1)
    elif fault == "missing" or (fault == "joined" and length < 2):
        fault = ""
    placed = _placed(rng, hand, written, spacing)
    if fault in STRUCK:
        struck = owners.index(-1) if fault == "mended" else int(rng.integers(len(placed)))
        kind = str(rng.choice(["crossed", "x-ed", "scribbled"])) if fault == "mended" else fault
        at = struck + 1 if fault == "mended" or rng.random() < 0.5 else len(placed)  # at once, or when all is written
        placed.insert(at, _cross_out(rng, placed[struck], kind))
        owners.insert(at, -1)
    if fault == "joined":
        placed, owners = _join(placed, owners, int(rng.integers(len(placed) - 1)))
    flat = [(stroke, owner) for glyph, owner in zip(placed, owners, strict=True) for stroke in glyph]
    if late:
        flat, late = _put_off(rng, flat)
    strokes, clock = [], 0.0
    for n, (stroke, owner) in enumerate(flat):
        within = n > 0 and flat[n - 1][1] == owner
        clock += float(rng.gamma(4, 0.05 if within else 0.09)) if n else 0.0
        strokes.append(Stroke(np.column_stack([stroke[:, :2], clock + stroke[:, 2], np.full(len(stroke), 0.5)])))
        clock += float(stroke[-1, 2])
    return Prompted("".join(map(str, prompt)), strokes, tuple(o for _, o in flat), writer, spacing, fault, late)


def _placed(
    rng: np.random.Generator, hand: Mapping[int, Sequence[Glyph]], digits: list[int], spacing: str
) -> list[Glyph]:
    x, out = 60.0, []
    drift, low = rng.normal(0, 0.02), 0.0
    for digit in digits:
        glyph = hand[digit][int(rng.integers(len(hand[digit])))]
        size = HEIGHT * float(rng.uniform(0.9, 1.1))
        points = np.concatenate(glyph)
        left, top, right, bottom = points[:, 0].min(), points[:, 1].min(), points[:, 0].max(), points[:, 1].max()
        y = 320 - bottom * size + float(rng.normal(0, 0.06)) * size + low
        out.append([np.column_stack([(s[:, 0] - left) * size + x, (s[:, 1]) * size + y, s[:, 2]]) for s in glyph])
        x += (right - left) * size + float(rng.uniform(*GAPS[spacing])) * HEIGHT
        low += drift * HEIGHT
        assert top >= -1e-6
    return out


def _cross_out(rng: np.random.Generator, glyph: Glyph, kind: str) -> Glyph:
    """What is drawn over a digit to strike it out: one line up, down or straight across, two crossing ones, or a scribble."""
    points = np.concatenate(glyph)[:, :2]
    low, high = points.min(axis=0), points.max(axis=0)
    by = HEIGHT * rng.uniform(-0.02, 0.15, 4)  # beyond the left, top, right and bottom, or nearly there
    left, top, right, bottom = low[0] - by[0], low[1] - by[1], high[0] + by[2], high[1] + by[3]
    if kind == "x-ed":
        return [_line((left, bottom), (right, top)), _line((left, top), (right, bottom))]
    if kind == "scribbled":
        turns = int(rng.integers(4, 9))
        return [_line(*[(left if n % 2 else right, top + (bottom - top) * n / turns) for n in range(turns + 1)])]
    middle = (top + bottom) / 2 + float(rng.normal(0, 0.08)) * HEIGHT
    ways = [((left, bottom), (right, top)), ((left, top), (right, bottom)), ((left, middle), (right, middle))]
    return [_line(*ways[int(rng.integers(3))])]


def _line(*corners: tuple[float, float]) -> np.ndarray:
    xy = np.concatenate([np.linspace(a, b, 20) for a, b in itertools.pairwise(corners)])
    return np.column_stack([xy, np.arange(len(xy)) * 0.015])


def _join(placed: list[Glyph], owners: list[int], at: int) -> tuple[list[Glyph], list[int]]:
    """Two neighbours with the pen left down from the last stroke of one to the first of the next."""
    first, second = placed[at], placed[at + 1]
    a, b = first[-1], second[0]
    bridge = np.linspace(a[-1, :2], b[0, :2], 8)[1:-1]
    end = a[-1, 2]
    merged = np.concatenate(
        [a, np.column_stack([bridge, end + np.arange(1, 7) * 0.01]), np.column_stack([b[:, :2], b[:, 2] + end + 0.07])]
    )
    return [*placed[:at], [*first[:-1], merged, *second[1:]], *placed[at + 2 :]], [*owners[: at + 1], *owners[at + 2 :]]


def _put_off(
    rng: np.random.Generator, flat: list[tuple[np.ndarray, int]]
) -> tuple[list[tuple[np.ndarray, int]], bool]:  # fmt: skip
    """A second or later stroke of some digit comes last of all."""
    later = [n for n in range(1, len(flat) - 1) if flat[n][1] == flat[n - 1][1] >= 0 and flat[n][1] != flat[n + 1][1]]
    if not later:
        return flat, False
    n = int(rng.choice(later))
    return [*flat[:n], *flat[n + 1 :], flat[n]], True
