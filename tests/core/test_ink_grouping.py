"""Sharing strokes out among the digits of a prompt: right where it is clear, and a reason where it is not."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeler.core.ink import Ink, Stroke, scaled, shifted, stroke
from labeler.core.ink_evidence import Evidence
from labeler.core.ink_grouping import Grouping, Reason, group
from labeler.training.strokes.fit import held_out
from labeler.training.strokes.prompted import Prompted, drawn, strings, unipen

HANDS = drawn(6, each=3, seed=7)


def truth(made: Prompted) -> set[frozenset[int]]:
    return {frozenset(i for i, o in enumerate(made.owner) if o == place) for place in range(len(made.prompt))}


def judge(many: list[Prompted]) -> tuple[int, int]:
    """How many strings were shared out, and how many of them wrongly."""
    found = [(made, group(made.strokes, made.prompt)) for made in many]
    clear = [(made, g) for made, g in found if g.groups is not None]
    return len(clear), sum(
        bool(made.fault) or {frozenset(r) for r in g.groups or ()} != truth(made) for made, g in clear
    )


def line(*points: tuple[float, float], at: float = 0.0) -> Stroke:
    """A stroke through points, begun `at` seconds."""
    xy = np.concatenate([np.linspace(a, b, 12) for a, b in itertools.pairwise(points)])
    return Stroke(np.column_stack([xy, at + np.arange(len(xy)) * 0.01, np.full(len(xy), 0.5)]))


def seven(x: float, *, at: float, bar_at: float) -> list[Stroke]:
    return [
        line((x, 100), (x + 60, 100), (x + 25, 200), at=at),
        line((x + 15, 150), (x + 60, 148), at=bar_at),
    ]


def one(x: float, *, at: float) -> Stroke:
    return line((x, 125), (x + 22, 100), (x + 20, 200), at=at)


def test_drawn_strings_are_nearly_all_shared_out_and_none_wrongly() -> None:
    many = strings(HANDS, 80, seed=3)
    clear, wrong = judge(many)
    assert wrong == 0
    assert clear >= 76


def test_what_was_not_asked_for_is_stopped() -> None:
    many = [made for made in strings(HANDS, 150, seed=4, faults=1.0) if made.fault in ("missing", "extra", "joined")]
    assert len(many) > 40
    clear, _ = judge(many)
    assert clear <= len(many) // 20


@pytest.mark.shared
def test_real_strings_of_unknown_writers_are_shared_out(shared: Path) -> None:
    hands = {w: d for w, d in unipen(shared).items() if held_out(w)}
    many = strings(hands, 240, seed=11)
    clear, wrong = judge(many)
    assert clear >= 0.9 * len(many)
    assert wrong <= 1


@given(n=st.integers(0, 79), factor=st.floats(0.3, 4), dx=st.floats(-500, 500), dy=st.floats(-500, 500))
@settings(max_examples=30, deadline=None)
def test_neither_place_nor_size_on_the_page_matters(n: int, factor: float, dx: float, dy: float) -> None:
    made = strings(HANDS, n + 1, seed=3)[n]
    usual = group(made.strokes, made.prompt)
    moved = group(shifted(scaled(made.strokes, factor), dx, dy), made.prompt)
    if abs(usual.lead - 4) > 0.5 and abs(usual.surplus - 8) > 0.5:
        assert moved.groups == usual.groups


@given(n=st.integers(0, 79), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_strokes_are_shared_out_whole_each_once_whatever_their_order(n: int, seed: int) -> None:
    made = strings(HANDS, n + 1, seed=3)[n]
    order = np.random.default_rng(seed).permutation(len(made.strokes)).tolist()
    found = group([made.strokes[i] for i in order], made.prompt)
    assert sorted(i for run in found.best for i in run) == list(range(len(order)))
    usual = group(made.strokes, made.prompt)
    assert [{order[i] for i in run} for run in found.best] == [set(run) for run in usual.best]


def test_a_bar_put_in_after_everything_else_belongs_to_its_seven() -> None:
    ink = [*seven(100, at=0, bar_at=5), one(220, at=1), one(320, at=2)]
    found = group(ink, "711")
    assert found.groups == ((0, 1), (2,), (3,))


def test_rows_are_read_from_top_to_bottom() -> None:
    upper = [*seven(100, at=0, bar_at=0.5), one(250, at=1)]
    lower = shifted([one(100, at=2), *seven(220, at=3, bar_at=3.5)], 0, 180)
    found = group([*upper, *lower], "7117")
    assert found.groups == ((0, 1), (2,), (3,), (4, 5))


@pytest.mark.parametrize(
    ("ink", "prompt", "reason"),
    [
        ([], "1", Reason.EMPTY),
        ([one(100, at=0)], "11", Reason.COUNT),
        ([one(100 + 60 * n, at=n) for n in range(8)], "1", Reason.COUNT),
        ([one(100, at=0), one(200, at=1), one(300, at=2)], "11", Reason.COUNT),
    ],
)
def test_too_few_or_too_many_strokes_are_a_matter_of_count(ink: Ink, prompt: str, reason: Reason) -> None:
    found = group(ink, prompt)
    assert found.groups is None
    assert found.reason is reason


def test_a_scribble_is_no_digit() -> None:
    rng = np.random.default_rng(1)
    scribble = stroke([(200 + x, 150 + y) for x, y in np.cumsum(rng.normal(0, 14, (90, 2)), axis=0)])
    found = group([scribble], "1")
    assert found == Grouping(None, Reason.UNCLEAR, ((0,),), (0,), np.inf, found.worst, 0.0)


def test_a_digit_struck_through_is_not_labelled() -> None:
    two = line((100, 120), (130, 100), (160, 120), (150, 150), (100, 200), (165, 200))
    assert group([two], "2").groups == ((0,),)
    strike = line((85, 210), (180, 90), at=2)
    assert group([two, strike], "2").groups is None


def test_a_dot_beside_a_digit_is_nobodys() -> None:
    dot = Stroke(np.array([[160.0, 90.0, 3.0, 0.5]]))
    found = group([one(100, at=0), dot, one(220, at=1)], "11")
    assert found.groups is None
    assert found.disputed == ()


def test_a_dot_within_a_digit_is_that_digits() -> None:
    """A pen that touched down twice: the box is the same with it and without."""
    dot = Stroke(np.array([[128.0, 170.0, 3.0, 0.5]]))
    assert group([*seven(100, at=0, bar_at=0.5), dot, one(240, at=4)], "71").groups == ((0, 1, 2), (3,))


@pytest.mark.shared
def test_what_is_disputed_are_the_digits_that_could_be_otherwise_and_never_one_struck_out(shared: Path) -> None:
    hands = {w: d for w, d in unipen(shared).items() if held_out(w)}
    many = strings(hands, 300, seed=12, faults=0.3)
    found = [(made, group(made.strokes, made.prompt)) for made in many]
    assert all(not g.disputed for _, g in found if g.reason is None)
    disputed = [(made, g) for made, g in found if g.disputed]
    assert len(disputed) > 5
    assert all(set(g.disputed) <= set(range(len(made.prompt))) for made, g in disputed)
    assert any(len(g.disputed) < len(made.prompt) for made, g in disputed)


@pytest.mark.parametrize("kind", ["crossed", "x-ed", "scribbled", "mended"])
def test_a_digit_struck_out_in_whatever_way_is_nearly_never_labelled(kind: str) -> None:
    many = [made for made in strings(HANDS, 260, seed=9, faults=1.0) if made.fault == kind]
    assert len(many) > 20
    clear, _ = judge(many)
    assert clear <= len(many) // 7


ZERO = line((30, 0), (0, 50), (30, 100), (60, 50), (30, 0))


@pytest.mark.parametrize(
    ("across", "labelled"),
    [
        (line((12, 80), (48, 20), at=1.0), True),  # a slash
        (line((-8, 108), (68, -8), at=1.0), False),  # a line from beyond one end to beyond the other
        (line((-8, 50), (68, 50), at=1.0), False),  # nobody writes a bar through a 0
        (line((0, 4), (60, 96), at=1.0), False),  # nor a slash that falls
    ],
)
def test_a_slashed_zero_is_a_zero_and_a_struck_one_is_not(across: Stroke, labelled: bool) -> None:
    assert Evidence([ZERO, across]).is_struck((0, 1), 0) is not labelled


def test_the_bar_of_a_five_and_the_foot_of_a_one_strike_nothing_out() -> None:
    five = [line((50, 0), (10, 0), (10, 45), (50, 60), (45, 95), (5, 95)), line((5, 12), (70, 10), at=1.0)]
    one_ = [line((10, 20), (30, 0), (30, 100)), line((0, 99), (60, 99), at=1.0)]
    assert not Evidence(five).is_struck((0, 1), 5)
    assert not Evidence(one_).is_struck((0, 1), 1)
