"""What a writer is asked to write next. Pure and seeded: the same plan, writer and history ask for the same digits on any machine."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

PAIRS = ((1, 7), (4, 9), (3, 8), (0, 6), (5, 6), (2, 7))
"""Digits that hands make alike."""
FLOOR = 0.05
"""Share of a plan's weight that even a digit never misread keeps, so that no digit is forgotten."""


class Kind(StrEnum):
    """How a plan chooses."""

    EQUAL = "equal"
    RANDOM = "random"
    PAIRS = "pairs"
    WEAKEST = "weakest"


@dataclass(frozen=True, slots=True)
class Plan:
    """`prompts` prompts of `length` digits a writer. `seed` makes another class of students get other prompts."""

    kind: Kind = Kind.EQUAL
    length: int = 5
    prompts: int = 20
    seed: int = 0


def prompt(
    plan: Plan, *, writer: str, number: int, written: Mapping[int, int] | None = None, weakness: Sequence[float] = (),
    digits: Sequence[int] = tuple(range(10)),
) -> str:  # fmt: skip
    """Prompt `number` (from 0) for a writer.

    `written` counts the digits that this writer has written so far, `weakness` says by digit how often the current model was wrong
    (0…1, none known where empty); `digits` are those that the project has classes for. Raises ValueError without any.
    """
    if not digits:
        raise ValueError("a prompt needs digits")
    rng = _rng(plan, writer, number)
    match plan.kind:
        case Kind.EQUAL:
            chosen = _rarest(rng, plan.length, written or {}, digits)
        case Kind.RANDOM:
            chosen = rng.choice(digits, plan.length).tolist()
        case Kind.PAIRS:
            chosen = _pair(rng, plan.length, number, digits)
        case Kind.WEAKEST:
            chosen = _weak(rng, plan.length, weakness, digits)
    return "".join(str(d) for d in chosen)


def plan_to_json(plan: Plan | None) -> dict[str, Any] | None:
    """A plan as plain values; None, for free writing, stays None."""
    if plan is None:
        return None
    return {"kind": str(plan.kind), "length": plan.length, "prompts": plan.prompts, "seed": plan.seed}


def plan_from_json(value: object) -> Plan | None:
    """The inverse of `plan_to_json`; what makes no sense is the usual plan."""
    if value is None:
        return None
    try:
        found = dict(value)  # type: ignore[call-overload]
        return Plan(Kind(found["kind"]), *(max(0, int(found[k])) for k in ("length", "prompts", "seed")))
    except (KeyError, TypeError, ValueError):
        return Plan()


def weakness(right: Mapping[int, int], wrong: Mapping[int, int]) -> list[float]:
    """How often a model was wrong, by digit: the rule of succession (Laplace), so that a digit seen once says little."""
    return [(wrong.get(d, 0) + 1) / (right.get(d, 0) + wrong.get(d, 0) + 2) for d in range(10)]


def _rng(plan: Plan, writer: str, number: int) -> np.random.Generator:
    key = hashlib.sha256(f"{plan.kind}:{plan.length}:{plan.seed}:{writer}:{number}".encode()).digest()
    return np.random.default_rng(int.from_bytes(key[:8], "big"))


def _rarest(rng: np.random.Generator, length: int, written: Mapping[int, int], digits: Sequence[int]) -> list[int]:
    """The digits written least so far, ties by lot, in any order."""
    counts = {d: written.get(d, 0) for d in digits}
    chosen: list[int] = []
    for _ in range(length):
        fewest = min(counts.values())
        digit = int(rng.choice([d for d in digits if counts[d] == fewest]))
        counts[digit] += 1
        chosen.append(digit)
    rng.shuffle(chosen)
    return chosen


def _pair(rng: np.random.Generator, length: int, number: int, digits: Sequence[int]) -> list[int]:
    """One pair's digits mixed, both in it where there is room; the pairs take turns."""
    pairs: list[tuple[int, ...]] = [p for p in PAIRS if set(p) <= set(digits)] or [tuple(digits)]
    pair = pairs[number % len(pairs)]
    chosen = [*pair, *rng.choice(pair, max(0, length - len(pair))).tolist()][:length]
    rng.shuffle(chosen)
    return chosen


def _weak(rng: np.random.Generator, length: int, weakness: Sequence[float], digits: Sequence[int]) -> list[int]:
    """Digits as often as the model is wrong on them."""
    weight = np.array([weakness[d] if d < len(weakness) else 0.5 for d in digits])
    share = FLOOR / len(digits) + (1 - FLOOR) * weight / max(weight.sum(), 1e-12)
    return [int(d) for d in rng.choice(digits, length, p=share / share.sum())]
