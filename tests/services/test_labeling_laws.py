"""The law of edits on random sequences: the page shown equals the page stored, undo and redo walk the same states, nothing gets stuck."""

import itertools
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from labeler.core import gestures
from labeler.core.boxes import Detection, Rect, Suggestion
from labeler.core.edits import Edit
from labeler.core.errors import Conflict
from labeler.core.pages import Page, after_edit
from labeler.services import labeling, ledger, suggesting
from labeler.services.project import Project
from labeler_db.models import ImageRow, SuggestionRow
from tests.helpers.fake_detector import add_model, add_pages, bare_copy

WIDTH, HEIGHT = 64, 48
rects = st.builds(
    Rect, st.floats(-20, WIDTH + 20), st.floats(-20, HEIGHT + 20), st.floats(0, 2 * WIDTH), st.floats(0, 2 * HEIGHT)
)
classes = st.integers(0, 9)
picks = st.integers(0, 50)
detections = st.lists(
    st.builds(Detection, st.floats(0, 40), st.floats(0, 30), st.floats(1, 20), st.floats(1, 15), classes, st.floats(0.3, 1)),
    max_size=5,
)  # fmt: skip
SETTINGS = settings(
    max_examples=20, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def unordered(page: Page) -> Any:
    """A page as far as undo brings it back: a box deleted and brought back comes last."""
    return (page.image, frozenset(page.boxes), page.suggestions, page.rejected)


class Desk(RuleBasedStateMachine):
    """A person at random on three pages."""

    def __init__(self, template: Path) -> None:
        super().__init__()
        self.scratch = tempfile.TemporaryDirectory(prefix="é")
        self.folder = bare_copy(template, Path(self.scratch.name) / "数据集")
        self.project = Project.open(self.folder)
        self.models = [add_model(self.project, name).id for name in ("a", "b")]
        self.ids = add_pages(self.project, 3, width=WIDTH, height=HEIGHT)
        self.keys = itertools.count()

    def teardown(self) -> None:
        self.project.close()
        self.scratch.cleanup()

    def page(self, pick: int) -> Page:
        return labeling.page(self.project, self.ids[pick % len(self.ids)])

    def do(self, edit: Edit) -> None:
        labeling.apply(self.project, edit, annotator="ann", seconds=1.0)

    @rule(pick=picks, rect=rects, class_id=classes)
    def draw(self, pick: int, rect: Rect, class_id: int) -> None:
        self.do(gestures.draw(self.page(pick), rect, class_id))

    @rule(pick=picks, which=st.sets(picks, max_size=3), rect=rects)
    def place(self, pick: int, which: set[int], rect: Rect) -> None:
        page = self.page(pick)
        chosen = {page.boxes[w % len(page.boxes)].id: rect for w in which if page.boxes}
        self.do(gestures.place(page, chosen))

    @rule(pick=picks, which=picks, dx=st.sampled_from([-1, 1]), times=st.integers(1, 4))
    def nudge(self, pick: int, which: int, dx: int, times: int) -> None:
        page = self.page(pick)
        key = f"nudge {next(self.keys)}"
        for _ in range(times if page.boxes else 0):
            box = page.boxes[which % len(page.boxes)]
            self.do(gestures.place(page, {box.id: Rect(box.x + dx, box.y, box.w, box.h)}, merge_key=key))
            page = self.page(pick)

    @rule(pick=picks, which=st.sets(picks, max_size=3), class_id=classes)
    def relabel(self, pick: int, which: set[int], class_id: int) -> None:
        page = self.page(pick)
        self.do(gestures.relabel(page, {page.boxes[w % len(page.boxes)].id for w in which if page.boxes}, class_id))

    @rule(pick=picks, which=st.sets(picks, max_size=3))
    def delete(self, pick: int, which: set[int]) -> None:
        page = self.page(pick)
        self.do(gestures.delete(page, {page.boxes[w % len(page.boxes)].id for w in which if page.boxes}))

    @rule(pick=picks, source=picks)
    def paste(self, pick: int, source: int) -> None:
        self.do(gestures.add(self.page(pick), self.page(source).boxes, "Paste"))

    @rule(pick=picks, which=st.sets(picks, max_size=3), yes=st.booleans())
    def judge(self, pick: int, which: set[int], yes: bool) -> None:
        page = self.page(pick)
        chosen = {page.suggestions[w % len(page.suggestions)].id for w in which if page.suggestions}
        self.do((gestures.accept if yes else gestures.reject)(page, chosen))

    @rule(pick=picks, which=picks, rect=st.none() | rects, class_id=st.none() | classes)
    def correct(self, pick: int, which: int, rect: Rect | None, class_id: int | None) -> None:
        page = self.page(pick)
        if page.suggestions:
            suggestion = page.suggestions[which % len(page.suggestions)]
            self.do(gestures.correct(page, suggestion, rect=rect, class_id=class_id))

    @rule(pick=picks, accept_rest=st.booleans())
    def review(self, pick: int, accept_rest: bool) -> None:
        self.do(gestures.review(self.page(pick), accept_rest=accept_rest))

    @rule(pick=picks)
    def reopen_page(self, pick: int) -> None:
        self.do(gestures.reopen(self.page(pick)))

    @rule()
    def reopen_project(self) -> None:
        self.project.close()
        self.project = Project.open(self.folder)


class Undoing(Desk):
    """Suggestions stay as they are, so that every state can be foretold."""

    @initialize(found=st.lists(detections, min_size=3, max_size=3))
    def begin(self, found: list[list[Detection]]) -> None:
        suggesting._write(self.project, self.models[0], list(zip(self.ids, found, strict=True)))
        with self.project.read() as session:
            rows = session.query(SuggestionRow).order_by(SuggestionRow.id)
            all_of: dict[int, tuple[Suggestion, ...]] = dict.fromkeys(self.ids, ())
            for r in rows:
                all_of[r.image_id] += (Suggestion(r.x, r.y, r.w, r.h, r.class_id, r.score, r.id, r.model_id),)
        self.all_of = all_of
        self.pages = {i: labeling.page(self.project, i) for i in self.ids}
        self.start = dict(self.pages)
        self.past: list[dict[int, Page]] = []
        self.future: list[dict[int, Page]] = []

    def do(self, edit: Edit) -> None:
        before = dict(self.pages)
        steps = len(labeling.history(self.project, limit=10_000)) if edit.merge_key else 0
        super().do(edit)
        self.pages[edit.image_id] = after_edit(self.pages[edit.image_id], edit, self.all_of[edit.image_id])
        if edit.is_empty:
            return
        dropped, self.future = len(self.future), []
        now = len(labeling.history(self.project, limit=10_000)) if edit.merge_key else 0
        if edit.merge_key and now == steps - dropped:
            return  # merged into the step before
        if edit.merge_key and now < steps - dropped:
            self.past.pop()  # nudged there and back: no step is left
            return
        self.past.append(before)

    @rule()
    def undo(self) -> None:
        done = labeling.undo(self.project)
        assert (done is None) == (not self.past)
        if self.past:
            self.future.append(self.pages)
            self.pages = self.past.pop()
            self.settle_order()

    @rule()
    def redo(self) -> None:
        done = labeling.redo(self.project)
        assert (done is None) == (not self.future)
        if self.future:
            self.past.append(self.pages)
            self.pages = self.future.pop()
            self.settle_order()

    @rule()
    def all_the_way_back_and_forth(self) -> None:
        end = {i: unordered(p) for i, p in self.pages.items()}
        steps = len(self.past)
        while labeling.undo(self.project):
            pass
        assert {i: unordered(labeling.page(self.project, i)) for i in self.ids} == {
            i: unordered(p) for i, p in self.start.items()
        }
        for _ in range(steps):
            assert labeling.redo(self.project) is not None
        assert {i: unordered(labeling.page(self.project, i)) for i in self.ids} == end
        self.settle_order()

    def settle_order(self) -> None:
        for i, page in self.pages.items():
            stored = labeling.page(self.project, i)
            assert unordered(stored) == unordered(page)
            self.pages[i] = stored

    @invariant()
    def stored_is_shown(self) -> None:
        if hasattr(self, "pages"):
            for i, page in self.pages.items():
                assert labeling.page(self.project, i) == page


class Suggesting(Desk):
    """Models look again and again while a person works: nothing a person did changes, undo never gets stuck, the ledger adds up."""

    @rule(pick=picks, model=st.integers(0, 1), found=detections)
    def suggest(self, pick: int, model: int, found: list[Detection]) -> None:
        before = self.page(pick)
        suggesting._write(self.project, self.models[model], [(before.image.id, found)])
        after = self.page(pick)
        assert after.boxes == before.boxes
        assert after.rejected == before.rejected
        assert (after.image.state == "reviewed") == (before.image.state == "reviewed")
        assert after.image.suggested_by == self.models[model]
        assert all(s.model_id == self.models[model] for s in after.suggestions)

    @rule()
    def undo(self) -> None:
        self.step(labeling.undo)

    @rule()
    def redo(self) -> None:
        self.step(labeling.redo)

    @precondition(lambda self: self.ids)
    @rule()
    def undo_ends(self) -> None:
        for _ in range(400):
            if not self.step(labeling.undo):
                break
        else:
            raise AssertionError("undo never ends")
        assert labeling.next_steps(self.project)[0] is None

    def step(self, way: Any) -> bool:
        try:
            return way(self.project) is not None
        except Conflict:
            return True

    @invariant()
    def the_ledger_adds_up(self) -> None:
        lines = {line.model: line.effort for line in ledger.ledger(self.project)}
        assert all(e.shown == e.accepted + e.moved + e.relabelled + e.deleted and e.shown >= 0 for e in lines.values())
        with self.project.read() as session:
            reviewed = session.query(ImageRow).filter(ImageRow.state == "reviewed", ImageRow.reviewed_with.is_not(None))
            boxes = sum(len(labeling.load_page(session, row.id).boxes) for row in reviewed)
            unseen = session.query(ImageRow).filter(ImageRow.state == "reviewed", ImageRow.reviewed_with.is_(None))
            later = sum(
                b.suggestion_id is not None for row in unseen for b in labeling.load_page(session, row.id).boxes
            )
        assert sum(e.kept + e.added for e in lines.values()) == boxes + later


def test_what_is_shown_is_stored_and_undo_walks_the_same_states(template: Path) -> None:
    run_state_machine_as_test(lambda: Undoing(template), settings=SETTINGS)


def test_models_that_look_again_change_nothing_a_person_did_and_the_ledger_adds_up(template: Path) -> None:
    run_state_machine_as_test(lambda: Suggesting(template), settings=SETTINGS)
