"""Puts a candidate beside the current model on the same test pages and asks the gate; promotion goes through here."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sqlalchemy import and_, func, select

from labeler.core import gate, metrics
from labeler.core.compare import Comparison, compare
from labeler.core.errors import UserError
from labeler.core.gate import Decision, Rules
from labeler.core.i18n import tr
from labeler.core.metrics import Metrics
from labeler.core.progress import Progress, silent
from labeler.services import evaluating, models
from labeler.services._rows import chunks
from labeler.services.evaluating import Look
from labeler.services.models import Model
from labeler.services.project import Project
from labeler_db.models import BoxRow, SuggestionRow

RULES_KEY = "gate_rules"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A candidate beside the current model. `image_ids` are the pages of the comparison, by their numbers there, `drawn` the shares of the
    boxes there that are suggestions of each, accepted as they were; `left_out` counts pages by writers that one of them knows.
    """

    current: str
    candidate: str
    split: str
    comparison: Comparison
    decision: Decision
    seconds: tuple[float, float]
    image_ids: tuple[int, ...]
    figures: tuple[Metrics, Metrics]
    drawn: tuple[float, float] = (0.0, 0.0)
    left_out: int = 0


def judge(
    project: Project, candidate: str, *, against: str | None = None, split: str = "test", progress: Progress = silent
) -> Judgement:
    """Compare `candidate` with `against` (the current model when None) on the labelled images of `split`, and ask the gate.

    Raises `UserError` where no image of the split is labelled, `NotFound` for an unknown model, `Cancelled`.
    """
    first = models.find(project, against) if against else models.current(project)
    second = models.find(project, candidate)
    truth = evaluating.labelled(project, split, by=[first, second])
    looks = (
        evaluating.look(project, model, truth, progress=half(progress, n)) for n, model in enumerate((first, second))
    )
    return beside(project, *looks)


def beside(project: Project, before: Look, after: Look) -> Judgement:
    """Compare what two models found on the same images, the current one and the candidate, and ask the gate."""
    classes, score = len(project.classes), evaluating.OPERATING_SCORE
    found = compare(
        before.pages, after.pages, classes=classes, min_score=score, pairs=gate.pairs_by_id(project.classes)
    )
    seconds = (before.seconds, after.seconds)
    ids = tuple(image.image_id or 0 for image in after.truth)
    drawn = (_drawn_by(project, before.model, ids), _drawn_by(project, after.model, ids))
    decision = gate.decide(found, classes=project.classes, seconds=seconds, drawn=drawn, rules=rules(project))
    figures = (
        metrics.evaluate(before.pages, classes=classes, min_score=score),
        metrics.evaluate(after.pages, classes=classes, min_score=score),
    )
    return Judgement(
        before.model.name, after.model.name, after.split, found, decision, seconds, ids, figures, drawn, after.left_out
    )


def again(project: Project, judgement: Judgement) -> Judgement:
    """The same comparison by the rules as they are now."""
    decision = gate.decide(
        judgement.comparison, classes=project.classes, seconds=judgement.seconds, drawn=judgement.drawn, rules=rules(project)
    )  # fmt: skip
    return replace(judgement, decision=decision)


def promote(
    project: Project, name: str, judgement: Judgement | None, *, reason: str = "", by: str = ""
) -> models.Model:
    """Make `name` current. Without a judgement that passes, a `reason` must be given, and is kept. Raises `UserError`."""
    passes = judgement is not None and judgement.candidate == name and judgement.decision.passes
    if not passes and not reason.strip():
        why = (
            " ".join(judgement.decision.reasons)
            if judgement
            else tr("It has not been judged against the current model.")
        )
        raise UserError(
            tr("{name} was not promoted. {why}", name=name, why=why),
            tr("Give a reason to promote it anyway; it is recorded."),
        )
    verdict = str(judgement.decision.verdict) if judgement else "not judged"
    return models.promote(project, name, reason="; ".join(filter(None, (reason.strip(), f"gate: {verdict}"))), by=by)


def rules(project: Project) -> Rules:
    """The project's rules for the gate; what another version of them named is left out."""
    known = {field.name for field in fields(Rules)}
    kept: dict[str, Any] = project.setting(RULES_KEY, {})
    return Rules(**{name: value for name, value in kept.items() if name in known})


def set_rules(project: Project, changed: Rules) -> None:
    """Keep other rules with the project."""
    plain: dict[str, Any] = asdict(changed)
    project.set_setting(RULES_KEY, plain)


def _drawn_by(project: Project, model: Model, image_ids: Sequence[int]) -> float:
    """The share of the boxes on these images that are suggestions of `model`, accepted as they were."""
    box, suggestion = BoxRow, SuggestionRow
    as_it_was = and_(
        suggestion.model_id == model.id, suggestion.class_id == box.class_id,
        suggestion.x == box.x, suggestion.y == box.y, suggestion.w == box.w, suggestion.h == box.h,
    )  # fmt: skip
    query = select(func.count(box.id), func.count(suggestion.id)).outerjoin(
        suggestion, and_(suggestion.id == box.suggestion_id, as_it_was)
    )
    with project.read() as session:
        counts = [session.execute(query.where(box.image_id.in_(part))).one() for part in chunks(image_ids)]
    boxes, drawn = (sum(row[n] for row in counts) for n in range(2))
    return drawn / boxes if boxes else 0.0


def half(progress: Progress, which: int) -> Progress:
    """The progress of one of two looks, 0 or 1, told as that of both."""

    def report(done: int, total: int, text: str = "") -> None:
        progress(which * total + done, 2 * total, text)

    return report
