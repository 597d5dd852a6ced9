"""Laws of ink: the box from the strokes is the extent of the pixels; live ink does not change later; ink survives JSON."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeler.core import ink
from labeler.core.ink import Pen, Stroke
from labeler.core.ink_render import Look, Paper, coverage, paper, pixel_bounds, render

WIDTH, HEIGHT = 240, 160
SCALES = (1.0, 1.25, 1.5, 2.0, 3.0)


def random_stroke(rng: np.random.Generator) -> Stroke:
    """A dot, a straight line, a scribble or a fast flick, partly beyond the page, with odd pressures and times."""
    count = int(rng.choice([1, 2, 3, 8, 40]))
    spread = float(rng.choice([0.3, 4.0, 30.0, 200.0]))
    xy = rng.uniform((0, 0), (WIDTH, HEIGHT)) + np.cumsum(rng.normal(0, spread, (count, 2)), axis=0)
    t = np.cumsum(rng.choice([0.0, 0.004, 0.01, 0.2], count))
    return Stroke(np.column_stack([xy, t, rng.uniform(0, 1, count)]))


def random_ink(seed: int) -> tuple[list[Stroke], Pen]:
    rng = np.random.default_rng(seed)
    pen = Pen(float(rng.uniform(1.5, 14)), float(rng.uniform(0, 1)), float(rng.uniform(0, 1)))
    return ink.inside([random_stroke(rng) for _ in range(int(rng.integers(1, 6)))], WIDTH, HEIGHT), pen


def on_page(strokes: list[Stroke], pen: Pen, scale: float) -> np.ndarray:
    """The box from the ink, cut to the page, as corners in pixels of a picture `scale` times as large."""
    box = ink.bounds(strokes, pen)
    assert box is not None
    corners = np.array([box.x, box.y, box.right, box.bottom])
    return np.clip(corners, 0, [WIDTH, HEIGHT, WIDTH, HEIGHT]) * scale


@pytest.mark.parametrize("scale", SCALES)
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=250, deadline=None)
def test_the_box_from_ink_is_the_extent_of_the_rendered_pixels_within_one_pixel(scale: float, seed: int) -> None:
    strokes, pen = random_ink(seed)
    lines = [ink.outline(s.points, pen) for s in strokes]
    covered = coverage(lines, round(WIDTH * scale), round(HEIGHT * scale), scale=scale)
    for at_least in (0.5, 1e-6):
        found = pixel_bounds(covered, at_least=at_least)
        assert found is not None
        assert np.abs(np.array(found) - on_page(strokes, pen, scale)).max() <= 1.0 + 1e-6


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_ink_drawn_live_is_the_ink_that_is_kept(seed: int) -> None:
    strokes, pen = random_ink(seed)
    for one in strokes:
        trace = ink.Trace(pen, one.points[0])
        pieces = [trace.add(point) for point in one.points[1:]]
        last = trace.tail()
        assert np.array_equal(trace.stroke().points, one.points)
        live = np.concatenate([*(piece[:-1] for piece in pieces), last])
        whole = ink.outline(one.points, pen)
        settled = len(live) - len(last)
        assert np.allclose(live[:settled], whole[:settled])
        assert np.allclose(live[-1], whole[-1])
        for before, after in itertools.pairwise([*pieces, last] if len(one) > 1 else [last, last]):
            assert np.allclose(before[-1], after[0])


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_ink_survives_json_to_a_thousandth(seed: int) -> None:
    strokes, pen = random_ink(seed)
    again = ink.from_json(json.loads(json.dumps(ink.to_json(strokes))))
    assert len(again) == len(strokes)
    assert all(np.abs(a.points - b.points).max() <= 0.0005 + 1e-9 for a, b in zip(again, strokes, strict=True))
    assert ink.pen_from_json(json.loads(json.dumps(ink.pen_to_json(pen)))) == pen


@pytest.mark.parametrize(
    "value", [None, 3, [[]], [[[1]]], [[[1, 2, 3, 4, 5]]], [[["a", "b"]]], [[[1.0, float("nan")]]], [3]]
)
def test_what_is_no_ink_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"ink|stroke|could not convert"):
        ink.from_json(value)


def test_steps_of_an_outline_are_short_and_it_ends_where_the_pen_did() -> None:
    line = ink.outline(ink.stroke([(0, 0), (100, 0), (100, 80), (20, 90)]).points, Pen(4))
    assert np.hypot(*np.diff(line[:, :2], axis=0).T).max() <= 2 * ink.STEP
    assert line[0, :2].tolist() == [0, 0]
    assert line[-1, :2] == pytest.approx([20, 90])


def test_pressure_widens_and_speed_thins_the_pen() -> None:
    pen = Pen(6)
    assert ink.width_at(pen, pressure=1, speed=0) > ink.width_at(pen, pressure=0.5, speed=0) == pytest.approx(6)
    assert ink.width_at(pen, pressure=0.5, speed=3000) < 6
    assert ink.width_at(Pen(6, by_pressure=0, by_speed=0), pressure=0.9, speed=900) == 6


def test_no_ink_has_no_bounds() -> None:
    assert ink.bounds([], Pen()) is None
    assert pixel_bounds(coverage([], 5, 4)) is None


def test_a_page_twice_as_large_has_ink_twice_as_large() -> None:
    strokes = [ink.stroke([(10, 10), (40, 30), (60, 12)])]
    small, large = ink.bounds(strokes, Pen(4, 0, 0)), ink.bounds(ink.scaled(strokes, 2), Pen(8, 0, 0))
    assert small is not None
    assert large is not None
    assert [large.x, large.y, large.w, large.h] == pytest.approx(
        [2 * v for v in (small.x, small.y, small.w, small.h)], abs=0.2
    )


def test_a_page_is_rendered_on_its_paper() -> None:
    dot = [ink.stroke([(30, 30)])]
    for kind, lines in ((Paper.PLAIN, 0), (Paper.RULED, 3), (Paper.SQUARED, 3)):
        look = Look(kind, pitch=20)
        page = render(dot, Pen(8), 100, 80, look=look)
        assert page.shape == (80, 100, 3)
        assert page[30, 30].tolist() == list(look.ink)
        assert (page[:, 5] == look.lines).all(axis=1).sum() == lines
        assert np.array_equal(paper(100, 80, look=look)[60:], page[60:])
    assert (paper(100, 80, look=Look(Paper.SQUARED, pitch=20))[5] == Look().lines).all(axis=1).sum() == 4
