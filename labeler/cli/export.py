"""`labeler export PROJECT OUT`: freezes (or reuses) a version and writes it, proved by reading it back."""

import argparse
from pathlib import Path

from labeler.cli.arguments import FORMATS, add_project, opened
from labeler.cli.output import Answer, bar, counts
from labeler.core.i18n import tr


def summary() -> str:
    return tr("freeze a version and write it as files")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument("out", type=Path, metavar="OUT", help=tr("a new folder, or an earlier export to replace"))
    parser.add_argument(
        "--format", default="yolo", choices=FORMATS, help=tr("format of the files (default: %(default)s)")
    )
    parser.add_argument("--version", metavar="NAME", help=tr("an existing version (default: the data as they are now)"))


def run(args: argparse.Namespace) -> Answer:
    from labeler.services.exporting import export

    with opened(args) as project, bar() as progress:
        report = export(project, args.out, format=args.format, version=args.version, progress=progress)
    data = {
        "version": report.version,
        "hash": report.hash,
        "path": report.path,
        "format": report.format,
        "by_split": report.by_split,
        "boxes": report.boxes,
        "seconds": round(report.seconds, 3),
    }
    text = tr(
        "Wrote version {version} ({counts}; {boxes} boxes) to {path} and read it back.",
        version=report.version, counts=counts(report.by_split), boxes=report.boxes, path=report.path,
    )  # fmt: skip
    return Answer(data, text)
