"""The effort ledger: for each model, what became of its suggestions on the pages that were reviewed. Computed from rows, never stored."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labeler.core.boxes import Box, Suggestion
from labeler.core.ledger import Effort, effort
from labeler.services._rows import to_box, to_suggestion
from labeler.services.project import Project
from labeler_db.models import BoxRow, EditRow, ImageRow, ModelRow, SuggestionRow


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One model. `seconds` is the time that people spent on edits of the pages where it was the last to suggest."""

    model: str
    images: int
    effort: Effort
    seconds: float


@dataclass(frozen=True, slots=True)
class _Reviewed:
    last_model: Mapping[int, int]
    suggestions: Mapping[int, Sequence[Suggestion]]
    boxes: Mapping[int, Sequence[Box]]
    seconds: Mapping[int, float]


def ledger(project: Project) -> list[LedgerLine]:
    """A line for each model that suggested on a reviewed image, oldest model first.

    A page that several models looked at counts for each by its own suggestions; digits that were added count for the last of them.
    """
    with project.read() as session:
        names = dict(session.execute(select(ModelRow.id, ModelRow.name).order_by(ModelRow.id)).tuples().all())
        reviewed = _load(session)
    effort_of: dict[int, Effort] = defaultdict(Effort)
    images_of: dict[int, int] = defaultdict(int)
    seconds_of: dict[int, float] = defaultdict(float)
    for image, last in reviewed.last_model.items():
        seconds_of[last] += reviewed.seconds.get(image, 0.0)
        for model, done in page_efforts(
            reviewed.suggestions.get(image, ()), reviewed.boxes.get(image, ()), last
        ).items():
            effort_of[model] += done
            images_of[model] += 1
    return [LedgerLine(names[m], images_of[m], effort_of[m], seconds_of[m]) for m in names if m in images_of]


def page_efforts(suggestions: Sequence[Suggestion], boxes: Sequence[Box], last_model: int) -> dict[int, Effort]:
    """The effort on one reviewed page by model id."""
    models = {last_model, *(s.model_id for s in suggestions)}
    return {
        model: effort(
            [s for s in suggestions if s.model_id == model],
            [b for b in boxes if b.suggestion_id is not None or model == last_model],
        )
        for model in sorted(models)
    }


def _load(session: Session) -> _Reviewed:
    reviewed = (ImageRow.state == "reviewed", ImageRow.suggested_by.is_not(None))
    last = dict(session.execute(select(ImageRow.id, ImageRow.suggested_by).where(*reviewed)).tuples().all())
    suggestions: dict[int, list[Suggestion]] = defaultdict(list)
    for found in session.scalars(
        select(SuggestionRow).join(ImageRow, ImageRow.id == SuggestionRow.image_id).where(*reviewed)
    ):
        suggestions[found.image_id].append(to_suggestion(found))
    boxes: dict[int, list[Box]] = defaultdict(list)
    for row in session.scalars(select(BoxRow).join(ImageRow, ImageRow.id == BoxRow.image_id).where(*reviewed)):
        boxes[row.image_id].append(to_box(row))
    spent = (
        session.execute(select(EditRow.image_id, func.sum(EditRow.seconds)).group_by(EditRow.image_id)).tuples().all()
    )
    return _Reviewed(
        {i: m for i, m in last.items() if m is not None}, suggestions, boxes, {i: s or 0.0 for i, s in spent}
    )
