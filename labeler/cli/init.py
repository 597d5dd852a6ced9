"""`labeler init PROJECT`: makes a project."""

import argparse

from labeler.cli.arguments import add_project
from labeler.cli.output import Answer
from labeler.core.i18n import tr


def summary() -> str:
    return tr("make a new project")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument(
        "--classes", metavar="A,B,…", help=tr("class names, separated by commas (default: the digits 0 to 9)")
    )


def run(args: argparse.Namespace) -> Answer:
    from labeler.services.project import DIGITS, Project

    names = args.classes.split(",") if args.classes is not None else DIGITS
    with Project.create(args.project, names) as project:
        folder = project.folder.resolve()
        return Answer(
            {"project": folder, "classes": project.classes},
            tr("Made the project {path} with the classes {classes}.", path=folder, classes=", ".join(project.classes)),
        )
