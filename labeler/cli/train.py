"""`labeler train PROJECT`: retrains on a frozen version; ends with a candidate."""

import argparse

from labeler.cli.arguments import add_project, add_variants, opened, positive
from labeler.cli.following import begun, follow
from labeler.cli.output import Answer, bar
from labeler.core.i18n import tr


def summary() -> str:
    return tr("retrain on what was corrected; ends with a candidate")


def arguments(parser: argparse.ArgumentParser) -> None:
    from labeler.training.archs import ARCHS
    from labeler.training.tuning import VARIETIES

    add_project(parser)
    parser.add_argument(
        "--arch", choices=ARCHS, metavar="NAME", help=tr("architecture: {names}", names=", ".join(ARCHS))
    )
    parser.add_argument(
        "--from", dest="start", default="current", metavar="current|shipped|scratch|hub|FILE",
        help=tr("weights to start from; another detector that ships goes by its name (default: %(default)s)"),
    )  # fmt: skip
    parser.add_argument(
        "--epochs", type=positive, metavar="N", help=tr("passes over the data (default: what suits their number)")
    )
    parser.add_argument(
        "--imgsz", type=positive, metavar="N", help=tr("image size in pixels (default: what keeps the digits legible)")
    )
    parser.add_argument(
        "--batch", type=positive, metavar="N", help=tr("images per step (default: what suits their number)")
    )
    parser.add_argument(
        "--device",
        default="auto",
        metavar="D",
        help=tr("auto, cpu, mps, an NVIDIA card or several: 0,1 (default: %(default)s)"),
    )
    parser.add_argument(
        "--patience",
        type=positive,
        default=20,
        metavar="N",
        help=tr("stop after so many epochs without gain (default: %(default)s)"),
    )
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help=tr("seed of the training (default: %(default)s)")
    )
    parser.add_argument(
        "--variety", choices=VARIETIES, default="usual",
        help=tr("how far pages are changed while it trains: gentle for scans, strong for photos (default: %(default)s)"),
    )  # fmt: skip
    add_variants(parser)
    parser.add_argument("--detach", action="store_true", help=tr("start it and return at once"))


def run(args: argparse.Namespace) -> Answer:
    from labeler.services import training

    options = training.TrainOptions(
        arch=args.arch, start=args.start, epochs=args.epochs, imgsz=args.imgsz, batch=args.batch, device=args.device,
        patience=args.patience, seed=args.seed, variants=args.variants, variety=args.variety,
    )  # fmt: skip
    with opened(args) as project:
        with bar() as progress:
            started = training.start(project, options, progress=progress)
        return begun(started) if args.detach else follow(project, started)
