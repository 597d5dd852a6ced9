"""The rule that gives a split to what has none yet. Pure; it never moves what has one.

A unit is all that must stay together: a writer with their images, or a group of near-duplicates without a writer.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SPLITS = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class Unit:
    """What stays together. `weight` counts images; `stratum` names what every split should have some of (source, blank or not)."""

    key: str
    weight: int
    stratum: str = ""
    split: str | None = None


def shares(val: float, test: float) -> dict[str, float]:
    """Shares of the three splits. Raises `ValueError` where nothing would be left to train on."""
    if not (0 <= val < 1 and 0 <= test < 1 and val + test < 1):
        raise ValueError("val and test must be at least 0 and together less than 1")
    return {"train": 1 - val - test, "val": val, "test": test}


def assign(units: Iterable[Unit], share: Mapping[str, float], seed: int) -> dict[str, str]:
    """Splits for the units that have none, by key.

    In an order shuffled by `seed`, each unit goes to the split that is, relative to its share, emptiest in the unit's stratum; a tie
    is broken by the whole, then by the larger share. So with three units or more of a stratum every split gets one.
    """
    known = list(units)
    in_stratum: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(SPLITS, 0.0))
    in_all = dict.fromkeys(SPLITS, 0.0)

    def fill(unit: Unit, split: str) -> None:
        in_stratum[unit.stratum][split] += unit.weight
        in_all[split] += unit.weight

    for unit in known:
        if unit.split is not None:
            fill(unit, unit.split)
    chosen: dict[str, str] = {}
    open_splits = [s for s in SPLITS if share[s] > 0]
    for unit in sorted((u for u in known if u.split is None), key=lambda u: _shuffled(u.key, seed)):
        here = in_stratum[unit.stratum]
        split = min(open_splits, key=lambda s: (here[s] / share[s], in_all[s] / share[s], -share[s]))
        chosen[unit.key] = split
        fill(unit, split)
    return chosen


def _shuffled(key: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{key}".encode()).hexdigest()
