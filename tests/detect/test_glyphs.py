"""Features of digits: alike for one digit by many hands and pens, unlike for others; and ink of a digit's size is found."""

import numpy as np
import pytest

from labeler.core.boxes import Rect, iou
from labeler.core.neighbours import Known, vote
from labeler.detect import glyphs
from labeler.detect.drawn_digits import drawn_digits
from tests.helpers import handwriting


def sheet_of(page: handwriting.Handwriting) -> glyphs.Sheet:
    return glyphs.sheet(page.picture, [rect for _, rect in page.boxes])


def test_features_have_unit_length_and_do_not_depend_on_company() -> None:
    page = handwriting.page(1)
    rects = [rect for _, rect in page.boxes]
    looks = glyphs.looks(sheet_of(page), rects)
    assert looks.shape == (6, glyphs.FEATURES)
    assert np.linalg.norm(looks, axis=1) == pytest.approx(1.0, abs=1e-3)
    assert glyphs.looks(sheet_of(page), rects[2:3])[0] == pytest.approx(looks[2])
    assert glyphs.looks(sheet_of(page), []).shape == (0, glyphs.FEATURES)


@pytest.mark.parametrize("width", [300, 1500])
def test_digits_of_other_hands_are_read_by_drawn_ones_at_any_size(width: int) -> None:
    drawn = list(drawn_digits(hands=20))
    known = Known(np.stack([look for _, look in drawn]), np.array([d for d, _ in drawn]), np.full(len(drawn), -1))
    right = total = 0
    for seed in range(8):
        page = handwriting.page(seed, writer=100 + seed, width=width, height=width * 3 // 4, digits=9)
        looks = glyphs.looks(sheet_of(page), [rect for _, rect in page.boxes])
        read = vote(known, looks, np.zeros(len(looks), np.int64), answers=10).argmax(axis=1)
        right += int((read == [digit for digit, _ in page.boxes]).sum())
        total += len(read)
    assert right / total > 0.9


def test_every_digit_is_a_blob_and_specks_and_lines_are_none() -> None:
    page = handwriting.page(4, width=500, height=400, digits=9)
    picture = np.concatenate([page.picture, np.full((120, 500, 3), 250, np.uint8)])
    picture[505:507] = 0
    picture[5:8, 5:8] = 0
    picture[425:464, 420:459] = 10
    sheet = glyphs.sheet(picture, [rect for _, rect in page.boxes])
    found = glyphs.blobs(sheet)
    for _, rect in page.boxes:
        assert max(iou(rect, f) for f in found) > 0.5
    assert not any(f.w > 200 or f.bottom < 12 for f in found)
    assert not any(iou(f, Rect(420, 425, 39, 39)) > 0.5 for f in found)


def test_paper_is_faint_and_digits_are_not() -> None:
    page = handwriting.page(2, width=500, height=400, digits=6)
    sheet = sheet_of(page)
    assert glyphs.faintness(sheet, Rect(0, 0, 6, 6)) > 0.8
    assert glyphs.faintness(sheet, Rect(-50, -50, 10, 10)) == 1
    assert all(glyphs.faintness(sheet, rect) < 0.2 for _, rect in page.boxes)


def test_drawn_digits_are_the_same_every_time() -> None:
    first, again = (list(drawn_digits(hands=1)) for _ in range(2))
    assert [d for d, _ in first] == [d for d in range(10) for _ in range(2)]
    assert all((a == b).all() for (_, a), (_, b) in zip(first, again, strict=True))


def test_a_digit_that_touches_another_is_a_blob_once_that_one_does_not_count() -> None:
    page = handwriting.pushed_together(handwriting.page(4, width=500, height=400, digits=9), 3, 4)
    sheet = sheet_of(page)
    lost = page.boxes[4][1]
    others = [rect for n, (_, rect) in enumerate(page.boxes) if n != 4]
    assert max(iou(lost, f) for f in glyphs.blobs(sheet)) < 0.5
    alone = glyphs.blobs(sheet, without=others)
    assert max(iou(lost, f) for f in alone) > 0.5
    assert len(alone) == 1
