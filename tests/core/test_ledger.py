"""The ledger's rule on one page: each suggestion shown ends as one of four, and kept + added are the final boxes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.core.boxes import Box, Rect, Suggestion, accepted, new_box
from labeler.core.ledger import Effort, effort

SHOWN = [Suggestion(10.0 * n, 5, 8, 9, n, 0.5, n + 1, 1) for n in range(6)]
fates = st.lists(st.sampled_from(["accepted", "moved", "relabelled", "both", "deleted"]), min_size=6, max_size=6)


@given(fates, st.integers(0, 5))
def test_the_law_holds_whatever_a_person_does(fate: list[str], added: int) -> None:
    final: list[Box] = []
    for suggestion, what in zip(SHOWN, fate, strict=True):
        box = accepted(suggestion)
        if what in ("moved", "both"):
            box = box.placed(Rect(box.x + 0.5, box.y, box.w, box.h))
        if what in ("relabelled", "both"):
            box = replace(box, class_id=9)
        if what != "deleted":
            final.append(box)
    final += [new_box(Rect(n, n, 5, 5), 1) for n in range(added)]
    done = effort(SHOWN, final)
    assert done.shown == 6 == done.accepted + done.moved + done.relabelled + done.deleted
    assert done.kept + done.added == len(final)
    assert done == Effort(
        6, fate.count("accepted"), fate.count("moved"), fate.count("relabelled") + fate.count("both"), fate.count("deleted"), added
    )  # fmt: skip


def test_sums_and_corrections_per_hundred_digits() -> None:
    total = Effort(10, 6, 1, 1, 2, 2) + Effort(5, 5, 0, 0, 0, 0)
    assert (total.shown, total.kept, total.corrections) == (15, 13, 6)
    assert total.corrections_per_100 == pytest.approx(40.0)
    assert Effort(3, deleted=3).corrections_per_100 is None
