"""`labeler sheet PROJECT OUT.pdf`: prints sheets for writers; photos of them come back through `labeler import`."""

import argparse
from pathlib import Path

from labeler.cli.arguments import add_project, opened
from labeler.cli.output import Answer
from labeler.core.i18n import ntr, tr
from labeler.core.paper import DIGITS, Paper


def summary() -> str:
    return tr("print sheets to write on; photos of them come back labelled")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument("out", type=Path, metavar="OUT.pdf", help=tr("the PDF to write"))
    parser.add_argument(
        "--writers", required=True, metavar="CODE,…", help=tr("whose sheets: codes with commas between")
    )
    parser.add_argument(
        "--digits", default=DIGITS, metavar="0-9", help=tr("which digits to ask for, such as 0-9 or 1,7 (default: all)")
    )
    parser.add_argument("--paper", choices=[str(p) for p in Paper], default=str(Paper.A4), help=tr("size of the paper"))
    parser.add_argument(
        "--rows", type=int, default=None, metavar="N", help=tr("rows of ten boxes (default: as many as fit)")
    )
    parser.add_argument(
        "--lines", type=int, default=2, metavar="N", help=tr("lines for several digits in a row (default: 2)")
    )
    parser.add_argument(
        "--copies", type=int, default=1, metavar="N", help=tr("different sheets for each writer (default: 1)")
    )


def run(args: argparse.Namespace) -> Answer:
    from labeler.services.sheets import print_sheets

    with opened(args) as project:
        report = print_sheets(
            project, args.out, writers=args.writers.split(","), digits=_digits(args.digits), paper=Paper(args.paper),
            rows=args.rows, lines=args.lines, copies=args.copies,
        )  # fmt: skip
    data = {
        "path": str(report.path),
        "sheets": report.sheets,
        "writers": list(report.writers),
        "digits_per_sheet": report.digits,
    }
    text = ntr("Wrote {count} sheet to {path}.", "Wrote {count} sheets to {path}.", report.sheets, path=report.path)
    return Answer(data, text + " " + tr("Print them at full size, without fitting to the page."))


def _digits(text: str) -> str:
    """The digits that a text such as 0-9, 1,7 or 0123 names; what it cannot read stays, to be told."""
    named = ""
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        is_range = dash and first.isdigit() and last.isdigit() and len(first) == len(last) == 1
        named += "".join(str(d) for d in range(int(first), int(last) + 1)) if is_range else part.strip()
    return named
