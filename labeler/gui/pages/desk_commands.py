"""What a person does to the page in front: each command turns the canvas's selection into one edit and hands it to the editor."""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from labeler.core import gestures
from labeler.core.boxes import Box, Rect, ReviewState, Suggestion, as_array, iou
from labeler.core.dragging import moved
from labeler.core.edits import Edit
from labeler.core.i18n import ntr, tr
from labeler.core.pages import Page
from labeler.gui.canvas.canvas import Canvas
from labeler.gui.canvas.items import Key
from labeler.gui.pages.desk_editor import Editor
from labeler.gui.pages.desk_ink import InkFinder
from labeler.gui.session import Session
from labeler.gui.widgets.box_list import in_order

DOUBLE_TAP_S = 0.4
OFFSET = 12.0
"""Screen pixels by which a duplicate stands off."""
ALREADY_THERE = 0.9


@dataclass(frozen=True, slots=True)
class _Tap:
    """A digit key was pressed: which class, the page and the selection since then, when, and whether that changed a box."""

    state: tuple[int, Page | None, tuple[Key, ...]]
    at: float
    changed: bool


class Commands(QObject):
    """Lives on the GUI thread. `next_class` is what the next box will be."""

    next_class_changed = Signal(int)

    def __init__(
        self, session: Session, editor: Editor, canvas: Canvas, ink: InkFinder, *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        super().__init__(canvas)
        self.next_class = 0
        self._session = session
        self._editor = editor
        self._canvas = canvas
        self._ink = ink
        self._clock = clock
        self._copied: tuple[Box, ...] = ()
        self._tap: _Tap | None = None
        canvas.placed.connect(self._dragged)
        canvas.drawn.connect(self.draw)

    # Boxes

    def draw(self, rect: Rect) -> None:
        """A new box of the next class, selected."""
        page = self._editor.page
        if page is not None:
            self._do_and_select(gestures.draw(page, rect, self.next_class))
            self._ink.learn(rect)

    def place(self, where: dict[Key, Rect]) -> None:
        """Boxes moved or resized; suggestions among them become boxes."""
        page = self._editor.page
        if page is None:
            return
        boxes = {key: rect for key, rect in where.items() if isinstance(key, str)}
        edits = [gestures.place(page, boxes)] if boxes else []
        edits += [gestures.correct(page, s, rect=where[s.id]) for s in page.suggestions if s.id in where]
        self._do_and_select(_one(edits, ntr("Move box", "Move {count} boxes", len(where))), keep=True)

    def nudge(self, dx: float, dy: float) -> bool:
        """Shift what is selected by pixels of the image; repeated nudges are one step."""
        page, chosen = self._editor.page, self._chosen()
        if page is None or not chosen:
            return False
        bounds = Rect(0.0, 0.0, page.image.width, page.image.height)
        shifted = moved(as_array(chosen), dx, dy, page=bounds)
        where = {t.id: Rect(*map(float, r)) for t, r in zip(chosen, shifted.tolist(), strict=True)}
        if any(isinstance(thing, Suggestion) for thing in chosen):
            self.place(where)
            return True
        boxes = {key: rect for key, rect in where.items() if isinstance(key, str)}
        key = "nudge " + " ".join(sorted(boxes))
        return self._editor.apply(gestures.place(page, boxes, merge_key=key))

    def delete(self) -> None:
        """Delete the selected boxes; selected suggestions are rejected."""
        page, chosen = self._editor.page, self._chosen()
        if page is None or not chosen:
            return
        edits = [gestures.delete(page, _box_ids(chosen)), gestures.reject(page, _suggestion_ids(chosen))]
        self._editor.apply(_one(edits, ntr("Delete box", "Delete {count} boxes", len(chosen))))

    def choose_class(self, class_id: int) -> None:
        """The class of what is selected, else of the next box; the second tap of a double tap draws with it instead.

        It is none where anything was done or selected between the two: what it takes back is the first tap and nothing else.
        """
        page = self._editor.page
        if page is None or class_id >= len(self._session.project.classes):
            return
        now, last = self._clock(), self._tap
        self._tap = None
        state = class_id, page, self._canvas.selection
        if last is not None and last.state == state and now - last.at <= DOUBLE_TAP_S:
            if last.changed:
                self._editor.undo()
            self.set_next_class(class_id)
            self._canvas.set_drawing(True)
            return
        changed = self._relabel(page, class_id)
        if not self._canvas.selection or self._canvas.drawing:
            self.set_next_class(class_id)
        self._tap = _Tap((class_id, self._editor.page, self._canvas.selection), now, changed)

    def set_next_class(self, class_id: int) -> None:
        """The class of the next box."""
        self.next_class = class_id
        self._canvas.set_next_class(class_id)
        self.next_class_changed.emit(class_id)

    def tighten(self) -> None:
        """Move the selected boxes to their ink; with nothing selected, say what to do."""
        chosen = self._chosen()
        if not chosen:
            self._session.say(tr("Select a box first, then T tightens it to its ink."))
            return
        where: dict[Key, Rect] = {}
        for thing in chosen:
            tight = self._ink.tightened(thing)
            if tight is not None and iou(tight, thing) < 0.999:
                where[thing.id] = tight
        if where:
            self.place(where)

    # Suggestions

    def accept(self) -> None:
        """Accept the selected suggestions and go on to the next; with none selected, select the least certain."""
        page = self._editor.page
        chosen = _suggestion_ids(self._chosen())
        if page is None:
            return
        then = self._suggestion_after(chosen)
        if not chosen or self._editor.apply(gestures.accept(page, chosen)):
            self._select_next_suggestion(then)

    def reject(self) -> None:
        """Reject the selected suggestions and go on to the next; selected boxes that came from one are deleted."""
        page, chosen = self._editor.page, self._chosen()
        ids = _suggestion_ids(chosen)
        if page is None or not chosen:
            return
        if not ids:
            self.delete()
            return
        then = self._suggestion_after(ids)
        if self._editor.apply(gestures.reject(page, ids)):
            self._select_next_suggestion(then)

    def accept_all(self) -> None:
        """Accept every suggestion that is shown."""
        page = self._editor.page
        if page is not None and page.suggestions:
            self._editor.apply(gestures.accept(page, {s.id for s in page.suggestions}))

    def finish(self) -> bool:
        """Accept all and mark reviewed, as one step; whether the page is reviewed now."""
        page = self._editor.page
        if page is None:
            return False
        if page.image.state is ReviewState.REVIEWED and not page.suggestions:
            return True
        return self._editor.apply(gestures.review(page, accept_rest=True))

    def toggle_reviewed(self) -> None:
        """Mark the page reviewed, or open it again. Suggestions still open are then wrong, which is said."""
        page = self._editor.page
        if page is None:
            return
        if page.image.state is ReviewState.REVIEWED:
            self._editor.apply(gestures.reopen(page))
            return
        left = len(page.suggestions)
        if self._editor.apply(gestures.review(page)) and left:
            self._session.say(
                ntr("{count} open suggestion counts as rejected.", "{count} open suggestions count as rejected.", left),
                tr("Undo takes that back."),
            )

    # Copies

    def copy(self) -> None:
        """Remember the selected boxes."""
        boxes = [t for t in self._chosen() if isinstance(t, Box)]
        if boxes:
            self._copied = tuple(boxes)
        else:
            self._session.say(tr("Select a box first; a suggestion can be copied once it is accepted."))

    def paste(self) -> None:
        """Put the copied boxes here, at the same place; beside them where they still are."""
        page = self._editor.page
        if not self._copied:
            self._session.say(tr("No box has been copied yet."))
        elif page is not None:
            taken = any(_is_there(page, b) for b in self._copied)
            self._add(page, self._copied, tr("Paste"), offset=self._offset() if taken else 0.0)

    def duplicate(self) -> None:
        """The selected boxes once more, a little aside."""
        page, boxes = self._editor.page, [t for t in self._chosen() if isinstance(t, Box)]
        if page is not None and boxes:
            self._add(page, boxes, tr("Duplicate"), offset=self._offset())

    def paste_from(self, other: Page) -> None:
        """The boxes of another page, without those that are here already."""
        page = self._editor.page
        boxes = [b for b in other.boxes if page is not None and not _is_there(page, b)]
        if page is not None and boxes:
            self._add(page, boxes, tr("Paste the previous image's boxes"))
        elif other.boxes:
            self._session.say(tr("The previous image's boxes are all here already."))
        else:
            self._session.say(tr("The previous image has no boxes."))

    # Selecting

    def select_all(self) -> None:
        """Select every box and suggestion."""
        self._canvas.select_items(list(range(len(self._canvas.scene.items))))

    def select_next(self, step: int) -> None:
        """Select the next thing in the order of the list, least certain first, and show it."""
        order = [thing.id for thing in in_order(self._editor.page)]
        if not order:
            return
        places = {key: n for n, key in enumerate(order)}
        chosen = [places[k] for k in self._canvas.selection if k in places]
        start = (max(chosen) if step > 0 else min(chosen)) + step if chosen else (0 if step > 0 else -1)
        self._canvas.select([order[start % len(order)]], reveal=True)

    def deselect(self) -> None:
        """Give up the gesture, else leave draw mode, else select nothing."""
        if self._canvas.cancel_gesture():
            return
        if self._canvas.drawing:
            self._canvas.set_drawing(False)
        else:
            self._canvas.select([])

    # Inside

    def _dragged(self, where: dict[Key, Rect]) -> None:
        before = {thing.id: thing for thing in self._chosen()}
        self.place(where)
        for key, rect in where.items():
            was = before.get(key)
            if was is not None and (abs(was.w - rect.w) > 1e-6 or abs(was.h - rect.h) > 1e-6):
                self._ink.learn(rect)

    def _chosen(self) -> list[Box | Suggestion]:
        items = self._canvas.scene.items
        return [items.things[i] for i in self._canvas.scene.selected]

    def _relabel(self, page: Page, class_id: int) -> bool:
        chosen = self._chosen()
        if not chosen:
            return False
        edits = [gestures.relabel(page, _box_ids(chosen), class_id)]
        for thing in chosen:
            if isinstance(thing, Suggestion):
                same = thing.class_id == class_id
                edits.append(
                    gestures.accept(page, {thing.id}) if same else gestures.correct(page, thing, class_id=class_id)
                )
        edit = _one(edits, ntr("Change class", "Change the class of {count} boxes", len(chosen)))
        return self._do_and_select(edit, keep=True)

    def _add(self, page: Page, boxes: Iterable[Box], text: str, *, offset: float = 0.0) -> None:
        self._do_and_select(gestures.add(page, gestures.copies(boxes, offset=offset), text))

    def _do_and_select(self, edit: Edit, *, keep: bool = False) -> bool:
        """Apply an edit; its new boxes are selected then, with `keep` together with what was selected and still is."""
        before = {b.id for b in edit.before.boxes}
        if not self._editor.apply(edit):
            return False
        fresh = [b.id for b in edit.after.boxes if b.id not in before]
        if fresh:
            self._canvas.select([*(self._canvas.selection if keep else ()), *fresh])
        return True

    def _suggestion_after(self, ids: Collection[int]) -> int | None:
        order = [t.id for t in in_order(self._editor.page) if isinstance(t, Suggestion)]
        last = max((n for n, i in enumerate(order) if i in ids), default=-1)
        rest = [i for i in (*order[last + 1 :], *order[: last + 1]) if i not in ids]
        return rest[0] if rest else None

    def _select_next_suggestion(self, wanted: int | None) -> None:
        found = wanted if wanted is not None else self._suggestion_after(())
        if found is not None:
            self._canvas.select([found], reveal=True)

    def _offset(self) -> float:
        return OFFSET / self._canvas.view.scale


def _one(edits: Sequence[Edit], text: str) -> Edit:
    """The edits that change something as one; a single one keeps its own words."""
    some = [e for e in edits if not e.is_empty]
    return some[0] if len(some) == 1 else gestures.together(some or edits, text)


def _box_ids(things: Iterable[Box | Suggestion]) -> frozenset[str]:
    return frozenset(t.id for t in things if isinstance(t, Box))


def _suggestion_ids(things: Iterable[Box | Suggestion]) -> frozenset[int]:
    return frozenset(t.id for t in things if isinstance(t, Suggestion))


def _is_there(page: Page, box: Box) -> bool:
    return any(b.class_id == box.class_id and iou(b, box) >= ALREADY_THERE for b in page.boxes)
