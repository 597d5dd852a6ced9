"""What the canvas shows right now: one value that the tools change and the painters read. Owns which items are visible; paints nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from labeler.core.boxes import Rect
from labeler.core.hit import HANDLES_UP_TO, touching
from labeler.gui.canvas.items import Indices, Items, items_of
from labeler.gui.canvas.picture import Picture
from labeler.gui.canvas.view import View

CHIP_HEIGHT = 15
CHIP_ROOM = 64
"""Screen pixels to the right of a box's left edge that its chip may take."""
MARGIN = 14
"""Screen pixels around a box that its line, handles and shade may take."""
GRID_FROM = 12.0
"""Device pixels per image pixel from which the pixel grid shows."""
DENSE_FROM = 300
"""With more items than this on the screen, boxes are painted with plain one-pixel lines."""


@dataclass(slots=True)
class Scene:
    """Sizes are the widget's logical pixels, rectangles of items pixels of the image.

    `lifted` are items in the middle of a gesture, by index, where they are now; they are painted above everything else.
    `crosshair` is the pointer's place on the screen while drawing.
    """

    class_names: Sequence[str] = ()
    width: float = 1.0
    height: float = 1.0
    ratio: float = 1.0
    view: View = field(default_factory=View)
    page: Rect | None = None
    picture: Picture | None = None
    items: Items = field(default_factory=lambda: items_of(None))
    selected: list[int] = field(default_factory=list)
    lifted: dict[int, Rect] = field(default_factory=dict)
    hovered: int | None = None
    band: Rect | None = None
    drawn: Rect | None = None
    crosshair: tuple[float, float] | None = None
    next_class: int = 0
    hide_boxes: bool = False
    dense: bool = False

    @property
    def device_scale(self) -> float:
        """Device pixels per image pixel."""
        return self.view.scale * self.ratio

    @property
    def grabbable(self) -> list[int]:
        """The items that show handles."""
        return self.selected if len(self.selected) <= HANDLES_UP_TO else []

    def where(self, index: int) -> Rect:
        """Where an item is now, in image pixels."""
        if index in self.lifted:
            return self.lifted[index]
        x, y, w, h = self.items.rects[index].tolist()
        return Rect(x, y, w, h)

    def visible(self, area: Rect) -> Indices:
        """Indices of the items at rest of which something may show in `area` of the screen."""
        if not len(self.items) or self.hide_boxes:
            return np.empty(0, dtype=np.intp)
        grown = Rect(area.x - CHIP_ROOM, area.y - CHIP_HEIGHT - MARGIN, area.w + CHIP_ROOM + MARGIN, 0.0)
        grown = Rect(grown.x, grown.y, grown.w, area.h + 2 * (CHIP_HEIGHT + MARGIN))
        found = touching(self.items.rects, self.view.on_image(grown))
        return found[~np.isin(found, list(self.lifted))] if self.lifted else found

    def bounds(self, rect: Rect) -> Rect:
        """The part of the screen that an item at `rect` may take, with its line, handles and chip."""
        on = self.view.on_screen(rect)
        top, left = on.y - CHIP_HEIGHT - MARGIN, on.x - MARGIN
        return Rect(left, top, max(on.w + 2 * MARGIN, CHIP_ROOM), on.h + 2 * (CHIP_HEIGHT + MARGIN))
