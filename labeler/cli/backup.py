"""`labeler backup PROJECT FILE`: a checked copy of the project's database."""

import argparse
from pathlib import Path

from labeler.cli.arguments import add_project, opened
from labeler.cli.output import Answer
from labeler.core.i18n import tr


def summary() -> str:
    return tr("copy the project's database while it may be in use")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument("file", type=Path, metavar="FILE", help=tr("the file to write"))


def run(args: argparse.Namespace) -> Answer:
    from labeler.services.backup import backup

    with opened(args) as project:
        path = backup(project, args.file)
    return Answer({"path": path}, tr("Saved a checked copy as {path}.", path=path))
