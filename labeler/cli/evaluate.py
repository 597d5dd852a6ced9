"""`labeler evaluate PROJECT`: how good a model is on labelled images."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from labeler.cli.arguments import add_project, opened, share
from labeler.cli.output import Answer, bar, percent, table
from labeler.core.i18n import tr

if TYPE_CHECKING:
    from labeler.services.evaluating import Evaluation, GroupFigures


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
    from labeler.services.evaluating import left_out_words

    lines = [
        tr(
            "{model} on {images} images with {boxes} boxes ({split}):",
            model=found.model,
            images=found.images,
            boxes=found.boxes,
            split=found.split,
        ),
        *filter(None, [left_out_words(found.left_out)]),
        f"mAP50 {percent(found.map50)}   mAP50-95 {percent(found.map50_95)}",
    ]
    lines += _corrections(found)
    head = (tr("class"), tr("boxes"), tr("precision"), tr("recall"), "F1", "AP50", "AP50-95")
    rows = [(c.name, c.boxes, c.precision, c.recall, c.f1, c.ap50, c.ap50_95) for c in found.per_class]
    lines.append(table(head, rows))
    lines += _groups(tr("writer"), found.per_writer) + _groups(tr("source"), found.per_source)
    lines.append(_pages(found))
    return "\n".join(lines)


def _corrections(found: "Evaluation") -> list[str]:
    if found.corrections_per_100 is None:
        return []
    now = tr(
        "Corrections per 100 digits: {count} where finds of at least {score} are shown.",
        count=f"{found.corrections_per_100:.1f}", score=f"{found.at_score:g}",
    )  # fmt: skip
    if found.suggested_corrections_per_100 is None:
        return [now]
    best = tr(
        "Fewest, {count}, with finds of at least {score}.",
        count=f"{found.suggested_corrections_per_100:.1f}", score=f"{found.suggested_score:g}",
    )  # fmt: skip
    return [now, best]


def _groups(name: str, groups: "Sequence[GroupFigures]") -> list[str]:
    if len(groups) < 2:
        return []
    head = (name, tr("images"), tr("boxes"), "mAP50", tr("corrections per 100"))
    return ["", table(head, [(g.name or "–", g.images, g.boxes, g.map50, g.corrections_per_100) for g in groups])]


def _pages(found: "Evaluation") -> str:
    text = tr("{seconds} ms a page.", seconds=f"{1000 * found.seconds_per_page:.0f}")
    if found.calibration.error is not None:
        text += " " + tr("Scores are off by {points} points on average.", points=f"{100 * found.calibration.error:.1f}")
    if found.blank_pages:
        text += " " + tr(
            "{alarms} false alarms on {pages} blank pages.", alarms=found.blank_false_alarms, pages=found.blank_pages
        )
    return text
