"""`labeler split PROJECT`: gives a split to what has none yet."""

import argparse

from labeler.cli.arguments import add_project, opened, share
from labeler.cli.output import Answer, bar, counts
from labeler.core.i18n import tr


def summary() -> str:
    return tr("assign writers to train, val and test, once and for ever")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument("--val", type=share, default=0.15, metavar="S", help=tr("share for val (default: %(default)s)"))
    parser.add_argument(
        "--test", type=share, default=0.15, metavar="S", help=tr("share for test (default: %(default)s)")
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help=tr("seed of the rule (default: %(default)s)"))


def run(args: argparse.Namespace) -> Answer:
    from labeler.services.splitting import assign

    with opened(args) as project, bar() as progress:
        report = assign(project, val=args.val, test=args.test, seed=args.seed, progress=progress)
    lines = [tr("Images by split: {counts}", counts=counts(report.by_split))]
    lines += [f"  {code}: {split}" for code, split in report.writers.items()]
    return Answer({"by_split": report.by_split, "writers": report.writers}, "\n".join(lines))
