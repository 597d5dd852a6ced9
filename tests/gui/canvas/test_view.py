"""Where the page lies on the screen, and pictures at every zoom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage

from labeler.core.boxes import Rect
from labeler.core.errors import BadInput
from labeler.gui.canvas.picture import decode, decode_small
from labeler.gui.canvas.view import KEEP, MAX_SCALE, View, aligned, bounded, fitted, revealing
from tests.helpers.pictures import encoded, pixels

PAGE = Rect(0, 0, 4000, 3000)
views = st.builds(View, st.floats(0.05, 40), st.floats(-5000, 5000), st.floats(-5000, 5000))


@given(views, st.floats(0.1, 10), st.tuples(st.floats(0, 1600), st.floats(0, 900)))
def test_zooming_keeps_the_point_under_the_pointer(view: View, factor: float, at: tuple[float, float]) -> None:
    there = view.zoomed(factor, at, least=0.01)
    assert there.to_screen(*view.to_image(*at)) == pytest.approx(at, abs=0.05)
    assert 0.01 <= there.scale <= MAX_SCALE


@given(views)
def test_some_of_the_page_always_stays_in_sight(view: View) -> None:
    on = bounded(view, PAGE, 1280, 800).on_screen(PAGE)
    assert on.x <= 1280 - KEEP + 1e-6
    assert on.y <= 800 - KEEP + 1e-6
    assert on.right >= KEEP - 1e-6
    assert on.bottom >= KEEP - 1e-6


@given(st.floats(1, 20000), st.floats(1, 20000), st.floats(100, 4000), st.floats(100, 3000))
def test_a_fitted_page_is_whole_and_in_the_middle(w: float, h: float, width: float, height: float) -> None:
    page = Rect(0, 0, w, h)
    on = fitted(page, width, height).on_screen(page)
    assert on.x >= 0
    assert on.y >= 0
    assert on.x + on.w / 2 == pytest.approx(width / 2)


def test_revealing_moves_only_as_far_as_needed() -> None:
    view = View(1.0, 0.0, 0.0)
    assert revealing(view, Rect(200, 200, 50, 50), 800, 600) == view
    moved = revealing(view, Rect(2000, 200, 50, 50), 800, 600)
    assert moved.on_screen(Rect(2000, 200, 50, 50)).right <= 800
    assert moved.y == 0


def test_an_aligned_view_begins_on_a_device_pixel() -> None:
    view = aligned(View(1.3, 10.37, -4.81), 1.5)
    assert (view.x * 1.5) % 1 == pytest.approx(0, abs=1e-9)


def test_a_picture_has_halvings_and_the_right_one_is_used() -> None:
    picture = decode(encoded(pixels(2000, 1000, seed=1), "JPEG"))
    assert [level.width() for level in picture.levels] == [2000, 1000, 500]
    assert picture.level(1.0).width() == 2000
    assert picture.level(0.5).width() == 1000
    assert picture.level(0.3).width() == 1000
    assert picture.level(0.05).width() == 500
    assert picture.bytes == sum(w * h * 4 for w, h in ((2000, 1000), (1000, 500), (500, 250)))


def test_grey_and_colour_pictures_decode_alike_and_small_ones_are_not_enlarged() -> None:
    grey = decode(encoded(pixels(64, 48, grey=True)))
    assert grey.levels[0].format() is QImage.Format.Format_RGB32
    assert decode_small(encoded(pixels(64, 48)), 96).width() == 64
    assert decode_small(encoded(pixels(640, 480)), 96).width() == 96


def test_what_is_no_picture_is_said() -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        decode(b"no picture")
