"""Which automatic backups to keep. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

NEWEST = 3
DAYS = 7
WEEKS = 4


def kept(times: Iterable[datetime], now: datetime) -> set[datetime]:
    """The newest three, the last of each day for a week, and the last of each calendar week for four: at most 14 of any number."""
    ordered = sorted(set(times), reverse=True)
    keep = set(ordered[:NEWEST])
    for periods, length, name in ((DAYS, timedelta(days=DAYS), "%Y-%j"), (WEEKS, timedelta(weeks=WEEKS), "%G-%V")):
        seen: set[str] = set()
        for at in ordered:
            if now - at < length and at.strftime(name) not in seen and len(seen) < periods:
                seen.add(at.strftime(name))
                keep.add(at)
    return keep
