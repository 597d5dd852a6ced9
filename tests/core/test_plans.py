"""What plans ask for: laws over any plan, writer and history."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.core.plans import PAIRS, Kind, Plan, plan_from_json, plan_to_json, prompt, weakness

plans = st.builds(
    Plan, kind=st.sampled_from(Kind), length=st.integers(1, 12), prompts=st.integers(1, 40), seed=st.integers(0, 2**31)
)
codes = st.text(min_size=1, max_size=8)


@given(plan=plans, writer=codes, number=st.integers(0, 200), digits=st.sets(st.integers(0, 9), min_size=1))
def test_a_prompt_has_its_length_and_only_digits_the_project_knows_and_is_the_same_again(
    plan: Plan, writer: str, number: int, digits: set[int]
) -> None:
    first = prompt(plan, writer=writer, number=number, digits=sorted(digits))
    assert len(first) == plan.length
    assert {int(c) for c in first} <= digits
    assert first == prompt(plan, writer=writer, number=number, digits=sorted(digits))


@given(length=st.integers(1, 9), seed=st.integers(0, 999), writer=codes)
def test_the_equal_plan_never_lets_two_digits_drift_more_than_one_apart(length: int, seed: int, writer: str) -> None:
    written: Counter[int] = Counter()
    for number in range(25):
        asked = prompt(Plan(Kind.EQUAL, length, 25, seed), writer=writer, number=number, written=written)
        written.update(int(c) for c in asked)
        counts = [written[d] for d in range(10)]
        assert max(counts) - min(counts) <= 1


def test_writers_are_asked_for_different_digits() -> None:
    asked = {prompt(Plan(Kind.RANDOM, 8), writer=f"S{n:02d}", number=0) for n in range(50)}
    assert len(asked) > 45


@given(number=st.integers(0, 60), length=st.integers(2, 9))
def test_the_pairs_plan_asks_for_both_digits_of_one_pair(number: int, length: int) -> None:
    asked = {int(c) for c in prompt(Plan(Kind.PAIRS, length), writer="a", number=number)}
    assert asked == set(PAIRS[number % len(PAIRS)])


def test_the_weakest_digits_are_asked_for_most_and_none_is_forgotten() -> None:
    weak = [0.02] * 10
    weak[4], weak[9] = 0.9, 0.6
    asked = Counter(c for n in range(400) for c in prompt(Plan(Kind.WEAKEST, 6), writer="a", number=n, weakness=weak))
    assert [d for d, _ in asked.most_common(2)] == ["4", "9"]
    assert len(asked) == 10


def test_a_digit_seen_once_says_little_about_the_model() -> None:
    found = weakness({1: 98}, {1: 2, 2: 1})
    assert found[1] == pytest.approx(3 / 102)
    assert found[2] == pytest.approx(2 / 3)
    assert found[3] == 0.5


def test_a_prompt_needs_digits() -> None:
    with pytest.raises(ValueError, match="digits"):
        prompt(Plan(), writer="a", number=0, digits=())


@given(plan=st.none() | plans)
def test_a_plan_survives_json(plan: Plan | None) -> None:
    assert plan_from_json(plan_to_json(plan)) == plan


@pytest.mark.parametrize(
    "value", [3, "equal", {"kind": "odd"}, {"kind": "equal", "length": "x", "prompts": 1, "seed": 0}]
)
def test_what_is_no_plan_is_the_usual_one(value: object) -> None:
    assert plan_from_json(value) == Plan()
