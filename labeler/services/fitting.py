"""Suggestions take the size that this person gives to boxes. Only pages that nobody has touched are fitted."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from labeler.core import habit
from labeler.core.boxes import Rect, ReviewState
from labeler.services.project import Project
from labeler_db.models import BoxRow, EditRow, ImageRow, SuggestionRow


def fit(project: Project, image_id: int) -> None:
    """Give the open suggestions of a page the present habit, unless a person has worked on the page or was shown it finished."""
    with project.read() as session:
        stale = _stale(session, image_id)
    if not stale:
        return
    with project.write() as session:
        image = session.get_one(ImageRow, image_id)
        for row in session.scalars(select(SuggestionRow).where(SuggestionRow.id.in_(stale))):
            seen = habit.as_seen(Rect(row.x, row.y, row.w, row.h), row.margin)
            rect = habit.sized(seen, stale[row.id], width=image.width, height=image.height)
            row.x, row.y, row.w, row.h, row.margin = rect.x, rect.y, rect.w, rect.h, stale[row.id]


def habit_of(session: Session, source: str, model_id: int) -> float:
    """The margin that people gave last to the suggestions of this model on images of this source."""
    b, s = BoxRow, SuggestionRow
    query = (
        select(b.x, b.y, b.w, b.h, s.x, s.y, s.w, s.h, s.margin)
        .select_from(ImageRow)
        .join(b, b.image_id == ImageRow.id)
        .join(s, s.id == b.suggestion_id)
        .where(
            ImageRow.source == source,
            ImageRow.reviewed_with == model_id,
            ImageRow.state == ReviewState.REVIEWED,
            s.model_id == model_id,
        )
        .order_by(ImageRow.reviewed_at.desc())
        .limit(habit.LAST)
    )
    pairs = ((Rect(*row[:4]), habit.as_seen(Rect(*row[4:8]), row[8])) for row in session.execute(query))
    margins = (habit.margin(seen, kept) for kept, seen in pairs)
    return habit.habit([margin for margin in margins if margin is not None])


def _stale(session: Session, image_id: int) -> dict[int, float]:
    """The suggestions to be fitted, with their new margin."""
    untouched = select(ImageRow).where(
        ImageRow.id == image_id,
        ImageRow.state == ReviewState.SUGGESTED,
        ~exists().where(EditRow.image_id == ImageRow.id),
    )
    image = session.scalars(untouched).one_or_none()
    if image is None or image.suggested_by is None:
        return {}
    by = habit_of(session, image.source, image.suggested_by)
    rows = session.execute(
        select(SuggestionRow.id, SuggestionRow.margin).where(
            SuggestionRow.image_id == image_id, SuggestionRow.model_id == image.suggested_by
        )
    )
    return {i: by for i, margin in rows if abs(margin - by) >= habit.NOTABLE}
