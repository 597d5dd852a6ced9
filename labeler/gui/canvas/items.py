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
    things: tuple[Box | Suggestion, ...] = (*page.boxes, *page.suggestions) if page is not None else ()
    keys: tuple[Key, ...] = tuple(t.id for t in things)
    return Items(
        things=things,
        index={key: n for n, key in enumerate(keys)},
        keys=keys,
        rects=as_array(things),
        class_ids=np.array([t.class_id for t in things], dtype=np.intp),
        boxes=len(page.boxes) if page is not None else 0,
        shapes=[QRectF(t.x, t.y, t.w, t.h) for t in things],
    )


def changed(old: Items, new: Items) -> tuple[list[int], list[int]]:
    """Indices in `old` and in `new` of what differs between them."""
    gone = [i for i, key in enumerate(old.keys) if not _same(old.things[i], _find(new, key))]
    come = [i for i, key in enumerate(new.keys) if not _same(new.things[i], _find(old, key))]
    return gone, come


def _find(items: Items, key: Key) -> Box | Suggestion | None:
    found = items.index.get(key)
    return None if found is None else items.things[found]


def _same(a: Box | Suggestion, b: Box | Suggestion | None) -> bool:
    return a is b or a == b
