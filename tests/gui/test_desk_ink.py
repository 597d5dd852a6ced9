"""Click on ink learns how much paper a person leaves around digits."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from labeler.core.boxes import Rect, ReviewState, iou
from labeler.core.pages import Image, Page
from labeler.gui.canvas.picture import decode
from labeler.gui.pages.desk_ink import InkFinder
from tests.helpers import handwriting


def at_once(fn: Callable[[], float | None], done: Callable[[float | None], None]) -> None:
    done(fn())


def loosely(rect: Rect) -> Rect:
    """A box with a fifth of the digit's longer side of paper all around."""
    by = 0.2 * max(rect.w, rect.h)
    return Rect(rect.x - by, rect.y - by, rect.w + 2 * by, rect.h + 2 * by)


@pytest.fixture
def pages() -> list[tuple[handwriting.Handwriting, Page]]:
    made = [handwriting.page(seed, digits=5) for seed in range(2)]
    return [
        (one, Page(Image(n, f"{n}.png", one.picture.shape[1], one.picture.shape[0], ReviewState.NEW)))
        for n, one in enumerate(made, 1)
    ]


def fits(finder: InkFinder, boxes: list[Rect]) -> list[float]:
    found = [finder.tightened(loosely(rect)) for rect in boxes]
    return [iou(f, loosely(r)) if f is not None else 0.0 for f, r in zip(found, boxes, strict=True)]


def test_the_next_page_is_boxed_as_loosely_as_this_one_was_by_hand(
    pages: list[tuple[handwriting.Handwriting, Page]],
) -> None:
    (first, first_page), (second, second_page) = pages
    finder = InkFinder(at_once)
    finder.show(second_page, decode(second.png()))
    rects = [rect for _, rect in second.boxes]
    assert max(fits(finder, rects)) < 0.75, "nobody has shown yet that boxes are to be loose"
    finder.show(first_page, decode(first.png()))
    finder.learn(loosely(first.boxes[0][1]))
    finder.show(replace(second_page), decode(second.png()))
    assert min(fits(finder, rects)) > 0.75


def test_what_a_click_found_is_nobodys_habit(pages: list[tuple[handwriting.Handwriting, Page]]) -> None:
    (first, page), _ = pages
    finder = InkFinder(at_once)
    finder.show(page, decode(first.png()))
    _, rect = first.boxes[0]
    found = finder.box_at(*clicked(first, rect))
    assert found is not None
    finder.learn(found)
    assert not finder._habit


def clicked(page: handwriting.Handwriting, rect: Rect) -> tuple[float, float]:
    part = page.picture[int(rect.y) : int(rect.bottom), int(rect.x) : int(rect.right), 0]
    row, column = divmod(int(part.argmin()), part.shape[1])
    return int(rect.x) + column + 0.5, int(rect.y) + row + 0.5
