"""Puts a candidate beside the current model on the same test pages and asks the gate; promotion goes through here."""

import time
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from labeler.core import gate, metrics
from labeler.core.compare import Comparison, compare
from labeler.core.errors import UserError
from labeler.core.gate import Decision, Rules
from labeler.core.i18n import tr
from labeler.core.matching import Page
from labeler.core.metrics import Metrics
from labeler.core.progress import Progress, silent
from labeler.services import evaluating, models
from labeler.services.project import Project

RULES_KEY = "gate_rules"
MIN_SCORE = 0.001


@dataclass(frozen=True, slots=True)
class Judgement:
    """A candidate beside the current model. `image_ids` are the pages of the comparison, by their numbers there."""

    current: str
    candidate: str
    split: str
    comparison: Comparison
    decision: Decision
    seconds: tuple[float, float]
    image_ids: tuple[int, ...]
    figures: tuple[Metrics, Metrics]


def judge(
    project: Project, candidate: str, *, against: str | None = None, split: str = "test", progress: Progress = silent
) -> Judgement:
    """Compare `candidate` with `against` (the current model when None) on the labelled images of `split`, and ask the gate.

    Raises `UserError` where no image of the split is labelled, `NotFound` for an unknown model, `Cancelled`.
    """
    first = models.find(project, against) if against else models.current(project)
    second = models.find(project, candidate)
    truth = evaluating.labelled(project, split)
    ready: list[tuple[list[Page], float]] = []
    for half, model in enumerate((first, second)):
        started = time.monotonic()
        looked = evaluating.look(project, model, truth, min_score=MIN_SCORE, progress=_half(progress, half))
        ready.append((looked, (time.monotonic() - started) / len(truth)))
    found = compare(
        ready[0][0], ready[1][0], classes=len(project.classes), min_score=evaluating.OPERATING_SCORE,
        pairs=gate.pairs_by_id(project.classes),
    )  # fmt: skip
    seconds = (ready[0][1], ready[1][1])
    decision = gate.decide(found, classes=project.classes, seconds=seconds, rules=rules(project))
    ids = tuple(image.image_id or 0 for image in truth)
    before, after = (
        metrics.evaluate(pages, classes=len(project.classes), min_score=evaluating.OPERATING_SCORE)
        for pages, _ in ready
    )
    return Judgement(first.name, second.name, split, found, decision, seconds, ids, (before, after))


def again(project: Project, judgement: Judgement) -> Judgement:
    """The same comparison by the rules as they are now."""
    decision = gate.decide(
        judgement.comparison, classes=project.classes, seconds=judgement.seconds, rules=rules(project)
    )
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


def _half(progress: Progress, half: int) -> Progress:
    def report(done: int, total: int, text: str = "") -> None:
        progress(half * total + done, 2 * total, text)

    return report
