"""`labeler restore PROJECT [FILE]`: the backups of a project, or one of them in the place of its database."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from labeler.cli.arguments import add_project
from labeler.cli.output import Answer
from labeler.core.errors import NotFound
from labeler.core.i18n import tr

if TYPE_CHECKING:
    from labeler.services.recovery import Backup


def summary() -> str:
    return tr("list a project's backups, or bring one back")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument(
        "file",
        type=Path,
        nargs="?",
        metavar="FILE",
        help=tr("the backup to bring back (default: list those there are)"),
    )


def run(args: argparse.Namespace) -> Answer:
    from labeler.services import recovery

    folder: Path = args.project
    if not folder.is_dir():
        raise NotFound(tr("There is no project in {path}.", path=folder))
    if args.file is None:
        found = recovery.backups(folder)
        return Answer({"backups": [_plain(backup) for backup in found]}, _listed(found))
    kept = recovery.restore(folder, args.file)
    held = recovery.look(args.file)
    lines = [
        tr("Restored {file}: {images} images, {boxes} boxes.", file=args.file, images=held.images, boxes=held.boxes)
    ]
    if kept is not None:
        lines.append(tr("The database as it was is kept as {path}.", path=kept))
    return Answer({"restored": args.file, "kept": kept, **_plain(held)}, "\n".join(lines))


def _plain(backup: "Backup") -> dict[str, object]:
    return {
        "path": backup.path, "at": backup.at.isoformat(), "images": backup.images, "boxes": backup.boxes,
        "reviewed": backup.reviewed, "reason": backup.reason,
    }  # fmt: skip


def _listed(found: list["Backup"]) -> str:
    if not found:
        return tr("No backup lies in the project's folder. Name the file of one that you saved elsewhere.")
    return "\n".join(
        tr(
            "{at}  {occasion}: {images} images, {reviewed} reviewed, {boxes} boxes  {path}", occasion=backup.occasion,
            at=f"{backup.at.astimezone():%Y-%m-%d %H:%M}", images=backup.images, reviewed=backup.reviewed, boxes=backup.boxes,
            path=backup.path,
        )
        for backup in found
    )  # fmt: skip
