"""Laws of variants: boxes as exact as the first ones, nothing off the page, one seed is one variant, what is unclear is left alone."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeler.core import ink
from labeler.core.boxes import ClassRect, Rect
from labeler.core.ink import Pen
from labeler.core.ink_evidence import hand_size
from labeler.core.ink_pages import InkPage, boxes_of, picture
from labeler.core.ink_render import Look, Paper, coverage, pixel_bounds
from labeler.core.ink_variants import LEGIBLE, RESOLUTION, owners, seed_of, variant
from labeler.training.strokes.prompted import drawn, strings

MADE = strings(drawn(4, each=3, seed=3), 12, seed=4, lengths=(2, 5))
NAMES = tuple("0123456789")


def written(number: int, *, scale: float = 1.0) -> tuple[InkPage, list[ClassRect], list[tuple[int, ...]]]:
    """A page with the boxes and strokes of its digits."""
    made = MADE[number % len(MADE)]
    page = InkPage(tuple(made.strokes), 1280, 560, made.prompt, scale=scale)
    groups = [tuple(i for i, o in enumerate(made.owner) if o == k) for k in range(len(made.prompt))]
    boxes = [ClassRect(b.x, b.y, b.w, b.h, b.class_id) for b in boxes_of(page, groups, NAMES)]
    return page, boxes, groups


def pixels_of(page: InkPage, group: Sequence[int]) -> np.ndarray:
    lines = [ink.outline(page.strokes[i].points, page.pen) for i in group]
    found = pixel_bounds(coverage(lines, *page.picture_size, scale=page.scale))
    assert found is not None
    return np.array(found)


@given(number=st.integers(0, 11), seed=st.integers(0, 2**64 - 1), scale=st.sampled_from([1.0, 1.5, 2.0]))
@settings(max_examples=60, deadline=None)
def test_boxes_of_a_variant_are_the_extent_of_its_pixels_within_one_pixel(number: int, seed: int, scale: float) -> None:
    page, boxes, groups = written(number, scale=scale)
    again = variant(page, boxes, tuple(groups), seed=seed)
    assert [b.class_id for b in again.boxes] == [b.class_id for b in boxes]
    for box, group in zip(again.boxes, groups, strict=True):
        corners = np.array([box.x, box.y, box.right, box.bottom])
        assert np.abs(pixels_of(again.page, group) - corners).max() <= 1.0 + 1e-6


@given(number=st.integers(0, 11), seed=st.integers(0, 2**64 - 1))
@settings(max_examples=60, deadline=None)
def test_nothing_leaves_the_page_and_digits_stay_legible(number: int, seed: int) -> None:
    page, boxes, groups = written(number)
    again = variant(page, boxes, tuple(groups), seed=seed).page
    found = ink.bounds(again.strokes, again.pen)
    assert found is not None
    assert min(found.x, found.y) >= 0
    assert found.right <= again.width
    assert found.bottom <= again.height
    assert again.scale <= page.scale * RESOLUTION[1] + 1e-9
    assert hand_size(again.strokes) * again.scale >= 0.7 * LEGIBLE
    assert [len(s) for s in again.strokes] == [len(s) for s in page.strokes]


@given(seed=st.integers(0, 2**64 - 1))
@settings(max_examples=60, deadline=None)
def test_ink_stands_out_from_its_paper(seed: int) -> None:
    page, boxes, groups = written(0)
    look = variant(page, boxes, tuple(groups), seed=seed).page.look
    grey = np.array([look.ink, look.ground, look.lines]) @ (0.299, 0.587, 0.114)
    assert grey[1] - grey[0] > 60
    assert grey[0] < grey[2] <= grey[1]


def test_one_seed_is_one_variant_and_another_is_another() -> None:
    page, boxes, groups = written(1)
    seeds = [seed_of("ab" * 32, n) for n in (1, 2, 3)]
    assert seeds == [seed_of("ab" * 32, n) for n in (1, 2, 3)]
    drawn_now = [variant(page, boxes, tuple(groups), seed=seed) for seed in seeds]
    for seed, one in zip(seeds, drawn_now, strict=True):
        again = variant(page, boxes, tuple(groups), seed=seed)
        assert again.boxes == one.boxes
        assert np.array_equal(picture(again.page), picture(one.page))
    assert len({one.page.pen for one in drawn_now}) == 3
    assert len({one.boxes for one in drawn_now}) == 3


def test_over_many_seeds_pens_papers_and_sizes_all_change() -> None:
    page, boxes, groups = written(2)
    pages = [variant(page, boxes, tuple(groups), seed=seed).page for seed in range(60)]
    assert {p.look.paper for p in pages} == set(Paper)
    assert len({p.look.ink for p in pages}) > 4
    assert min(p.scale for p in pages) < 0.8 < 1.2 < max(p.scale for p in pages)
    assert max(p.pen.width for p in pages) > 2 * min(p.pen.width for p in pages)


@pytest.mark.parametrize("number", range(12))
def test_the_strokes_of_a_box_are_found_again(number: int) -> None:
    page, boxes, groups = written(number, scale=1.5)
    assert owners(page, boxes, groups) == tuple(groups)
    loose = [ClassRect(b.x - 4, b.y - 4, b.w + 8, b.h + 8, b.class_id) for b in boxes]
    found = owners(page, loose)
    assert found is None or found == tuple(groups)


def line(*points: tuple[float, float]) -> ink.Stroke:
    return ink.stroke(points)


def test_letters_are_nobodys_and_a_page_without_boxes_is_drawn_too() -> None:
    page = InkPage((line((10, 10), (10, 60)), line((100, 10), (140, 60))), 200, 100)
    one = Rect(7, 7, 6, 56)
    assert owners(page, [one]) == ((0,),)
    assert owners(page, []) == ()
    assert variant(page, [], (), seed=1).boxes == ()


@pytest.mark.parametrize(
    "boxes",
    [
        [Rect(60, 10, 30, 50)],  # nothing is in it
        [Rect(5, 5, 12, 40)],  # it holds only a part of a stroke
        [Rect(0, 0, 190, 90)],  # it is far wider than the ink
        [Rect(5, 5, 12, 60), Rect(6, 5, 12, 60)],  # two boxes for one stroke
        [Rect(5, 5, 12, 60), Rect(100, 5, 20, 60)],  # half of another stroke
    ],
)  # fmt: skip
def test_boxes_whose_strokes_are_not_clear_leave_the_page_alone(boxes: list[Rect]) -> None:
    page = InkPage((line((10, 10), (10, 60)), line((100, 10), (140, 60))), 200, 100, pen=Pen(4), look=Look())
    assert owners(page, boxes) is None
