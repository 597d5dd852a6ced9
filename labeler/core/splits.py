"""The rule that gives a split to what has none yet. Pure; it never moves what has one.

A unit is all that must stay together: a writer with their images, or a group of near-duplicates without a writer.
"""

import hashlib
from collections import Counter, defaultdict
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


def assign(
    units: Iterable[Unit], share: Mapping[str, float], seed: int, links: Iterable[tuple[str, str]] = ()
) -> dict[str, str]:
    """Splits for the units that have none, by key.

    In an order shuffled by `seed`, each unit goes to a split that has nothing of its stratum yet, else to the one that is, relative to
    its share, emptiest of what the unit brings; what is rare counts most. A tie is broken by the larger share. Units that `links`
    connect, by pairs of keys, are treated as one: who has no split yet follows those that have.
    """
    by_key = {unit.key: unit for unit in units}
    bundles = [[by_key[k] for k in keys] for keys in together(by_key, links)]
    joined = [_as_one(members) for members in bundles]
    fill = _Fill(joined)
    split_of = {bundle.key: bundle.split for bundle in joined}
    open_splits = [s for s in SPLITS if share[s] > 0]
    for unit in sorted((u for u in joined if u.split is None), key=lambda u: _shuffled(u.key, seed)):
        split = min(
            open_splits, key=lambda s: (fill.has_stratum(unit, s), fill.fullness(unit, s) / share[s], -share[s])
        )
        split_of[unit.key] = split
        fill.add(unit, split)
    return {
        member.key: settled
        for one, members in zip(joined, bundles, strict=True)
        for member in members
        if member.split is None and (settled := split_of[one.key]) is not None
    }


def together(keys: Iterable[str], links: Iterable[tuple[str, str]]) -> list[list[str]]:
    """`keys` in bundles that `links` connect, directly or through others; each bundle sorted, its first key its name."""
    root = {key: key for key in keys}

    def find(key: str) -> str:
        while root[key] != key:
            root[key] = root[root[key]]
            key = root[key]
        return key

    for a, b in links:
        if a in root and b in root:
            low, high = sorted((find(a), find(b)))
            root[high] = low
    bundles: dict[str, list[str]] = {}
    for key in sorted(root):
        bundles.setdefault(find(key), []).append(key)
    return list(bundles.values())


def _as_one(members: Sequence[Unit]) -> Unit:
    """Linked units as one. Where they have several splits already, the split of the most images: splits never move."""
    if len(members) == 1:
        return members[0]
    in_split: Counter[str] = Counter()
    for unit in members:
        if unit.split is not None:
            in_split[unit.split] += unit.weight
    holds: Counter[str] = Counter()
    for unit in members:
        holds.update(unit.holds)
    return Unit(
        key=members[0].key,
        weight=sum(u.weight for u in members),
        stratum=max(members, key=lambda u: u.weight).stratum,
        split=max(in_split, key=lambda s: (in_split[s], s)) if in_split else None,
        holds=holds,
    )


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
