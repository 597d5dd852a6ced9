"""The check page: likely label errors, surest first, each with its picture and one key to settle it. Nothing changes without a person."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from labeler.core import gestures
from labeler.core.edits import Edit
from labeler.core.errors import Conflict, UserError
from labeler.core.findings import Finding, Kind
from labeler.core.i18n import ntr, tr
from labeler.gui import actions
from labeler.gui.pages.check_view import CheckView, Scene, kind_text, load
from labeler.gui.pages.page import BasePage
from labeler.gui.session import Session
from labeler.gui.widgets.pieces import button, column, empty_state, label, page_header, row
from labeler.gui.widgets.table import Column, Table
from labeler.services import checking, images, labeling
from labeler.services.checking import CheckReport

SEEN = 100
"""Steps of the edit log that are looked through for the one that is taken back."""
LONGEST = 30.0
"""Seconds on one doubt that count as work; a longer pause is a break."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A doubt that was settled, where it was in the list, and the edit that did it; None where the labels were right."""

    finding: Finding
    place: int
    edit: Edit | None


class CheckPage(BasePage):
    """Attributes: `table` (doubts), `view` (the one in front), `kinds` (filter), `report` (of the last check), `done` (settled here)."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.report: CheckReport | None = None
        self.done: list[Settled] = []
        self._open: list[Finding] = []
        self._names: dict[int, str] = {}
        self._since = time.monotonic()
        self.table: Table[Finding] = Table(
            [
                Column(tr("Sure"), lambda f: f"{100 * f.score:.0f} %", right=True),
                Column(tr("Doubt"), lambda f: kind_text(f.kind)),
                Column(
                    tr("Image"), lambda f: self._names.get(f.image, ""), wide=True, muted=True, tip=lambda f: f.text
                ),
            ]
        )
        self.table.setAccessibleName(tr("Doubts"))
        slots = self._slots()
        self.view = CheckView(session.project.classes, slots.__getitem__)
        self.kinds = QComboBox()
        self.kinds.setAccessibleName(tr("Which doubts"))
        self.models = QCheckBox(tr("Ask models, too"))
        self.models.setChecked(True)
        self.models.setToolTip(
            tr(
                "A model is asked on pages it has not learnt from only. Without it ink and look-alikes on other pages decide."
            )
        )
        self.run_button = button(tr("Check now"), self.run, icon="checklist", kind="primary")
        self.run_button.setToolTip(actions.tip("check.run"))
        self.words = label("", "muted", wrap=True)
        self._stack = QStackedWidget()
        self._build()
        self.kinds.currentIndexChanged.connect(lambda _index: self._list())
        self.table.chosen.connect(self._chosen)
        self.table.opened.connect(lambda _finding: self.fix())
        actions.bind(self, slots)

    # What the window asks

    def activated(self) -> None:
        """Show whether there is anything to check; the doubts found stay."""
        project = self.session.project
        if self.report is None:
            self.session.tasks.read(lambda: images.stats(project).boxes, self._show_start, key=self)
        else:
            self.table.setFocus()

    # What a person does

    def run(self) -> None:
        """Look at everything that is labelled."""
        project, ask = self.session.project, self.models.isChecked()
        self._let_run(False)
        self.session.tasks.run(
            tr("Checking labels"),
            lambda progress: checking.check(project, ask_models=ask, progress=progress),
            done=self._checked,
            ended=lambda: self._let_run(True),
        )

    def fix(self) -> None:
        """Correct as it is proposed, and on to the next."""
        scene = self.view.scene
        if scene is not None and scene.edit is not None and not scene.edit.is_empty:
            self._apply(scene, scene.edit)
        elif scene is not None:
            self.open()

    def relabel(self, class_id: int) -> None:
        """Give the digit in question this class; draw its box where it has none."""
        scene = self.view.scene
        if scene is None or class_id >= len(self.session.project.classes):
            return
        finding, box = scene.finding, scene.page.box(scene.finding.box or "")
        if box is not None and box.class_id != class_id:
            self._apply(scene, gestures.relabel(scene.page, {box.id}, class_id))
        elif finding.kind is Kind.MISSED and finding.rect is not None:
            self._apply(scene, gestures.draw(scene.page, finding.rect, class_id))

    def delete(self) -> None:
        """Delete the box in question."""
        scene = self.view.scene
        if scene is not None and scene.page.box(scene.finding.box or "") is not None:
            self._apply(scene, gestures.delete(scene.page, {scene.finding.box or ""}))

    def right(self) -> None:
        """The labels are right: this doubt comes up no more."""
        scene, project = self.view.scene, self.session.project
        if scene is not None:
            finding = scene.finding
            self.session.tasks.run(
                tr("Putting a doubt aside"),
                lambda _progress: checking.put_aside(project, [finding]),
                cancellable=False,
                alone=False,
            )
            self._settled(finding, None)

    def open(self) -> None:
        """Show the page on the desk."""
        if self.view.scene is not None:
            self.session.show("desk", self.view.scene.finding.image)

    def undo(self) -> None:
        """Take back what was done last on this page."""
        if not self.done:
            self.session.say(tr("There is nothing to take back here."))
            return
        last = self.done[-1]
        with self.session.guard():
            if last.edit is None:
                checking.take_up_again(self.session.project, [last.finding])
            else:
                self._undo_edit(last.edit)
            self.done.pop()
            self._open.insert(min(last.place, len(self._open)), last.finding)
            self._list(choose=last.finding)

    def shutdown(self) -> None:
        """Nothing is pending: each step was committed as it was made."""

    # Inside

    def _undo_edit(self, edit: Edit) -> None:
        steps = labeling.history(self.session.project, limit=SEEN)
        newest = next((s for s in steps if s.state == "applied"), None)
        if newest is None or (newest.image_id, newest.text) != (edit.image_id, edit.text):
            raise Conflict(
                tr("Something else was done since, so this cannot be taken back here."),
                tr("The history on the desk takes it back step by step."),
            )
        labeling.undo(self.session.project)

    def _apply(self, scene: Scene, edit: Edit) -> None:
        seconds = min(time.monotonic() - self._since, LONGEST)
        try:
            labeling.apply(
                self.session.project, edit, annotator=self.session.annotator, seconds=seconds, initiator=self
            )
        except UserError as error:
            self.session.say_error(error)
            self._load(scene.finding)
            return
        self._settled(scene.finding, edit)

    def _settled(self, finding: Finding, edit: Edit | None) -> None:
        self.done.append(Settled(finding, self._open.index(finding), edit))
        place = next((n for n, f in enumerate(self.table.rows) if f == finding), 0)
        self._open.remove(finding)
        self._list(at=place)

    def _checked(self, report: CheckReport) -> None:
        self.report, self.done = report, []
        self._open = list(report.findings)
        project, ids = self.session.project, sorted({f.image for f in report.findings})
        self.session.tasks.read(
            lambda: images.images(project, ids), lambda found: self._named({i.id: i.name for i in found})
        )

    def _named(self, names: dict[int, str]) -> None:
        self._names = names
        self._list(at=0)
        self.table.setFocus()

    def _list(self, *, at: int | None = None, choose: Finding | None = None) -> None:
        """Show what is open of the kinds wanted; choose the row `at` this place, or this doubt."""
        self._offer_kinds()
        wanted = self.kinds.currentData()
        rows = [f for f in self._open if wanted in (None, f.kind)]
        self.table.set_rows(rows, key=lambda f: f)
        self._say()
        self._stack.setCurrentIndex(3 if rows else 2)
        if choose is not None and choose in rows:
            self.table.choose(rows.index(choose))
        elif rows and (at is not None or self.table.current() is None):
            self.table.choose(min(at or 0, len(rows) - 1))

    def _offer_kinds(self) -> None:
        counts = Counter(f.kind for f in self._open)
        now = self.kinds.currentData()
        self.kinds.blockSignals(True)
        self.kinds.clear()
        self.kinds.addItem(tr("All doubts ({count})", count=len(self._open)), None)
        for kind, n in sorted(counts.items(), key=lambda item: -item[1]):
            self.kinds.addItem(f"{kind_text(kind)} ({n})", kind)
        self.kinds.setCurrentIndex(max(0, self.kinds.findData(now)))
        self.kinds.blockSignals(False)

    def _say(self) -> None:
        report = self.report
        if report is None:
            return
        pages = ntr("{number} page", "{number} pages", report.images, number=f"{report.images:,}")
        boxes = ntr("{number} box", "{number} boxes", report.boxes, number=f"{report.boxes:,}")
        heard = (
            ntr(
                "The model {models} was asked on pages it has not learnt from.",
                "The models {models} were asked, each on pages it has not learnt from.",
                len(report.witnesses),
                models=", ".join(report.witnesses),
            )
            if report.witnesses
            else tr("No model was asked.")
        )
        settled = ntr("{count} settled.", "{count} settled.", len(self.done)) if self.done else ""
        aside = ntr("{count} put aside before.", "{count} put aside before.", report.aside) if report.aside else ""
        looked = tr("Looked at {pages} with {boxes}.", pages=pages, boxes=boxes)
        self.words.setText(" ".join(part for part in (looked, heard, settled, aside) if part))

    def _chosen(self, finding: Finding | None) -> None:
        if finding is None:
            self.view.clear()
        elif self.view.scene is None or self.view.scene.finding != finding:
            self._load(finding)

    def _load(self, finding: Finding) -> None:
        project = self.session.project
        self.view.clear()
        self.session.tasks.read(
            lambda: load(project, finding),
            self._loaded,
            failed=lambda _error: self._vanished(finding),
            key=(self, "scene"),
        )

    def _loaded(self, scene: Scene) -> None:
        if scene.is_gone:
            self._vanished(scene.finding)
        elif self.table.current() == scene.finding:
            self._since = time.monotonic()
            self.view.show_scene(scene)

    def _vanished(self, finding: Finding) -> None:
        """Its box or image has gone since: somebody else saw to it."""
        if finding in self._open:
            place = next((n for n, f in enumerate(self.table.rows) if f == finding), 0)
            self._open.remove(finding)
            self._list(at=place)

    def _show_start(self, boxes: int) -> None:
        if self.report is None:
            self._stack.setCurrentIndex(1 if boxes else 0)
            self.run_button.setEnabled(bool(boxes))

    def _let_run(self, allowed: bool) -> None:
        for one in (self.run_button, self._start):
            one.setEnabled(allowed)

    def _build(self) -> None:
        go_label = button(tr("Go to the desk"), lambda: self.session.show("desk"), icon="desk", kind="primary")
        nothing = empty_state(
            "checklist",
            tr("Nothing to check yet"),
            tr("Draw or accept boxes first; then doubtful ones are found here."),
            go_label,
        )
        words = tr(
            "Every label is compared with look-alikes on other pages, with ink, and with models on pages they have not learnt from. "
            "What does not fit is listed, surest first. Nothing is changed without you."
        )
        self._start = button(tr("Check now"), self.run, icon="checklist", kind="primary")
        ready = empty_state("checklist", tr("Find likely label errors"), words, self._start)
        clean = empty_state(
            "reviewed", tr("No doubts"), tr("Nothing is open here. Check again after more was labelled.")
        )
        split = QSplitter()
        split.setObjectName("check")
        split.setHandleWidth(17)
        split.setChildrenCollapsible(False)
        split.addWidget(self._side())
        split.addWidget(self.view)
        split.setStretchFactor(1, 1)
        split.setSizes([380, 760])
        holder = QWidget()
        holder.setLayout(column(split, margins=(24, 6, 24, 20)))
        for part in (nothing, ready, clean, holder):
            self._stack.addWidget(part)
        said = row(self.words, margins=(24, 0, 24, 8))
        layout = column(page_header(tr("Check"), self.models, self.run_button), said, self._stack, gap=0)
        layout.setStretch(2, 1)
        self.setLayout(layout)

    def _side(self) -> QFrame:
        frame = QFrame()
        frame.setProperty("card", True)
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(12, 12, 12, 12)
        inside.setSpacing(8)
        inside.addWidget(self.kinds)
        inside.addWidget(self.table, 1)
        frame.setMinimumWidth(300)
        return frame

    def _slots(self) -> dict[str, Callable[[], object]]:
        digits = {f"check.class_{n}": partial(self.relabel, n) for n in range(10)}
        return {
            **digits, "check.run": self.run, "check.fix": self.fix, "check.right": self.right, "check.delete": self.delete,
            "check.open": self.open, "check.undo": self.undo,
            "check.next": lambda: self._go(1), "check.previous": lambda: self._go(-1),
        }  # fmt: skip

    def _go(self, step: int) -> None:
        rows: Sequence[Finding] = self.table.rows
        now = self.table.current()
        if rows:
            place = rows.index(now) + step if now is not None else 0
            self.table.choose(min(max(place, 0), len(rows) - 1))
