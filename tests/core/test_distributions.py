"""Histograms and densities hold every value once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from labeler.core.distributions import density, histogram, round_up, running


@given(hnp.arrays(float, st.integers(1, 60), elements=st.floats(0, 5000)), st.integers(1, 40))
def test_every_value_is_in_one_bin_of_a_round_width(values: np.ndarray, bins: int) -> None:
    found = histogram(values, bins=bins)
    assert sum(found.counts) == len(values)
    assert len(found.edges) == len(found.counts) + 1
    assert found.edges[0] == 0
    assert found.edges[-1] >= values.max() * (1 - 1e-9)
    assert len(found.counts) <= bins
    for low, high, n in zip(found.edges, found.edges[1:], found.counts, strict=False):
        if high != found.edges[-1]:
            assert n == np.sum((values >= low) & (values < high))


def test_a_histogram_of_nothing_is_empty() -> None:
    assert histogram(np.zeros(0)).counts == ()
    assert histogram(np.zeros(3)).counts == (3,)


@given(hnp.arrays(float, st.tuples(st.integers(0, 40), st.just(2)), elements=st.floats(0, 1)))
def test_every_point_is_in_one_cell(points: np.ndarray) -> None:
    found = density(points, columns=8, rows=6)
    assert found.shape == (6, 8)
    assert found.sum() == len(points)


def test_points_are_where_they_are() -> None:
    found = density(np.array([[0.0, 0.0], [0.99, 0.0], [1.0, 1.0]]), columns=4, rows=2)
    assert found.tolist() == [[1, 0, 0, 1], [0, 0, 0, 1]]


def test_steps_are_round() -> None:
    assert [round_up(v) for v in (0.3, 1, 1.1, 2, 3.2, 70)] == [0.5, 1, 2, 2, 5, 100]
    assert running([1, 0, 4]) == [1, 1, 5]
