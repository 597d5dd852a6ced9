"""Trainings that wait for their turn: one goes on at a time, in the order they were asked for, whichever program looks next begins it."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from labeler.core.changes import Changes
from labeler.core.errors import Cancelled, UserError
from labeler.core.i18n import tr
from labeler.core.progress import Progress
from labeler.services import exporting, versions
from labeler.services._outcome import PREPARING, RUNNING
from labeler.services.project import Project
from labeler.training import launcher, protocol
from labeler_db.models import RunRow, VersionRow, utcnow

QUEUED = "queued"
TURN = ("-m", "labeler.services.turn")
"""What a training's supervisor starts in the end, with the project's folder."""


def enqueue(
    project: Project, request: protocol.Request, *, row: RunRow | None = None, run_id: int | None = None
) -> int:
    """Put a new run (`row`), or one that was stopped (`run_id`), into the queue with its order; returns its id. Raises `UserError`."""
    folder = project.folder / "runs"
    try:
        with project.write(Changes(runs=True)) as session:
            entry = row or session.get_one(RunRow, run_id)
            session.add(entry)
            session.flush()
            entry.folder = f"runs/{entry.id}"
            folder = _folder(project, entry.id)
            protocol.write_request(folder, request)  # before the commit: who sees the row finds its order
            entry.state, entry.reason, entry.ended_at = QUEUED, "", None
            return entry.id
    except OSError as error:
        raise UserError(
            tr("The folder {path} cannot be written: {reason}", path=folder, reason=error.strerror or error),
            tr("Free some space, or check the rights of that folder."),
        ) from error


def begin(project: Project, progress: Progress, *, mine: int | None = None) -> list[int]:
    """Begin the run that waits longest, unless one is going on; those that cannot begin end as failed, and the next has its turn.

    Returns the runs that could not begin. What keeps the run `mine` from beginning is raised.
    """
    failed = []
    while (run_id := _claim(project)) is not None:
        try:
            _launch(project, run_id, progress, is_mine=run_id == mine)
        except (UserError, OSError):
            if run_id == mine:
                raise
            failed.append(run_id)
    return failed


def withdraw(project: Project, run_id: int) -> bool:
    """Take a run out of the queue; returns whether it was still waiting."""
    with project.write(Changes(runs=True)) as session:
        row = session.get_one(RunRow, run_id)
        if row.state != QUEUED:
            return False
        row.state, row.reason, row.ended_at = "cancelled", tr("Stopped on request."), utcnow()
        return True


def _claim(project: Project) -> int | None:
    """The run that waits longest, now this program's to prepare; None where none waits or one is going on."""
    with project.read() as session:
        if session.scalars(select(RunRow.id).where(RunRow.state == QUEUED)).first() is None:
            return None
    with project.write(Changes(runs=True)) as session:
        if session.scalars(select(RunRow.id).where(RunRow.state.in_((RUNNING, PREPARING)))).first() is not None:
            return None
        row = session.scalars(select(RunRow).where(RunRow.state == QUEUED).order_by(RunRow.id)).first()
        if row is None:
            return None
        row.state = PREPARING
        row.pid, row.pid_started = launcher.this_process()
        return row.id


def _launch(project: Project, run_id: int, progress: Progress, *, is_mine: bool) -> None:
    """Export with proof, and launch the worker. Whoever stops the preparation of another's run puts it back into the queue."""
    folder = _folder(project, run_id)
    with project.read() as session:
        version = versions.find(project, session.get_one(VersionRow, session.get_one(RunRow, run_id).version_id).name)
    try:
        request = protocol.read_request(folder)
        more = f"-variants{request.variants}" if request.variants else ""
        out = project.folder / "exports" / f"training-{version.hash[:16]}{more}"
        exported = exporting.export(
            project, out, version=version.name, variants=request.variants, alone=True, progress=progress
        )
        request = replace(request, data_yaml=str(exported.path / "data.yaml"))
        protocol.write_request(folder, request)
        log = folder / protocol.EVENTS
        offset = log.stat().st_size if log.exists() else 0
        process = launcher.launch(folder.resolve(), then=(*TURN, str(project.folder.resolve())) if TURN else ())
    except BaseException as error:
        _not_begun(project, run_id, error, is_mine=is_mine)
        raise
    with project.write(Changes(runs=True)) as session:
        row = session.get_one(RunRow, run_id)
        row.state, row.reason, row.ended_at = RUNNING, "", None
        row.pid, row.pid_started = process.pid, process.started_at
        row.request, row.result = request_json(request), {"offset": offset}


def _not_begun(project: Project, run_id: int, error: BaseException, *, is_mine: bool) -> None:
    stopped = isinstance(error, Cancelled | KeyboardInterrupt)
    with project.write(Changes(runs=True)) as session:
        row = session.get_one(RunRow, run_id)
        if stopped and not is_mine:
            row.state = QUEUED
            return
        row.state, row.ended_at = "cancelled" if stopped else "failed", utcnow()
        row.reason = tr("Stopped on request.") if stopped else str(error)


def _folder(project: Project, run_id: int) -> Path:
    return project.folder / "runs" / str(run_id)


def request_json(request: protocol.Request) -> dict[str, Any]:
    """The order as plain values, without where this machine keeps the files."""
    plain = asdict(request)
    plain["data_yaml"] = Path(request.data_yaml).name
    if request.start_weights and request.start_weights != protocol.HUB:
        plain["start_weights"] = Path(request.start_weights).name
    return plain
