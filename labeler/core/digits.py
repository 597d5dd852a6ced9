"""Draws handwritten digits from our own pen paths, one writer's habits at a time.

Owns the skeletons and how a hand bends them. Makes strokes only: rendering, ink files and pages belong elsewhere.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Stroke = NDArray[np.float64]

POINT_SPACING = 0.02
"""Distance between neighbouring points of a drawn stroke, in heights of the digit."""

# One pen path a line: knots "x,y" in hundredths of the digit's height, y down, "!" after a knot where the pen turns
# sharply; "|" lifts the pen. The first path of a digit is its commonest form.
_PATHS: dict[int, tuple[str, ...]] = {
    0: (
        "54,3 30,18 21,50 31,87 52,98 74,80 80,46 70,14 50,2 42,6",
        "54,3 30,18 21,50 31,87 52,98 74,80 80,46 70,14 50,2 42,6 | 82,6 20,96",
        "40,8 24,30 22,64 38,95 60,95 77,70 78,34 64,8 46,3 36,14",
        "60,10 44,3 26,22 20,56 34,94 58,98 78,70 76,30 60,4 46,12 56,20 70,10",
        "36,12 56,2 76,22 80,60 64,95 42,97 24,72 22,36 38,8 52,2",
    ),
    1: (
        "52,0 51,50 49,100",
        "30,24 44,12 57,0! 56,50 54,100",
        "30,22 44,11 56,0! 55,50 54,98 | 30,99 54,97 78,98",
        "16,52 38,28 60,0! 58,50 55,100",
        "54,0 48,30 46,70 52,100",
    ),
    2: (
        "22,24 31,7 52,0 73,10 75,31 58,60 24,96! 48,95 82,94",
        "24,22 36,4 58,1 74,16 70,40 48,72 26,95 15,93 20,80 36,82 56,95 82,90",
        "20,12 46,3 74,5! 52,48 22,96! 50,94 80,96",
        "26,16 44,2 66,6 74,26 62,54 38,82 20,98! 52,90 80,98",
    ),
    3: (
        "24,14 44,1 68,8 71,30 44,46! 70,55 78,78 56,98 22,90",
        "22,4 46,3 74,3! 60,22 44,40! 70,50 78,76 54,99 20,92",
        "24,16 46,0 71,12 64,36 42,47 34,42 44,41 72,56 75,84 48,100 20,86",
        "28,10 52,2 70,18 56,42 38,48! 62,52 72,74 60,94 36,99 18,84",
    ),
    4: (
        "34,2 26,30 18,56! 50,55 84,53 | 66,22 62,60 60,100",
        "58,1 38,34 14,66! 50,66 86,64 | 62,2 61,50 60,100",
        "26,0 21,34 32,52 54,52 78,44 | 77,4 70,50 65,100",
        "84,66 50,65 14,65! 38,34 62,0! 61,50 60,100",
        "30,2 22,48! 46,50 70,48! 74,8! 68,50 62,100",
    ),
    5: (
        "32,4 27,42! 50,36 76,50 76,80 52,98 20,91 | 32,4 56,4 82,2",
        "80,3 56,4 32,4! 27,43! 50,38 76,54 74,84 48,99 20,90",
        "78,6 52,2 32,14 32,34 54,46 73,62 70,88 48,99 22,92",
        "30,6 27,46! 44,38 68,46 75,70 62,93 38,99 18,90 | 34,6 60,5 84,8",
    ),
    6: (
        "68,2 44,18 26,52 28,86 50,100 73,86 71,62 50,53 27,72",
        "58,0 40,28 26,64 30,92 50,99 70,86 68,64 48,58 28,78",
        "75,13 60,1 36,20 22,58 32,93 55,99 75,78 63,56 42,60 26,80",
        "62,2 36,36 24,70 38,98 64,94 76,74 60,58 40,66 30,86 38,92",
    ),
    7: (
        "20,5 48,4 78,3! 60,48 43,100",
        "20,6 48,4 78,4! 59,48 44,100 | 32,52 52,50 74,47",
        "20,20 22,4! 50,6 79,5! 56,44 42,100",
        "20,14 36,3 56,8 80,5! 62,38 52,100",
        "18,10 46,6 76,2! 66,30 50,60 34,98 | 28,56 70,50",
    ),
    8: (
        "70,12 50,0 29,12 35,36 60,54 75,78 52,100 25,84 33,58 60,38 73,18 60,4",
        "52,46 31,28 44,2 68,14 62,38 36,60 26,84 50,100 74,84 66,60 50,46",
        "52,2 31,14 36,40 56,46 72,26 62,5 48,2 | 50,46 26,66 34,96 62,98 76,72 60,48 44,47",
        "74,16 54,1 32,8 32,30 58,48 74,72 60,98 34,96 24,76 42,52 66,32 77,10",
    ),
    9: (
        "71,18 52,3 29,14 28,38 48,48 68,30 73,12! 70,55 64,100",
        "72,16 50,2 28,16 30,42 52,48 70,28 73,16 74,54 64,88 42,99 24,88",
        "60,6 38,4 24,24 36,46 58,42 72,18! 70,56 68,100",
        "72,14 48,4 26,24 38,48 60,42 74,12! 60,52 40,100",
        "50,3 28,14 30,42 54,47 70,26 60,6 48,3 | 72,10 70,54 62,100",
    ),
}

_COMMONNESS = (0.42, 0.24, 0.16, 0.11, 0.07)


@dataclass(frozen=True, slots=True)
class Style:
    """One writer's habits. Lengths are in heights of a digit."""

    seed: int
    allographs: tuple[int, ...]
    """For each digit 0…9, which of its forms this writer uses."""
    slant: float
    """Shear to the right at the top, as a tangent; negative leans left."""
    aspect: float
    """Width factor: 1 is as in the skeletons, less is narrow."""
    wobble: float
    """Standard deviation of a knot's place from one digit to the next."""
    tremor: float
    """Size of the small smooth deviations along a stroke."""
    overshoot: float
    """How far strokes run on past their end."""
    pen_width: float
    """Stroke thickness to draw with."""


def writer_style(seed: int) -> Style:
    """The writer that belongs to a seed: the same seed is the same hand on every machine."""
    rng = np.random.default_rng((seed, 0x1D161))
    return Style(
        seed=seed,
        allographs=tuple(_pick_allograph(digit, rng) for digit in range(10)),
        slant=float(np.clip(rng.normal(0.09, 0.14), -0.3, 0.5)),
        aspect=float(np.clip(rng.normal(0.92, 0.15), 0.6, 1.3)),
        wobble=float(rng.uniform(0.008, 0.026)),
        tremor=float(rng.uniform(0.001, 0.006)),
        overshoot=float(rng.uniform(0.0, 0.05)),
        pen_width=float(rng.uniform(0.035, 0.11)),
    )


def draw_digit(digit: int, rng: np.random.Generator, style: Style) -> list[Stroke]:
    """One digit as this writer would write it this time.

    Returns the strokes in writing order, each an (n, 2) float array of x, y with n ≥ 2 in the unit box, y down. The
    digit touches all of the box's height or all of its width and is centred in the other direction; divide nothing,
    only scale and shift. Raises ValueError for anything but 0…9.
    """
    if digit not in _PATHS:
        raise ValueError(f"not a digit: {digit}")
    forms = _PATHS[digit]
    form = style.allographs[digit]
    if rng.random() < 0.06:
        form = int(rng.integers(len(forms)))
    habit = np.random.default_rng((style.seed, digit, form))
    strokes = [_draw_stroke(path, habit=habit, rng=rng, style=style) for path in forms[form].split("|")]
    turn = float(rng.normal(0.0, 0.035))
    lean = style.slant + float(rng.normal(0.0, 0.03))
    width = style.aspect * float(np.exp(rng.normal(0.0, 0.07)))
    bend = np.array([[width, -lean - turn], [turn, 1.0]])
    return _fit_unit_box([stroke @ bend.T for stroke in strokes])


def _pick_allograph(digit: int, rng: np.random.Generator) -> int:
    weights = np.array(_COMMONNESS[: len(_PATHS[digit])])
    return int(rng.choice(len(weights), p=weights / weights.sum()))


def _draw_stroke(path: str, *, habit: np.random.Generator, rng: np.random.Generator, style: Style) -> Stroke:
    marks = path.split()
    knots = np.array([[float(part) for part in mark.rstrip("!").split(",")] for mark in marks]) / 100.0
    corners = np.array([mark.endswith("!") for mark in marks])
    knots += habit.normal(0.0, 0.022, knots.shape) + rng.normal(0.0, style.wobble, knots.shape)
    # A knot may slide along the path more freely than across it: hands vary in timing more than in shape.
    slide = rng.normal(0.0, 0.12, len(knots)).clip(-0.3, 0.3)[:, None]
    slide[corners] = 0.0
    slide[[0, -1]] = 0.0
    knots[1:-1] += slide[1:-1] * np.where(slide[1:-1] > 0, knots[2:] - knots[1:-1], knots[1:-1] - knots[:-2])
    knots = _run_on(knots, length=style.overshoot * float(rng.uniform(-0.6, 1.2)))
    line = resample(_spline(knots, corners), spacing=POINT_SPACING)
    return line + _smooth_noise(len(line), rng=rng, size=style.tremor)


def _run_on(knots: Stroke, *, length: float) -> Stroke:
    """The last knot moved on (or short of its goal) along its direction."""
    step = knots[-1] - knots[-2]
    norm = float(np.hypot(*step))
    if norm < 1e-6:
        return knots
    longer = knots.copy()
    longer[-1] += step / norm * max(length, -0.4 * norm)
    return longer


def _spline(knots: Stroke, corners: NDArray[np.bool_]) -> Stroke:
    """A cardinal spline through the knots that breaks at corners (Catmull and Rom 1974, chord-length tangents)."""
    breaks = [0, *(int(i) for i in np.flatnonzero(corners) if 0 < i < len(knots) - 1), len(knots) - 1]
    pieces = [_smooth_piece(knots[a : b + 1]) for a, b in itertools.pairwise(breaks)]
    return np.concatenate(pieces)


def _smooth_piece(knots: Stroke) -> Stroke:
    if len(knots) == 2:
        t = np.linspace(0.0, 1.0, 12)[:, None]
        bow = 0.03 * np.array([knots[1, 1] - knots[0, 1], knots[0, 0] - knots[1, 0]])
        line: Stroke = knots[0] * (1 - t) + knots[1] * t + bow * (4 * t * (1 - t))
        return line
    chord = np.hypot(*np.diff(knots, axis=0).T).clip(1e-6) ** 0.5
    at = np.concatenate([[0.0], np.cumsum(chord)])
    slope = np.gradient(knots, at, axis=0, edge_order=2)
    out = []
    for i, width in enumerate(chord):
        t = np.linspace(0.0, 1.0, 16)[:, None]
        out.append(
            (2 * t**3 - 3 * t**2 + 1) * knots[i]
            + (t**3 - 2 * t**2 + t) * width * slope[i]
            + (-2 * t**3 + 3 * t**2) * knots[i + 1]
            + (t**3 - t**2) * width * slope[i + 1]
        )
    return np.concatenate(out)


def resample(line: Stroke, *, spacing: float) -> Stroke:
    """The same polyline with points at most `spacing` apart along it, ends kept; (n, 2) in, (m, 2) out with m ≥ 2."""
    step = np.hypot(*np.diff(line, axis=0).T)
    at = np.concatenate([[0.0], np.cumsum(step)])
    count = max(2, int(np.ceil(at[-1] / spacing)) + 1)
    goal = np.linspace(0.0, at[-1], count)
    return np.stack([np.interp(goal, at, line[:, 0]), np.interp(goal, at, line[:, 1])], axis=1)


def _smooth_noise(count: int, *, rng: np.random.Generator, size: float) -> Stroke:
    """Correlated noise along a stroke, about five points long, of the given standard deviation."""
    white = rng.normal(0.0, 1.0, (count + 8, 2))
    window = np.hanning(9 + 2)[1:-1]
    window /= np.sqrt((window**2).sum())
    smooth = np.stack([np.convolve(white[:, axis], window, mode="valid") for axis in (0, 1)], axis=1)
    noise: Stroke = smooth * size
    return noise


def _fit_unit_box(strokes: list[Stroke]) -> list[Stroke]:
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = 1.0 / max(float((high - low).max()), 1e-9)
    shift = 0.5 - scale * (low + high) / 2
    return [np.clip(stroke * scale + shift, 0.0, 1.0) for stroke in strokes]
