"""Where dragged rectangles end up: always on the page, snapped to its borders, turned over when dragged across."""

from hypothesis import given
from hypothesis import strategies as st

from labeler.core.boxes import Rect, as_array
from labeler.core.dragging import drawn, moved, resized
from labeler.core.hit import Part

PAGE = Rect(0.0, 0.0, 400.0, 300.0)
BOX = Rect(100, 100, 50, 40)
far = st.floats(-900, 900)
inside = st.builds(Rect, st.floats(0, 300), st.floats(0, 200), st.floats(1, 100), st.floats(1, 100))


def on_page(rect: Rect) -> bool:
    slack = 1e-6
    return rect.x >= -slack and rect.y >= -slack and rect.right <= 400 + slack and rect.bottom <= 300 + slack


def test_edges_follow_the_pointer_and_the_others_stay() -> None:
    assert resized(BOX, Part.RIGHT, 12, 99, page=PAGE) == Rect(100, 100, 62, 40)
    assert resized(BOX, Part.TOP_LEFT, -10, 5, page=PAGE) == Rect(90, 105, 60, 35)


def test_a_box_dragged_across_its_other_edge_turns_over() -> None:
    assert resized(BOX, Part.LEFT, 70, 0, page=PAGE) == Rect(150, 100, 20, 40)


def test_what_comes_near_a_border_snaps_to_it_and_only_with_a_snap() -> None:
    assert resized(BOX, Part.RIGHT, 247, 0, page=PAGE, snap=6).right == 400
    assert resized(BOX, Part.RIGHT, 247, 0, page=PAGE).right == 397
    assert moved(as_array([BOX]), -97, 0, page=PAGE, snap=6)[0, 0] == 0
    assert moved(as_array([BOX]), -97, 0, page=PAGE)[0, 0] == 3
    assert drawn(3, 2, 60, 298, page=PAGE, snap=5) == Rect(0, 0, 60, 300)


def test_a_group_keeps_its_shape_at_the_border() -> None:
    group = as_array([BOX, Rect(200, 150, 30, 30)])
    there = moved(group, 500, -500, page=PAGE)
    assert (there[1] - there[0]).tolist() == (group[1] - group[0]).tolist()
    assert (there[1, 0] + there[1, 2], there[0, 1]) == (400, 0)


@given(inside, st.sampled_from([p for p in Part if p is not Part.BODY]), far, far, st.floats(0, 10))
def test_resizing_stays_on_the_page_and_never_vanishes(
    rect: Rect, part: Part, dx: float, dy: float, snap: float
) -> None:
    there = resized(rect, part, dx, dy, page=PAGE, snap=snap)
    assert on_page(there)
    assert there.w >= 1
    assert there.h >= 1


@given(st.lists(inside, min_size=1, max_size=8), far, far, st.floats(0, 10))
def test_moving_keeps_sizes_and_stays_on_the_page(rects: list[Rect], dx: float, dy: float, snap: float) -> None:
    there = moved(as_array(rects), dx, dy, page=PAGE, snap=snap)
    assert (there[:, 2:] == as_array(rects)[:, 2:]).all()
    assert all(on_page(Rect(*row)) for row in there.tolist())


@given(far, far, far, far, st.floats(0, 10))
def test_drawing_stays_on_the_page(x1: float, y1: float, x2: float, y2: float, snap: float) -> None:
    assert on_page(drawn(x1, y1, x2, y2, page=PAGE, snap=snap))
