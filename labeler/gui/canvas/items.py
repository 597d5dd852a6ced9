"""The boxes and suggestions of a page in the shape that painting and hit-testing need: arrays, keys and rectangles made once per change."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF

from labeler.core.boxes import Box, FloatArray, Suggestion, as_array
from labeler.core.pages import Page

Key = str | int
"""A box's id or a suggestion's id: a text is a box, a number a suggestion."""
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """Boxes first, then suggestions, each at one index everywhere. `rects` has shape (n, 4): x, y, w, h."""

    things: tuple[Box | Suggestion, ...]
    index: dict[Key, int]
    keys: tuple[Key, ...]
    rects: FloatArray
    class_ids: Indices
    boxes: int
    shapes: list[QRectF]

    def __len__(self) -> int:
        return len(self.things)

    def is_suggestion(self, index: int) -> bool:
        """Whether the item at `index` is nobody's word yet."""
        return index >= self.boxes

    def where(self, keys: Iterable[Key]) -> list[int]:
        """Indices of those of `keys` that are here."""
        return [self.index[k] for k in keys if k in self.index]


def items_of(page: Page | None) -> Items:
    """The items of a page; none for no page."""
    return _items(things_of(page), len(page.boxes) if page is not None else 0, _NOTHING)


def items_after(old: Items, page: Page) -> tuple[Items, list[int], list[int]]:
    """The items of a page that was a little different before, and the indices in `old` and in the new ones of what differs.

    Makes again only what differs: on a page of thousands of boxes an edit of one costs no more than a look at the others.
    """
    new = _items(things_of(page), len(page.boxes), old)
    gone = [i for i, key in enumerate(old.keys) if key not in new.index]
    come = []
    for i, (key, thing) in enumerate(zip(new.keys, new.things, strict=True)):
        before = old.index.get(key)
        if before is None:
            come.append(i)
        elif old.things[before] is not thing and old.things[before] != thing:
            come.append(i)
            gone.append(before)
    return new, gone, come


def things_of(page: Page | None) -> tuple[Box | Suggestion, ...]:
    """Boxes, then suggestions."""
    return (*page.boxes, *page.suggestions) if page is not None else ()


_NOTHING = Items((), {}, (), np.empty((0, 4)), np.empty(0, dtype=np.intp), 0, [])


def _items(things: tuple[Box | Suggestion, ...], boxes: int, old: Items) -> Items:
    keys: tuple[Key, ...] = tuple([t.id for t in things])
    places = [old.index.get(key, -1) for key in keys]
    places = [
        n if n >= 0 and (old.things[n] is t or old.things[n] == t) else -1 for n, t in zip(places, things, strict=True)
    ]
    fresh = [i for i, n in enumerate(places) if n < 0]
    rects = old.rects[places] if len(old) else np.empty((len(things), 4))
    class_ids = old.class_ids[places] if len(old) else np.empty(len(things), dtype=np.intp)
    rects[fresh] = as_array([things[i] for i in fresh])
    class_ids[fresh] = [things[i].class_id for i in fresh]
    shapes = [old.shapes[n] if n >= 0 else QRectF(t.x, t.y, t.w, t.h) for n, t in zip(places, things, strict=True)]
    return Items(things, {key: n for n, key in enumerate(keys)}, keys, rects, class_ids, boxes, shapes)
