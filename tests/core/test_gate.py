"""The gate blocks what is worse for the right reason, lets pass what is not, and says so when it cannot tell."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.core import gate, metrics
from labeler.core.bootstrap import Difference, sign_test
from labeler.core.boxes import ClassRect, Detection
from labeler.core.compare import compare
from labeler.core.gate import Rules, Verdict
from labeler.core.matching import Page

CLASSES = tuple(str(n) for n in range(10))
Spoil = Callable[[list[Detection], np.random.Generator], list[Detection]]


def pages(count: int = 60, digits: int = 10, *, seed: int = 0, blank: int = 5, jitter: float = 0.05) -> list[Page]:
    """Pages on which a good detector found every digit, its boxes a little off."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(count):
        truth = []
        for n in range(0 if number < blank else digits):
            truth.append(ClassRect(40.0 * n, float(rng.uniform(0, 300)), 24.0, 32.0, int(rng.integers(10))))
        made.append(Page(truth, [found(t, rng, jitter) for t in truth]))
    return made


def found(truth: ClassRect, rng: np.random.Generator, jitter: float) -> Detection:
    dx, dy = rng.normal(0, jitter, 2) * (truth.w, truth.h)
    return Detection(truth.x + dx, truth.y + dy, truth.w, truth.h, truth.class_id, float(rng.uniform(0.6, 1.0)))


def spoiled(base: list[Page], spoil: Spoil, seed: int = 1) -> list[Page]:
    rng = np.random.default_rng(seed)
    return [Page(p.truth, spoil(list(p.found), rng)) for p in base]


def verdict(current: list[Page], candidate: list[Page], rules: Rules | None = None) -> gate.Decision:
    found = compare(current, candidate, classes=10, min_score=0.25, pairs=gate.pairs_by_id(CLASSES), resamples=100)
    return gate.decide(found, classes=CLASSES, rules=rules)


def test_the_identical_model_is_no_change() -> None:
    assert verdict(pages(), pages()).verdict is Verdict.NO_CHANGE


def test_a_truly_better_model_passes() -> None:
    decision = verdict(pages(jitter=0.12), pages(jitter=0.02))
    assert decision.verdict is Verdict.BETTER
    assert decision.passes


def test_shuffled_labels_are_blocked_as_worse_overall() -> None:
    def shuffle(found: list[Detection], rng: np.random.Generator) -> list[Detection]:
        return [replace(d, class_id=int(rng.integers(10))) for d in found]

    decision = verdict(pages(), spoiled(pages(), shuffle))
    assert decision.verdict is Verdict.WORSE
    assert not decision.passes
    assert "More to correct" in decision.reasons[0]
    assert "Worse overall" in decision.reasons[1]


def test_swapped_classes_are_blocked_by_name() -> None:
    swap = {1: 7, 7: 1}
    decision = verdict(
        pages(), spoiled(pages(), lambda f, _: [replace(d, class_id=swap.get(d.class_id, d.class_id)) for d in f])
    )
    assert any("1 and 7 are mixed up" in r for r in decision.reasons)
    assert any("The 1s got worse" in r for r in decision.reasons)


def test_a_forgotten_digit_is_blocked_even_when_the_rest_got_better() -> None:
    forgetful = spoiled(pages(jitter=0.02), lambda f, _: [d for d in f if d.class_id != 4])
    decision = verdict(pages(jitter=0.06), forgetful)
    assert any("The 4s got worse" in r for r in decision.reasons)
    assert not decision.passes


def test_false_alarms_on_blank_pages_are_blocked() -> None:
    ghosts = [Detection(10.0 * n, 5, 8, 8, 3, 0.9) for n in range(4)]
    decision = verdict(pages(), spoiled(pages(), lambda f, _: f or list(ghosts)))
    assert any("blank pages" in r for r in decision.reasons)


def test_a_slow_model_is_blocked_only_when_it_is_slow_to_a_person() -> None:
    found = compare(pages(), pages(jitter=0.04), classes=10, min_score=0.25, resamples=20)
    slow = gate.decide(found, classes=CLASSES, seconds=(0.3, 1.2))
    quick = gate.decide(found, classes=CLASSES, seconds=(0.02, 0.2))
    assert any("Slower" in r for r in slow.reasons)
    assert not any("Slower" in r for r in quick.reasons)


def test_too_few_digits_cannot_tell() -> None:
    assert verdict(pages(2, 3, blank=0), pages(2, 3, seed=0, blank=0, jitter=0.1)).verdict is Verdict.CANNOT_TELL


def test_a_wide_interval_cannot_tell() -> None:
    def jittered(found: list[Detection], rng: np.random.Generator) -> list[Detection]:
        return [replace(d, x=d.x + float(rng.normal(0, 2))) for d in found]

    few = pages(4, 9, blank=0)
    decision = verdict(spoiled(few, jittered, 1), spoiled(few, jittered, 2), Rules(recall_drop=1.0))
    assert decision.verdict is Verdict.CANNOT_TELL
    assert "label more test pages" in decision.reasons[0]
    assert [check.sure for check in decision.checks[:2]] == [False, False]


def test_what_looks_like_more_work_is_not_called_harmless_for_being_perhaps_luck() -> None:
    found = compare(pages(), pages(jitter=0.051), classes=10, min_score=0.25, resamples=100)
    quality = Difference(-0.001, -0.018, 0.027)

    def with_work(value: float, low: float, high: float) -> gate.Decision:
        return gate.decide(
            replace(found, corrections_per_100=Difference(value, low, high), map50_95=quality), classes=CLASSES
        )

    decision = with_work(5.0, 0.0, 11.1)
    assert decision.verdict is Verdict.CANNOT_TELL
    assert "and +11.1)" in decision.reasons[1]
    assert with_work(1.0, -2.0, 4.0).verdict is Verdict.NOT_WORSE
    assert with_work(5.0, 1.0, 9.0).verdict is Verdict.WORSE


def test_equal_trainings_are_seldom_blocked() -> None:
    """Models that are equally good but not identical, as ten reseeded trainings would be."""

    def jittered(found: list[Detection], rng: np.random.Generator) -> list[Detection]:
        return [replace(d, x=d.x + float(rng.normal(0, 0.4)), score=float(rng.uniform(0.6, 1.0))) for d in found]

    base = spoiled(pages(120), jittered, 99)
    blocked = [verdict(base, spoiled(pages(120), jittered, seed)).verdict is Verdict.WORSE for seed in range(10)]
    assert sum(blocked) <= 1


def test_a_model_is_not_measured_to_the_pixel_by_boxes_that_the_other_drew() -> None:
    drew, other = pages(jitter=0.001), pages(jitter=0.03)
    found = compare(drew, other, classes=10, min_score=0.25, resamples=100)
    assert found.map50_95.high < -0.04
    strict = gate.decide(found, classes=CLASSES)
    assert strict.verdict is Verdict.WORSE
    lenient = gate.decide(found, classes=CLASSES, drawn=(0.8, 0.1))
    assert lenient.verdict is Verdict.CANNOT_TELL
    assert any("80%" in reason for reason in lenient.reasons)
    assert gate.decide(found, classes=CLASSES, drawn=(0.8, 0.7)).verdict is Verdict.WORSE
    assert gate.decide(found, classes=CLASSES, drawn=(0.1, 0.8)).verdict is Verdict.WORSE
    back = compare(other, drew, classes=10, min_score=0.25, resamples=100)
    assert gate.decide(back, classes=CLASSES).verdict is Verdict.BETTER
    assert gate.decide(back, classes=CLASSES, drawn=(0.1, 0.8)).verdict is Verdict.NOT_WORSE


def test_little_work_saved_for_sure_is_better_though_the_map_is_unsure() -> None:
    def loose(found: list[Detection], rng: np.random.Generator) -> list[Detection]:
        return [replace(d, class_id=(d.class_id + 1) % 10) if rng.random() < 0.1 else d for d in found]

    decision = verdict(spoiled(pages(), loose), pages())
    assert decision.verdict is Verdict.BETTER
    assert "11.3 → 1.6 corrections per 100 digits" in decision.reasons[0]


def test_more_work_for_sure_is_worse_though_the_map_is_as_good() -> None:
    def ghosts(found: list[Detection], rng: np.random.Generator) -> list[Detection]:
        return [*found, *(replace(d, x=d.x + 600, score=0.3) for d in found if rng.random() < 0.1)]

    decision = verdict(pages(), spoiled(pages(), ghosts))
    assert decision.verdict is Verdict.WORSE
    assert len(decision.reasons) == 1
    assert "More to correct" in decision.reasons[0]


def test_different_truths_are_refused() -> None:
    with pytest.raises(ValueError, match="same pages"):
        compare(pages(seed=0), pages(seed=1), classes=10, min_score=0.25)


@given(st.integers(0, 2**16), st.integers(0, 2**16))
def test_the_measured_difference_is_that_of_the_metrics(one: int, two: int) -> None:
    first, second = pages(12, 4, seed=3, jitter=0.1), spoiled(pages(12, 4, seed=3, jitter=0.1), _thin, one)
    second = spoiled(second, _thin, two)
    want = (metrics.evaluate(second, classes=10).map50_95 or 0) - (metrics.evaluate(first, classes=10).map50_95 or 0)
    assert compare(first, second, classes=10, min_score=0.25, resamples=2).map50_95.value == pytest.approx(want)


def _thin(found: list[Detection], rng: np.random.Generator) -> list[Detection]:
    return [d for d in found if rng.random() < 0.8]


def test_a_few_digits_lost_and_others_gained_are_luck() -> None:
    """Models that each miss other digits, one in ten: what ten equal trainings on few pages look like."""
    decisions = [
        verdict(spoiled(pages(40, 8), _thin_a_little, 100 + n), spoiled(pages(40, 8), _thin_a_little, n))
        for n in range(20)
    ]
    assert sum(d.verdict is Verdict.WORSE for d in decisions) <= 2
    assert any("can be luck" in reason for d in decisions for reason in d.reasons)


def test_a_digit_that_is_really_lost_is_no_luck() -> None:
    def forget_some(found: list[Detection], rng: np.random.Generator) -> list[Detection]:
        return [d for d in found if d.class_id != 4 or rng.random() < 0.7]

    decision = verdict(pages(40, 8), spoiled(pages(40, 8), forget_some))
    assert [c.rule for c in decision.checks if c.against and "digit's recall" in c.rule]
    assert any("The 4s got worse" in r for r in decision.reasons)


def test_every_rule_is_told_with_what_speaks_against_it() -> None:
    decision = verdict(pages(jitter=0.12), pages(jitter=0.02), Rules(recall_drop=0.125))
    assert len(decision.checks) == 6
    assert all(not check.against for check in decision.checks)
    assert any("12.5%" in check.rule for check in decision.checks)
    blocked = verdict(pages(), spoiled(pages(), lambda f, _: [d for d in f if d.class_id != 4]))
    assert tuple(r for check in blocked.checks for r in check.against) == blocked.reasons


def test_the_comparison_names_the_pages_that_got_worse() -> None:
    before = pages(10, 6, blank=2)
    after = [Page(p.truth, p.found[1:] if n == 7 else p.found) for n, p in enumerate(before)]
    after[0] = Page(before[0].truth, [Detection(5, 5, 9, 9, 3, 0.9)])
    found = compare(before, after, classes=10, min_score=0.25, resamples=50)
    assert [(c.page, c.current, c.candidate) for c in found.changed] == [(0, 0, 1), (7, 0, 1)]
    lost = before[7].truth[0].class_id
    digit = found.digits[lost]
    assert (digit.lost, digit.gained, digit.worse_pages, digit.current - digit.candidate) == (1, 0, (7,), 1)
    assert all(d.lost == d.gained == 0 and not d.worse_pages for d in found.digits if d.class_id != lost)
    change = found.corrections_per_100
    assert change.value == pytest.approx(100 * 2 / 48)
    assert 0 <= change.low <= change.value <= change.high


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Of many comparisons of equally good detectors, the interval of the difference misses 0 about one time in twenty."""
    missed = 0
    for seed in range(20):
        first, second = (spoiled(pages(50, 6, seed=seed), _thin, 1000 * n + seed) for n in (1, 2))
        change = compare(first, second, classes=10, min_score=0.25, resamples=60).corrections_per_100
        missed += not change.low <= 0 <= change.high
    assert missed <= 4


@pytest.mark.parametrize(
    ("worse", "better", "chance"), [(0, 0, 1.0), (3, 0, 0.125), (5, 0, 1 / 32), (1, 1, 0.75), (0, 4, 1.0)]
)
def test_the_sign_test_is_a_coin(worse: int, better: int, chance: float) -> None:
    assert sign_test(worse, better) == pytest.approx(chance)
    assert 0 < sign_test(2000, 1000) < 1e-9


def _thin_a_little(found: list[Detection], rng: np.random.Generator) -> list[Detection]:
    return [d for d in found if rng.random() < 0.9]
