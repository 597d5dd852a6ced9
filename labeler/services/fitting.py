"""Suggestions take the size that this person gives to boxes, as long as that is wanted. Only pages that nobody has touched are fitted."""

from typing import Any

from sqlalchemy import Select, delete, exists, insert, select
from sqlalchemy.orm import Session

from labeler.core import habit
from labeler.core.boxes import Detection, Rect, ReviewState
from labeler.services.project import Project
from labeler_db.models import BoxRow, EditRow, ImageRow, SettingRow, SuggestionRow

ALIKE = 1.25
"""Images are about as large as another if neither side differs by more than this factor."""

_KEY = "suggestions.fitted"


def is_wanted(project: Project) -> bool:
    """Whether suggestions are fitted in this project, as they are until somebody says otherwise."""
    return bool(project.setting(_KEY, True))


def want(project: Project, on: bool) -> None:
    """Have suggestions fitted, or left as the model makes them: from now on, and on each untouched page when it is opened next."""
    project.set_setting(_KEY, on)


def fit(project: Project, image_id: int) -> None:
    """Replace the suggestions of a page by the same in the size of the present habit, unless a person has worked on the page."""
    with project.read() as session:
        if _wanted(session, image_id) is None:
            return
    with project.write() as session:
        by = _wanted(session, image_id)
        if by is None:  # another program was at this page in between
            return
        image = session.get_one(ImageRow, image_id)
        old = session.scalars(_open(image)).all()
        session.execute(insert(SuggestionRow), [to_row(image, s.model_id, _seen(s), by) for s in old])
        session.execute(delete(SuggestionRow).where(SuggestionRow.id.in_([s.id for s in old])))


def to_row(image: ImageRow, model_id: int, found: Detection, margin: float) -> dict[str, Any]:
    """What a model found on an image as the values of a suggestion with a margin."""
    place = habit.sized(found, margin, width=image.width, height=image.height)
    return {
        "image_id": image.id, "model_id": model_id, "class_id": found.class_id, "score": found.score,
        "x": place.x, "y": place.y, "w": place.w, "h": place.h, "margin": margin,
    }  # fmt: skip


def habit_of(session: Session, image: ImageRow, model_id: int) -> float:
    """The margin that people gave last to the suggestions of this model on images like this one: of its source, and about as large.

    A model leaves other margins on photographs than on narrow strips or drawing windows, so one says nothing of the other. None where
    fitting is not wanted.
    """
    wanted = session.get(SettingRow, _KEY)
    if wanted is not None and not wanted.value:
        return 0.0
    b, s = BoxRow, SuggestionRow
    query = (
        select(b.x, b.y, b.w, b.h, s)
        .select_from(ImageRow)
        .join(b, b.image_id == ImageRow.id)
        .join(s, s.id == b.suggestion_id)
        .where(
            ImageRow.source == image.source,
            ImageRow.width.between(image.width / ALIKE, image.width * ALIKE),
            ImageRow.height.between(image.height / ALIKE, image.height * ALIKE),
            ImageRow.reviewed_with == model_id,
            ImageRow.state == ReviewState.REVIEWED,
            s.model_id == model_id,
        )
        .order_by(ImageRow.reviewed_at.desc())
        .limit(habit.LAST)
    )
    margins = [habit.margin(_seen(made_from), Rect(*kept)) for *kept, made_from in session.execute(query)]
    return habit.habit([margin for margin in margins if margin is not None])


def _wanted(session: Session, image_id: int) -> float | None:
    """The margin that the page's suggestions should have; None where they stay as they are."""
    untouched = select(ImageRow).where(
        ImageRow.id == image_id,
        ImageRow.state == ReviewState.SUGGESTED,
        ~exists().where(EditRow.image_id == ImageRow.id),
    )
    image = session.scalars(untouched).one_or_none()
    first = session.scalars(_open(image).limit(1)).one_or_none() if image is not None else None
    if image is None or first is None:
        return None
    by = habit_of(session, image, first.model_id)
    return by if abs(by - first.margin) >= habit.NOTABLE else None


def _open(image: ImageRow) -> Select[SuggestionRow]:
    """The suggestions of an untouched page, in the order of their making."""
    s = SuggestionRow
    return select(s).where(s.image_id == image.id, s.model_id == image.suggested_by).order_by(s.id)


def _seen(made: SuggestionRow) -> Detection:
    """The model's own box."""
    own = habit.as_seen(Rect(made.x, made.y, made.w, made.h), made.margin)
    return Detection(own.x, own.y, own.w, own.h, made.class_id, made.score)
