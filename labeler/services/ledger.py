"""The effort ledger: for each model, what became of its suggestions on the pages that were reviewed. Computed from rows, never stored."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labeler.core.boxes import Box, Suggestion
from labeler.core.edits import Side, side_from_json
from labeler.core.ledger import Effort, effort
from labeler.services._rows import is_judged, to_box, to_suggestion
from labeler.services.project import Project
from labeler_db.models import BoxRow, EditRow, ImageRow, ModelRow, SuggestionRow, WriterRow


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One model. `seconds` is the time that people spent on edits of the pages that were reviewed with its suggestions.

    `timed` is on how many pages time was taken at all: what programs do takes none.
    """

    model: str
    images: int
    effort: Effort
    seconds: float
    timed: int = 0


@dataclass(frozen=True, slots=True)
class PartLine:
    """One writer or digit by name: its pages, what became of suggestions, and the seconds that people spent. No name: not known.

    `timed` is what the seconds were spent on: a writer's pages, or a class's digits, where time was taken.
    """

    name: str
    images: int
    effort: Effort
    seconds: float
    timed: int = 0


@dataclass(frozen=True, slots=True)
class ImageLine:
    """One reviewed page and the model that it was reviewed with."""

    image_id: int
    name: str
    writer: str | None
    model: str
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
    timed: Counter[int] = Counter()
    for image, reviewed_with in reviewed.model.items():
        if reviewed_with is not None:
            seconds_of[reviewed_with] += reviewed.seconds.get(image, 0.0)
            timed[reviewed_with] += bool(reviewed.seconds.get(image))
        for model, done in _efforts(reviewed, image).items():
            effort_of[model] += done
            images_of[model] += 1
    return [LedgerLine(names[m], images_of[m], effort_of[m], seconds_of[m], timed[m]) for m in names if m in images_of]


def by_image(project: Project, *, model: str | None = None) -> list[ImageLine]:
    """A line for each page that the ledger counts (of one model, where it is named), by id.

    Where several models looked at a page, its effort is that of all, or of the one that is named.
    """
    with project.read() as session:
        names = dict(session.execute(select(ModelRow.id, ModelRow.name)).all())
        pages = session.execute(
            select(ImageRow.id, ImageRow.name, WriterRow.code).outerjoin(WriterRow, WriterRow.id == ImageRow.writer_id)
        ).all()
        reviewed = _load(session)
    called = {image: (name, writer) for image, name, writer in pages}
    lines = []
    for image, reviewed_with in sorted(reviewed.model.items()):
        efforts = {m: e for m, e in _efforts(reviewed, image).items() if model in (None, names[m])}
        if efforts:
            mine = reviewed_with in efforts
            lines.append(
                ImageLine(
                    image, *called[image], names[reviewed_with if reviewed_with in efforts else min(efforts)],
                    sum(efforts.values(), Effort()), reviewed.seconds.get(image, 0.0) if mine else 0.0,
                )
            )  # fmt: skip
    return lines


def by_writer(lines: Sequence[ImageLine]) -> list[PartLine]:
    """The pages of `by_image` added up by writer, by code; those without one last, without a name."""
    by_code: dict[str, list[ImageLine]] = defaultdict(list)
    for line in lines:
        by_code[line.writer or ""].append(line)
    return [
        PartLine(
            code,
            len(part),
            sum((p.effort for p in part), Effort()),
            sum(p.seconds for p in part),
            sum(p.seconds > 0 for p in part),
        )
        for code, part in sorted(by_code.items(), key=lambda item: (not item[0], item[0]))
    ]


def by_digit(project: Project, *, model: str | None = None) -> list[PartLine]:
    """A line for each class, in their order: a suggestion counts for what its box is in the end, a deleted one for what it said.

    Added up they are the ledger's lines (of one model, where it is named). The seconds of an edit are
    shared among the boxes and suggestions that it touched.
    """
    with project.read() as session:
        names = dict(session.execute(select(ModelRow.id, ModelRow.name)).all())
        reviewed = _load(session)
        timed = {i for i, m in reviewed.model.items() if m is not None and model in (None, names[m])}
        seconds = _seconds_by_class(session, timed)
    effort_of: dict[int, Effort] = defaultdict(Effort)
    images_of: dict[int, set[int]] = defaultdict(set)
    digits: Counter[int] = Counter()
    for image in reviewed.model:
        for (with_model, class_id), done in _class_efforts(reviewed, image).items():
            if model in (None, names[with_model]) and done != Effort():
                effort_of[class_id] += done
                images_of[class_id].add(image)
                digits[class_id] += (done.kept + done.added) if reviewed.seconds.get(image) else 0
    return [
        PartLine(name, len(images_of[c]), effort_of[c], seconds.get(c, 0.0), digits[c])
        for c, name in enumerate(project.classes)
    ]


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


def _efforts(reviewed: _Reviewed, image: int) -> dict[int, Effort]:
    return page_efforts(reviewed.judged.get(image, ()), reviewed.boxes.get(image, ()), reviewed.model[image])


def _class_efforts(reviewed: _Reviewed, image: int) -> dict[tuple[int, int], Effort]:
    """The efforts on a page by model and class."""
    boxes = reviewed.boxes.get(image, ())
    ends_as = {b.suggestion_id: b.class_id for b in boxes if b.suggestion_id is not None}
    judged = reviewed.judged.get(image, ())
    classes = {b.class_id for b in boxes} | {ends_as.get(s.id, s.class_id) for s in judged}
    return {
        (model, c): done
        for c in classes
        for model, done in page_efforts(
            [s for s in judged if ends_as.get(s.id, s.class_id) == c],
            [b for b in boxes if b.class_id == c],
            reviewed.model[image],
        ).items()
    }


def _seconds_by_class(session: Session, image_ids: set[int]) -> dict[int, float]:
    class_of = dict(session.execute(select(SuggestionRow.id, SuggestionRow.class_id)).all())
    seconds: dict[int, float] = defaultdict(float)
    for image, before, after, spent in session.execute(
        select(EditRow.image_id, EditRow.before, EditRow.after, EditRow.seconds).where(EditRow.seconds > 0)
    ):
        touched = _touched(side_from_json(before), side_from_json(after), class_of) if image in image_ids else []
        for class_id in touched:
            seconds[class_id] += spent / len(touched)
    return seconds


def _touched(before: Side, after: Side, class_of: Mapping[int, int]) -> list[int]:
    """The classes of what an edit touched: of boxes as they are after it, else as they were, and of suggestions rejected by it."""
    boxes = {b.id: b.class_id for b in before.boxes} | {b.id: b.class_id for b in after.boxes}
    from_boxes = {b.suggestion_id for b in before.boxes}
    rejected = (after.rejected - before.rejected) - from_boxes  # a deleted box says no to its own suggestion
    return [*boxes.values(), *(class_of[s] for s in rejected if s in class_of)]


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
