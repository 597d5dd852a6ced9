"""The gate blocks what is worse for the right reason, lets pass what is not, and says so when it cannot tell."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.core import gate, metrics
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
    assert "Worse overall" in decision.reasons[0]


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
    assert "more labelled test pages" in decision.reasons[0]


def test_equal_trainings_are_seldom_blocked() -> None:
    """Models that are equally good but not identical, as ten reseeded trainings would be."""

    def jittered(found: list[Detection], rng: np.random.Generator) -> list[Detection]:
        return [replace(d, x=d.x + float(rng.normal(0, 0.4)), score=float(rng.uniform(0.6, 1.0))) for d in found]

    base = spoiled(pages(120), jittered, 99)
    blocked = [verdict(base, spoiled(pages(120), jittered, seed)).verdict is Verdict.WORSE for seed in range(10)]
    assert sum(blocked) <= 1


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
