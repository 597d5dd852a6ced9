"""What a thing is, asked of those that look most like it and lie elsewhere: nearest neighbours with folds. Pure.

A label is never asked about itself: neighbours come from other folds only (k nearest neighbours, Cover and Hart 1967, out of fold as
in confident learning, Northcutt et al. 2021).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Looks = npt.NDArray[np.float32]
"""Rows of features of unit length."""
Ints = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]

SHARPNESS = 30.0
"""How fast a neighbour's word loses weight with its likeness: one that is a thirtieth less like counts 1 / e."""
CHUNK = 1024


@dataclass(frozen=True, slots=True)
class Known:
    """Things with an answer each: `looks` (n, d), `answers` (n), `folds` (n); a fold of -1 is nobody's own."""

    looks: Looks
    answers: Ints
    folds: Ints

    def __len__(self) -> int:
        return len(self.answers)


def joined(*parts: Known) -> Known:
    """Several as one."""
    return Known(
        np.concatenate([p.looks for p in parts]),
        np.concatenate([p.answers for p in parts]),
        np.concatenate([p.folds for p in parts]),
    )


def sampled(known: Known, most: int, rng: np.random.Generator) -> Known:
    """At most `most` of them, and of the rare answers as many as of the frequent ones where there are that many."""
    if len(known) <= most:
        return known
    names, at, counts = np.unique(known.answers, return_inverse=True, return_counts=True)
    chance = (most / len(names)) / counts[at]
    kept = np.flatnonzero(rng.random(len(known)) < chance)
    return Known(known.looks[kept], known.answers[kept], known.folds[kept])


def vote(known: Known, looks: Looks, folds: Ints, *, answers: int, k: int = 15) -> Shares:
    """For each of `looks` (m, d) the share of each answer among its `k` nearest neighbours of other folds: (m, answers), rows sum to 1.

    Where nobody of another fold is known, every answer has the same share.
    """
    shares = np.full((len(looks), answers), 1.0 / answers)
    if not len(known):
        return shares
    k = min(k, len(known))
    for at in range(0, len(looks), CHUNK):
        part = slice(at, at + CHUNK)
        likeness = looks[part] @ known.looks.T
        likeness[folds[part, None] == known.folds[None, :]] = -np.inf
        nearest = np.argpartition(-likeness, k - 1, axis=1)[:, :k]
        near = np.take_along_axis(likeness, nearest, axis=1)
        best = near.max(axis=1, keepdims=True)
        some = np.isfinite(best[:, 0])
        weights = np.exp(SHARPNESS * (near[some] - best[some]))
        counted = np.zeros((int(some.sum()), answers))
        rows = np.repeat(np.arange(len(counted)), k)
        np.add.at(counted, (rows, known.answers[nearest[some]].ravel()), weights.ravel())
        shares[np.flatnonzero(some) + at] = counted / counted.sum(axis=1, keepdims=True)
    return shares
