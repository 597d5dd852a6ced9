"""One training in full: how far it is, its curves, its log, and what can be done with it."""

import re
from collections.abc import Sequence

from PySide6.QtGui import QFontDatabase, QTextCursor
from PySide6.QtWidgets import QFrame, QMenu, QPlainTextEdit, QProgressBar, QVBoxLayout

from labeler.core.i18n import tr
from labeler.gui import training_news
from labeler.gui.run_progress import curves_of, duration, progress_of, time_left
from labeler.gui.run_watch import ACTIVE
from labeler.gui.session import Session
from labeler.gui.widgets.chart import Chart
from labeler.gui.widgets.pieces import button, column, label, row, set_role
from labeler.gui.widgets.words import rate, when
from labeler.services import training
from labeler.services.system_load import Load
from labeler.services.training import Run
from labeler.training.protocol import HUB, AnyEvent

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class RunDetail(QFrame):
    """Shows one `Run` with its events and log."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setProperty("card", True)
        self._session = session
        self.run: Run | None = None
        self.title = label("", "heading")
        self.state = label("", "muted")
        self.facts = label("", "muted", wrap=True)
        self.answer = label("", "strong", wrap=True)
        self.reasons = label("", wrap=True)
        self.left = label("", "muted")
        self.load = label("", "faint")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.stop = button(tr("Stop"), icon="stop")
        menu = QMenu(self.stop)
        menu.addAction(tr("Now")).triggered.connect(lambda: self._cancel(after_epoch=False))
        menu.addAction(tr("After this epoch")).triggered.connect(lambda: self._cancel(after_epoch=True))
        self.stop.setMenu(menu)
        self.withdraw = button(tr("Take out of the queue"), lambda: self._cancel(after_epoch=False), icon="close")
        self.resume = button(tr("Resume"), self._resume, icon="resume", kind="primary")
        self.model = button(tr("See the model"), self._show_model, icon="models")
        self.rates = Chart(top=1.0, height=150)
        self.losses = Chart(height=150)
        self.paces = Chart(height=150)
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setProperty("log", True)
        self.log.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.log.setFixedHeight(120)
        self.log.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._lay_out()

    def show_run(self, run: Run) -> None:
        """Show this run's row; its events and log follow."""
        if self.run is None or self.run.id != run.id:
            self.log.clear()
            self.show_events(())
        self.run = run
        active = run.state in ACTIVE
        self.title.setText(training_news.title(run))
        self.state.setText(state_name(run.state))
        set_role(self.state, {"done": "good", "failed": "bad", "interrupted": "bad"}.get(run.state, "muted"))
        self.facts.setText(_facts(run))
        answer, *reasons = run.answer or ("",)
        for text, words in ((self.answer, answer), (self.reasons, "\n".join(f"•  {reason}" for reason in reasons))):
            text.setText(words)
            text.setVisible(bool(words))
        is_to_come = active or run.state == "queued"
        for chart in (self.rates, self.losses, self.paces):
            chart.set_empty(
                tr("The curves begin with the first epoch.")
                if is_to_come
                else tr("The training ended before its first epoch was done.")
            )
        self.bar.setVisible(active)
        self.left.setVisible(active)
        self.load.setVisible(active)
        self.stop.setVisible(run.state == "running")
        self.withdraw.setVisible(run.state == "queued")
        self.resume.setVisible(run.resumable)
        self.model.setVisible(run.model is not None)

    def show_events(self, events: Sequence[AnyEvent]) -> None:
        """Show how far these events tell it is, and its curves."""
        found = progress_of(events, state=self.run.state if self.run else "running")
        self.bar.setRange(0, found.total)
        self.bar.setValue(found.done)
        self.left.setText("  ·  ".join(filter(None, (found.text, time_left(found.eta)))))
        curves = curves_of(events)
        self.rates.set_series(curves.rates)
        self.losses.set_series(curves.losses)
        self.paces.set_series(curves.paces)

    def show_load(self, load: Load) -> None:
        """Show how busy the computer is."""
        gib = 1024**3
        parts = [
            tr("processor {share}", share=f"{load.cpu:.0%}"),
            tr(
                "memory {used} of {total} GB",
                used=f"{load.memory_used / gib:.1f}",
                total=f"{load.memory_total / gib:.0f}",
            ),
            tr("of that the training {used} GB", used=f"{load.worker_memory / gib:.1f}") if load.worker_memory else "",
        ]
        self.load.setText(", ".join(filter(None, parts)))

    def show_log(self, text: str) -> None:
        """Show the end of the log; stays where the person scrolled to, follows it at the end."""
        text = _ANSI.sub("", text)
        if text == self.log.toPlainText():
            return
        scroll = self.log.verticalScrollBar()
        at_end = scroll.value() >= scroll.maximum() - 4
        self.log.setPlainText(text)
        if at_end:
            self.log.moveCursor(QTextCursor.MoveOperation.End)
            self.log.horizontalScrollBar().setValue(0)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(8)
        layout.addLayout(row(self.title, self.state, None, self.model, self.resume, self.withdraw, self.stop, gap=10))
        for text in (self.facts, self.answer, self.reasons):
            layout.addWidget(text)
        layout.addWidget(self.bar)
        layout.addLayout(row(self.left, None, self.load))
        layout.addSpacing(4)
        upper = row(
            column(label(tr("Accuracy on the validation writers"), "muted"), self.rates, gap=8),
            column(label(tr("Learning rate"), "muted"), self.paces, gap=8),
            gap=16,
        )
        upper.setStretch(0, 5)
        upper.setStretch(1, 2)
        layout.addLayout(upper, 3)
        layout.addWidget(label(tr("Loss"), "muted"))
        layout.addWidget(self.losses, 3)
        layout.addWidget(label(tr("Log"), "muted"))
        layout.addWidget(self.log)

    def _cancel(self, *, after_epoch: bool) -> None:
        run, project = self.run, self._session.project
        if run is None:
            return
        self.stop.setEnabled(False)
        self._session.tasks.run(
            tr("Stopping training {id}", id=run.id),
            lambda _progress: training.cancel(project, run.id, after_epoch=after_epoch),
            done=lambda _: self._session.say(tr("It stops after this epoch.")) if after_epoch else None,
            ended=lambda: self.stop.setEnabled(True),
            cancellable=False,
            alone=False,
        )

    def _resume(self) -> None:
        run, project = self.run, self._session.project
        if run is not None:
            self._session.tasks.run(
                tr("Resuming training {id}", id=run.id),
                lambda progress: training.resume(project, run.id, progress=progress),
                done=self._resumed,
            )

    def _resumed(self, run: Run) -> None:
        waits = run.state == "queued"
        self._session.say(
            tr("Training {id} waits for its turn.", id=run.id) if waits else tr("Training {id} goes on.", id=run.id)
        )

    def _show_model(self) -> None:
        if self.run is not None:
            self._session.show("models", self.run.model)


def state_name(state: str) -> str:
    """A run's state in words."""
    names = {
        "queued": tr("waiting"), "preparing": tr("preparing"), "running": tr("running"), "judging": tr("judging"), "done": tr("done"),
        "cancelled": tr("stopped"), "failed": tr("failed"), "interrupted": tr("interrupted"),
    }  # fmt: skip
    return names.get(state, state)


def _source(run: Run) -> str:
    """What it goes on from: a model, or weights that are none of the project's."""
    weights = run.request.get("start_weights")
    if not weights:
        return tr("from scratch")
    return tr("from published weights") if weights == HUB else tr("from {parent}", parent=run.parent or weights)


def _length(run: Run) -> str:
    """How many epochs it trained, where it ended before the last."""
    done, ordered = int(run.result.get("epochs", 0)), int(run.request.get("epochs", 0))
    return tr("{done} of {ordered} epochs", done=done, ordered=ordered) if 0 < done < ordered else ""


def _facts(run: Run) -> str:
    """What it was trained from and on, and how it ended."""
    request, result = run.request, run.result
    parts = [
        _source(run),
        tr("on {version}", version=run.version) if run.version else "",
        tr("{size} px", size=request["imgsz"]) if "imgsz" in request else "",
        tr("ink drawn again {n} times", n=request["variants"]) if request.get("variants") else "",
        tr("started {time}", time=when(run.created_at)),
        _length(run),
        tr("took {time}", time=duration(float(result["seconds"]))) if "seconds" in result else "",
        tr("mAP50 {value} on validation", value=rate(result["val"].get("map50"))) if "val" in result else "",
    ]
    text = ", ".join(filter(None, parts))
    return f"{text}\n{run.reason}" if run.reason and run.state != "done" else text
