"""The databases that the program saves by itself in a project's folder: their names, which there are, which are old enough to go."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from labeler.core.retention import kept

FOLDER = "backups"
TRAINING, UPDATE = "training", "update"
"""What an automatic backup was taken before."""
REPLACED = "replaced"
"""What a database was put aside for: another was restored. Those are kept until the person deletes them."""
AUTO, ASIDE = "auto-", "labeler-replaced-"
STAMP = "%Y%m%dT%H%M%S%f"


def automatic(project: Path, reason: str) -> Path:
    """The file for an automatic backup taken now."""
    return project / FOLDER / f"{AUTO}{datetime.now(UTC):{STAMP}}-{reason}.db"


def aside(database: Path) -> Path:
    """The file for a database that is replaced now."""
    return database.with_name(f"{ASIDE}{datetime.now(UTC):{STAMP}}.db")


def about(file: Path) -> tuple[datetime, str] | None:
    """When and what for the program saved a file, by its name; None for what a person named."""
    prefix = next((p for p in (AUTO, ASIDE) if file.name.startswith(p)), None)
    if prefix is None:
        return None
    stamp, _, reason = file.stem.removeprefix(prefix).partition("-")
    try:
        return datetime.strptime(stamp, STAMP).replace(tzinfo=UTC), reason or REPLACED
    except ValueError:
        return None


def newest(project: Path) -> datetime | None:
    """When the last automatic backup was taken."""
    return max((at for at, _, _ in _taken(project)), default=None)


def drop_old(project: Path) -> None:
    """Delete automatic backups that are old enough, those before trainings and those before updates each among themselves."""
    taken = list(_taken(project))
    for reason in {reason for _, reason, _ in taken}:
        keep = kept((at for at, why, _ in taken if why == reason), datetime.now(UTC))
        for at, why, file in taken:
            if why == reason and at not in keep:
                file.unlink(missing_ok=True)


def _taken(project: Path) -> Iterator[tuple[datetime, str, Path]]:
    for file in sorted((project / FOLDER).glob(f"{AUTO}*.db")):
        known = about(file)
        if known is not None:
            yield *known, file
