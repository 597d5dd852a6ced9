"""A careful person at the desk: looks at the page, knows what is right, and puts it right with the desk's own keys, and nothing else.

Follows one plan on every page; what does not work at once is tried the next way, and the failed try counts too. Knows the truth as
rectangles, hits what is meant to within a pixel of the screen, and never reads what the window does not show.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from labeler.core.boxes import ClassRect, Rect, iou
from labeler.core.hit import Part, handles
from tests.benchmarks.recorded.hands import Hands

GOOD = 0.7
"""A box with the right class and this IoU to the true one is right."""
SAME_DIGIT = 0.2
"""A suggestion that overlaps a true box this much (IoU) is put right; with less it is thrown away."""
READABLE = 22.0
"""Screen pixels a digit must be high to be worked on; else the person zooms in on it."""
NEARER = 8
"""Steps of the wheel after which even a narrow 1 is large."""
MISSES = 2
"""So many misses of click-on-ink on a page, and the person drags the rest of it."""

Point = tuple[float, float]
Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Thing:
    """A box or suggestion as it is shown. A text is a box's id, a number a suggestion's."""

    id: str | int
    class_id: int
    rect: Rect
    suggestion: int | None = None


@dataclass
class Notes:
    """The person's own tally of what became of the suggestions, and of what went wrong on the way."""

    became: dict[tuple[str, int], str] = field(default_factory=dict)
    added: int = 0
    tries: Counter[str] = field(default_factory=Counter)

    def tally(self) -> dict[str, int]:
        """Counts in the ledger's words."""
        counts = Counter(self.became.values())
        ends = {end: counts[end] for end in ("accepted", "moved", "relabelled", "deleted")}
        return {"shown": len(self.became), **ends, "added": self.added}


@dataclass
class Person:
    """`uses_ink` says whether boxes are drawn by clicking on ink where that works, or always dragged."""

    hands: Hands
    uses_ink: bool = True
    notes: Notes = field(default_factory=Notes)
    seen: dict[str, Any] = field(default_factory=dict)

    def correct(self, truth: list[ClassRect], picture: Picture) -> None:
        """Put the page in front right, and leave it reviewed for the next one."""
        self._look()
        name = self.seen["image"]
        things = self.things()
        paired = pairs(truth, things)
        for thing in things:
            self.notes.became[name, int(thing.id)] = "accepted"
        meant = {things[n].id: truth[t] for t, n in paired.items()}
        self._place([(t, meant[t.id]) for t in things if t.id in meant and iou(t.rect, meant[t.id]) < GOOD])
        self._relabel(meant)
        self._reject([t for t in things if t.id not in meant])
        self._add([t for n, t in enumerate(truth) if n not in paired], picture)
        self.hands.key("ctrl+Return")

    def things(self) -> list[Thing]:
        """Boxes and suggestions on the screen."""
        boxes = [Thing(b[0], b[1], Rect(*b[2:6]), b[6]) for b in self.seen["boxes"]]
        return boxes + [Thing(s[0], s[1], Rect(*s[2:6]), s[0]) for s in self.seen["suggestions"]]

    # Putting suggestions right

    def _place(self, wrong: list[tuple[Thing, ClassRect]]) -> None:
        """All that lie badly are tightened to their ink with one key, what that does not help is dragged by its corners."""
        if not wrong:
            return
        left: list[Thing] = [thing for thing, _ in wrong]
        while left:
            left = self._select(left)
            self.hands.key("t")
            self._look()
        for thing, true in wrong:
            now = self._now(thing)
            if iou(now.rect, true) < GOOD:
                self.notes.tries["tightened in vain"] += 1
                self._drag_corners(now, true)
            if iou(self._now(thing).rect, thing.rect) < 1 - 1e-9:
                self.notes.became[self.seen["image"], int(thing.id)] = "moved"

    def _relabel(self, meant: dict[str | int, ClassRect]) -> None:
        by_digit: dict[int, list[Thing]] = {}
        for thing in self.things():
            true = meant.get(thing.suggestion if thing.suggestion is not None else thing.id)
            if true is not None and true.class_id != thing.class_id:
                by_digit.setdefault(true.class_id, []).append(thing)
        for digit, wrong in by_digit.items():
            left = wrong
            while left:
                left = self._select(left)
                self.hands.key(str(digit))
                self._look()
            for thing in wrong:
                assert thing.suggestion is not None
                self.notes.became[self.seen["image"], thing.suggestion] = "relabelled"

    def _reject(self, false: list[Thing]) -> None:
        left = false
        while left:
            left = self._select(left)
            self.hands.key("x")
            self._look()
        for thing in false:
            self.notes.became[self.seen["image"], int(thing.id)] = "deleted"

    # Drawing what is missing

    def _add(self, missing: list[ClassRect], picture: Picture) -> None:
        if not missing:
            return
        if not self.seen["drawing"]:
            self.hands.key("w")
            self._look()
        misses = 0
        for true in sorted(missing, key=lambda t: t.class_id):
            box = self._click_ink(true, picture) if self.uses_ink and misses < MISSES else None
            if box is None:
                misses += self.uses_ink and misses < MISSES
                box = self._drag_box(true)
            if box.class_id != true.class_id:
                self.hands.key(str(true.class_id))
                self._look()
            self.notes.added += 1
        if self.seen["suggestions"] or self.notes.became:  # on the next page there is something to select again
            self.hands.key("Escape")
            self._look()

    def _click_ink(self, true: ClassRect, picture: Picture) -> Thing | None:
        self._zoom_to([true])
        before = {b[0] for b in self.seen["boxes"]}
        self.hands.click(*self._screen(darkest(picture, true)))
        self._look()
        fresh = [t for t in self.things() if isinstance(t.id, str) and t.id not in before]
        if fresh and iou(fresh[0].rect, true) >= GOOD:
            return fresh[0]
        self.notes.tries["click on ink in vain"] += 1
        self.hands.key("ctrl+z" if fresh else "Escape")
        self._look()
        if not self.seen["drawing"]:
            self.hands.key("w")
            self._look()
        return None

    def _drag_box(self, true: ClassRect) -> Thing:
        self._zoom_to([true])
        before = {b[0] for b in self.seen["boxes"]}
        start, end = self._free_corner(true)
        self.hands.drag(self._screen(start), self._screen(end))
        self._look()
        (fresh,) = [t for t in self.things() if isinstance(t.id, str) and t.id not in before]
        if iou(fresh.rect, true) < GOOD:
            self.notes.tries["dragged in vain"] += 1
            self._drag_corners(fresh, true)
        return fresh

    def _free_corner(self, true: Rect) -> tuple[Point, Point]:
        """A corner to begin at and the one across, away from the handles of what is selected: those would be grabbed instead."""
        scale = self.seen["view"][2]
        grips = [h for t in self.things() if t.id in self.seen["selected"] for h in handles(t.rect, scale)]
        corners = [(true.x, true.y), (true.right, true.bottom), (true.right, true.y), (true.x, true.bottom)]
        across = [corners[1], corners[0], corners[3], corners[2]]

        def room(corner: Point) -> float:
            return min((np.hypot(h.x - corner[0], h.y - corner[1]) * scale for h in grips), default=99.0)

        free = [n for n in range(4) if room(corners[n]) > 9.0] or [max(range(4), key=lambda n: room(corners[n]))]
        return corners[free[0]], across[free[0]]

    def _drag_corners(self, thing: Thing, true: Rect) -> None:
        """By both corners; where a pixel of the screen is too much for that, from nearer and nearer."""
        self._zoom_to([thing.rect, true])
        if list(self.seen["selected"]) != [thing.id]:
            self._select([thing])
        for _ in range(NEARER):
            self._drag_both(self._now(thing), true)
            if iou(self._now(thing).rect, true) >= GOOD:
                return
            self.hands.turn(*self._screen((true.x + true.w / 2, true.y + true.h / 2)), inwards=True)
            self._look()

    def _drag_both(self, thing: Thing, true: Rect) -> None:
        """The corner that is further off first; the other one only where the box is not good then."""
        first = Rect(true.x, true.y, thing.rect.right - true.x, thing.rect.bottom - true.y)
        second = Rect(thing.rect.x, thing.rect.y, true.right - thing.rect.x, true.bottom - thing.rect.y)
        order = [Part.TOP_LEFT, Part.BOTTOM_RIGHT]
        if min(second.w, second.h) > 0 and iou(second, true) > iou(first, true):
            order.reverse()
        for part in order:
            now = self._now(thing)
            if iou(now.rect, true) >= GOOD:
                return
            grip = next(h for h in handles(now.rect, self.seen["view"][2]) if h.part is part)
            at = self._screen((grip.x, grip.y))
            there, here = ((r.x, r.y) if part is Part.TOP_LEFT else (r.right, r.bottom) for r in (true, now.rect))
            scale = self.seen["view"][2]
            self.hands.drag(at, (at[0] + (there[0] - here[0]) * scale, at[1] + (there[1] - here[1]) * scale))
            self._look()

    # Pointing

    def _select(self, things: list[Thing]) -> list[Thing]:
        """Click on each, the further ones with Shift; returns those that could not be had together with the others."""
        chosen: list[str | int] = []
        left = []
        for thing in things:
            if self._click_on(thing, chosen):
                chosen.append(thing.id)
            elif chosen:
                left.append(thing)
            else:
                self._tab_to(thing)
                return things[1:]
        return left

    def _click_on(self, thing: Thing, chosen: list[str | int]) -> bool:
        """A click that hits something else is tried again elsewhere, and at last at the same place: what is beneath comes up."""
        self._zoom_to([thing.rect])
        for x, y in ((0.5, 0.5), (0.5, 0.25), (0.5, 0.75), (0.25, 0.5), (0.75, 0.5), (0.75, 0.5), (0.75, 0.5)):
            point = self._screen((thing.rect.x + x * thing.rect.w, thing.rect.y + y * thing.rect.h))
            self.hands.click(*point, shift=bool(chosen))
            self._look()
            if set(self.seen["selected"]) == {*chosen, thing.id}:
                return True
            self.notes.tries["clicked on something else"] += 1
            if chosen:
                self.hands.click(*point, shift=True)
                self._look()
        return False

    def _tab_to(self, thing: Thing) -> None:
        while self.seen["selected"] != [thing.id]:
            self.notes.tries["tab"] += 1
            self.hands.key("Tab")
            self._look()

    def _zoom_to(self, rects: Iterable[Rect]) -> None:
        """Turn the wheel until all of it is in sight and large enough."""
        for rect in rects:
            if not self._in_sight(rect):
                self.hands.key("ctrl+0")
                self._look()
            while rect.h * self.seen["view"][2] < READABLE:
                at = self._screen((rect.x + rect.w / 2, rect.y + rect.h / 2))
                self.hands.turn(*at, inwards=True)
                self._look()

    def _in_sight(self, rect: Rect) -> bool:
        left, top, width, height = self.seen["canvas"]
        (x1, y1), (x2, y2) = self._screen((rect.x, rect.y)), self._screen((rect.right, rect.bottom))
        return bool(left <= x1 and top <= y1 and x2 <= left + width and y2 <= top + height)

    def _screen(self, point: Point) -> Point:
        x, y, scale = self.seen["view"]
        return x + point[0] * scale, y + point[1] * scale

    def _now(self, thing: Thing) -> Thing:
        """The same thing as it is shown now: a suggestion may have become a box."""
        key = thing.suggestion if thing.suggestion is not None else thing.id
        return next(t for t in self.things() if key in (t.id, t.suggestion))

    def _look(self) -> None:
        self.seen = self.hands.see(until="calm")


def pairs(truth: list[ClassRect], things: list[Thing]) -> dict[int, int]:
    """True boxes and the things that stand for them, best overlap first, as indices."""
    overlaps = sorted(
        ((iou(t.rect, true), n, k) for n, true in enumerate(truth) for k, t in enumerate(things)), reverse=True
    )
    found: dict[int, int] = {}
    for overlap, n, k in overlaps:
        if overlap >= SAME_DIGIT and n not in found and k not in found.values():
            found[n] = k
    return found


def darkest(picture: Picture, true: Rect) -> Point:
    """The darkest pixel in the middle of a digit: where a person would point."""
    x, y = int(true.x + 0.15 * true.w), int(true.y + 0.15 * true.h)
    right, bottom = max(int(true.x + 0.85 * true.w), x + 1), max(int(true.y + 0.85 * true.h), y + 1)
    part = picture[y:bottom, x:right].sum(axis=2)
    row, column = np.unravel_index(int(part.argmin()), part.shape)
    return x + float(column) + 0.5, y + float(row) + 0.5


def all_right(truth: list[ClassRect], boxes: Iterable[ClassRect]) -> bool:
    """Whether boxes and truth are one to one: right class, good overlap, none extra."""
    things = [Thing(n, b.class_id, Rect(b.x, b.y, b.w, b.h)) for n, b in enumerate(boxes)]
    paired = pairs(truth, things)
    good: Callable[[int, int], bool] = lambda n, k: (  # noqa: E731
        truth[n].class_id == things[k].class_id and iou(truth[n], things[k].rect) >= GOOD
    )
    return len(paired) == len(truth) == len(things) and all(good(n, k) for n, k in paired.items())
