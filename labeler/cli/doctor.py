"""`labeler doctor`: what of this installation works."""

import argparse
from dataclasses import asdict

from labeler.cli.output import Answer
from labeler.core.errors import UserError
from labeler.core.i18n import tr


def summary() -> str:
    return tr("check what of this installation works")


def arguments(parser: argparse.ArgumentParser) -> None:
    """None beside the common ones."""


def run(_args: argparse.Namespace) -> Answer:
    from labeler.services.doctor import examine

    checks = examine()
    lines = []
    for check in checks:
        lines.append(f"{'✓' if check.ok else '✗'} {check.name}: {check.detail}")
        if check.hint and not check.ok:
            lines.append(f"    {check.hint}")
    failed = next((check for check in checks if check.required and not check.ok), None)
    problem = (
        UserError(tr("{name} does not work: {detail}", name=failed.name, detail=failed.detail), failed.hint)
        if failed
        else None
    )
    return Answer({"checks": [asdict(check) for check in checks], "ok": failed is None}, "\n".join(lines), problem)
