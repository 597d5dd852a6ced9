"""`labeler evaluate PROJECT`: how good a model is on labelled images."""

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from labeler.cli.arguments import add_project, opened, share
from labeler.cli.output import Answer, bar, percent, table
from labeler.core.i18n import tr

if TYPE_CHECKING:
    from labeler.services.evaluating import Evaluation


def summary() -> str:
    return tr("judge a model on labelled images")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument("--model", metavar="NAME", help=tr("which model (default: the current one)"))
    parser.add_argument(
        "--split", default="test", choices=("train", "val", "test"), help=tr("on which split (default: %(default)s)")
    )
    parser.add_argument(
        "--min-score",
        type=share,
        default=0.001,
        metavar="S",
        help=tr("leave out what scores less (default: %(default)s)"),
    )


def run(args: argparse.Namespace) -> Answer:
    from labeler.services.evaluating import evaluate

    with opened(args) as project, bar() as progress:
        found = evaluate(project, model=args.model, split=args.split, min_score=args.min_score, progress=progress)
    return Answer(asdict(found), _text(found))


def _text(found: "Evaluation") -> str:
    lines = [
        tr(
            "{model} on {images} images with {boxes} boxes ({split}):",
            model=found.model,
            images=found.images,
            boxes=found.boxes,
            split=found.split,
        ),
        f"mAP50 {percent(found.map50)}   mAP50-95 {percent(found.map50_95)}",
    ]
    if found.corrections_per_100 is not None:
        lines.append(tr("Corrections per 100 digits: {count}", count=f"{found.corrections_per_100:.1f}"))
    head = (tr("class"), tr("boxes"), tr("precision"), tr("recall"), "AP50", "AP50-95")
    rows = [(c.name, c.boxes, c.precision, c.recall, c.ap50, c.ap50_95) for c in found.per_class]
    return "\n".join([*lines, table(head, rows)])
