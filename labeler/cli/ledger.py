"""`labeler ledger PROJECT`: what became of each model's suggestions."""

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from labeler.cli.arguments import add_project, opened
from labeler.cli.output import Answer, table
from labeler.core.i18n import tr

if TYPE_CHECKING:
    from labeler.services.ledger import LedgerLine, PartLine


def summary() -> str:
    return tr("show how much correcting each model's suggestions took")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)


def run(args: argparse.Namespace) -> Answer:
    from labeler.services.ledger import by_digit, by_image, by_writer, ledger

    with opened(args) as project:
        lines = ledger(project)
        writers, digits = by_writer(by_image(project)), by_digit(project)
    data = [{"model": line.model, **_figures(line)} for line in lines]
    head = (
        tr("model"), tr("images"), tr("shown"), tr("accepted"), tr("moved"), tr("relabelled"), tr("deleted"), tr("added"),
        tr("corrections per 100 digits"),
    )  # fmt: skip
    keys = ("model", "images", "shown", "accepted", "moved", "relabelled", "deleted", "added", "corrections_per_100")
    text = table(head, [[line[key] for key in keys] for line in data])
    parts = {
        "writers": [{"writer": line.name or None, **_figures(line)} for line in writers],
        "digits": [{"class": line.name, **_figures(line)} for line in digits],
    }
    return Answer({"models": data, **parts}, text if data else tr("No image with suggestions was reviewed yet."))


def _figures(line: "LedgerLine | PartLine") -> dict[str, object]:
    return {
        **asdict(line.effort),
        "corrections_per_100": line.effort.corrections_per_100,
        "images": line.images,
        "seconds": line.seconds,
    }
