"""`labeler predict IMAGE…`: finds digits in pictures; needs no project."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labeler.cli.arguments import share
from labeler.cli.output import Answer, bar, complain
from labeler.core.errors import UserError
from labeler.core.i18n import ntr, tr

if TYPE_CHECKING:
    from labeler.services.predicting import Predicted


def summary() -> str:
    return tr("find digits in pictures; needs no project")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE", help=tr("pictures, or folders of pictures"))
    parser.add_argument(
        "--model",
        type=Path,
        metavar="FILE",
        help=tr("an .onnx or .pt file (default: the detector that ships with Labeler)"),
    )
    parser.add_argument(
        "--min-score",
        type=share,
        default=0.5,
        metavar="S",
        help=tr("leave out what scores less (default: %(default)s)"),
    )
    parser.add_argument(
        "--iou",
        type=share,
        default=0.45,
        metavar="S",
        help=tr("boxes that overlap more are one digit (default: %(default)s)"),
    )
    parser.add_argument(
        "--draw",
        type=Path,
        metavar="OUT",
        help=tr("also draw box, score and class on copies, in the folder OUT (or the picture OUT)"),
    )


def run(args: argparse.Namespace) -> Answer:
    from labeler.services.predicting import predict

    with bar() as progress:
        report = predict(
            args.images, model=args.model, min_score=args.min_score, iou=args.iou, draw=args.draw, progress=progress
        )
    data = {
        "images": [_data(seen) for seen in report.images],
        "rejected": [asdict(rejected) for rejected in report.rejected],
    }
    lines = [line for seen in report.images for line in _lines(seen)]
    for rejected in report.rejected:
        complain(f"{rejected.path}: {rejected.reason}")
    problem = None if report.images else UserError(tr("No picture could be looked at."))
    return Answer(data, "\n".join(lines), problem)


def _data(seen: "Predicted") -> dict[str, Any]:
    boxes = [
        {"class": name, "score": round(d.score, 4), "x": round(d.x, 2), "y": round(d.y, 2), "w": round(d.w, 2), "h": round(d.h, 2)}
        for name, d in seen.boxes
    ]  # fmt: skip
    return {"path": seen.path, "width": seen.width, "height": seen.height, "boxes": boxes, "drawn": seen.drawn}


def _lines(seen: "Predicted") -> list[str]:
    head = f"{seen.path}: " + ntr("{count} digit", "{count} digits", len(seen.boxes))
    return [
        head,
        *(f"  {name}  {d.score:.2f}  x {d.x:.0f}  y {d.y:.0f}  w {d.w:.0f}  h {d.h:.0f}" for name, d in seen.boxes),
    ]
