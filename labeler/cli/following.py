"""Watching a training from the terminal: its epochs as they end, and its end as the answer of `train` and `resume`."""

import sys
from typing import TYPE_CHECKING, Any

from labeler.cli.output import Answer, bar, complain
from labeler.core.errors import Cancelled, UserError
from labeler.core.i18n import tr

if TYPE_CHECKING:
    from labeler.services.project import Project
    from labeler.services.training import Run


def begun(run: "Run") -> Answer:
    """The answer where nobody waits for the training."""
    text = (
        tr(
            "Run {id} waits for its turn; it begins when “labeler runs PROJECT”, or the app, sees that the one before has ended.",
            id=run.id,
        )
        if run.state == "queued"
        else tr("Run {id} goes on in the background; “labeler runs PROJECT” tells how it stands.", id=run.id)
    )
    return Answer({"run": run.id, "state": run.state, "model": None, "metrics": None, "seconds": 0.0}, text)


def follow(project: "Project", run: "Run") -> Answer:
    """Wait for the end. Ctrl+C cancels the training; a terminal that vanishes leaves it going on."""
    from labeler.services import training
    from labeler.training.protocol import AnyEvent, Batch, Epoch

    if run.state == "queued":
        complain(tr("Another training is going on; run {id} waits for its turn.", id=run.id))
    try:
        with bar() as progress:

            def tell(event: AnyEvent) -> None:
                if isinstance(event, Epoch):
                    print(_epoch(event), file=sys.stderr)
                elif isinstance(event, Batch):
                    progress(event.batch, event.batches, tr("Epoch {n}", n=event.epoch))

            ended = training.follow(project, run.id, on_event=tell, progress=progress)
    except (KeyboardInterrupt, Cancelled):
        training.cancel(project, run.id)
        complain(tr("Run {id} was cancelled; “labeler resume PROJECT {id}” goes on with it.", id=run.id))
        raise
    return _ended(project, ended)


def _epoch(event: object) -> str:
    from labeler.training.protocol import Epoch

    assert isinstance(event, Epoch)
    return tr(
        "Epoch {epoch} of {epochs}: mAP50 {map50}, mAP50-95 {map50_95} on the validation split, {seconds} s",
        epoch=event.epoch, epochs=event.epochs, map50=f"{event.map50:.3f}", map50_95=f"{event.map50_95:.3f}",
        seconds=f"{event.seconds:.0f}",
    )  # fmt: skip


def _ended(project: "Project", run: "Run") -> Answer:
    from labeler.services import models

    metrics = _figures(models.find(project, run.model).metrics) if run.model else None
    seconds = (run.ended_at - run.created_at).total_seconds() if run.ended_at else 0.0
    data = {
        "run": run.id,
        "state": run.state,
        "model": run.model,
        "metrics": metrics,
        "seconds": round(run.result.get("seconds", seconds), 3),
        "reason": run.reason,
        "answer": run.answer,
    }
    if run.state == "cancelled":
        complain(tr("Run {id} was cancelled; “labeler resume PROJECT {id}” goes on with it.", id=run.id))
        raise Cancelled
    problem = (
        None
        if run.state == "done"
        else UserError(tr("Run {id} ended as {state}: {reason}", id=run.id, state=run.state, reason=run.reason))
    )
    text = tr(
        "Run {id} is done. Its candidate is {model}; “labeler models PROJECT promote {model}” makes it the current model.",
        id=run.id, model=run.model,
    )  # fmt: skip
    return Answer(data, "\n".join((text, *run.answer)) if problem is None else "", problem)


def _figures(metrics: dict[str, Any]) -> dict[str, Any]:
    """The figures on the test split (on the validation split where no test image is labelled), and the worker's own beside them."""
    val = metrics.get("val", {})
    return {**metrics.get("test", {"split": "val", **val}), "val": val}
