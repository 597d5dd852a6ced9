"""Made pages are repeatable, and their boxes hold ink to the edge."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeler.training.synth.page import KINDS, Sources, make_page


@pytest.mark.parametrize("kind", KINDS)
def test_one_seed_is_one_page(kind: str) -> None:
    first, second = (make_page(np.random.default_rng(11), Sources(), kind=kind) for _ in range(2))
    other = make_page(np.random.default_rng(12), Sources(), kind=kind)
    assert np.array_equal(first.image, second.image)
    assert np.array_equal(first.boxes, second.boxes)
    assert first.image.shape != other.image.shape or not np.array_equal(first.image, other.image)


@given(seed=st.integers(0, 2**31), kind=st.sampled_from(sorted(KINDS)), size=st.sampled_from([224, 416, 640]))
@settings(max_examples=60, deadline=None)
def test_boxes_lie_on_the_page_and_have_a_digit(seed: int, kind: str, size: int) -> None:
    page = make_page(np.random.default_rng(seed), Sources(), size=size, kind=kind)
    height, width = page.image.shape[:2]
    assert max(height, width) == size
    classes, left, top, right, bottom = page.boxes.T
    assert set(classes) <= set(range(10))
    assert (left >= 0).all()
    assert (top >= 0).all()
    assert (right <= width).all()
    assert (bottom <= height).all()
    assert (right - left >= 2).all()
    assert (bottom - top >= 2).all()


@given(seed=st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_every_side_of_a_box_touches_ink_within_a_pixel(seed: int) -> None:
    page = make_page(np.random.default_rng(seed), Sources(), kind="pad")
    paper = np.bincount(page.image.reshape(-1, 3).min(axis=1)).argmax()
    inked = (np.abs(page.image.astype(int) - paper) > 12).any(axis=2)
    for _, x1, y1, x2, y2 in page.boxes.astype(int):
        inside = inked[y1:y2, x1:x2]
        for side in (inside[:1], inside[-1:], inside[:, :1], inside[:, -1:]):
            assert side.any()


def test_pages_differ_in_all_that_matters() -> None:
    pages = [make_page(np.random.default_rng((3, i)), Sources()) for i in range(120)]
    heights = np.concatenate([p.boxes[:, 4] - p.boxes[:, 2] for p in pages])
    assert any(not len(p.boxes) for p in pages), "blank pages belong to the set"
    assert heights.min() < 14
    assert heights.max() > 200
    assert {int(c) for p in pages for c in p.boxes[:, 0]} == set(range(10))
    assert any(p.image.mean() < 90 for p in pages)
    assert any(p.image.mean() > 240 for p in pages)
