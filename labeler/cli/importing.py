"""`labeler import PROJECT PATH…`: brings in images and data sets."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from labeler.cli.arguments import FORMATS, add_project, opened
from labeler.cli.output import Answer, bar
from labeler.core.errors import UserError
from labeler.core.i18n import ntr, tr

if TYPE_CHECKING:
    from labeler.services.importing import ImportReport

SHOWN = 20
"""Rejected files that the summary names; `--json` names all."""


def summary() -> str:
    return tr("import images, with boxes where the format has them")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help=tr("files, folders or data sets"))
    parser.add_argument(
        "--format",
        default="auto",
        choices=("auto", "images", *FORMATS),
        help=tr("what the paths hold (default: find out)"),
    )
    writer = parser.add_mutually_exclusive_group()
    writer.add_argument("--writer", metavar="CODE", help=tr("all images are by this writer"))
    writer.add_argument(
        "--writer-from",
        metavar="folder|REGEX",
        help=tr("find each image's writer in its folder's name, or by a pattern in its path"),
    )
    parser.add_argument("--use-splits", action="store_true", help=tr("keep the splits that a data set comes with"))
    parser.add_argument(
        "--sheets",
        choices=("whole", "cells"),
        help=tr(
            "a photographed sheet becomes one image, or one for each digit; remembered with the project (default: whole)"
        ),
    )


def run(args: argparse.Namespace) -> Answer:
    from labeler.services import sheets
    from labeler.services.importing import import_paths

    with opened(args) as project, bar() as progress:
        if args.sheets is not None:
            sheets.set_keep_whole(project, args.sheets == "whole")
        report = import_paths(
            project, args.paths, format=args.format, writer=args.writer, writer_from=args.writer_from, use_splits=args.use_splits,
            progress=progress,
        )  # fmt: skip
    data = {
        "added": report.added,
        "duplicates": report.duplicates,
        "boxes": report.boxes,
        "rejected": [asdict(rejected) for rejected in report.rejected],
        "seconds": round(report.seconds, 3),
    }
    return Answer(data, _text(report), _problem(report))


def _text(report: "ImportReport") -> str:
    lines = [
        ntr("Added {count} image", "Added {count} images", report.added)
        + tr(" ({duplicates} were here already) with {boxes} boxes.", duplicates=report.duplicates, boxes=report.boxes)
    ]
    lines += [f"  {rejected.path}: {rejected.reason}" for rejected in report.rejected[:SHOWN]]
    if len(report.rejected) > SHOWN:
        lines.append("  " + tr("… and {count} more; --json lists all.", count=len(report.rejected) - SHOWN))
    return "\n".join(lines)


def _problem(report: "ImportReport") -> UserError | None:
    if report.added or report.duplicates:
        return None
    if not report.rejected:
        return UserError(
            tr("There is nothing to import."), tr("Name image files, or folders and data sets that hold some.")
        )
    first = report.rejected[0]
    return UserError(tr("Nothing was imported. {path}: {reason}", path=first.path, reason=first.reason))
