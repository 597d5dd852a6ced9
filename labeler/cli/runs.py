"""`labeler runs PROJECT`: all trainings and how they stand."""

import argparse
from typing import TYPE_CHECKING, Any

from labeler.cli.arguments import add_project, opened
from labeler.cli.output import Answer, table
from labeler.core.i18n import tr

if TYPE_CHECKING:
    from labeler.services.training import Run


def summary() -> str:
    return tr("list trainings and how they stand")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)


def run(args: argparse.Namespace) -> Answer:
    from labeler.services import training

    with opened(args) as project:
        training.reconcile(project)
        found = training.runs(project)
    head = (tr("run"), tr("state"), tr("architecture"), tr("version"), tr("model"), tr("why"))
    rows = [(r.id, r.state, r.request.get("arch", "–"), r.version or "–", r.model or "–", r.reason) for r in found]
    text = table(head, rows) if rows else tr("Nothing was trained here yet.")
    return Answer({"runs": [_data(run) for run in found]}, text)


def _data(run: "Run") -> dict[str, Any]:
    return {
        "id": run.id, "state": run.state, "reason": run.reason, "arch": run.request.get("arch"), "epochs": run.request.get("epochs"),
        "version": run.version, "parent": run.parent, "model": run.model, "created_at": run.created_at, "ended_at": run.ended_at,
        "resumable": run.resumable,
    }  # fmt: skip
