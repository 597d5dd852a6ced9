"""`labeler resume PROJECT RUN`: goes on with a training that was stopped."""

import argparse

from labeler.cli.arguments import add_project, add_run, opened
from labeler.cli.following import begun, follow
from labeler.cli.output import Answer, bar
from labeler.core.i18n import tr


def summary() -> str:
    return tr("go on with a training that was stopped")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    add_run(parser)
    parser.add_argument("--detach", action="store_true", help=tr("start it and return at once"))


def run(args: argparse.Namespace) -> Answer:
    from labeler.services import training

    with opened(args) as project:
        with bar() as progress:
            training.reconcile(project, progress=progress)
            resumed = training.resume(project, args.run_id, progress=progress)
        return begun(resumed) if args.detach else follow(project, resumed)
