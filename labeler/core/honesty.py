"""When moving an image to another split would make figures lie, and which split images get that turn out to be one hand's. Pure."""

from collections.abc import Mapping, Set
from enum import StrEnum

from labeler.core.splits import SPLITS


class Harm(StrEnum):
    """What a move would do to figures: a model is judged on what it `LEARNT`, or what models were `JUDGED` on is learnt from now."""

    LEARNT = "learnt"
    JUDGED = "judged"


def harm(used_as: Set[str], to: str | None) -> Harm | None:
    """What is wrong with moving an image to split `to` that trainings so far used as `used_as`; None where nothing is.

    Without a split (None) it may be dealt to any, so that what was learnt from must not lose its own.
    """
    if ("train" in used_as and to != "train") or ("val" in used_as and to in ("test", None)):
        return Harm.LEARNT
    return Harm.JUDGED if "test" in used_as and to not in ("test", None) else None


def joint_split(counts: Mapping[str, int], *, learnt: bool) -> str | None:
    """The split of a writer whose images have been in these splits, by count; None where they had none.

    What was `learnt` from can only be learnt from. Else most images decide, and of equals the one that judges least.
    """
    found = {split: n for split, n in counts.items() if split in SPLITS and n}
    if not found:
        return None
    if learnt and "train" in found:
        return "train"
    return max(found, key=lambda s: (found[s], -SPLITS.index(s)))
