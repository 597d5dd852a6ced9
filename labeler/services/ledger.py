"""The effort ledger: for each model, what became of its suggestions on the pages that were reviewed. Computed from rows, never stored."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labeler.core.boxes import Box, Suggestion
from labeler.core.ledger import Effort, effort
from labeler.services._rows import is_judged, to_box, to_suggestion
from labeler.services.project import Project
from labeler_db.models import BoxRow, EditRow, ImageRow, ModelRow, SuggestionRow


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One model. `seconds` is the time that people spent on edits of the pages that were reviewed with its suggestions."""

    model: str
    images: int
    effort: Effort
    seconds: float


@dataclass(frozen=True, slots=True)
class _Reviewed:
    model: Mapping[int, int | None]
    judged: Mapping[int, Sequence[Suggestion]]
    boxes: Mapping[int, Sequence[Box]]
    seconds: Mapping[int, float]


def ledger(project: Project) -> list[LedgerLine]:
    """A line for each model that suggested on a reviewed image, oldest model first.

    A page that several models looked at counts for each by those of its suggestions that a person judged; digits that were added
    count for the model that the page was reviewed with. Suggestions made after the review and not judged count for nobody.
    """
    with project.read() as session:
        names = dict(session.execute(select(ModelRow.id, ModelRow.name).order_by(ModelRow.id)).all())
        reviewed = _load(session)
    effort_of: dict[int, Effort] = defaultdict(Effort)
    images_of: dict[int, int] = defaultdict(int)
    seconds_of: dict[int, float] = defaultdict(float)
    for image, reviewed_with in reviewed.model.items():
        if reviewed_with is not None:
            seconds_of[reviewed_with] += reviewed.seconds.get(image, 0.0)
        judged, boxes = reviewed.judged.get(image, ()), reviewed.boxes.get(image, ())
        for model, done in page_efforts(judged, boxes, reviewed_with).items():
            effort_of[model] += done
            images_of[model] += 1
    return [LedgerLine(names[m], images_of[m], effort_of[m], seconds_of[m]) for m in names if m in images_of]


def page_efforts(judged: Sequence[Suggestion], boxes: Sequence[Box], reviewed_with: int | None) -> dict[int, Effort]:
    """The effort on one reviewed page by model id."""
    models = {s.model_id for s in judged} | ({reviewed_with} if reviewed_with is not None else set())
    return {
        model: effort(
            [s for s in judged if s.model_id == model],
            [b for b in boxes if b.suggestion_id is not None or model == reviewed_with],
        )
        for model in sorted(models)
    }


def _load(session: Session) -> _Reviewed:
    is_reviewed = ImageRow.state == "reviewed"
    model = dict(session.execute(select(ImageRow.id, ImageRow.reviewed_with).where(is_reviewed)).all())
    judged: dict[int, list[Suggestion]] = defaultdict(list)
    for found in session.scalars(
        select(SuggestionRow).join(ImageRow, ImageRow.id == SuggestionRow.image_id).where(is_reviewed, is_judged())
    ):
        judged[found.image_id].append(to_suggestion(found))
    boxes: dict[int, list[Box]] = defaultdict(list)
    for row in session.scalars(select(BoxRow).join(ImageRow, ImageRow.id == BoxRow.image_id).where(is_reviewed)):
        boxes[row.image_id].append(to_box(row))
    spent = session.execute(select(EditRow.image_id, func.sum(EditRow.seconds)).group_by(EditRow.image_id)).all()
    return _Reviewed(model, judged, boxes, {i: s or 0.0 for i, s in spent})
