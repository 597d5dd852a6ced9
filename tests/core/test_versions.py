"""The content hash: the same content gives it whatever order it comes in, any other content gives another."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from labeler.core.boxes import ClassRect, Rect
from labeler.core.versions import FrozenImage, content_hash, freeze_boxes

DIGITS = [str(n) for n in range(10)]
rects = st.builds(Rect, st.floats(0, 90), st.floats(0, 90), st.floats(1, 50), st.floats(1, 50))
boxes = st.lists(st.tuples(st.integers(0, 9), rects), max_size=5)


def image(name: str, *held: tuple[int, Rect], split: str = "train") -> FrozenImage:
    return FrozenImage(name, "png", 100, 80, split, freeze_boxes(held), "w1", 4)


@given(st.lists(boxes, min_size=1, max_size=4), st.randoms())
def test_order_and_ids_do_not_matter(pages: list[list[tuple[int, Rect]]], random: "st.Random") -> None:
    images = [image(f"{n}", *held) for n, held in enumerate(pages)]
    shuffled = [
        replace(image(i.sha256, *random.sample(held, len(held))), image_id=99, writer=None)
        for i, held in zip(images, pages, strict=True)
    ]
    random.shuffle(shuffled)
    assert content_hash(DIGITS, shuffled) == content_hash(DIGITS, images)


def test_every_other_content_has_another_hash() -> None:
    first = image("aa", (3, Rect(10, 10, 5, 7)))
    others = [
        [],
        [first, image("bb")],
        [replace(first, sha256="ab")],
        [replace(first, split="val")],
        [replace(first, width=101)],
        [image("aa")],
        [image("aa", (4, Rect(10, 10, 5, 7)))],
        [image("aa", (3, Rect(10.001, 10, 5, 7)))],
        [image("aa", (3, Rect(10, 10, 7, 5)))],
        [image("aa", (3, Rect(10, 10, 5, 7)), (3, Rect(10, 10, 5, 7)))],
    ]
    hashes = {content_hash(DIGITS, images) for images in others} | {content_hash(DIGITS[::-1], [first])}
    assert len(hashes) == len(others) + 1
    assert content_hash(DIGITS, [first]) not in hashes


@given(boxes)
def test_freezing_rounds_to_a_thousandth_and_sorts(held: list[tuple[int, Rect]]) -> None:
    frozen = freeze_boxes(held)
    assert freeze_boxes((b.class_id, b) for b in frozen) == frozen
    assert [b.class_id for b in frozen] == sorted(c for c, _ in held)
    assert all(isinstance(b, ClassRect) and round(b.x, 3) == b.x for b in frozen)
