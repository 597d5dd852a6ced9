"""Fits the reader of strokes: `python -m labeler.training.strokes.fit SHARED OUT.npz`, SHARED being the folder of real stroke data.

Learns from the prompted strings of three quarters of the writers (by a hash of their code) and of drawn hands; the last quarter is
for the measurements, see `held_out`.
"""

import argparse
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from labeler.core.ink import Stroke
from labeler.core.ink_evidence import hand_size, runs
from labeler.core.stroke_reader import NO_DIGIT, Matrix, Reader, features, to_bytes
from labeler.training.strokes.prompted import Prompted, drawn, strings, unipen

HIDDEN, BATCH, EPOCHS, RATE = 128, 512, 40, 2e-3
DROPPED = 0.25
"""Share of hidden units left out of each step (Srivastava et al. 2014)."""


def held_out(writer: str) -> bool:
    """Whether a writer is kept for measuring."""
    return int(hashlib.sha256(writer.encode()).hexdigest(), 16) % 4 == 0


def examples(made: Iterable[Prompted], *, seed: int = 0, junk: float = 0.35) -> tuple[Matrix, np.ndarray]:
    """Features and answers of the strokes that a grouping would look at; a share `junk` of those that are no digit."""
    rng = np.random.default_rng(seed)
    rows, answers = [], []
    for one in made:
        size = hand_size(one.strokes)
        whole = {
            tuple(i for i, o in enumerate(one.owner) if o == place): int(digit)
            for place, digit in enumerate(one.prompt)
        }
        for run in runs(one.strokes):
            answer = whole.get(run, NO_DIGIT)
            if answer == NO_DIGIT and rng.random() > junk:
                continue
            rows.append(features([one.strokes[i].points for i in run], size))
            answers.append(answer)
    return np.stack(rows), np.array(answers)


def fit(rows: Matrix, answers: np.ndarray, *, epochs: int = EPOCHS, seed: int = 0) -> Reader:
    """Train by Adam (Kingma and Ba 2015) with a falling rate, weight decay and noise on the input."""
    rng = np.random.default_rng(seed)
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 0.05
    normal = (rows - mean) / spread
    network = [
        rng.normal(0, np.sqrt(2 / rows.shape[1]), (rows.shape[1], HIDDEN)).astype(np.float32), np.zeros(HIDDEN, np.float32),
        rng.normal(0, np.sqrt(1 / HIDDEN), (HIDDEN, NO_DIGIT + 1)).astype(np.float32), np.zeros(NO_DIGIT + 1, np.float32),
    ]  # fmt: skip
    first, second = [np.zeros_like(p) for p in network], [np.zeros_like(p) for p in network]
    step, steps = 0, epochs * (len(rows) // BATCH)
    for _ in range(epochs):
        order = rng.permutation(len(rows))
        for at in range(0, len(rows) - BATCH + 1, BATCH):
            step += 1
            batch = normal[order[at : at + BATCH]]
            batch = batch + rng.normal(0, 0.25, batch.shape).astype(np.float32)
            kept = (rng.random((BATCH, HIDDEN)) >= DROPPED).astype(np.float32) / np.float32(1 - DROPPED)
            gradients = _gradients(network, batch, answers[order[at : at + BATCH]], kept)
            rate = RATE * 0.5 * (1 + np.cos(np.pi * step / steps))
            for p, g, m, v in zip(network, gradients, first, second, strict=True):
                m += 0.1 * (g - m)
                v += 0.001 * (g * g - v)
                p -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8) + rate * 0.01 * p
    return Reader(mean, spread, *network)


def _gradients(network: list[Matrix], batch: Matrix, answers: np.ndarray, kept: Matrix) -> list[Any]:
    a, b, c, d = network
    before = batch @ a + b
    hidden = np.maximum(before, 0) * kept
    out = hidden @ c + d
    chance = np.exp(out - out.max(axis=1, keepdims=True))
    chance /= chance.sum(axis=1, keepdims=True)
    chance[np.arange(len(answers)), answers] -= 1
    chance /= len(answers)
    back = (chance @ c.T) * (before > 0) * kept
    return [batch.T @ back, back.sum(axis=0), hidden.T @ chance, chance.sum(axis=0)]


def training_strings(shared: Path, *, count: int, seed: int) -> list[Prompted]:
    """Strings of the writers to learn from, with those that were not what was asked for among them."""
    real: Mapping[str, Any] = {w: d for w, d in unipen(shared).items() if not held_out(w)}
    rng = np.random.default_rng(seed)
    made = strings(real, count, seed=seed, faults=0.05)
    own = strings(drawn(80, seed=seed + 1), count // 4, seed=seed)
    return [bent(s, rng) for s in (*made, *own)]


def bent(one: Prompted, rng: np.random.Generator) -> Prompted:
    """The same string by a hand that leans, turns and stretches otherwise."""
    turn, lean, wide = rng.normal(0, 0.06), rng.normal(0, 0.16), float(np.exp(rng.normal(0, 0.12)))
    matrix = np.array([[wide, -lean - turn], [turn, 1.0]]).T
    return replace(one, strokes=[Stroke(np.column_stack([s.xy @ matrix, s.points[:, 2:]])) for s in one.strokes])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=24_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rows, answers = examples(
        training_strings(options.shared, count=options.count, seed=options.seed), seed=options.seed
    )
    network = fit(rows, answers, seed=options.seed)
    options.out.write_bytes(to_bytes(network))
    judged = strings({w: d for w, d in unipen(options.shared).items() if held_out(w)}, 1500, seed=1)
    seen, right = examples(judged, seed=2)
    found = network.read(seen).argmax(axis=1)
    digits = right != NO_DIGIT
    print(  # noqa: T201
        f"{len(rows)} examples; held-out writers: {np.mean(found[digits] == right[digits]):.4f} of {digits.sum()} digits,"
    )
    print(f"{np.mean(found[~digits] == NO_DIGIT):.4f} of {(~digits).sum()} that are none")  # noqa: T201


if __name__ == "__main__":
    main()
