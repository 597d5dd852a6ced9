"""Laws of the digit drawer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeler.core.digits import POINT_SPACING, draw_digit, resample, writer_style

seeds = st.integers(0, 2**31)
digits = st.integers(0, 9)


@given(digit=digits, writer=seeds, seed=seeds)
@settings(max_examples=200, deadline=None)
def test_a_drawn_digit_fills_the_unit_box_and_never_leaves_it(digit: int, writer: int, seed: int) -> None:
    strokes = draw_digit(digit, np.random.default_rng(seed), writer_style(writer))
    points = np.concatenate(strokes)
    assert all(stroke.ndim == 2 and stroke.shape[1] == 2 and len(stroke) >= 2 for stroke in strokes)
    assert np.isfinite(points).all()
    assert points.min() >= 0
    assert points.max() <= 1
    extent = points.max(axis=0) - points.min(axis=0)
    assert extent.max() == pytest.approx(1.0, abs=1e-9)
    middle = (points.max(axis=0) + points.min(axis=0)) / 2
    assert middle == pytest.approx([0.5, 0.5], abs=1e-9)


@given(digit=digits, writer=seeds, seed=seeds)
@settings(max_examples=50, deadline=None)
def test_one_seed_is_one_drawing(digit: int, writer: int, seed: int) -> None:
    first = draw_digit(digit, np.random.default_rng(seed), writer_style(writer))
    second = draw_digit(digit, np.random.default_rng(seed), writer_style(writer))
    assert len(first) == len(second)
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_a_hand_varies_but_two_hands_differ_more() -> None:
    def mean_gap(writers: list[int]) -> float:
        drawn = []
        for i, writer in enumerate(writers):
            strokes = draw_digit(3, np.random.default_rng(1000 + i), writer_style(writer))
            line = np.concatenate(strokes)
            at = np.linspace(0, len(line) - 1, 60)
            drawn.append(np.stack([np.interp(at, np.arange(len(line)), line[:, axis]) for axis in (0, 1)], axis=1))
        mean = np.mean(drawn, axis=0)
        return float(np.mean([np.abs(d - mean).mean() for d in drawn]))

    within = float(np.mean([mean_gap([writer] * 12) for writer in range(12)]))
    across = mean_gap(list(range(12)))
    assert 0.005 < within < across


def test_writers_use_every_form_and_lean_both_ways() -> None:
    styles = [writer_style(seed) for seed in range(300)]
    for digit in range(10):
        assert len({style.allographs[digit] for style in styles}) >= 4
    assert min(s.slant for s in styles) < 0 < max(s.slant for s in styles)
    assert len({s.pen_width for s in styles}) == len(styles)


def test_strokes_have_points_close_enough_to_be_drawn_as_a_line() -> None:
    for digit in range(10):
        for stroke in draw_digit(digit, np.random.default_rng(digit), writer_style(4)):
            steps = np.hypot(*np.diff(stroke, axis=0).T)
            assert steps.max() < 4 * POINT_SPACING


@pytest.mark.parametrize("digit", [-1, 10])
def test_only_digits_can_be_drawn(digit: int) -> None:
    with pytest.raises(ValueError, match="not a digit"):
        draw_digit(digit, np.random.default_rng(0), writer_style(0))


def test_resampling_keeps_ends_and_spaces_points() -> None:
    line = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 2.0]])
    out = resample(line, spacing=0.1)
    assert np.array_equal(out[[0, -1]], line[[0, -1]])
    assert np.hypot(*np.diff(out, axis=0).T).max() <= 0.1 + 1e-9
    assert len(resample(np.zeros((3, 2)), spacing=0.1)) == 2
