"""The bar at the bottom: what is going on, on every page. One row a job or training, with its progress and a way to stop it."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QProgressBar, QVBoxLayout, QWidget

from labeler.core.i18n import tr
from labeler.gui.tasks import Job, Tasks
from labeler.gui.widgets.pieces import button, label, row, tool

PATIENCE_MS = 600
"""A job that ends sooner is never shown: a bar that flashes up only disturbs."""


@dataclass(frozen=True, slots=True)
class Activity:
    """What one row shows. `total` 0 means that the end is not known."""

    text: str
    detail: str
    done: int
    total: int
    begun: bool = True


class _Row(QWidget):
    def __init__(self, stop: Callable[[], object] | None, open_: Callable[[], object] | None) -> None:
        super().__init__()
        self._text = button("", open_, kind="link") if open_ else label("")
        self._detail = label("", "muted")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setMinimumWidth(160)
        self._bar.setMaximumWidth(360)
        self._stop = tool("close", tr("Stop it"), stop)
        self.setLayout(row(self._text, self._detail, None, self._bar, self._stop, gap=12, margins=(16, 2, 10, 2)))
        self._stop.setVisible(stop is not None)  # only now: what has no parent yet would open as a window

    def show_activity(self, activity: Activity) -> None:
        self._text.setText(activity.text)
        self._detail.setText(activity.detail)
        self._bar.setRange(0, activity.total if activity.begun else 1)
        self._bar.setValue(min(activity.done, activity.total))

    def stopping(self) -> None:
        self._stop.setEnabled(False)
        self._detail.setText(tr("Stopping …"))


class JobsBar(QFrame):
    """Rows of jobs by any key; hidden while there are none."""

    def __init__(self, tasks: Tasks) -> None:
        super().__init__()
        self.setObjectName("jobs")
        self._rows: dict[object, _Row] = {}
        self._waiting: dict[int, QTimer] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 4, 0, 4)
        self._layout.setSpacing(0)
        self._tasks = tasks
        tasks.job_changed.connect(self._job_changed)
        tasks.job_ended.connect(self._job_ended)
        self.hide()

    @property
    def texts(self) -> list[str]:
        """What the rows say, top to bottom."""
        return [r._text.text() for r in self._rows.values()]  # noqa: SLF001 - rows are this module's own

    def show_activity(
        self,
        key: object,
        activity: Activity,
        *,
        stop: Callable[[], object] | None = None,
        open_: Callable[[], object] | None = None,
    ) -> None:
        """Show or update the row with this key."""
        shown = self._rows.get(key)
        if shown is None:
            shown = self._rows[key] = _Row(self._stopping(key, stop), open_)
            self._layout.addWidget(shown)
        shown.show_activity(activity)
        self.show()

    def drop(self, key: object) -> None:
        """Take the row with this key away."""
        gone = self._rows.pop(key, None)
        if gone is not None:
            self._layout.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        self.setVisible(bool(self._rows))

    def _stopping(self, key: object, stop: Callable[[], object] | None) -> Callable[[], object] | None:
        if stop is None:
            return None

        def pressed() -> None:
            self._rows[key].stopping()
            stop()

        return pressed

    def _job_changed(self, job: Job) -> None:
        if job.id in self._rows:
            self._show_job(job)
        elif job.id not in self._waiting:
            timer = QTimer(self, singleShot=True, interval=PATIENCE_MS)
            timer.timeout.connect(lambda: self._show_job(job))
            timer.start()
            self._waiting[job.id] = timer

    def _job_ended(self, job: Job) -> None:
        timer = self._waiting.pop(job.id, None)
        if timer is not None:
            timer.stop()
            timer.deleteLater()
        self.drop(job.id)

    def _show_job(self, job: Job) -> None:
        if job.stop.is_set() and job.id in self._rows:
            return
        count = f"{job.done:,} / {job.total:,}" if job.total else ""
        detail = count if job.running else tr("Waiting")
        activity = Activity(job.text, detail, job.done, job.total, job.running)
        self.show_activity(job.id, activity, stop=job.cancel if job.cancellable else None)
