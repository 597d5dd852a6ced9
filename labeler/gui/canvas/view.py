"""How the page lies in the widget: a scale and an offset, as a value. Owns the arithmetic of zooming, panning and fitting; paints nothing.

Screen coordinates are the widget's logical pixels; image coordinates are pixels of the upright image.
"""

from dataclasses import dataclass, replace

from labeler.core.boxes import Rect

MAX_SCALE = 48.0
MARGIN = 24.0
"""Screen pixels left free around a fitted page."""
FIT_UP_TO = 8.0
"""Fitting enlarges small pages, but not beyond this."""
KEEP = 48.0
"""Screen pixels of the page that panning always leaves in sight."""


@dataclass(frozen=True, slots=True)
class View:
    """screen = image · scale + (x, y)."""

    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0

    def to_screen(self, x: float, y: float) -> tuple[float, float]:
        """A point of the image on the screen."""
        return x * self.scale + self.x, y * self.scale + self.y

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        """A point of the screen on the image."""
        return (x - self.x) / self.scale, (y - self.y) / self.scale

    def on_screen(self, rect: Rect) -> Rect:
        """A rectangle of the image on the screen."""
        return Rect(
            rect.x * self.scale + self.x, rect.y * self.scale + self.y, rect.w * self.scale, rect.h * self.scale
        )

    def on_image(self, rect: Rect) -> Rect:
        """A rectangle of the screen on the image."""
        x, y = self.to_image(rect.x, rect.y)
        return Rect(x, y, rect.w / self.scale, rect.h / self.scale)

    def panned(self, dx: float, dy: float) -> "View":
        """Shifted by screen pixels."""
        return replace(self, x=self.x + dx, y=self.y + dy)

    def zoomed(self, factor: float, at: tuple[float, float], *, least: float) -> "View":
        """Enlarged by `factor`, the image point under the screen point `at` staying there."""
        scale = min(max(self.scale * factor, least), MAX_SCALE)
        x, y = self.to_image(*at)
        return View(scale, at[0] - x * scale, at[1] - y * scale)

    def centred_on(self, x: float, y: float, width: float, height: float) -> "View":
        """With the image point (x, y) in the middle of the widget."""
        return replace(self, x=width / 2 - x * self.scale, y=height / 2 - y * self.scale)


def fitted(page: Rect, width: float, height: float) -> View:
    """The view that shows the whole page in the middle of a widget of this size."""
    room_w, room_h = max(width - 2 * MARGIN, 1.0), max(height - 2 * MARGIN, 1.0)
    scale = min(room_w / max(page.w, 1.0), room_h / max(page.h, 1.0), FIT_UP_TO)
    return View(scale, (width - page.w * scale) / 2, (height - page.h * scale) / 2)


def bounded(view: View, page: Rect, width: float, height: float) -> View:
    """`view` pushed back where it would lose the page from sight."""
    x = min(max(view.x, KEEP - page.w * view.scale), width - KEEP)
    y = min(max(view.y, KEEP - page.h * view.scale), height - KEEP)
    return replace(view, x=x, y=y)


def aligned(view: View, ratio: float) -> View:
    """`view` with its offset on whole device pixels, so that a pan is an exact shift of what is painted already."""
    return replace(view, x=round(view.x * ratio) / ratio, y=round(view.y * ratio) / ratio)


def revealing(view: View, rect: Rect, width: float, height: float, *, margin: float = 40.0) -> View:
    """`view` panned just far enough to show a rectangle of the image."""
    on = view.on_screen(rect)
    return view.panned(_reveal(on.x, on.right, width, margin), _reveal(on.y, on.bottom, height, margin))


def _reveal(low: float, high: float, length: float, margin: float) -> float:
    if high - low > length - 2 * margin:
        return length / 2 - (low + high) / 2 if low > length - margin or high < margin else 0.0
    if low < margin:
        return margin - low
    return length - margin - high if high > length - margin else 0.0
