"""The reader of strokes: what it sees does not depend on place, size or the device's rate; what ships reads drawn digits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeler.core.digits import draw_digit, resample, writer_style
from labeler.core.stroke_reader import LENGTH, NO_DIGIT, Reader, features, from_bytes, reader, to_bytes

seeds = st.integers(0, 2**31)


@given(digit=st.integers(0, 9), seed=seeds, factor=st.floats(0.2, 300), dx=st.floats(-900, 900))
@settings(max_examples=60, deadline=None)
def test_place_and_size_and_rate_do_not_matter(digit: int, seed: int, factor: float, dx: float) -> None:
    strokes = draw_digit(digit, np.random.default_rng(seed), writer_style(seed))
    seen = features(strokes, 1.0)
    assert seen.shape == (LENGTH,)
    assert np.isfinite(seen).all()
    assert np.allclose(features([s * factor + dx for s in strokes], factor), seen, atol=2e-2)
    assert np.abs(features([resample(s, spacing=0.01) for s in strokes], 1.0) - seen).mean() < 0.02


def test_a_dot_has_features_too() -> None:
    assert np.isfinite(features([np.array([[5.0, 5.0]])], 100)).all()


def test_the_reader_that_ships_reads_drawn_digits() -> None:
    rng = np.random.default_rng(2)
    asked = [(d, w) for d in range(10) for w in range(12)]
    rows = np.stack([features(draw_digit(d, rng, writer_style(9000 + w)), 1.0) for d, w in asked])
    chances = reader().read(rows)
    assert chances.shape == (len(asked), NO_DIGIT + 1)
    assert np.exp(chances).sum(axis=1) == pytest.approx(np.ones(len(asked)), abs=1e-4)
    right = chances[:, :NO_DIGIT].argmax(axis=1) == [d for d, _ in asked]
    assert right.mean() > 0.9


def test_a_reader_survives_its_file() -> None:
    rng = np.random.default_rng(0)
    shapes = {
        "mean": (LENGTH,),
        "spread": (LENGTH,),
        "first": (LENGTH, 4),
        "first_bias": (4,),
        "second": (4, 11),
        "second_bias": (11,),
    }
    made = Reader(
        **{name: rng.uniform(0.5, 1, shape).astype(np.float16).astype(np.float32) for name, shape in shapes.items()}
    )
    again = from_bytes(to_bytes(made))
    rows = rng.uniform(0, 1, (3, LENGTH)).astype(np.float32)
    assert np.array_equal(made.read(rows), again.read(rows))
