"""Click on ink and tightening, on drawn digits whose extent is known, and on real pages where they are at hand."""

import cv2
import numpy as np
import pytest

from labeler.core.boxes import Rect, iou
from labeler.detect import ink
from tests.conftest import SHARED
from tests.helpers import handwriting


def paper(height: int = 300, width: int = 400, shade: int = 235) -> np.ndarray:
    return np.full((height, width, 3), shade, np.uint8)


def clicked(page: handwriting.Handwriting, rect: Rect) -> tuple[float, float]:
    """A pixel of ink near the middle of a digit."""
    grey = page.picture[..., 0].astype(int)
    rows, columns = np.nonzero(grey < 120)
    inside = (columns >= rect.x) & (columns < rect.right) & (rows >= rect.y) & (rows < rect.bottom)
    far = (columns - rect.x - rect.w / 2) ** 2 + (rows - rect.y - rect.h / 2) ** 2 + 1e9 * ~inside
    best = int(far.argmin())
    return float(columns[best]) + 0.5, float(rows[best]) + 0.5


@pytest.mark.parametrize("sized", [False, True])
def test_nearly_every_drawn_digit_gets_a_box_that_fits(sized: bool) -> None:
    scores = []
    for seed in range(12):
        page = handwriting.page(seed, writer=seed, digits=6)
        usual = float(np.median([max(r.w, r.h) for _, r in page.boxes])) if sized else None
        for _, rect in page.boxes:
            found = ink.ink_box(page.picture, *clicked(page, rect), size=usual, margin=0.0)
            scores.append(iou(found, rect) if found else 0.0)
    assert np.mean(np.array(scores) >= 0.8) >= 0.9
    assert np.median(scores) >= 0.88


def test_shade_and_a_dark_board_make_no_difference() -> None:
    page = handwriting.page(2, digits=4)
    shade = np.linspace(1.0, 0.45, page.picture.shape[1])[None, :, None]
    shaded = (page.picture * shade).astype(np.uint8)
    board = 255 - page.picture
    for picture in (shaded, board):
        for _, rect in page.boxes:
            found = ink.ink_box(picture, *clicked(page, rect), margin=0.0)
            assert found is not None
            assert iou(found, rect) > 0.75


def test_a_floating_stroke_belongs_to_its_digit_and_the_neighbour_does_not() -> None:
    picture = paper()
    cv2.line(picture, (100, 140), (100, 200), (30, 30, 60), 5)  # the body of a five
    cv2.line(picture, (100, 198), (140, 198), (30, 30, 60), 5)
    cv2.line(picture, (104, 128), (140, 126), (30, 30, 60), 5)  # its flag, which does not touch it
    cv2.line(picture, (175, 130), (175, 200), (30, 30, 60), 5)  # a one beside it
    found = ink.ink_box(picture, 100, 170, margin=0.0)
    assert found is not None
    assert (found.x, found.y, found.right, found.bottom) == pytest.approx((97, 123, 143, 201), abs=5)


def test_a_click_beside_ink_finds_it_and_a_click_on_paper_finds_nothing() -> None:
    page = handwriting.page(1, digits=4)
    rect = page.boxes[0][1]
    x, y = clicked(page, rect)
    beside = ink.ink_box(page.picture, x + 4, y + 3, margin=0.0)
    assert beside is not None
    assert iou(beside, rect) > 0.75
    assert ink.ink_box(paper(), 200, 150) is None
    assert ink.ink_box(page.picture, -5, 10) is None
    assert ink.ink_box(page.picture, 5000, 10) is None


def test_noise_is_not_ink() -> None:
    noisy = np.clip(paper().astype(float) + np.random.default_rng(1).normal(0, 4, (300, 400, 1)), 0, 255).astype(
        np.uint8
    )
    assert ink.ink_box(noisy, 200, 150) is None


def test_digits_that_touch_a_ruled_line_are_cut_free_where_the_size_is_known() -> None:
    free, bound = [], []
    for seed in range(6):
        page = handwriting.page(seed, digits=4)
        for _, rect in page.boxes:
            ruled = page.picture.copy()
            cv2.line(ruled, (0, int(rect.bottom) - 1), (399, int(rect.bottom) - 1), (40, 40, 40), 3)
            at, size = clicked(page, rect), max(rect.w, rect.h)
            found = ink.ink_box(ruled, *at, size=size, margin=0.0)
            free.append(found is not None and iou(found, rect) > 0.7)
            whole = ink.ink_box(ruled, *at, margin=0.0)
            bound.append(whole is not None and iou(whole, rect) > 0.7)
    assert np.mean(free) >= 0.7
    assert np.mean(free) > np.mean(bound)


def test_the_margin_is_left_around_the_ink_and_cut_at_the_page() -> None:
    page = handwriting.page(1, digits=4)
    rect = page.boxes[0][1]
    at = clicked(page, rect)
    bare, wide = ink.ink_box(page.picture, *at, margin=0.0), ink.ink_box(page.picture, *at, margin=9.0)
    assert bare is not None
    assert wide is not None
    assert wide.w - bare.w == pytest.approx(18)
    huge = ink.ink_box(page.picture, *at, margin=900.0)
    assert huge == Rect(0, 0, 400, 300)


def test_grey_pictures_and_views_with_other_strides_work_too() -> None:
    page = handwriting.page(1, digits=4)
    at = clicked(page, page.boxes[0][1])
    grey = cv2.cvtColor(page.picture, cv2.COLOR_RGB2GRAY)
    wide = np.dstack([page.picture[..., ::-1], np.zeros(grey.shape, np.uint8)])[..., 2::-1]
    assert ink.ink_box(grey, *at) == ink.ink_box(page.picture, *at) == ink.ink_box(wide, *at)


def test_a_loose_box_is_tightened_and_a_box_of_paper_is_not() -> None:
    page = handwriting.page(2, digits=4)
    for _, rect in page.boxes:
        loose = Rect(rect.x - 8, rect.y - 5, rect.w + 12, rect.h + 14)
        tight = ink.tighten(page.picture, loose, margin=0.0)
        assert tight is not None
        assert iou(tight, rect) > 0.85
    assert ink.tighten(paper(), Rect(100, 100, 40, 40)) is None


def test_a_box_that_cuts_its_digit_grows_to_it() -> None:
    page = handwriting.page(2, digits=4)
    rect = page.boxes[1][1]
    tight = ink.tighten(page.picture, Rect(rect.x, rect.y, rect.w * 0.85, rect.h * 0.9), margin=0.0)
    assert tight is not None
    assert iou(tight, rect) > 0.85


def test_the_habit_of_leaving_paper_is_read_from_boxes() -> None:
    page = handwriting.page(2, digits=4)
    loose = [Rect(r.x - 7, r.y - 7, r.w + 14, r.h + 14) for _, r in page.boxes]
    assert ink.margin_of(page.picture, loose) == pytest.approx(7, abs=1.5)
    assert ink.margin_of(paper(), loose) is None
    assert ink.margin_of(page.picture, []) is None


@pytest.mark.shared
def test_real_digits_on_phone_photos_are_boxed_as_their_annotators_do() -> None:
    """On a few real pages, with the size and the habit known from other boxes; the benchmark has the whole figure."""
    folder = SHARED / "detection" / "worksheet_scans"
    hits = []
    for file in sorted((folder / "images").iterdir()):
        picture = cv2.imdecode(np.frombuffer(file.read_bytes(), np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
        height, width = picture.shape[:2]
        rows = [
            [float(v) for v in line.split()[1:]]
            for line in (folder / "labels" / f"{file.stem}.txt").read_text().splitlines()
        ]
        boxes = [Rect((cx - w / 2) * width, (cy - h / 2) * height, w * width, h * height) for cx, cy, w, h in rows]
        margin = ink.margin_of(picture, boxes[:6])
        for box in boxes[6:46]:
            part = picture[int(box.y) : int(box.bottom), int(box.x) : int(box.right)].sum(axis=2)
            y, x = np.unravel_index(int(part.argmin()), part.shape)
            found = ink.ink_box(picture, box.x + x, box.y + y, size=max(box.w, box.h), margin=margin)
            hits.append(found is not None and iou(found, box) >= 0.8)
    assert np.mean(hits) >= 0.85
