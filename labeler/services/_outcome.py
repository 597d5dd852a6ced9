"""What came of a run: its last word is read from the folder, the candidate registered and judged on the test split."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from labeler.core import errors
from labeler.core.changes import Changes
from labeler.core.errors import UserError
from labeler.core.i18n import tr
from labeler.core.progress import Progress
from labeler.services import _answer, estimating, evaluating, judging, models
from labeler.services._files import sha256_of
from labeler.services.project import Project
from labeler.training import launcher, protocol
from labeler.training.protocol import AnyEvent, Cancelled, Done, Failed, Interrupted
from labeler_db.models import ModelRow, RunRow, VersionRow, utcnow

PREPARING, RUNNING, JUDGING = "preparing", "running", "judging"
GOING_ON = (PREPARING, RUNNING, JUDGING)


def take_in(project: Project, run_id: int, progress: Progress) -> bool:
    """Bring the row of a running run up to date; returns whether the run is over. Safe when two programs do it at once."""
    with project.read() as session:
        row = session.get_one(RunRow, run_id)
    alive = launcher.is_alive(
        row.pid or 0, row.pid_started or 0.0
    )  # asked first: what a dead worker wrote is all there
    if row.state == PREPARING:
        return not alive and _close(
            project, row, "interrupted", tr("The program ended while it prepared the training."), {}
        )
    if row.state == JUDGING:
        return not alive and _judge_again(project, row, progress)
    folder = project.folder / row.folder
    events, _ = protocol.read_events(folder / protocol.EVENTS, int(row.result.get("offset", 0)))
    last = next((e for e in reversed(events) if isinstance(e, (Done, Cancelled, Failed, Interrupted))), None)
    if last is None and alive:
        return False
    estimating.note(row.request, events)
    epochs = {"epochs": _epochs(events)}
    if isinstance(last, Done):
        if not _arrived(folder, last):
            return _close(project, row, "failed", tr("The model that the training made is missing or damaged."), epochs)
        return _register(project, row, last, progress)
    state, reason = _end(last, asked=(folder / protocol.CANCEL).exists())
    return _close(project, row, state, reason, epochs)


def _arrived(folder: Path, done: Done) -> bool:
    """Whether the files that the worker spoke of are there, and are what it wrote."""
    files = ((done.onnx, done.onnx_sha256), (done.model, done.model_sha256))
    return all((folder / name).is_file() and sha256_of(folder / name) == sha for name, sha in files)


def _end(last: AnyEvent | None, *, asked: bool) -> tuple[str, str]:
    if isinstance(last, Failed):
        return "failed", " ".join(filter(None, (last.text, last.hint)))
    if isinstance(last, Cancelled) or asked:
        return "cancelled", tr("Stopped on request.")
    return "interrupted", tr(
        "The training process is gone without a last word: it was killed, perhaps for lack of memory, or the computer went off."
    )


def _register(project: Project, row: RunRow, done: Done, progress: Progress) -> bool:
    folder = project.folder / row.folder
    new = models.NewModel(
        name="", origin="trained", arch=row.request["arch"], imgsz=int(row.request["imgsz"]), classes=_classes(project, row),
        onnx=folder / done.onnx, weights=folder / done.model, parent_id=row.parent_id, version_id=row.version_id, run_id=row.id,
        metrics={"val": dict(done.metrics)}, settings=row.request,
    )  # fmt: skip
    files = models.keep_files(project, new)
    with project.write(Changes(runs=True, models=True)) as session:
        mine = session.get_one(RunRow, row.id)
        if mine.state != RUNNING:  # another program was first
            return True
        name = models.free_name(session, f"run{row.id}-{row.request['arch']}")
        models.insert(session, replace(new, name=name), files)
        mine.state, mine.ended_at = JUDGING, utcnow()
        mine.pid, mine.pid_started = launcher.this_process()
        figures = {
            "epochs": done.epochs,
            "best_epoch": done.best_epoch,
            "seconds": done.seconds,
            "val": dict(done.metrics),
        }
        mine.result = {**mine.result, **figures}
    return _judge_and_close(project, row.id, name, progress)


def _judge_again(project: Project, row: RunRow, progress: Progress) -> bool:
    """The program that judged ended too soon: this one judges, unless another was first."""
    with project.write(Changes(runs=True)) as session:
        mine = session.get_one(RunRow, row.id)
        if mine.state != JUDGING or mine.pid != row.pid:
            return mine.state != JUDGING
        mine.pid, mine.pid_started = launcher.this_process()
        name = session.scalars(
            select(ModelRow.name).where(ModelRow.run_id == row.id).order_by(ModelRow.id.desc())
        ).first()
    return _judge_and_close(project, row.id, name, progress)


def _judge_and_close(project: Project, run_id: int, name: str | None, progress: Progress) -> bool:
    """Only now is the run done: who waited for it finds the figures. One that nobody could judge is done all the same.

    Where this program is stopped meanwhile, whichever looks next judges.
    """
    state, told = "done", dict[str, Any]()
    try:
        told = _judge(project, name, progress) if name is not None else {}
    except UserError:
        pass
    except (errors.Cancelled, KeyboardInterrupt):
        state = JUDGING
        raise
    finally:
        with project.write(Changes(runs=True, models=True)) as session:
            row = session.get_one(RunRow, run_id)
            row.state, row.pid, row.result = state, None, {**row.result, **told}
    return True


def _judge(project: Project, name: str, progress: Progress) -> dict[str, Any]:
    """Have the model and the current one look at the test pages, once: the figures are kept with each, the gate's answer is returned for
    the run's result.

    Raises `UserError` where no test image is labelled, or nothing is there to compare it with.
    """
    current, candidate = models.current(project), models.find(project, name)
    truth = evaluating.labelled(project, "test", by=[current, candidate])
    before = evaluating.look(project, current, truth, progress=judging.half(progress, 0))
    after = evaluating.look(project, candidate, truth, progress=judging.half(progress, 1))
    for looked in (before, after):
        models.set_metrics(project, looked.model.name, {"test": asdict(evaluating.figures(project, looked))})
    return _answer.kept(project, judging.beside(project, before, after))


def _classes(project: Project, row: RunRow) -> tuple[str, ...]:
    with project.read() as session:
        version = session.get(VersionRow, row.version_id) if row.version_id else None
        return tuple(version.classes) if version else project.classes


def _close(project: Project, row: RunRow, state: str, reason: str, result: dict[str, Any]) -> bool:
    with project.write(Changes(runs=True)) as session:
        mine = session.get_one(RunRow, row.id)
        if mine.state == row.state and mine.pid == row.pid:  # else another program was first
            mine.state, mine.reason, mine.ended_at, mine.result = state, reason, utcnow(), {**mine.result, **result}
    return True


def _epochs(events: list[AnyEvent]) -> int:
    return max((e.epoch for e in events if isinstance(e, protocol.Epoch)), default=0)
