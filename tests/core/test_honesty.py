"""The rule about moving images between splits: what was learnt from never judges, what judged is not learnt from unnoticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.core.honesty import Harm, harm, joint_split
from labeler.core.splits import SPLITS

USED = st.frozensets(st.sampled_from(SPLITS))


@pytest.mark.parametrize(
    ("used", "to", "expected"),
    [
        ((), "test", None),
        (("train",), "train", None),
        (("train",), "test", Harm.LEARNT),
        (("train",), "val", Harm.LEARNT),
        (("train",), None, Harm.LEARNT),
        (("val",), "test", Harm.LEARNT),
        (("val",), None, Harm.LEARNT),
        (("val",), "train", None),
        (("test",), "test", None),
        (("test",), "train", Harm.JUDGED),
        (("test",), "val", Harm.JUDGED),
        (("test",), None, None),
        (("train", "test"), "train", Harm.JUDGED),
        (("train", "test"), "test", Harm.LEARNT),
    ],
)
def test_what_a_move_would_do(used: tuple[str, ...], to: str | None, expected: Harm | None) -> None:
    assert harm(frozenset(used), to) is expected


@given(USED)
def test_what_was_learnt_from_never_judges_unnoticed(used: frozenset[str]) -> None:
    if used & {"train", "val"}:
        assert harm(used, "test") is Harm.LEARNT


@given(st.dictionaries(st.sampled_from(SPLITS), st.integers(0, 9)), st.booleans())
def test_a_joint_split_is_one_that_some_image_had(counts: dict[str, int], learnt: bool) -> None:
    found = {s for s, n in counts.items() if n}
    split = joint_split(counts, learnt=learnt)
    assert split in found if found else split is None
    if learnt and "train" in found:
        assert split == "train"
    elif split is not None:
        assert counts[split] == max(counts.values())


def test_of_equals_the_one_that_judges_least_is_taken() -> None:
    assert joint_split({"test": 2, "train": 2}, learnt=False) == "train"
    assert joint_split({"test": 2, "val": 2}, learnt=False) == "val"
