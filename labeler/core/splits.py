"""The rule that gives a split to what has none yet. Pure; it never moves what has one.

A unit is all that must stay together: a writer with their images, or a group of near-duplicates without a writer.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

SPLITS = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class Unit:
    """What stays together. `weight` counts images.

    From three units of one `stratum` on, every split has one of them. `holds` counts whatever else each split should have its share
    of: digits by class, pages by source, blank pages.
    """

    key: str
    weight: int
    stratum: str = ""
    split: str | None = None
    holds: Mapping[str, int] = field(default_factory=dict)


def shares(val: float, test: float) -> dict[str, float]:
    """Shares of the three splits. Raises `ValueError` where nothing would be left to train on."""
    if not (0 <= val < 1 and 0 <= test < 1 and val + test < 1):
        raise ValueError("val and test must be at least 0 and together less than 1")
    return {"train": 1 - val - test, "val": val, "test": test}


def assign(units: Iterable[Unit], share: Mapping[str, float], seed: int) -> dict[str, str]:
    """Splits for the units that have none, by key.

    In an order shuffled by `seed`, each unit goes to a split that has nothing of its stratum yet, else to the one that is, relative to
    its share, emptiest of what the unit brings; what is rare counts most. A tie is broken by the larger share.
    """
    known = list(units)
    fill = _Fill(known)
    chosen: dict[str, str] = {}
    open_splits = [s for s in SPLITS if share[s] > 0]
    for unit in sorted((u for u in known if u.split is None), key=lambda u: _shuffled(u.key, seed)):
        split = min(
            open_splits, key=lambda s: (fill.has_stratum(unit, s), fill.fullness(unit, s) / share[s], -share[s])
        )
        chosen[unit.key] = split
        fill.add(unit, split)
    return chosen


class _Fill:
    """How full each split is, by what units hold."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self._in: dict[str, dict[str, int]] = {s: defaultdict(int) for s in SPLITS}
        self._strata: set[tuple[str, str]] = set()
        self._total: dict[str, int] = defaultdict(int)
        for unit in units:
            for name, count in _parts(unit).items():
                self._total[name] += count
            if unit.split is not None:
                self.add(unit, unit.split)

    def add(self, unit: Unit, split: str) -> None:
        self._strata.add((unit.stratum, split))
        for name, count in _parts(unit).items():
            self._in[split][name] += count

    def has_stratum(self, unit: Unit, split: str) -> bool:
        return (unit.stratum, split) in self._strata

    def fullness(self, unit: Unit, split: str) -> float:
        """The mean of how much of each thing the split has, weighted by how much of all there is this unit brings."""
        weights = {name: count / self._total[name] for name, count in _parts(unit).items() if count}
        whole = sum(weights.values())
        return sum(w * self._in[split][name] / self._total[name] for name, w in weights.items()) / whole


def _parts(unit: Unit) -> dict[str, int]:
    return {
        "all": unit.weight,
        f"stratum {unit.stratum}": unit.weight,
        **{f"holds {k}": n for k, n in unit.holds.items()},
    }


def _shuffled(key: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{key}".encode()).hexdigest()
