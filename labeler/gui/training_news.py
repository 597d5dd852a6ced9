"""Tells of trainings outside their page: a row in the jobs bar while one runs, a message when it ends or was found on opening."""

from collections.abc import Callable
from functools import partial

from labeler.core.i18n import ntr, tr
from labeler.gui.jobs_bar import Activity, JobsBar
from labeler.gui.notify import notify
from labeler.gui.run_progress import progress_of, time_left
from labeler.gui.run_watch import JUDGING, Look, RunWatch
from labeler.gui.session import Session
from labeler.services import training
from labeler.services.training import Run


def tell(watch: RunWatch, session: Session, jobs: JobsBar) -> Callable[[], None]:
    """Begin to tell; returns what ends it."""
    shown: set[tuple[int, bool]] = set()

    def changed(look: Look) -> None:
        # What this program judges itself has a row already, which counts the pages and can be stopped.
        shown_here = [run for run in look.active if run.state != JUDGING or not watch.judges]
        told = {(run.id, run.state == "running"): run for run in shown_here}  # only a running one can be stopped
        for gone in shown - told.keys():
            jobs.drop(gone)
        for key, run in told.items():
            found = progress_of(look.events.get(run.id, ()), state=run.state)
            detail = "  ·  ".join(filter(None, (found.text, time_left(found.eta), _waiting(look))))
            jobs.show_activity(
                key,
                Activity(title(run), detail, found.done, found.total),
                stop=partial(cancel, session, run) if run.state == "running" else None,
                open_=partial(session.show, "train", run.id),
            )
        shown.clear()
        shown.update(told)

    def ended(run: Run, found_on_opening: bool) -> None:
        announce(session, run, found_on_opening=found_on_opening)

    watch.changed.connect(changed)
    watch.ended.connect(ended)

    def stop() -> None:
        watch.changed.disconnect(changed)
        watch.ended.disconnect(ended)

    return stop


def _waiting(look: Look) -> str:
    count = len(look.waiting)
    return ntr("{count} more waits", "{count} more wait", count) if count else ""


def title(run: Run) -> str:
    """A run's name for people."""
    return tr("Training {id}  {arch}", id=run.id, arch=run.request.get("arch", ""))


def cancel(session: Session, run: Run) -> None:
    """Stop a run, off the GUI thread."""
    session.tasks.run(
        tr("Stopping training {id}", id=run.id),
        lambda _progress: training.cancel(session.project, run.id),
        cancellable=False,
        alone=False,
    )


def announce(session: Session, run: Run, *, found_on_opening: bool = False) -> None:
    """Say how a run ended."""
    before = tr("While Labeler was closed: ") if found_on_opening else ""
    match run.state:
        case "done":
            text = tr("training {id} is done, {model} is a candidate.", id=run.id, model=run.model or "?")
            _say(session, _sentence(before, text), " ".join(run.answer[:2]) or tr("Promote it on the page Models."))
        case "cancelled":
            _say(session, _sentence(before, tr("training {id} was stopped.", id=run.id)), _resume_hint(run))
        case "failed":
            _say(session, _sentence(before, tr("training {id} failed.", id=run.id)), run.reason, level="error")
        case "interrupted":
            text = tr("training {id} was interrupted.", id=run.id)
            _say(session, _sentence(before, text), _resume_hint(run) or run.reason, level="error")


def _say(session: Session, text: str, hint: str, *, level: str = "info") -> None:
    """In the window, and on the desktop where nobody looks at the window."""
    session.say(text, hint, level=level)
    notify(text, hint, parent=session)


def _resume_hint(run: Run) -> str:
    return tr("It can be resumed on the page Train.") if run.resumable else ""


def _sentence(before: str, text: str) -> str:
    return before + text if before else text[:1].upper() + text[1:]
