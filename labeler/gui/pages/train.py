"""The training page: one button, the trainings so far, and the chosen one live."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget

from labeler.core.changes import Changes
from labeler.core.i18n import ntr, tr
from labeler.gui.dialogs.augmentation import AugmentationDialog
from labeler.gui.pages.page import BasePage
from labeler.gui.pages.train_detail import RunDetail, state_name
from labeler.gui.pages.train_form import TrainForm
from labeler.gui.run_progress import duration
from labeler.gui.run_watch import ACTIVE, Look, RunWatch
from labeler.gui.session import Session
from labeler.gui.widgets.pieces import column, empty_state, label, page_header, row, scroller
from labeler.gui.widgets.table import Column, Table
from labeler.gui.widgets.words import rate, when
from labeler.services import augmentation, estimating, system_load, training, versions
from labeler.services.estimating import Estimate
from labeler.services.models import Model
from labeler.services.training import Run, Settled, TrainOptions
from labeler.training.previewing import Preview
from labeler.training.protocol import AnyEvent, Started

SIDE_WIDTH = 372


class TrainPage(BasePage):
    """Shows what the watch sees; reads a past run's events once, a running one's log every second."""

    def __init__(self, session: Session, watch: RunWatch) -> None:
        super().__init__(session)
        self._watch = watch
        self._starting = False
        self.preview: AugmentationDialog | None = None
        self.form = TrainForm()
        self.runs = _RunsCard()
        self.detail = RunDetail(session)
        self._stack = QStackedWidget()
        self._stack.addWidget(
            empty_state(
                "train",
                tr("No training yet"),
                tr("Label some pages on the desk, then train: the model learns your students' hands. It runs in the background, "
                   "also while this window is closed."),
            )
        )  # fmt: skip
        self._stack.addWidget(self.detail)
        inner = QWidget()
        inner.setLayout(column(self.form, self.runs, None, gap=16, margins=(24, 6, 8, 24)))
        side = scroller(inner)
        side.setFixedWidth(SIDE_WIDTH)
        outer = QWidget()
        outer.setLayout(column(self._stack, margins=(8, 6, 24, 24)))
        body = row(side, scroller(outer), gap=0)
        body.setStretch(1, 1)
        layout = column(page_header(tr("Train")), body, gap=0)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.form.wanted.connect(self.start)
        self.form.preview.connect(self.show_preview)
        self.form.changed.connect(self._count)
        self.runs.table.chosen.connect(self._chosen)
        watch.changed.connect(self._watched)
        session.changed.connect(self._changed)

    def activated(self) -> None:
        """Show the newest state."""
        self._watch.refresh()
        self._count()
        self._watched(self._watch.latest)

    def show_item(self, what: object) -> None:
        """Show the run with this id."""
        place = next((n for n, run in enumerate(self.runs.table.rows) if run.id == what), None)
        if place is not None:
            self.runs.table.choose(place)

    def start(self, options: TrainOptions) -> None:
        """Start a training off the GUI thread: it is frozen and exported first."""
        project = self.session.project
        self._starting = True
        self._count()
        self.session.tasks.run(
            tr("Preparing the training"),
            lambda progress: training.start(project, options, progress=progress),
            done=self._started,
            ended=self._start_over,
        )

    def show_preview(self, options: TrainOptions) -> None:
        """Have pages augmented as a training with these options would, and show them; another batch is one seed further."""
        project = self.session.project

        def shown(found: Preview) -> None:
            if self.preview is None:
                self.preview = AugmentationDialog(found, self)
                self.preview.finished.connect(self._preview_closed)
                self.preview.open()
            else:
                self.preview.show_preview(found)
            self.preview.another.connect(again, Qt.ConnectionType.SingleShotConnection)

        def again() -> None:
            self.show_preview(replace(options, seed=options.seed + 1))

        self.session.tasks.run(
            tr("Preparing a batch"), lambda progress: augmentation.show(project, options, progress=progress), done=shown
        )

    def _preview_closed(self) -> None:
        self.preview = None

    def _estimate(self) -> None:
        if self.isVisible():
            project, options = self.session.project, self.form.options
            self.session.tasks.read(
                lambda: (estimating.estimate(project, options), training.settled_now(project, options)),
                self._estimated,
                key=(self, "estimate"),
            )

    def _estimated(self, known: tuple[Estimate | None, Settled | None]) -> None:
        found, settled = known
        if settled is not None:
            self.form.show_settled(settled)
        if found is None:
            self.form.show_time("")
        elif found.from_earlier:
            text = tr("About {time} at most, as trainings on this computer went.", time=duration(found.seconds))
            self.form.show_time(text)
        else:
            text = tr("Roughly {time} at most, by a short measurement of this computer.", time=duration(found.seconds))
            self.form.show_time(text)

    def _started(self, run: Run) -> None:
        if run.state == "queued":
            self.session.say(
                tr("Training {id} waits for its turn.", id=run.id), tr("It begins when the one before has ended.")
            )
        else:
            hint = tr("It goes on in the background, also when Labeler is closed.")
            self.session.say(tr("Training {id} has begun.", id=run.id), hint)
        self.runs.select_next(run.id)
        self._watch.refresh()

    def _start_over(self) -> None:
        self._starting = False
        self._count()

    def _changed(self, changes: Changes) -> None:
        if self.isVisible() and (changes.images or changes.library or changes.models):
            self._count()

    def _watched(self, look: Look) -> None:
        self.runs.show_runs(look.runs)
        self._stack.setCurrentIndex(1 if look.runs else 0)
        run = self.runs.table.current()
        if run is not None:
            self._show(run)
        self._count()

    def _chosen(self, run: Run | None) -> None:
        if run is not None and (self.detail.run is None or run.id != self.detail.run.id):
            self._show(run)

    def _show(self, run: Run) -> None:
        before = self.detail.run
        self.detail.show_run(run)
        if run.state in ACTIVE:
            self.detail.show_events(self._watch.latest.events.get(run.id, ()))
            self._read_log(run)
            self._read_load(run)
        elif before is None or before.id != run.id or before.state != run.state:
            self._read_past(run)

    def _read_past(self, run: Run) -> None:
        project = self.session.project

        def read() -> tuple[Sequence[AnyEvent], str]:
            return training.events(project, run.id)[0], training.log_tail(project, run.id)

        def show(found: tuple[Sequence[AnyEvent], str]) -> None:
            if self.detail.run is not None and self.detail.run.id == run.id:
                self.detail.show_events(found[0])
                self.detail.show_log(found[1])

        self.session.tasks.read(read, show, key=(self, "past"))

    def _read_log(self, run: Run) -> None:
        if not self.isVisible():
            return
        project = self.session.project

        def show(text: str) -> None:
            if self.detail.run is not None and self.detail.run.id == run.id:
                self.detail.show_log(text)

        self.session.tasks.read(lambda: training.log_tail(project, run.id), show, key=(self, "log"))

    def _read_load(self, run: Run) -> None:
        started = next((e for e in self._watch.latest.events.get(run.id, ()) if isinstance(e, Started)), None)
        if self.isVisible():
            pid = started.pid if started else 0
            self.session.tasks.read(lambda: system_load.look(pid), self.detail.show_load, key=(self, "load"))

    def _count(self) -> None:
        project, start = self.session.project, self.form.options.start
        self.session.tasks.read(
            lambda: (versions.count_labelled(project), training.start_model(project, start)),
            self._counted,
            key=(self, "count"),
        )

    def _counted(self, found: tuple[tuple[int, int], Model | None]) -> None:
        (pages, boxes), parent = found
        if self._starting:
            self.form.show_state(tr("The data are frozen and exported first …"), ready=False)
        elif not boxes:
            self.form.show_state(tr("Nothing is labelled yet. Label some pages on the desk first."), ready=False)
        else:
            text = ntr("{count} page is labelled, with {boxes} digits.", "{count} pages are labelled, with {boxes} digits.",
                       pages, boxes=f"{boxes:,}")  # fmt: skip
            source = _source(self.form.options.start, parent)
            self.form.show_state(f"{text} {source}", ready=True, waits=bool(self._watch.latest.active))
            self._estimate()


def _source(start: str, parent: Model | None) -> str:
    """What a training would go on from, in a sentence."""
    if parent is not None:
        return tr("The training goes on from the model “{model}”.", model=parent.name)
    match start:
        case training.SCRATCH:
            return tr("The training begins from scratch.")
        case training.HUB:
            return tr("The training goes on from published weights.")
    return tr("The training goes on from the file {name}.", name=Path(start).name)


class _RunsCard(QFrame):
    """The table of trainings."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("card", True)
        self._wanted: int | None = None
        self.table: Table[Run] = Table(
            [
                Column("#", lambda r: str(r.id)),
                Column(tr("Network"), lambda r: str(r.request.get("arch", ""))),
                Column(tr("State"), lambda r: state_name(r.state), wide=True, strong=lambda r: r.state in ACTIVE,
                       tip=lambda r: r.reason),
                Column("mAP50", lambda r: rate(r.result.get("val", {}).get("map50")), right=True,
                       tip=lambda r: when(r.created_at)),
            ]
        )  # fmt: skip
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        layout.addWidget(label(tr("Trainings"), "heading"))
        layout.addWidget(self.table)

    def select_next(self, run_id: int) -> None:
        """Choose this run as soon as it is listed."""
        self._wanted = run_id

    def show_runs(self, runs: Sequence[Run]) -> None:
        """Show these runs, newest first."""
        self.setVisible(bool(runs))
        if tuple(runs) != self.table.rows:
            self.table.set_rows(runs, key=lambda r: r.id)
            self.table.fit_height(most=12)
        wanted = next((n for n, r in enumerate(runs) if r.id == self._wanted), None)
        if wanted is not None:
            self._wanted = None
            self.table.choose(wanted)
        elif runs and self.table.current() is None:
            self.table.choose(0)
