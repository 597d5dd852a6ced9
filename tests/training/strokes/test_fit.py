"""Prompted strings are what they say, and a reader fitted on a few of them beats chance by far."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from labeler.core.stroke_reader import NO_DIGIT
from labeler.training.strokes.fit import bent, examples, fit, held_out
from labeler.training.strokes.prompted import GAPS, drawn, strings, unipen

HANDS = drawn(3, each=3, seed=1)


def test_every_stroke_of_a_string_is_owned_and_time_goes_on() -> None:
    for made in strings(HANDS, 60, seed=2, faults=0.3, late=0.3):
        assert len(made.owner) == len(made.strokes)
        assert set(made.owner) - {-1} <= set(range(len(made.prompt)))
        if not made.fault:
            assert set(made.owner) == set(range(len(made.prompt)))
        times = np.concatenate([s.points[:, 2] for s in made.strokes])
        assert (np.diff(times) >= 0).all()
        assert made.spacing in GAPS


def test_late_strokes_come_last_of_all() -> None:
    late = [made for made in strings(HANDS, 80, seed=5, late=1.0, lengths=(3, 6)) if made.late]
    assert late
    for made in late:
        assert made.owner[-1] in made.owner[:-1]
        assert made.owner[-1] != made.owner[-2]


def test_one_seed_gives_one_set_of_strings() -> None:
    first, second = strings(HANDS, 10, seed=3), strings(HANDS, 10, seed=3)
    assert [m.prompt for m in first] == [m.prompt for m in second]
    assert all(
        np.array_equal(a.points, b.points)
        for m, n in zip(first, second, strict=True)
        for a, b in zip(m.strokes, n.strokes, strict=True)
    )


def test_a_bent_string_is_the_same_string() -> None:
    made = strings(HANDS, 1, seed=3)[0]
    leaning = bent(made, np.random.default_rng(0))
    assert replace(leaning, strokes=made.strokes) == made
    assert not np.allclose(leaning.strokes[0].xy, made.strokes[0].xy)


def test_a_reader_learns_digits_and_what_is_none() -> None:
    rows, answers = examples(strings(HANDS, 150, seed=1), seed=0)
    network = fit(rows[:-300], answers[:-300], epochs=12)
    found = network.read(rows[-300:]).argmax(axis=1)
    assert (found == answers[-300:]).mean() > 0.7
    assert {NO_DIGIT, 0, 1} <= set(answers.tolist())


@pytest.mark.shared
def test_held_out_writers_are_about_a_quarter_and_have_every_digit(shared: Path) -> None:
    hands = unipen(shared)
    assert 0.1 < np.mean([held_out(w) for w in hands]) < 0.35
    assert sum(len(d) == 10 for w, d in hands.items() if held_out(w)) >= 15
