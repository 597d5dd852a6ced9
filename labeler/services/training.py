"""Background trainings: starting, following, cancelling, resuming, and taking in what came of them.

A run's truth is its folder (`runs/<id>/`); the row in the database says where it stands. Nothing here imports torch.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.core import shipped, sizing
from labeler.core.errors import BadInput, NotFound, UserError
from labeler.core.i18n import tr
from labeler.core.progress import Progress, silent
from labeler.core.versions import FrozenImage
from labeler.services import _answer, _variants, _waiting, backup, models, shipped_models, versions
from labeler.services._outcome import GOING_ON, RUNNING, take_in
from labeler.services._waiting import QUEUED
from labeler.services.project import Project
from labeler.training import archs, launcher, protocol, weights_file
from labeler.training.protocol import AnyEvent
from labeler.training.tuning import VARIETIES, fine_tuning
from labeler_db.models import ModelRow, RunRow, VersionRow

CURRENT, SCRATCH, HUB = "current", "scratch", protocol.HUB
RESUMABLE = ("cancelled", "interrupted", "failed", "done")
"""Where there is a checkpoint to go on from: of a run that is done, only when a person ended it early."""


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """How to train. `start` is "current", the name of a detector that ships (`core.shipped`), "scratch", "hub" or a `.pt` file.

    None as `arch` takes that of the model it starts from, as `imgsz` what fits the digits, as `epochs` and `batch` what suits the number of
    pages.

    Each page of ink to train on is drawn `variants` more times, with other pens and papers. `variety` is one of `tuning.VARIETIES`.
    """

    arch: str | None = None
    start: str = "current"
    epochs: int | None = None
    imgsz: int | None = None
    batch: int | None = None
    device: str = "auto"
    patience: int = 20
    seed: int = 0
    threads: int = 0
    variants: int = 0
    variety: str = "usual"
    overrides: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """One training. `state` is queued, preparing, running, judging, done, cancelled, failed or interrupted; `model` is what came of it,
    and `answer` what the gate said of it then beside the model that was current: a sentence, and its reasons.
    """

    id: int
    state: str
    folder: Path
    request: dict[str, Any]
    result: dict[str, Any]
    reason: str
    version: str | None
    parent: str | None
    model: str | None
    created_at: datetime
    ended_at: datetime | None
    resumable: bool
    answer: tuple[str, ...] = ()


def start(project: Project, options: TrainOptions, *, progress: Progress = silent) -> Run:
    """Freeze the data, back them up, and begin: export with proof and launch a worker. While another training goes on, this one waits
    in the queue.

    Raises `UserError` where nothing can be trained, `Cancelled`.
    """
    reconcile(project, progress=progress)
    _variants.check(options.variants)
    archs.arch(_arch_name(project, options))  # raises before anything is frozen or backed up
    _variety(options.variety)
    parent = start_model(project, options.start)
    weights = _start_weights(project, options.start, parent)
    version = versions.freeze(project, progress=progress)
    images = versions.images_of(project, version.id)
    _check_trainable(images)
    backup.automatic(project, "training")
    chosen = settled(project, options, images)
    request = protocol.Request(
        data_yaml="", arch=chosen.arch, start_weights=weights, epochs=chosen.epochs, imgsz=chosen.imgsz, batch=chosen.batch,
        device=options.device, patience=options.patience, seed=options.seed, threads=options.threads, variants=options.variants,
        overrides=chosen.overrides,
    )  # fmt: skip
    row = RunRow(
        state=QUEUED, folder="", version_id=version.id, parent_id=parent.id if parent else None,
        request=_waiting.request_json(request),
    )  # fmt: skip
    run_id = _waiting.enqueue(project, request, row=row)
    _waiting.begin(project, progress, mine=run_id)
    return find(project, run_id)


@dataclass(frozen=True, slots=True)
class Settled:
    """What the options leave open, settled for certain pages."""

    arch: str
    epochs: int
    imgsz: int
    batch: int
    overrides: dict[str, Any]


def settled(project: Project, options: TrainOptions, images: Sequence[FrozenImage]) -> Settled:
    """Fill in what was left open, for a training on `images`."""
    pages = sum(image.split == "train" for image in images)
    parent = start_model(project, options.start)
    arch = _arch_name(project, options)
    goes_on = parent.arch == arch if parent else options.start not in (SCRATCH, HUB)
    batch = options.batch or sizing.batch_size(pages)
    return Settled(
        arch=arch,
        epochs=options.epochs or sizing.epochs(pages, batch, from_scratch=not goes_on),
        imgsz=options.imgsz or fitting_size(images),
        batch=batch,
        overrides={**(fine_tuning(batch) if goes_on else {}), **_variety(options.variety), **options.overrides},
    )


def _variety(name: str) -> dict[str, float]:
    if name not in VARIETIES:
        raise BadInput(
            tr("There is no variety called {name}.", name=name),
            tr("Choose one of: {names}.", names=", ".join(VARIETIES)),
        )
    return VARIETIES[name]


def settled_now(project: Project, options: TrainOptions) -> Settled | None:
    """What a training on what is labelled now would be settled to; None where there is nothing to learn from."""
    labelled = versions.labelled(project)
    if not any(i.boxes for i in labelled):
        return None
    return settled(project, options, labelled)


def fitting_size(images: Sequence[FrozenImage]) -> int:
    """The image size that keeps the digits of these images legible."""
    pairs = [(max(i.width, i.height), max(b.w, b.h)) for i in images for b in i.boxes]
    return sizing.image_size([page for page, _ in pairs], [digit for _, digit in pairs])


def runs(project: Project) -> list[Run]:
    """All trainings, newest first."""
    with project.read() as session:
        return [_to_run(project, session, row) for row in session.scalars(select(RunRow).order_by(RunRow.id.desc()))]


def find(project: Project, run_id: int) -> Run:
    """One training. Raises `NotFound`."""
    with project.read() as session:
        row = session.get(RunRow, run_id)
        if row is None:
            raise NotFound(tr("There is no run {id}.", id=run_id), tr("labeler runs PROJECT lists them."))
        return _to_run(project, session, row)


def events(project: Project, run_id: int, offset: int = 0) -> tuple[list[AnyEvent], int]:
    """What the worker told after byte `offset` of its events, and the offset to go on from."""
    return protocol.read_events(find(project, run_id).folder / protocol.EVENTS, offset)


def log_tail(project: Project, run_id: int, *, lines: int = 200) -> str:
    """The last lines of the worker's log."""
    file = find(project, run_id).folder / protocol.LOG
    if not file.exists():
        return ""
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - 400 * lines))
        return "\n".join(stream.read().decode("utf-8", errors="replace").splitlines()[-lines:])


def reconcile(project: Project, *, progress: Progress = silent) -> list[Run]:
    """Look at every run that should be going on: take in those that ended, mark those that vanished, begin the one whose turn it is.

    Returns the runs that ended.
    """
    over = [run.id for run in runs(project) if run.state in GOING_ON and take_in(project, run.id, progress)]
    over += _waiting.begin(project, progress)
    return [find(project, run_id) for run_id in over]


def follow(
    project: Project,
    run_id: int,
    *,
    on_event: Callable[[AnyEvent], None],
    progress: Progress = silent,
    interval: float = 0.3,
) -> Run:
    """Wait for a run to end, or for its turn and then its end, handing on its events. Cancelling the progress leaves the run going on."""
    offset: int | None = None
    while True:
        run = find(project, run_id)
        if run.state == RUNNING or offset is not None:
            offset = int(run.result.get("offset", 0)) if offset is None else offset
            fresh, offset = events(project, run_id, offset)
            for event in fresh:
                on_event(event)
        if run.state not in (QUEUED, *GOING_ON):
            return run
        if run.state == QUEUED:
            reconcile(project, progress=progress)
        elif take_in(project, run_id, progress):
            continue
        progress(0, 0, tr("Waiting for another training to end") if run.state == QUEUED else "")
        time.sleep(interval)


def cancel(project: Project, run_id: int, *, after_epoch: bool = False, grace: float = launcher.GRACE) -> Run:
    """Stop a run: now (blocks up to `grace` seconds, then kills), or once its epoch is over (returns at once).

    One that waits is taken out of the queue.
    """
    run = find(project, run_id)
    if run.state == QUEUED and _waiting.withdraw(project, run_id):
        return find(project, run_id)
    if run.state != RUNNING:
        raise UserError(tr("Run {id} is not running.", id=run_id))
    if after_epoch:
        launcher.request_cancel(run.folder, after_epoch=True)
        return run
    with project.read() as session:
        row = session.get_one(RunRow, run_id)
        pid, started = row.pid or 0, row.pid_started or 0.0
    launcher.cancel(run.folder, pid, started, grace=grace)
    take_in(project, run_id, silent)
    return find(project, run_id)


def resume(project: Project, run_id: int, *, progress: Progress = silent) -> Run:
    """Go on with a run that was stopped, from its last checkpoint, when it is its turn. Raises `UserError` where there is none."""
    reconcile(project, progress=progress)
    run = find(project, run_id)
    if not run.resumable or run.version is None:
        raise UserError(tr("Run {id} cannot be resumed.", id=run_id), tr("Start a new training."))
    _waiting.enqueue(project, replace(protocol.read_request(run.folder), resume=True), run_id=run_id)
    _waiting.begin(project, progress, mine=run_id)
    return find(project, run_id)


def start_model(project: Project, start_from: str) -> models.Model | None:
    """The model that a training goes on from; None where it goes on from none, or from a file."""
    if start_from == CURRENT:
        return models.current(project)
    if start_from in {one.name for one in shipped.detectors()}:
        return shipped_models.find(project, start_from)
    return None


def _start_weights(project: Project, start_from: str, parent: models.Model | None) -> str | None:
    if start_from == SCRATCH:
        return None
    if start_from == HUB:
        return HUB
    if parent is not None:
        file = models.weights_file(project, parent)
    else:
        file = Path(start_from)
        if file.is_file():
            weights_file.refuse_programs(file)
    if file is None or not file.is_file():
        raise NotFound(
            tr("There are no weights to start from: {name}.", name=start_from),
            tr("Use “shipped” or “scratch”, or name a .pt file."),
        )
    return str(file.resolve())


def _arch_name(project: Project, options: TrainOptions) -> str:
    like = start_model(project, options.start) or models.current(project)
    return options.arch or (like.arch if like.arch in archs.ARCHS else archs.DEFAULT)


def _check_trainable(images: Sequence[FrozenImage]) -> None:
    digits = Counter(image.split for image in images for _ in image.boxes)
    if not digits:
        raise UserError(tr("There is no box to learn from."), tr("Draw or accept boxes first."))
    for split in ("train", "val"):
        if not digits[split]:
            raise UserError(
                tr("No box is in the split {split}.", split=split),
                tr("Label images of more writers: one writer cannot be both learnt from and judged on."),
            )


def _to_run(project: Project, session: Session, row: RunRow) -> Run:
    folder = project.folder / row.folder
    version = session.get(VersionRow, row.version_id) if row.version_id else None
    parent = session.get(ModelRow, row.parent_id) if row.parent_id else None
    model = session.scalars(select(ModelRow.name).where(ModelRow.run_id == row.id).order_by(ModelRow.id.desc())).first()
    return Run(
        id=row.id, state=row.state, folder=folder, request=row.request, result=row.result, reason=row.reason,
        version=version.name if version else None, parent=parent.name if parent else None, model=model, created_at=row.created_at,
        ended_at=row.ended_at, resumable=row.state in RESUMABLE and (folder / protocol.RESUME).exists(),
        answer=_answer.words(row.result),
    )  # fmt: skip
