"""Neighbours vote: a thing is never asked about itself or its own page, and a wrong label among many right ones is outvoted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.core.neighbours import Known, Looks, joined, sampled, vote


def clouds(seed: int, *, each: int = 20, answers: int = 3, dims: int = 8) -> tuple[Looks, np.ndarray]:
    """Things of `answers` kinds, those of a kind alike; rows of unit length."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(answers, dims))
    labels = np.repeat(np.arange(answers), each)
    looks = centres[labels] + rng.normal(scale=0.2, size=(len(labels), dims))
    return (looks / np.linalg.norm(looks, axis=1, keepdims=True)).astype(np.float32), labels


@given(st.integers(0, 1000))
def test_a_wrong_label_is_outvoted_by_those_that_look_alike(seed: int) -> None:
    looks, labels = clouds(seed)
    wrong = labels.copy()
    wrong[5] = (labels[5] + 1) % 3
    folds = np.arange(len(labels))
    shares = vote(Known(looks, wrong, folds), looks, folds, answers=3, k=7)
    assert shares.sum(axis=1) == pytest.approx(1.0)
    assert int(shares[5].argmax()) != wrong[5] or np.abs(shares[5] - 1 / 3).max() < 0.34


def test_nobody_votes_on_itself_or_its_page() -> None:
    looks, labels = clouds(1)
    shares = vote(
        Known(looks, labels, np.zeros(len(labels), np.int64)), looks, np.zeros(len(labels), np.int64), answers=3
    )
    assert (shares == 1 / 3).all()
    folds = labels  # each kind on a page of its own: nobody of the own kind may speak
    shares = vote(Known(looks, labels, folds), looks, folds, answers=3)
    assert shares[np.arange(len(labels)), labels].max() == 0


def test_nobody_known_leaves_every_answer_open() -> None:
    none = Known(np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.zeros(0, np.int64))
    assert (vote(none, np.ones((2, 4), np.float32), np.array([1, 2]), answers=5) == 0.2).all()
    assert vote(none, np.zeros((0, 4), np.float32), np.zeros(0, np.int64), answers=5).shape == (0, 5)


def test_votes_do_not_depend_on_how_many_are_asked_at_once() -> None:
    looks, labels = clouds(2, each=600)
    known = Known(looks, labels, np.arange(len(labels)))
    whole = vote(known, looks, known.folds, answers=3)
    assert vote(known, looks[1500:1510], known.folds[1500:1510], answers=3) == pytest.approx(whole[1500:1510])


def test_a_sample_keeps_the_rare() -> None:
    looks, _ = clouds(3, each=500)
    labels = np.array([0] * 1480 + [1] * 20)
    kept = sampled(Known(looks, labels, np.arange(1500)), 200, np.random.default_rng(0))
    assert (kept.answers == 1).sum() == 20
    assert 60 < (kept.answers == 0).sum() < 140
    small = Known(looks[:10], labels[:10], np.arange(10))
    assert sampled(small, 200, np.random.default_rng(0)) is small
    assert len(joined(small, kept)) == 10 + len(kept)
