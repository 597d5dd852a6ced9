"""`labeler stats PROJECT`: counts."""

import argparse
from dataclasses import asdict

from labeler.cli.arguments import add_project, opened
from labeler.cli.output import Answer, counts
from labeler.core.i18n import tr


def summary() -> str:
    return tr("count images, writers and boxes")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)


def run(args: argparse.Namespace) -> Answer:
    from labeler.services.images import stats

    with opened(args) as project:
        found = stats(project)
    lines = [
        tr("Images: {count} by {writers} writers", count=found.images, writers=found.writers),
        tr("Review states: {counts}", counts=counts(found.by_state)),
        tr("Splits: {counts}", counts=counts(found.by_split)),
        tr("Boxes: {count} ({counts})", count=found.boxes, counts=counts(found.by_class)),
    ]
    return Answer(asdict(found), "\n".join(lines))
