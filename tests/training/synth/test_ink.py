"""Ink lies where its box says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeler.core.digits import draw_digit, writer_style
from labeler.training.synth.hands import Glyph, glyph_of
from labeler.training.synth.ink import blot, place, project

SIZE = (260, 240)


@given(
    digit=st.integers(0, 9),
    seed=st.integers(0, 10_000),
    height=st.floats(12, 110),
    pen=st.floats(1.5, 9),
    turn=st.floats(-0.5, 0.5),
    at=st.tuples(st.floats(75, 110), st.floats(75, 100)),
)
@settings(max_examples=150, deadline=None)
def test_a_box_is_where_the_pen_went(
    digit: int, seed: int, height: float, pen: float, turn: float, at: tuple[float, float]
) -> None:
    glyph = glyph_of(draw_digit(digit, np.random.default_rng(seed), writer_style(seed)))
    matrix = place(*at, height, turn=turn)
    done = blot(glyph, matrix, pen=pen, size=SIZE)
    assert done is not None
    bounds = done.bounds()
    assert bounds is not None
    assert done.kept == 1.0
    path = np.concatenate([project(stroke, matrix) for stroke in glyph.strokes])
    # Strokes run through pixel centres, bounds along pixel edges: half a pixel between them.
    expected = [*(path.min(axis=0) + 0.5 - pen / 2), *(path.max(axis=0) + 0.5 + pen / 2)]
    # OpenCV draws a line up to a pixel and a half wider on each side; the rest is the pixel grid.
    assert bounds == pytest.approx(expected, abs=2.5)


def test_a_scanned_glyph_fills_the_box_it_is_placed_in() -> None:
    bitmap = np.zeros((20, 12), np.uint8)
    bitmap[[0, -1], :] = bitmap[:, [0, -1]] = 255
    done = blot(Glyph(bitmap=bitmap), place(30, 40, 60), pen=0, size=SIZE)
    assert done is not None
    assert done.bounds() == pytest.approx((30, 40, 66, 100), abs=2)


def test_ink_off_the_canvas_is_cut_and_says_so() -> None:
    glyph = glyph_of(draw_digit(8, np.random.default_rng(0), writer_style(0)))
    cut = blot(glyph, place(220, 100, 80), pen=4, size=SIZE)
    assert cut is not None
    assert cut.kept < 0.9
    bounds = cut.bounds()
    assert bounds is not None
    assert bounds[2] <= SIZE[0]
    assert blot(glyph, place(400, 100, 80), pen=4, size=SIZE) is None


def test_pressure_changes_the_ink_and_not_the_path() -> None:
    glyph = glyph_of(draw_digit(2, np.random.default_rng(1), writer_style(1)))
    even = blot(glyph, place(50, 50, 100), pen=6, size=SIZE)
    light = blot(glyph, place(50, 50, 100), pen=6, size=SIZE, pressure=np.full(5, 0.5))
    assert even is not None
    assert light is not None
    assert 0.3 < light.mask.sum() / even.mask.sum() < 0.75
    assert (light.x, light.y) == (even.x, even.y)


@pytest.mark.parametrize("strokes", [[np.array([[5.0, 5.0]])], [np.array([[0.0, 3.0], [90.0, 3.5]])]])
def test_dots_and_flat_lines_are_glyphs_too(strokes: list[np.ndarray]) -> None:
    done = blot(glyph_of(strokes), place(50, 50, 40), pen=3, size=SIZE)
    assert done is not None
    assert done.bounds() is not None
