"""`labeler check PROJECT`: likely label errors, contradictions and leaks, surest first."""

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from labeler.cli.arguments import add_project, opened, share
from labeler.cli.output import Answer, bar
from labeler.core.i18n import tr

if TYPE_CHECKING:
    from labeler.core.findings import Finding

SHOWN = 20


def summary() -> str:
    return tr("find label errors, duplicates, missed digits and leaks")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument(
        "--min-score",
        type=share,
        default=0.5,
        metavar="S",
        help=tr("how sure a finding must be (default: %(default)s)"),
    )
    parser.add_argument("--no-models", action="store_true", help=tr("ask no model, only digits on other pages"))


def run(args: argparse.Namespace) -> Answer:
    from labeler.services.checking import check

    with opened(args) as project, bar() as progress:
        report = check(project, min_score=args.min_score, ask_models=not args.no_models, progress=progress)
    lines = [
        tr(
            "{count} findings in {boxes} boxes on {images} images.",
            count=len(report.findings), boxes=report.boxes, images=report.images,
        )
    ]  # fmt: skip
    lines += [f"  {f.score:.2f}  {tr('image {id}', id=f.image)}  {f.text}" for f in report.findings[:SHOWN]]
    if len(report.findings) > SHOWN:
        lines.append(tr("  … and {count} more; --json lists them all.", count=len(report.findings) - SHOWN))
    values = {
        "findings": [plain(f) for f in report.findings], "images": report.images, "boxes": report.boxes,
        "witnesses": list(report.witnesses), "aside": report.aside,
    }  # fmt: skip
    return Answer(values, "\n".join(lines))


def plain(finding: "Finding") -> dict[str, Any]:
    """A finding as JSON values."""
    values = asdict(finding)
    values["kind"] = str(finding.kind)
    values["score"] = round(finding.score, 4)
    return values
