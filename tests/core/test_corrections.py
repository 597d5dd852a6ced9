"""What is left to do: counted page by page, added up, and least at the score that is suggested."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from labeler.core.boxes import ClassRect, Detection
from labeler.core.calibration import calibration
from labeler.core.corrections import STEPS, Corrections, by_score, least_work, needed, total
from labeler.core.matching import Page, match
from labeler.core.metrics import evaluate, rank


def digit(x: float, class_id: int = 1) -> ClassRect:
    return ClassRect(x, 10.0, 20.0, 30.0, class_id)


def find(x: float, class_id: int = 1, score: float = 0.9, y: float = 10.0) -> Detection:
    return Detection(x, y, 20.0, 30.0, class_id, score)


def test_each_kind_of_correction_is_counted_once() -> None:
    page = Page(
        [digit(0), digit(100), digit(200), digit(300)],
        [find(0), find(100, y=17.0), find(200, class_id=7), find(500)],
    )
    work = needed(page, match(page, min_score=0.25))
    assert work == Corrections(digits=4, untouched=1, moved=1, relabelled=1, added=1, deleted=1)
    assert (work.work, work.per_100, work.untouched_share) == (4, 100.0, 0.2)
    assert total([work, work]).work == 8
    assert total([]) == Corrections()
    assert Corrections().per_100 is None


def test_the_suggested_score_leaves_least_to_do() -> None:
    # A false alarm that scores 0.4 and a digit found with 0.6: anything between is right, nothing else is.
    page = Page([digit(0), digit(100)], [find(0), find(100, score=0.6), find(500, score=0.4)])
    found = by_score([page])
    works = {at.score: at.corrections.work for at in found}
    assert works[0.3] == 1
    assert works[0.5] == 0
    assert works[0.75] == 1
    assert works[0.95] == 2
    least = least_work(found)
    assert least is not None
    assert 0.4 < least.score <= 0.6


def test_without_a_digit_no_score_is_suggested() -> None:
    assert least_work(by_score([Page([], [find(0)])])) is None
    assert least_work([]) is None


@given(st.integers(0, 2**16))
def test_counting_at_many_scores_is_counting_at_each(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pages = [
        Page(
            [digit(50.0 * n, int(rng.integers(3))) for n in range(rng.integers(0, 6))],
            [find(float(rng.uniform(0, 300)), int(rng.integers(3)), float(rng.random())) for _ in range(rng.integers(0, 9))],
        )
        for _ in range(4)
    ]  # fmt: skip
    for at in by_score(pages):
        alone = evaluate(pages, classes=3, min_score=at.score).corrections
        assert at.corrections == alone
        assert alone.untouched + alone.moved + alone.relabelled + alone.added == alone.digits


def test_scores_that_mean_what_they_say_have_no_error() -> None:
    # Of ten finds that score 0.8, eight are right.
    pages = [Page([digit(0)] if n < 8 else [], [find(0, score=0.8)]) for n in range(10)]
    found = calibration(rank(pages, classes=2))
    (only,) = found.bins
    assert (only.low, only.high, only.count, round(only.score, 9), round(only.right, 9)) == (0.8, 0.9, 10, 0.8, 0.8)
    assert found.error is not None
    assert found.error < 1e-9


def test_scores_that_boast_have_the_gap_as_their_error() -> None:
    pages = [Page([digit(0)] if n < 5 else [], [find(0, score=1.0)]) for n in range(10)]
    found = calibration(rank(pages, classes=2))
    assert found.error == 0.5
    assert found.bins[-1].high == 1.0
    nothing = calibration(rank([Page([digit(0)], [find(0, score=0.01)])], classes=2))
    assert (nothing.bins, nothing.error) == ((), None)


def test_the_steps_are_scores() -> None:
    assert list(STEPS) == sorted(set(STEPS))
    assert STEPS[0] > 0
    assert STEPS[-1] < 1
