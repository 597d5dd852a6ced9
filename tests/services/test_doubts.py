"""Weighing evidence: whose the ink beside a box is depends on whether that box fits, and on a model that looked."""

import numpy as np
import pytest

from labeler.core.boxes import Rect, new_box
from labeler.core.findings import Kind
from labeler.detect import glyphs
from labeler.services._doubts import Jury, doubts
from labeler.services._looking import PageLook

NO_LOOKS = np.zeros((0, glyphs.FEATURES), dtype=np.float32)
BESIDE = Rect(31, 10, 20, 30)


def missed(*, off: float, whole: int = 0, trust: float = 0.0, ink: Rect = BESIDE) -> float:
    """The score of a missed digit where ink that surely looks like one lies beside a box that is off its digit with probability `off`."""
    page = PageLook(
        1, (new_box(Rect(10, 10, 20, 30), 0),), NO_LOOKS, (0.0,), (ink,), whole, NO_LOOKS, NO_LOOKS, NO_LOOKS
    )
    jury = Jury(boxes=np.array([[1 - off, off, 0.0]]), spare=np.array([[1.0, 0.0, 0.0]]), trust=trust)
    [score] = [f.score for f in doubts(page, jury, str) if f.kind is Kind.MISSED]
    return score


def test_ink_cut_off_a_box_that_fits_is_a_digit_of_its_own() -> None:
    assert missed(off=0.0) == 1.0


def test_ink_that_a_misplaced_box_leaves_out_is_that_box_s() -> None:
    assert missed(off=0.9) == pytest.approx(0.1)


@pytest.mark.parametrize(("whole", "ink"), [(1, BESIDE), (0, Rect(90, 10, 20, 30))])
def test_ink_that_stands_by_itself_belongs_to_no_box(whole: int, ink: Rect) -> None:
    assert missed(off=0.9, whole=whole, ink=ink) == 1.0


def test_a_trusted_model_would_have_seen_a_digit_that_touches_another() -> None:
    assert missed(off=0.0, trust=0.8) == pytest.approx(0.2 / 1.8)
    assert missed(off=0.0, trust=0.8, whole=1) == pytest.approx(1 / 1.8)
