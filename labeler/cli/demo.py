"""`labeler demo [--headless] [PROJECT]`: the sample project, in the window or once around the whole loop."""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labeler.cli.arguments import positive
from labeler.cli.output import Answer, bar, plain
from labeler.core.i18n import tr

if TYPE_CHECKING:
    from labeler.services.demo import Step


def summary() -> str:
    return tr("try everything on a sample project")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, nargs="?", metavar="PROJECT", help=tr("where to keep the sample project"))
    parser.add_argument("--headless", action="store_true", help=tr("go once around the whole loop in the terminal"))
    parser.add_argument(
        "--epochs",
        type=positive,
        default=2,
        metavar="N",
        help=tr("how long to train in the loop (default: %(default)s)"),
    )


def run(args: argparse.Namespace) -> Answer:
    if not args.headless:
        return _open(args.project)
    if args.project is not None:
        return _loop(args.project, args)
    with tempfile.TemporaryDirectory(prefix="labeler-demo-") as scratch:
        return _loop(Path(scratch) / "project", args)


def _open(folder: Path | None) -> Answer:
    from labeler.cli.app import open_window
    from labeler.services.demo import open_or_make_sample

    if folder is None:
        import platformdirs

        folder = platformdirs.user_data_path("labeler", appauthor=False) / "sample"
    with bar() as progress:
        open_or_make_sample(folder, progress=progress).close()
    return open_window(folder)


def _loop(folder: Path, args: argparse.Namespace) -> Answer:
    from labeler.services.demo import run_loop

    started = time.monotonic()
    out = sys.stderr if args.json else sys.stdout

    def tell(step: "Step") -> None:
        print(_line(step), file=out, flush=True)

    with bar() as progress:
        steps = run_loop(folder, epochs=args.epochs, progress=progress, on_step=tell)
    seconds = time.monotonic() - started
    data = {
        "project": folder,
        "seconds": round(seconds, 1),
        "steps": [{"name": s.name, "seconds": s.seconds, **s.figures} for s in steps],
    }
    return Answer(data, tr("Once around the loop in {seconds} s.", seconds=f"{seconds:.0f}"))


def _line(step: "Step") -> str:
    figures = "  ".join(f"{name} {_figure(value)}" for name, value in plain(step.figures).items())
    return f"{step.name:<10} {step.seconds:6.1f} s   {figures}"


def _figure(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k} {_figure(v)}" for k, v in value.items())
    return f"{value:.3f}" if isinstance(value, float) else str(value)
