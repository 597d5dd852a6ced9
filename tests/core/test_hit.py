"""What lies under the pointer, by example and by law."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from labeler.core.boxes import Rect, as_array
from labeler.core.hit import HANDLES_UP_TO, Hit, Part, handle_at, handles, hit, touching

BIG, SMALL = Rect(10, 10, 200, 100), Rect(60, 40, 30, 40)
PAIR = as_array([BIG, SMALL])
sides = st.floats(1, 500)
rects = st.builds(Rect, st.floats(0, 500), st.floats(0, 500), sides, sides)
scales = st.floats(0.05, 40)


def test_the_smallest_body_wins() -> None:
    assert hit(PAIR, 75, 60, scale=1.0) == Hit(1, Part.BODY)
    assert hit(PAIR, 150, 60, scale=1.0) == Hit(0, Part.BODY)
    assert hit(PAIR, 5, 5, scale=1.0) is None
    assert hit(as_array([]), 5, 5, scale=1.0) is None


def test_edges_and_corners_of_a_box_that_is_not_selected_are_grabbed() -> None:
    assert hit(PAIR, 209, 60, scale=1.0) == Hit(0, Part.RIGHT)
    assert hit(PAIR, 212, 60, scale=1.0) == Hit(0, Part.RIGHT)
    assert hit(PAIR, 150, 8, scale=1.0) == Hit(0, Part.TOP)
    assert hit(PAIR, 11, 109, scale=1.0) == Hit(0, Part.BOTTOM_LEFT)


def test_an_edge_wins_over_a_body_and_that_of_a_selected_box_over_all() -> None:
    crossing = as_array([Rect(0, 0, 100, 100), Rect(98, 20, 60, 60), Rect(90, 10, 200, 200)])
    assert hit(crossing, 99, 50, scale=1.0) == Hit(1, Part.LEFT)
    assert hit(crossing, 99, 50, scale=1.0, selected=[0]).index == 0  # type: ignore[union-attr]


def test_a_tiny_box_on_the_screen_is_all_body_until_it_is_selected() -> None:
    assert hit(PAIR, 61, 41, scale=0.2) == Hit(1, Part.BODY)
    corner = handles(SMALL, 0.2)[0]
    assert hit(PAIR, corner.x, corner.y, scale=0.2, selected=[1]) == Hit(1, corner.part)


def test_many_selected_boxes_show_no_handles() -> None:
    many = as_array([Rect(40 * n, 0, 20, 20) for n in range(HANDLES_UP_TO + 1)])
    everything = list(range(len(many)))
    outside = handles(Rect(0, 0, 20, 20), 1.0)[0]
    assert handle_at(many, outside.x, outside.y, scale=1.0, selected=everything) is None
    assert handle_at(many, outside.x, outside.y, scale=1.0, selected=[0]) is not None


def test_middle_handles_show_on_long_sides_only() -> None:
    parts = {h.part for h in handles(Rect(0, 0, 100, 20), 1.0)}
    assert Part.TOP in parts
    assert Part.LEFT not in parts
    assert {h.part for h in handles(Rect(0, 0, 100, 20), 4.0)} == set(Part) - {Part.BODY}


def test_a_band_touches_what_it_shares_a_point_with() -> None:
    assert touching(PAIR, Rect(0, 0, 12, 12)).tolist() == [0]
    assert touching(PAIR, Rect(80, 50, 1, 1)).tolist() == [0, 1]
    assert touching(PAIR, Rect(300, 300, 10, 10)).tolist() == []


@given(rects, scales)
def test_every_handle_of_a_selected_box_can_be_grabbed_at_any_zoom(rect: Rect, scale: float) -> None:
    for handle in handles(rect, scale):
        assert hit(as_array([rect]), handle.x, handle.y, scale=scale, selected=[0]) == Hit(0, handle.part)


@given(rects, scales, st.booleans())
def test_the_middle_of_a_box_is_its_body_at_any_zoom(rect: Rect, scale: float, selected: bool) -> None:
    found = hit(
        as_array([rect]), rect.x + rect.w / 2, rect.y + rect.h / 2, scale=scale, selected=[0] if selected else []
    )
    assert found == Hit(0, Part.BODY)


@given(st.lists(rects, min_size=1, max_size=30), st.floats(-20, 600), st.floats(-20, 600), scales)
def test_nothing_is_hit_where_no_box_is_near(boxes: list[Rect], x: float, y: float, scale: float) -> None:
    found = hit(as_array(boxes), x, y, scale=scale)
    reach = 4.0 / scale + 1e-9
    near = [r for r in boxes if r.x - reach <= x <= r.right + reach and r.y - reach <= y <= r.bottom + reach]
    inside = [r for r in boxes if r.x <= x <= r.right and r.y <= y <= r.bottom]
    if found is None:
        assert not inside
    else:
        assert boxes[found.index] in near
        assert isinstance(np.int64(found.index).item(), int)
