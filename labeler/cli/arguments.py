"""Arguments that several commands share, and the checks of their values."""

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING

from labeler.cli.output import complain
from labeler.core.i18n import tr

if TYPE_CHECKING:
    from labeler.services.project import Project


FORMATS = ("yolo", "coco", "voc", "labelme", "labelstudio", "cvat", "csv")
"""Formats that can be read and written."""


def add_project(parser: argparse.ArgumentParser) -> None:
    """The project's folder, first argument of most commands."""
    parser.add_argument("project", type=Path, metavar="PROJECT", help=tr("the project's folder"))


def add_run(parser: argparse.ArgumentParser) -> None:
    """The number of a run."""
    parser.add_argument("run_id", type=positive, metavar="RUN", help=tr("the run's number, as “labeler runs” lists it"))


def add_variants(parser: argparse.ArgumentParser) -> None:
    """How often each page of ink is drawn again."""
    parser.add_argument(
        "--variants", type=count, default=0, metavar="K",
        help=tr("draw each page of ink to train on K more times, with other pens and papers (default: %(default)s)"),
    )  # fmt: skip


def opened(args: argparse.Namespace) -> "Project":
    """The project that was named; a context manager. Raises `NotFound`, `UserError`."""
    from labeler.services.project import Project

    project = Project.open(args.project)
    if project.updated_from is not None:
        complain(tr("Brought up to date from an older Labeler. A backup of before: {path}", path=project.updated_from))
    return project


def share(text: str) -> float:
    """A number from 0 to 1."""
    value = _number(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(tr("{text} is not a number from 0 to 1", text=text))
    return value


def positive(text: str) -> int:
    """A whole number of at least 1."""
    value = _number(text)
    if not (value >= 1 and value == int(value)):
        raise argparse.ArgumentTypeError(tr("{text} is not a whole number of at least 1", text=text))
    return int(value)


def count(text: str) -> int:
    """A whole number of at least 0."""
    value = _number(text)
    if not (value >= 0 and value == int(value)):
        raise argparse.ArgumentTypeError(tr("{text} is not a whole number of at least 0", text=text))
    return int(value)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(tr("{text} is not a number", text=text))
    return value
