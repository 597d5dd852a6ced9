"""`labeler export PROJECT OUT`: freezes (or reuses) a version and writes it, proved by reading it back."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from labeler.cli.arguments import FORMATS, add_project, add_variants, opened
from labeler.cli.output import Answer, bar, counts
from labeler.core.i18n import tr

if TYPE_CHECKING:
    from labeler.services.exporting import ExportReport


def summary() -> str:
    return tr("freeze a version and write it as files")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument("out", type=Path, metavar="OUT", help=tr("a new folder, or an earlier export to replace"))
    parser.add_argument(
        "--format", default="yolo", choices=FORMATS, help=tr("format of the files (default: %(default)s)")
    )
    parser.add_argument("--version", metavar="NAME", help=tr("an existing version (default: the data as they are now)"))
    parser.add_argument("--thorough", action="store_true", help=tr("read every byte of every picture again"))
    add_variants(parser)


def run(args: argparse.Namespace) -> Answer:
    from labeler.services.exporting import export

    with opened(args) as project, bar() as progress:
        report = export(
            project, args.out, format=args.format, version=args.version, variants=args.variants, thorough=args.thorough,
            progress=progress,
        )  # fmt: skip
    data = {
        "version": report.version,
        "hash": report.hash,
        "path": report.path,
        "format": report.format,
        "by_split": report.by_split,
        "boxes": report.boxes,
        "seconds": round(report.seconds, 3),
        "variants": len(report.variants.images),
        "pages_left_out": report.variants.left_out,
    }
    text = tr(
        "Wrote version {version} ({counts}; {boxes} boxes) to {path} and read it back.",
        version=report.version, counts=counts(report.by_split), boxes=report.boxes, path=report.path,
    )  # fmt: skip
    stays = tr("Writers, ink, suggestions and review states have no place in these files and stay in the project.")
    return Answer(data, "\n".join([text, *(_words(report) if args.variants else ()), stays]))


def _words(report: "ExportReport") -> list[str]:
    """What became of the pages of ink."""
    drawn = report.variants
    lines = [
        tr("Beside these, {n} variants of {pages} pages of ink, to train on.", n=len(drawn.images), pages=drawn.pages)
    ]
    if drawn.left_out:
        lines.append(
            tr("{n} pages of ink were not drawn again: which strokes their boxes mean is not clear.", n=drawn.left_out)
        )
    return lines
