"""The split rule's laws on random data: nobody moves, every split gets some, the seed alone decides, shares are kept."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.core.splits import SPLITS, Unit, assign, shares, together

units = st.lists(
    st.builds(
        Unit,
        st.integers(0, 10_000).map(str),
        st.integers(1, 40),
        st.sampled_from(["", "photos", "photos/blank", "扫描"]),
        st.sampled_from([None, None, None, "train", "val", "test"]),
        st.dictionaries(st.sampled_from("0123456789"), st.integers(0, 9)),
    ),
    unique_by=lambda u: u.key,
    max_size=40,
)
some_shares = st.builds(shares, st.floats(0, 0.45), st.floats(0, 0.45))
seeds = st.integers(0, 1000)


def settled(all_units: list[Unit], chosen: dict[str, str]) -> list[Unit]:
    return [replace(u, split=u.split or chosen[u.key]) for u in all_units]


@given(units, some_shares, seeds)
def test_only_what_has_no_split_gets_one_and_each_gets_one(
    all_units: list[Unit], share: dict[str, float], seed: int
) -> None:
    chosen = assign(all_units, share, seed)
    assert chosen.keys() == {u.key for u in all_units if u.split is None}
    assert {share[s] > 0 for s in chosen.values()} <= {True}


@given(units, units, some_shares, seeds, seeds)
def test_adding_any_data_never_moves_anyone(
    first: list[Unit], second: list[Unit], share: dict[str, float], seed: int, later_seed: int
) -> None:
    stay = settled(first, assign(first, share, seed))
    grown = {u.key: u for u in second} | {u.key: replace(u, weight=u.weight + 7) for u in stay}
    assert not assign(grown.values(), share, later_seed).keys() & {u.key for u in stay}


@given(units, some_shares, seeds)
def test_the_order_that_units_come_in_does_not_matter(
    all_units: list[Unit], share: dict[str, float], seed: int
) -> None:
    assert assign(all_units, share, seed) == assign(all_units[::-1], share, seed)


@given(units, seeds)
def test_from_three_units_of_a_stratum_on_every_split_has_one(all_units: list[Unit], seed: int) -> None:
    fresh = [replace(u, split=None) for u in all_units]
    done = settled(fresh, assign(fresh, shares(0.15, 0.15), seed))
    for stratum in {u.stratum for u in done}:
        mine = [u.split for u in done if u.stratum == stratum]
        if len(mine) >= 3:
            assert set(mine) == set(SPLITS)


@given(st.lists(st.integers(1, 10), min_size=60, max_size=100), seeds)
def test_with_many_units_images_come_out_in_their_shares(weights: list[int], seed: int) -> None:
    many = [Unit(str(n), w, "s") for n, w in enumerate(weights)]
    done = settled(many, assign(many, shares(0.2, 0.1), seed))
    for split, share in (("train", 0.7), ("val", 0.2), ("test", 0.1)):
        off = sum(u.weight for u in done if u.split == split) - share * sum(weights)
        # Each unit goes to the relatively emptiest: nobody runs over by more than one unit, nor short by what two others run over.
        assert -2 * max(weights) - 1 <= off <= max(weights) + 1


@given(seeds)
def test_a_rare_digit_comes_into_every_split(seed: int) -> None:
    many = [Unit(str(n), 5, "s", None, {"1": 20} | ({"7": 2} if n % 10 == 0 else {})) for n in range(60)]
    done = settled(many, assign(many, shares(0.15, 0.15), seed))
    assert {u.split for u in done if u.holds.get("7")} == set(SPLITS)


def test_another_seed_splits_otherwise() -> None:
    many = [Unit(str(n), 1) for n in range(30)]
    assert len({tuple(sorted(assign(many, shares(0.2, 0.2), seed).items())) for seed in range(5)}) == 5


@pytest.mark.parametrize(("val", "test"), [(-0.1, 0.1), (0.5, 0.5), (0.2, float("nan")), (1.0, 0.0), (0.9, 0.2)])
def test_impossible_shares_are_refused(val: float, test: float) -> None:
    with pytest.raises(ValueError, match="together less than 1"):
        shares(val, test)


pairs = st.lists(st.tuples(st.integers(0, 40).map(str), st.integers(0, 40).map(str)), max_size=30)
few = st.lists(
    st.builds(Unit, st.integers(0, 40).map(str), st.integers(1, 9), st.sampled_from("ab"), st.sampled_from([None, None, "val"])),
    unique_by=lambda u: u.key,
    max_size=30,
)  # fmt: skip


@given(few, pairs, some_shares, seeds)
def test_linked_units_end_on_one_side(
    all_units: list[Unit], links: list[tuple[str, str]], share: dict[str, float], seed: int
) -> None:
    done = {u.key: u.split for u in settled(all_units, assign(all_units, share, seed, links))}
    for a, b in links:
        if a in done and b in done:
            assert done[a] == done[b]


def test_a_unit_linked_to_two_sides_follows_the_larger_and_moves_neither() -> None:
    known = [Unit("a", 1, split="train"), Unit("b", 5, split="test"), Unit("c", 9)]
    assert assign(known, shares(0.2, 0.2), 0, [("a", "c"), ("c", "b")]) == {"c": "test"}


@given(st.sets(st.integers(0, 40).map(str)), pairs)
def test_bundles_hold_each_key_once_and_what_is_linked_lies_together(
    keys: set[str], links: list[tuple[str, str]]
) -> None:
    bundles = together(keys, links)
    assert sorted(k for bundle in bundles for k in bundle) == sorted(keys)
    at = {k: n for n, bundle in enumerate(bundles) for k in bundle}
    assert all(at[a] == at[b] for a, b in links if a in keys and b in keys)
    assert together(keys, []) == [[k] for k in sorted(keys)]
