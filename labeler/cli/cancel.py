"""`labeler cancel PROJECT RUN`: stops a training."""

import argparse

from labeler.cli.arguments import add_project, add_run, opened
from labeler.cli.output import Answer
from labeler.core.i18n import tr


def summary() -> str:
    return tr("stop a training")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    add_run(parser)
    parser.add_argument(
        "--after-epoch", action="store_true", help=tr("let its epoch end, then keep the best model so far")
    )


def run(args: argparse.Namespace) -> Answer:
    from labeler.services import training

    with opened(args) as project:
        training.reconcile(project)
        stopped = training.cancel(project, args.run_id, after_epoch=args.after_epoch)
    text = (
        tr("Run {id} will stop when its epoch is over.", id=stopped.id)
        if args.after_epoch
        else tr("Run {id} is now {state}.", id=stopped.id, state=stopped.state)
    )
    return Answer({"run": stopped.id, "state": stopped.state}, text)
