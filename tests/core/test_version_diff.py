"""What differs between two versions, and the edit that brings a version's boxes back."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from labeler.core.boxes import Box, ClassRect, Origin, Rect, ReviewState
from labeler.core.pages import Image, Page, after_edit
from labeler.core.restoring import restore
from labeler.core.version_diff import BoxChange, diff
from labeler.core.versions import FrozenImage, freeze_boxes

DIGITS = tuple("0123456789")
RECTS = st.builds(
    Rect, st.integers(0, 40).map(float), st.integers(0, 30).map(float), st.integers(1, 20).map(float), st.integers(1, 15).map(float)
)  # fmt: skip
BOXES = st.lists(st.tuples(st.integers(0, 9), RECTS), max_size=6)


def frozen(sha: str, *boxes: ClassRect, split: str = "train") -> FrozenImage:
    return FrozenImage(sha, "png", 64, 48, split, boxes)


def test_each_kind_of_difference_is_told() -> None:
    one, other = ClassRect(1, 1, 10, 10, 1), ClassRect(30, 1, 10, 10, 2)
    before = [
        frozen("a", one, other), frozen("b", one), frozen("c", one), frozen("d", one), frozen("gone", one),
        frozen("same", one, other),
    ]  # fmt: skip
    moved, relabelled = ClassRect(2, 1, 10, 10, 1), ClassRect(1, 1, 10, 10, 7)
    after = [
        frozen("a", one), frozen("b", moved), frozen("c", relabelled), frozen("d", one, split="test"),
        frozen("new", one), frozen("same", one, other),
    ]  # fmt: skip
    found = diff(before, after, classes=(DIGITS, DIGITS))
    by_sha = {c.image.sha256: c for c in found.images}
    assert by_sha.keys() == {"a", "b", "c", "d", "gone", "new"}
    assert by_sha["a"].boxes == (BoxChange(other, None),)
    assert by_sha["a"].kept == (one,)
    assert by_sha["b"].boxes == (BoxChange(one, moved),)
    assert by_sha["c"].boxes == (BoxChange(one, relabelled),)
    assert (by_sha["d"].is_moved, by_sha["d"].boxes) == (True, ())
    assert (by_sha["gone"].after, by_sha["new"].before) == (None, None)
    assert found.same == 1
    assert found.counts() == Counter(
        {"images added": 1, "images removed": 1, "images moved": 1, "boxes removed": 1, "boxes changed": 2}
    )


def test_classes_are_told_by_name() -> None:
    before = [frozen("a", ClassRect(1, 1, 5, 5, 1))]
    after = [frozen("a", ClassRect(1, 1, 5, 5, 0))]
    same = diff(before, after, classes=(("x", "y"), ("y", "z")))
    assert (same.images, same.same) == ((), 1)
    assert (same.classes, same.classes_added, same.classes_removed) == (("x", "y", "z"), ("z",), ("x",))


@given(BOXES, BOXES)
def test_what_is_kept_and_what_changed_make_both_sides(
    old: list[tuple[int, Rect]], new: list[tuple[int, Rect]]
) -> None:
    before, after = frozen("a", *freeze_boxes(old)), frozen("a", *freeze_boxes(new))
    found = diff([before], [after], classes=(DIGITS, DIGITS))
    if not found.images:
        assert before.boxes == after.boxes
        return
    (change,) = found.images
    gone = Counter(b.before for b in change.boxes if b.before is not None)
    fresh = Counter(b.after for b in change.boxes if b.after is not None)
    assert Counter(change.kept) + gone == Counter(before.boxes)
    assert Counter(change.kept) + fresh == Counter(after.boxes)
    assert not gone & fresh


@given(BOXES, BOXES)
def test_restoring_gives_exactly_the_frozen_boxes_and_keeps_what_is_equal(
    now: list[tuple[int, Rect]], then: list[tuple[int, Rect]]
) -> None:
    boxes = tuple(Box(r.x, r.y, r.w, r.h, c, f"b{n}", Origin.SUGGESTION, n) for n, (c, r) in enumerate(now))
    page = Page(Image(1, "p", 64, 48, ReviewState.REVIEWED), boxes)
    wanted = freeze_boxes(then)
    edit = restore(page, wanted, "back")
    after = after_edit(page, edit, ())
    assert freeze_boxes((b.class_id, b) for b in after.boxes) == wanted
    kept = {b.id for b in after.boxes} & {b.id for b in boxes}
    assert len(kept) == (Counter(freeze_boxes(now)) & Counter(wanted)).total()
    assert edit.after.rejected == {b.suggestion_id for b in edit.before.boxes}
    assert after.image.state is ReviewState.REVIEWED
