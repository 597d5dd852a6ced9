"""Watches the project's trainings: takes in what ended, and tells how far the running one is. Polls only while one is running.

Whoever takes a run in, this program or the process that follows a training, its end is told here once; what has been told is kept with
the project, so that what ended while no window was open is told on opening.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, QTimer, Signal

from labeler.core.changes import Changes
from labeler.core.i18n import tr
from labeler.gui.session import Session
from labeler.gui.tasks import Job
from labeler.services import training
from labeler.services.training import Run
from labeler.training.protocol import AnyEvent, Batch

POLL_MS = 1000
TOLD_KEY = "runs_told"
JUDGING = "judging"
ACTIVE = ("running", "preparing", JUDGING)


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
        self._reconciling: Job | None = None
        self._took_in: tuple[Run, ...] = ()
        self._told: set[tuple[int, str]] | None = None  # which ends of runs; None until that has been read
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self.refresh)
        session.changed.connect(self._project_changed)

    def refresh(self) -> None:
        """Look again, off the GUI thread: take in what ended, then see how all stand."""
        if self._reconciling:  # judging a model takes a while, in which others go on
            self._read()
        else:
            self._reconcile()

    @property
    def judges(self) -> bool:
        """Whether this program is judging what came of a training."""
        return self._reconciling is not None and self._reconciling.total > 0

    def stop(self) -> None:
        """Poll no more."""
        self._timer.stop()

    def _project_changed(self, changes: Changes) -> None:
        if changes.runs:
            self.refresh()

    def _reconcile(self) -> None:
        if self._reconciling:
            return
        project = self._session.project
        self._reconciling = self._session.tasks.run(
            tr("Judging the new model"),
            lambda progress: training.reconcile(project, progress=progress),
            done=self._reconciled,
            ended=self._reconcile_over,
            cancellable=False,
            alone=False,
        )

    def _reconcile_over(self) -> None:
        self._reconciling = None
        self._read()

    def _reconciled(self, changed: list[Run]) -> None:
        if self._told is None:
            self._took_in = tuple(changed)
        else:
            self._tell(changed, found_on_opening=False)

    def _tell(self, ended: Iterable[Run], *, found_on_opening: bool) -> None:
        told = self._told if self._told is not None else set()
        fresh = [run for run in ended if _end(run) not in told]
        if not fresh:
            return
        told.update(_end(run) for run in fresh)
        self._keep(told)
        for run in fresh:
            self.ended.emit(run, found_on_opening)

    def _keep(self, told: Iterable[tuple[int, str]]) -> None:
        project, plain = self._session.project, sorted(map(list, told))
        self._session.tasks.read(lambda: project.set_setting(TOLD_KEY, plain), lambda _: None)

    def _read(self) -> None:
        project, offsets = self._session.project, dict(self._offsets)

        def look() -> _Seen:
            runs = tuple(training.runs(project))
            fresh = {r.id: training.events(project, r.id, offsets.get(r.id, 0)) for r in runs if r.state in ACTIVE}
            return _Seen(runs, fresh, project.setting(TOLD_KEY))

        self._session.tasks.read(look, self._seen, key=self)

    def _seen(self, found: "_Seen") -> None:
        fresh = found.fresh
        events = {i: (*without_batches(self.latest.events.get(i, ())), *new) for i, (new, _) in fresh.items()}
        self._offsets = {i: offset for i, (_, offset) in fresh.items()}
        self.latest = Look(found.runs, events)
        if self.latest.active and not self._timer.isActive():
            self._timer.start()
        elif not self.latest.active:
            self._timer.stop()
        self.changed.emit(self.latest)
        if not self._reconciling:
            self._tell_of(found)

    def _tell_of(self, found: "_Seen") -> None:
        ended = [run for run in found.runs if run.ended_at is not None and run.state not in (*ACTIVE, "queued")]
        on_opening = self._told is None
        if self._told is None:
            known = found.told if found.told is not None else [_end(r) for r in ended if r not in self._took_in]
            self._told = {(int(run), str(at)) for run, at in known}
            if found.told is None:
                self._keep(self._told)
        self._tell(reversed(ended), found_on_opening=on_opening)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The runs, what is new of those that are going on (events, and where to go on), and which ends were told before, if ever."""

    runs: tuple[Run, ...]
    fresh: dict[int, tuple[list[AnyEvent], int]]
    told: list[tuple[int, str]] | None


def _end(run: Run) -> tuple[int, str]:
    """One end of a run: it may be resumed, and end again."""
    return run.id, run.ended_at.isoformat() if run.ended_at else ""


def without_batches(events: Iterable[AnyEvent]) -> tuple[AnyEvent, ...]:
    """The events that stay of interest: of the batches, only the newest ever is."""
    return tuple(e for e in events if not isinstance(e, Batch))
