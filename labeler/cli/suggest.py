"""`labeler suggest PROJECT`: a model draws suggestions."""

import argparse

from labeler.cli.arguments import add_project, opened, share
from labeler.cli.output import Answer, bar
from labeler.core.i18n import tr

STATES = ("new", "suggested", "reviewed")


def summary() -> str:
    return tr("run the model and keep what it suggests")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument(
        "--state", type=_states, default=("new", "suggested"), metavar="new,suggested,reviewed",
        help=tr("only images in these review states (default: new,suggested)"),
    )  # fmt: skip
    parser.add_argument("--model", metavar="NAME", help=tr("which model (default: the current one)"))
    parser.add_argument(
        "--min-score",
        type=share,
        default=0.25,
        metavar="S",
        help=tr("leave out what scores less (default: %(default)s)"),
    )


def run(args: argparse.Namespace) -> Answer:
    from labeler.services.suggesting import suggest

    with opened(args) as project, bar() as progress:
        report = suggest(project, states=args.state, model=args.model, min_score=args.min_score, progress=progress)
    data = {
        "model": report.model,
        "images": report.images,
        "suggestions": report.suggestions,
        "seconds": round(report.seconds, 3),
    }
    text = tr(
        "{model} looked at {images} images and made {suggestions} suggestions in {seconds} s.",
        model=report.model, images=report.images, suggestions=report.suggestions, seconds=f"{report.seconds:.1f}",
    )  # fmt: skip
    return Answer(data, text)


def _states(text: str) -> tuple[str, ...]:
    states = tuple(part.strip() for part in text.split(","))
    odd = [state for state in states if state not in STATES]
    if odd:
        raise argparse.ArgumentTypeError(
            tr("{state} is no review state; there are {states}", state=odd[0], states=", ".join(STATES))
        )
    return states
