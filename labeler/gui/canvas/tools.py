"""Pointer gestures as generators: each is started with the press, is sent every pointer event after it, and ends when the gesture is over.

A gesture that is closed early (Escape, another page) leaves nothing behind. Nothing here paints or knows about Qt's events.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from labeler.core.boxes import Rect, from_corners
from labeler.core.dragging import drawn, moved, resized
from labeler.core.hit import Hit, Part, beneath, handle_at, hit, touching
from labeler.gui.canvas.scene import Scene

SLOP = 3.0
"""Screen pixels a pressed pointer may wander and still be a click."""
SNAP = 6.0
"""Screen pixels from the page's border within which an edge snaps to it."""

Gesture = Generator[None, "Pointer", None]


@dataclass(frozen=True, slots=True)
class Pointer:
    """One pointer event. `x`, `y` are on the image, `at` on the screen.

    `free` suspends snapping, ink and, while drawing, handles; `adding` extends the selection.
    """

    kind: str
    x: float
    y: float
    at: tuple[float, float]
    adding: bool = False
    free: bool = False


class Surface(Protocol):
    """What a gesture may do to the canvas."""

    scene: Scene
    find_ink: Callable[[float, float], Rect | None] | None

    def select_items(self, indices: list[int]) -> None: ...
    def lift(self, where: dict[int, Rect]) -> None: ...
    def show_drawn(self, rect: Rect | None) -> None: ...
    def show_band(self, band: Rect | None) -> None: ...
    def pan_by(self, dx: float, dy: float) -> None: ...
    def place(self, where: dict[int, Rect]) -> None: ...
    def draw(self, rect: Rect) -> None: ...


def gesture(surface: Surface, press: Pointer, *, draws: bool) -> Gesture:
    """The gesture that a press of the first button begins."""
    scene = surface.scene
    rects, scale = scene.items.rects, scene.view.scale
    if draws:
        # A box that was just drawn can be put right without leaving draw mode: its handles win over drawing.
        grip = handle_at(rects, press.x, press.y, scale=scale, selected=scene.selected)
        return resize_or_draw(surface, press, grip) if grip and not press.free else draw(surface, press)
    found = None if scene.hide_boxes else hit(rects, press.x, press.y, scale=scale, selected=scene.selected)
    if found is None:
        return band(surface, press)
    if press.adding:
        return toggle(surface, found)
    if found.index not in scene.selected:
        surface.select_items([found.index])
        return move(surface, press, None) if found.part is Part.BODY else resize(surface, press, found)
    if found.part is Part.BODY:
        return move(surface, press, found.index)
    return resize(surface, press, found)


def pan(surface: Surface, press: Pointer) -> Gesture:
    """The page follows the pointer."""
    last = press.at
    while True:
        event = yield
        surface.pan_by(event.at[0] - last[0], event.at[1] - last[1])
        last = event.at
        if event.kind == "release":
            return


def toggle(surface: Surface, found: Hit) -> Gesture:
    """Takes one item into the selection or out of it."""
    chosen = surface.scene.selected
    surface.select_items([i for i in chosen if i != found.index] if found.index in chosen else [*chosen, found.index])
    yield


def move(surface: Surface, press: Pointer, clicked: int | None) -> Gesture:
    """Everything selected follows the pointer. A click without a drag leaves only `clicked` selected, where it is given.

    Where that was so already, the click selects what lies beneath it: boxes around boxes stay within reach.
    """
    chosen = list(surface.scene.selected)
    start = surface.scene.items.rects[chosen]
    now: dict[int, Rect] = {}
    try:
        while True:
            event = yield
            if now or _far(press, event):
                shifted = moved(
                    start, event.x - press.x, event.y - press.y, page=_page(surface), snap=_snap(surface, event)
                )
                now = {i: Rect(*map(float, r)) for i, r in zip(chosen, shifted.tolist(), strict=True)}
                surface.lift(now)
            if event.kind == "release":
                break
    finally:
        surface.lift({})
    if now:
        surface.place(now)
    elif clicked is not None:
        again = chosen == [clicked]
        below = beneath(surface.scene.items.rects, press.x, press.y, clicked) if again else clicked
        surface.select_items([below])


def resize_or_draw(surface: Surface, press: Pointer, found: Hit) -> Gesture:
    """A drag resizes; a mere click was not meant for the handle but for the ink beside the box."""
    resized = yield from _resizing(surface, press, found)
    if not resized:
        rect = surface.find_ink(press.x, press.y) if surface.find_ink is not None else None
        if rect is not None:
            surface.draw(rect)


def resize(surface: Surface, press: Pointer, found: Hit) -> Gesture:
    """The grabbed edges of one item follow the pointer."""
    yield from _resizing(surface, press, found)


def _resizing(surface: Surface, press: Pointer, found: Hit) -> Generator[None, Pointer, bool]:
    """Returns whether there was a drag."""
    start = surface.scene.where(found.index)
    now: Rect | None = None
    try:
        while True:
            event = yield
            if now is not None or _far(press, event):
                now = resized(
                    start, found.part, event.x - press.x, event.y - press.y,
                    page=_page(surface), snap=_snap(surface, event),
                )  # fmt: skip
                surface.lift({found.index: now})
            if event.kind == "release":
                break
    finally:
        surface.lift({})
    if now is not None and now != start:
        surface.place({found.index: now})
    return now is not None


def draw(surface: Surface, press: Pointer) -> Gesture:
    """A new box: dragged, or from one click to the next, or fitted to the ink under a single click."""
    rect: Rect | None = None
    try:
        while True:
            event = yield
            if rect is not None or _far(press, event):
                rect = _drawn(surface, press, event)
                surface.show_drawn(rect)
            if event.kind == "release":
                break
        if rect is None and not press.free and surface.find_ink is not None:
            rect = surface.find_ink(press.x, press.y)
        if rect is None:
            rect = yield from _second_corner(surface, press)
    finally:
        surface.show_drawn(None)
    if rect is not None:
        surface.draw(rect)


def band(surface: Surface, press: Pointer) -> Gesture:
    """A rubber band over empty paper selects what it touches; a click on empty paper selects nothing."""
    before = list(surface.scene.selected) if press.adding else []
    rect: Rect | None = None
    try:
        while True:
            event = yield
            if rect is not None or _far(press, event):
                rect = from_corners(press.x, press.y, event.x, event.y)
                surface.show_band(rect)
            if event.kind == "release":
                break
    finally:
        surface.show_band(None)
    inside = touching(surface.scene.items.rects, rect).tolist() if rect is not None else []
    surface.select_items(list(dict.fromkeys([*before, *inside])))


def _second_corner(surface: Surface, press: Pointer) -> Generator[None, Pointer, Rect | None]:
    while True:
        event = yield
        rect = _drawn(surface, press, event)
        surface.show_drawn(rect)
        if event.kind == "press":
            yield  # the release that belongs to this press
            return rect if _far(press, event) else None


def _drawn(surface: Surface, press: Pointer, event: Pointer) -> Rect:
    return drawn(press.x, press.y, event.x, event.y, page=_page(surface), snap=_snap(surface, event))


def _far(press: Pointer, event: Pointer) -> bool:
    return float(np.hypot(event.at[0] - press.at[0], event.at[1] - press.at[1])) > SLOP


def _snap(surface: Surface, event: Pointer) -> float:
    return 0.0 if event.free else SNAP / surface.scene.view.scale


def _page(surface: Surface) -> Rect:
    page = surface.scene.page
    return page if page is not None else Rect(0.0, 0.0, 1.0, 1.0)
