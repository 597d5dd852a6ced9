"""`labeler accept PROJECT`: accepts suggestions in bulk, as one undoable edit an image."""

import argparse

from labeler.cli.arguments import add_project, opened, positive, share
from labeler.cli.output import Answer, bar
from labeler.core.i18n import tr


def summary() -> str:
    return tr("accept suggestions that score high")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument(
        "--min-score", type=share, default=0.9, metavar="S", help=tr("accept from this score on (default: %(default)s)")
    )
    parser.add_argument("--image", type=positive, metavar="ID", help=tr("only on this image"))


def run(args: argparse.Namespace) -> Answer:
    from labeler.services.suggesting import accept_all

    with opened(args) as project, bar() as progress:
        report = accept_all(project, min_score=args.min_score, image_id=args.image, progress=progress)
    return Answer(
        {"images": report.images, "accepted": report.accepted},
        tr("Accepted {count} suggestions on {images} images.", count=report.accepted, images=report.images),
    )
