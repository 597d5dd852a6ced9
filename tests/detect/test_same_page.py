"""One page or two: copies that were cut, scaled, turned or lit anew are one page; other hands on one form are not."""

import io
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image as Picture
from PIL import ImageDraw, ImageEnhance

from labeler.detect import same_page
from labeler.formats import pixels
from tests.helpers import handwriting


def form(*, writer: int, digits: int = 6, seed: int = 1) -> Picture.Image:
    """A printed sheet with boxes, and the digits of one hand in some of them."""
    sheet = Picture.new("RGB", (620, 877), (250, 250, 248))
    draw = ImageDraw.Draw(sheet)
    for row in range(60, 820, 46):
        draw.text((30, row - 12), f"{row // 46}. Calculate and write your result in the box", fill=(30, 30, 30))
        draw.rectangle((480, row - 30, 590, row + 10), outline=(60, 60, 60), width=2)
    rng = np.random.default_rng((seed, writer))
    for n, row in enumerate(rng.choice(range(60, 820, 46), digits, replace=False)):
        glyph = handwriting.page(int(rng.integers(1000)) + n, writer=writer, digits=1, width=38, height=38)
        sheet.paste(Picture.fromarray(glyph.picture), (495 + int(rng.integers(0, 40)), int(row) - 28))
    return sheet


def page(seed: int, *, writer: int = 0) -> Picture.Image:
    return Picture.fromarray(handwriting.page(seed, writer=writer, digits=9, width=640, height=480).picture)


def seen(picture: Picture.Image, quality: int = 85) -> pixels.Upright:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return pixels.normalise(out.getvalue())


def are_one(a: Picture.Image, b: Picture.Image) -> bool:
    first, second = seen(a), seen(b)
    looks = same_page.glance(first.thumbnail), same_page.glance(second.thumbnail)
    assert looks[0] is not None
    assert looks[1] is not None
    return same_page.laid_over(looks[0], looks[1], lambda: (first.data, second.data)) is not None


def paper_turned(picture: Picture.Image, degrees: float) -> Picture.Image:
    return picture.rotate(degrees, Picture.Resampling.BICUBIC, fillcolor=picture.getpixel((2, 2)))


COPIES: dict[str, Callable[[Picture.Image], Picture.Image]] = {
    "as it is": lambda p: p,
    "half size": lambda p: p.resize((p.width // 2, p.height // 2), Picture.Resampling.BOX),
    "larger": lambda p: p.resize((p.width * 5 // 4, p.height * 5 // 4), Picture.Resampling.BICUBIC),
    "cut": lambda p: p.crop((p.width // 50, p.height // 40, p.width - p.width // 60, p.height - p.height // 50)),
    "turned": lambda p: paper_turned(p, 1.0),
    "darker": lambda p: ImageEnhance.Brightness(ImageEnhance.Contrast(p).enhance(0.8)).enhance(0.85),
}


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES.keys())
@pytest.mark.parametrize("make", [lambda: page(3), lambda: form(writer=2)], ids=["page", "form"])
def test_a_copy_is_the_same_page(
    make: Callable[[], Picture.Image], copy: Callable[[Picture.Image], Picture.Image]
) -> None:
    assert are_one(make(), copy(make()))
    assert are_one(copy(make()), make())


@pytest.mark.parametrize("digits", [2, 6, 12])
def test_two_hands_on_one_form_are_two_pages(digits: int) -> None:
    sheets = [form(writer=w, digits=digits) for w in range(5)]
    assert not any(are_one(sheets[a], sheets[b]) for a in range(5) for b in range(a))


def test_one_hand_writes_two_pages() -> None:
    pages = [page(n) for n in range(5)]
    assert not any(are_one(pages[a], pages[b]) for a in range(5) for b in range(a))


def test_one_digit_more_is_another_page() -> None:
    sheet = form(writer=1)
    more = sheet.copy()
    more.paste(Picture.fromarray(handwriting.page(4, digits=1, width=38, height=38).picture), (300, 700))
    assert not are_one(sheet, more)


def test_a_blank_page_has_nothing_to_compare() -> None:
    assert same_page.glance(seen(Picture.new("RGB", (300, 200), (250, 250, 240))).thumbnail) is None
    grey = np.linspace(150, 250, 300)[None, :].repeat(200, axis=0).astype(np.uint8)
    assert same_page.glance(seen(Picture.fromarray(grey)).thumbnail) is None
    assert same_page.glance(seen(page(1)).thumbnail) is not None


planes = arrays.arrays(np.uint8, (24, 30), elements=st.integers(0, 255)).map(lambda p: p.astype(np.float32) * 0.77)
masks = arrays.arrays(np.uint8, (24, 30), elements=st.integers(0, 1))


@given(planes, masks)
def test_the_darkest_hundredth_is_what_sorting_says(ink: np.ndarray, inside: np.ndarray) -> None:
    levels = np.sort(np.floor(ink[inside > 0] * same_page.LEVELS))[::-1]
    count = max(20, levels.size // 100)
    wanted = levels[:count].mean() / same_page.LEVELS if levels.size > count else 0.0
    assert same_page._darkest(ink, inside) == pytest.approx(wanted)


@given(planes, planes, masks, st.integers(1, 3))
def test_ink_strays_where_a_connected_area_has_nothing_beneath(
    upper: np.ndarray, beneath: np.ndarray, inside: np.ndarray, reach: int
) -> None:
    first, second = (same_page._Depth(ink, same_page._darkest(ink, inside)) for ink in (upper, beneath))
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    near = cv2.dilate((beneath > 0.2 * second.darkest).astype(np.uint8), brush)
    alone = ((upper > 0.5 * first.darkest) & (inside > 0) & (near == 0)).astype(np.uint8)
    areas = np.bincount(cv2.connectedComponents(alone, connectivity=8)[1].ravel())[1:]
    assert same_page._strays(first, second, inside, reach) == bool(areas.size and areas.max() > same_page.STRAY)
