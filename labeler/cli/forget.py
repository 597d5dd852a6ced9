"""`labeler forget PROJECT --writer CODE`: a writer withdraws, and every byte of theirs leaves the project's folder."""

import argparse
from dataclasses import asdict

from labeler.cli.arguments import add_project, opened
from labeler.cli.output import Answer, bar
from labeler.core.i18n import ntr, tr


def summary() -> str:
    return tr("remove everything of a writer who withdraws; it cannot be undone")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument("--writer", required=True, metavar="CODE", help=tr("the writer’s code"))


def run(args: argparse.Namespace) -> Answer:
    from labeler.services.forgetting import forget

    with opened(args) as project, bar() as progress:
        gone = forget(project, args.writer, progress=progress)
    lines = [
        ntr("Removed {count} image of {writer}", "Removed {count} images of {writer}", gone.images, writer=gone.writer)
        + tr(" with {boxes} boxes, {suggestions} suggestions and {edits} edits.", boxes=gone.boxes, suggestions=gone.suggestions,
             edits=gone.edits),
        ntr("{count} file or folder with their pages was deleted.", "{count} files and folders with their pages were deleted.", gone.files),
    ]  # fmt: skip
    if gone.versions:
        lines.append(ntr("{count} version holds less now.", "{count} versions hold less now.", gone.versions))
    if gone.models:
        lines.append(tr("Marked as trained on a writer who withdrew: {names}", names=", ".join(gone.models)))
    if gone.backups:
        lines.append(tr("Old databases that held them were deleted: {names}", names=", ".join(gone.backups)))
    lines.append(
        tr("Copies outside the project’s folder are not reached: exports, backups and models saved elsewhere.")
    )
    return Answer({"removed": gone.images, **asdict(gone)}, "\n".join(lines))
