"""A page of ink with its prompt, and the labels that come of it without anybody labelling. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from labeler.core import ink as inks
from labeler.core.boxes import Box, Detection, Origin, Rect, clip, new_box
from labeler.core.doubts import Doubt, Kind
from labeler.core.ink import Pen, Stroke
from labeler.core.ink_grouping import group
from labeler.core.ink_render import Look, Picture, render
from labeler.core.readings import confirms, differs_in_extent, objections


@dataclass(frozen=True, slots=True)
class InkPage:
    """A page as the pad hands it over. Strokes are in pixels of the page, which is `width` × `height`; no prompt means free writing.

    The picture is drawn `scale` times as large; boxes are in pixels of that picture. `device` is what it was written with.
    """

    strokes: tuple[Stroke, ...]
    width: int
    height: int
    prompt: str = ""
    pen: Pen = field(default_factory=Pen)
    look: Look = field(default_factory=Look)
    scale: float = 1.0
    device: str = ""

    @property
    def picture_size(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return max(1, round(self.width * self.scale)), max(1, round(self.height * self.scale))


@dataclass(frozen=True, slots=True)
class Labels:
    """What became of a page: `boxes` with the strokes of each, or the `doubts` that a person must settle. Free writing has neither."""

    boxes: tuple[Box, ...] = ()
    groups: tuple[tuple[int, ...], ...] = ()
    doubts: tuple[Doubt, ...] = ()


def picture(page: InkPage) -> Picture:
    """The page as a picture (height, width, 3), RGB."""
    return render(page.strokes, page.pen, *page.picture_size, scale=page.scale, look=page.look)


def kept_on_page(page: InkPage) -> InkPage:
    """The page without empty strokes, every point pulled onto it."""
    strokes = inks.inside([s for s in page.strokes if len(s)], page.width, page.height)
    return replace(page, strokes=tuple(strokes))


def label(page: InkPage, seen: Sequence[Detection] | None, names: Sequence[str]) -> Labels:
    """Labels of a page by its prompt, whose digits must be among the class `names`.

    `seen` is what a model, which does not know the prompt, read on the picture: it may object to labels, and it may settle what is
    not clear from the strokes by reading just the digits that are disputed. None where no model looked.
    """
    if not page.prompt:
        return Labels()
    found = group(page.strokes, page.prompt)
    boxes = boxes_of(page, found.best, names)
    if found.reason is not None and not confirms(boxes, seen or (), found.disputed):
        return Labels(doubts=(Doubt(Kind(str(found.reason)), asked=page.prompt),))
    if found.reason is None and (doubts := objections(boxes, seen or (), names)):
        return Labels(doubts=doubts)
    if differs_in_extent(boxes, seen or ()):
        return Labels(doubts=(Doubt(Kind.OVERLAP, asked=page.prompt),))
    return Labels(boxes, found.best)


def boxes_of(page: InkPage, groups: Sequence[Sequence[int]], names: Sequence[str]) -> tuple[Box, ...]:
    """A box around each group of strokes, its class the prompt's digit."""
    return tuple(
        _box(page, [page.strokes[i] for i in run], names.index(c)) for c, run in zip(page.prompt, groups, strict=False)
    )


def place(page: InkPage, strokes: Sequence[Stroke]) -> Rect | None:
    """Where strokes lie in the picture; None where there are none."""
    found = inks.bounds(strokes, page.pen)
    if found is None:
        return None
    k = page.scale
    return clip(Rect(found.x * k, found.y * k, found.w * k, found.h * k), *page.picture_size)


def _box(page: InkPage, strokes: Sequence[Stroke], class_id: int) -> Box:
    rect = place(page, strokes)
    assert rect is not None, "a group has strokes"
    return new_box(rect, class_id, origin=Origin.INK)
