"""What was done to writers last, kept with the project so that it can be taken back after a restart too.

The steps hold codes and notes of writers: whoever removes a writer for good removes them all.
"""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from labeler.services._standing import GroupFacts, Place, Standing, WriterFacts
from labeler_db.models import SettingRow

KEY = "writers.steps"
MOST = 10
"""Steps that are kept."""
Step = tuple[str, Standing, Standing]
"""What was done, in words, and how things stood before and after."""


def note(session: Session, step: Step) -> None:
    """Keep a step in the transaction that makes it."""
    text, before, after = step
    kept = [*_kept(session), {"text": text, "before": _to_json(before), "after": _to_json(after)}]
    session.merge(SettingRow(key=KEY, value=kept[-MOST:]))


def last(session: Session) -> Step | None:
    """The newest step that was not taken back."""
    kept = _kept(session)
    return (kept[-1]["text"], _from_json(kept[-1]["before"]), _from_json(kept[-1]["after"])) if kept else None


def drop(session: Session, step: Step) -> None:
    """Forget a step, if it is the newest."""
    if last(session) == step:
        session.merge(SettingRow(key=KEY, value=_kept(session)[:-1]))


def drop_all(session: Session) -> None:
    """Forget every step."""
    row = session.get(SettingRow, KEY)
    if row is not None:
        session.delete(row)


def _kept(session: Session) -> list[dict[str, Any]]:
    row = session.get(SettingRow, KEY)
    return list(row.value) if row is not None else []


def _to_json(standing: Standing) -> dict[str, Any]:
    return {
        "writers": [[i, *facts[:-1], facts.created_at.isoformat()] for i, facts in standing.writers.items()],
        "groups": [[i, *facts] for i, facts in standing.groups.items()],
        "places": [[i, *place] for i, place in standing.places.items()],
    }


def _from_json(plain: dict[str, Any]) -> Standing:
    return Standing(
        {
            i: WriterFacts(code, text, split, by, datetime.fromisoformat(at))
            for i, code, text, split, by, at in plain["writers"]
        },
        {i: GroupFacts(split, by) for i, split, by in plain["groups"]},
        {i: Place(writer, group) for i, writer, group in plain["places"]},
    )
