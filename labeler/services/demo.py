"""The sample project, and once around the loop on it: import, suggest, correct, split, export, retrain, judge, promote, suggest again."""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from labeler.core.boxes import ClassRect
from labeler.core.correcting import correct_page
from labeler.core.errors import UserError
from labeler.core.i18n import tr
from labeler.core.progress import Progress, silent, track
from labeler.services import (
    evaluating,
    exporting,
    images,
    importing,
    judging,
    labeling,
    ledger,
    models,
    sample,
    splitting,
    suggesting,
    training,
)
from labeler.services.project import DATABASE, Project
from labeler.training.protocol import Epoch

ANNOTATOR = "demo"
WRITERS, PAGES, KEPT_NEW = 8, 5, 2
"""Of each writer's pages the last `KEPT_NEW` are left for the person to correct."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the loop with its figures."""

    name: str
    seconds: float
    figures: dict[str, Any]


def make_sample(
    folder: Path, *, writers: int = WRITERS, pages: int = PAGES, seed: int = 0, progress: Progress = silent
) -> Project:
    """A project of drawn handwriting: some pages reviewed, the rest with suggestions waiting for a person. Raises `UserError`."""
    project, truth = _collect(folder, writers, pages, seed, progress)
    suggesting.suggest(project, progress=progress)
    waiting = {f"page-{n:02d}.jpg" for n in range(pages - KEPT_NEW + 1, pages + 1)}
    for image in images.images(project, images.image_ids(project)):
        if image.name not in waiting:
            page = labeling.page(project, image.id)
            labeling.apply(project, correct_page(page, truth[image.id]), annotator=ANNOTATOR)
    splitting.assign(project)
    return project


def open_or_make_sample(folder: Path, *, progress: Progress = silent) -> Project:
    """The sample project in `folder`, made when it is not there."""
    return Project.open(folder) if (folder / DATABASE).exists() else make_sample(folder, progress=progress)


def run_loop(
    folder: Path, *, epochs: int = 2, writers: int = WRITERS, pages: int = PAGES, seed: int = 0,
    progress: Progress = silent, on_step: Callable[[Step], None] | None = None,
) -> list[Step]:  # fmt: skip
    """Once around the loop in a new project, a rehearsed person correcting by the truth. Every figure is measured. Raises `UserError`."""
    steps: list[Step] = []

    def done(name: str, started: float, **figures: Any) -> None:
        step = Step(name, round(time.monotonic() - started, 2), figures)
        steps.append(step)
        if on_step is not None:
            on_step(step)

    started = time.monotonic()
    project, truth = _collect(folder, writers, pages, seed, progress)
    with project:
        counts = images.stats(project)
        done("import", started, images=counts.images, writers=counts.writers)
        ids = images.image_ids(project)
        later = [i for i in ids if images.images(project, [i])[0].name == f"page-{pages:02d}.jpg"]
        _correct_some(project, [i for i in ids if i not in later], truth, progress, done)
        _split_and_export(project, progress, done)
        candidate = _retrain(project, epochs, progress, done)
        now = _judge(project, candidate, progress, done)
        _correct_some(project, later, truth, progress, done, model=now)
        for line in ledger.ledger(project):
            done(
                "ledger",
                time.monotonic(),
                model=line.model,
                **asdict(line.effort),
                corrections_per_100=line.effort.corrections_per_100,
            )
    return steps


def _collect(
    folder: Path, writers: int, pages: int, seed: int, progress: Progress
) -> tuple[Project, dict[int, tuple[ClassRect, ...]]]:
    drawn = list(
        track(
            sample.draw_pages(writers=writers, pages=pages, seed=seed), progress, tr("Drawing"), total=writers * pages
        )
    )
    project = Project.create(folder)
    with tempfile.TemporaryDirectory() as scratch:
        pictures = Path(scratch) / "handwriting"
        sample.write_pages(pictures, drawn)
        report = importing.import_paths(project, [pictures], writer_from="folder", progress=progress)
    if report.rejected or report.added != len(drawn):
        raise UserError(tr("The sample pages could not be imported: {reason}", reason=report.rejected))
    by_page = {(page.writer, page.name): page.truth for page in drawn}
    found = images.images(project, images.image_ids(project))
    return project, {i.id: by_page[i.writer or "", i.name] for i in found}


def _correct_some(
    project: Project, ids: Sequence[int], truth: dict[int, tuple[ClassRect, ...]], progress: Progress, done: Callable[..., None],
    model: str | None = None,
) -> None:  # fmt: skip
    started = time.monotonic()
    report = suggesting.suggest(project, image_ids=ids, model=model, progress=progress)
    done("suggest", started, model=report.model, images=report.images, suggestions=report.suggestions)
    started = time.monotonic()
    for image_id in track(ids, progress, tr("Correcting")):
        page = labeling.page(project, image_id)
        labeling.apply(project, correct_page(page, truth[image_id]), annotator=ANNOTATOR)
    done("correct", started, images=len(ids), boxes=images.stats(project).boxes)


def _split_and_export(project: Project, progress: Progress, done: Callable[..., None]) -> None:
    started = time.monotonic()
    report = splitting.assign(project, progress=progress)
    done("split", started, by_split=report.by_split, writers=report.writers)
    started = time.monotonic()
    exported = exporting.export(project, project.folder / "exports" / "demo", progress=progress)
    done(
        "export",
        started,
        version=exported.version,
        hash=exported.hash,
        by_split=exported.by_split,
        boxes=exported.boxes,
    )


def _retrain(project: Project, epochs: int, progress: Progress, done: Callable[..., None]) -> str:
    started = time.monotonic()
    run = training.start(project, training.TrainOptions(epochs=epochs), progress=progress)

    def tell(event: object) -> None:
        if isinstance(event, Epoch):
            progress(event.epoch, event.epochs, tr("Training"))

    run = training.follow(project, run.id, on_event=tell, progress=progress)
    if run.state != "done" or run.model is None:
        raise UserError(tr("The training ended as {state}: {reason}", state=run.state, reason=run.reason))
    done("train", started, run=run.id, model=run.model, epochs=run.result.get("epochs"), val=run.result.get("val"))
    return run.model


def _judge(project: Project, candidate: str, progress: Progress, done: Callable[..., None]) -> str:
    """Both models on the test writers, and the gate's word on the candidate; returns the model that is current then."""
    for name in (models.current(project).name, candidate):
        started = time.monotonic()
        found = evaluating.evaluate(project, model=name, progress=progress)
        done(
            "evaluate", started, model=name, images=found.images, boxes=found.boxes, map50=found.map50, map50_95=found.map50_95,
            corrections_per_100=found.corrections_per_100,
        )  # fmt: skip
    started = time.monotonic()
    judgement = judging.judge(project, candidate, progress=progress)
    if judgement.decision.passes:
        judging.promote(project, candidate, judgement, by=ANNOTATOR)
    now = models.current(project).name
    verdict, reasons = str(judgement.decision.verdict), list(judgement.decision.reasons)
    done("promote", started, candidate=candidate, verdict=verdict, reasons=reasons, model=now)
    return now
