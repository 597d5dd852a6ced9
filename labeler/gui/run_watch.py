"""Watches the project's trainings: takes in what ended, and tells how far the running one is. Polls only while one is running."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, QTimer, Signal

from labeler.core.changes import Changes
from labeler.core.i18n import tr
from labeler.gui.session import Session
from labeler.services import training
from labeler.services.training import Run
from labeler.training.protocol import AnyEvent, Batch

POLL_MS = 1000
ACTIVE = ("running", "preparing")


@dataclass(frozen=True, slots=True)
class Look:
    """The runs, newest first, and the events of those that are going on."""

    runs: tuple[Run, ...] = ()
    events: dict[int, tuple[AnyEvent, ...]] = field(default_factory=dict)

    @property
    def active(self) -> tuple[Run, ...]:
        """The runs that are going on."""
        return tuple(run for run in self.runs if run.state in ACTIVE)

    @property
    def waiting(self) -> tuple[Run, ...]:
        """The runs that wait for their turn, the next one first."""
        return tuple(run for run in reversed(self.runs) if run.state == "queued")


class RunWatch(QObject):
    """Lives as long as its session. `latest` is what it saw last."""

    changed = Signal(object)  # Look
    ended = Signal(object, bool)  # Run, and whether it ended while no window was open

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.latest = Look()
        self._session = session
        self._offsets: dict[int, int] = {}
        self._reconciling = False
        self._first = True
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self.refresh)
        session.changed.connect(self._project_changed)

    def refresh(self) -> None:
        """Look again, off the GUI thread."""
        self._reconcile()
        self._read()

    def stop(self) -> None:
        """Poll no more."""
        self._timer.stop()

    def _project_changed(self, changes: Changes) -> None:
        if changes.runs:
            self.refresh()

    def _reconcile(self) -> None:
        if self._reconciling:
            return
        self._reconciling = True
        project = self._session.project
        self._session.tasks.run(
            tr("Judging the new model"),
            lambda progress: training.reconcile(project, progress=progress),
            done=self._reconciled,
            ended=self._reconcile_over,
            alone=False,
        )

    def _reconcile_over(self) -> None:
        self._reconciling = False

    def _reconciled(self, changed: list[Run]) -> None:
        first, self._first = self._first, False
        for run in changed:
            self.ended.emit(run, first)
        if changed:
            self._read()

    def _read(self) -> None:
        project, offsets = self._session.project, dict(self._offsets)

        def look() -> tuple[tuple[Run, ...], dict[int, tuple[list[AnyEvent], int]]]:
            runs = tuple(training.runs(project))
            fresh = {r.id: training.events(project, r.id, offsets.get(r.id, 0)) for r in runs if r.state in ACTIVE}
            return runs, fresh

        self._session.tasks.read(look, self._seen, key=self)

    def _seen(self, found: tuple[tuple[Run, ...], dict[int, tuple[list[AnyEvent], int]]]) -> None:
        runs, fresh = found
        events = {i: (*without_batches(self.latest.events.get(i, ())), *new) for i, (new, _) in fresh.items()}
        self._offsets = {i: offset for i, (_, offset) in fresh.items()}
        self.latest = Look(runs, events)
        if self.latest.active and not self._timer.isActive():
            self._timer.start()
        elif not self.latest.active:
            self._timer.stop()
        self.changed.emit(self.latest)


def without_batches(events: Iterable[AnyEvent]) -> tuple[AnyEvent, ...]:
    """The events that stay of interest: of the batches, only the newest ever is."""
    return tuple(e for e in events if not isinstance(e, Batch))
