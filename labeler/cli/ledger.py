"""`labeler ledger PROJECT`: what became of each model's suggestions."""

import argparse
from dataclasses import asdict

from labeler.cli.arguments import add_project, opened
from labeler.cli.output import Answer, table
from labeler.core.i18n import tr


def summary() -> str:
    return tr("show how much correcting each model's suggestions took")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)


def run(args: argparse.Namespace) -> Answer:
    from labeler.services.ledger import ledger

    with opened(args) as project:
        lines = ledger(project)
    data = [
        {
            "model": line.model,
            **asdict(line.effort),
            "corrections_per_100": line.effort.corrections_per_100,
            "images": line.images,
            "seconds": line.seconds,
        }
        for line in lines
    ]
    head = (
        tr("model"), tr("images"), tr("shown"), tr("accepted"), tr("moved"), tr("relabelled"), tr("deleted"), tr("added"),
        tr("corrections per 100 digits"),
    )  # fmt: skip
    keys = ("model", "images", "shown", "accepted", "moved", "relabelled", "deleted", "added", "corrections_per_100")
    text = table(head, [[line[key] for key in keys] for line in data])
    return Answer({"models": data}, text if data else tr("No image with suggestions was reviewed yet."))
