"""Click on ink for the page in front: hands the picture and what is known of the page's digits to `labeler.detect.ink`.

How much paper a person leaves around ink is their habit: it is seen in the other boxes of the page, or else in the last boxes that they
dragged themselves, on whatever page.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtGui import QImage

from labeler.core.boxes import Origin, Rect, clip
from labeler.core.looseness import Looseness
from labeler.core.pages import Page
from labeler.detect import ink
from labeler.gui.canvas.picture import Picture

SAMPLE = 6
"""So many boxes of the page show how much paper its annotator leaves around ink."""


class InkFinder:
    """Lives on the GUI thread; a search takes some tens of milliseconds. `show` says which page is in front.

    `read` runs a function on another thread and hands its result back.
    """

    def __init__(self, read: Callable[[Callable[[], float | None], Callable[[float | None], None]], object]) -> None:
        self._read = read
        self._image: Any = None
        self._picture: Picture | None = None
        self._found: Rect | None = None
        self._habit = Looseness()
        self._page: Page | None = None
        self._margin: tuple[int, float | None] | None = None

    def show(self, page: Page | None, picture: Picture | None) -> None:
        """The page in front from now on, with its picture."""
        if page is None or self._page is None or page.image.id != self._page.image.id:
            self._margin = None
        self._page = page
        self._picture = picture
        self._image = as_array(picture.levels[0]) if picture is not None else None

    def show_boxes(self, page: Page) -> None:
        """The same page after an edit."""
        self._page = page

    def box_at(self, x: float, y: float) -> Rect | None:
        """The box around the ink at a point, as this page's other boxes are drawn."""
        page, image = self._page, self._image
        if image is None or page is None:
            return None
        self._found = self._fitted(page, lambda margin: ink.ink_box(image, x, y, size=_usual_size(page), margin=margin))
        return self._found

    def tightened(self, rect: Rect) -> Rect | None:
        """A box moved to its ink."""
        page, image = self._page, self._image
        if image is None or page is None:
            return None
        return self._fitted(page, lambda margin: ink.tighten(image, rect, margin=margin))

    def learn(self, rect: Rect) -> None:
        """A person has dragged a box to be like this."""
        image, picture = self._image, self._picture
        if image is None or rect == self._found:
            return

        def measure() -> float | None:
            assert picture is not None  # the array is a view of its pixels
            return ink.margin_of(image, [rect])

        self._read(measure, lambda margin: self._habit.learn(rect, margin) if margin is not None else None)

    def _fitted(self, page: Page, find: Callable[[float | None], Rect | None]) -> Rect | None:
        margin = self._usual_margin(page)
        if margin is not None or not self._habit:
            return find(margin)
        tight = find(0.0)
        return None if tight is None else clip(self._habit.around(tight), page.image.width, page.image.height)

    def _usual_margin(self, page: Page) -> float | None:
        own = [b for b in page.boxes if b.origin in (Origin.PERSON, Origin.IMPORT)][:SAMPLE]
        if len(own) < SAMPLE:
            return None
        if self._margin is None:
            self._margin = page.image.id, ink.margin_of(self._image, list(own))
        return self._margin[1]


def as_array(image: QImage) -> Any:
    """The pixels as an array (h, w, 3), RGB, sharing the memory of an image in 32 bits."""
    raw = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return raw[:, : image.width(), 2::-1]


def _usual_size(page: Page) -> float | None:
    sides = [max(b.w, b.h) for b in (*page.boxes, *page.suggestions)]
    return float(np.median(sides)) if sides else None
