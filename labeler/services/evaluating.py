"""How good a model is on labelled images of one split, by COCO's measures and by the corrections it leaves to a person."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labeler.core import corrections, matching, metrics
from labeler.core.boxes import Detection
from labeler.core.calibration import Calibration, calibration
from labeler.core.errors import BadInput, UserError
from labeler.core.i18n import ntr, tr
from labeler.core.progress import Progress, silent
from labeler.core.splits import SPLITS
from labeler.core.versions import FrozenImage
from labeler.detect.stream import detect_many
from labeler.formats import pixels
from labeler.services import images, models, versions
from labeler.services._honesty import known_hands
from labeler.services.models import Model
from labeler.services.project import Project

OPERATING_SCORE = 0.25
"""The score from which suggestions are shown, so the one at which confusion and corrections are counted."""
MIN_SCORE = 0.001
"""From this score on a model's finds count for the measures."""
WORST = 48
"""How many of the worst pages are named."""


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One class. None where there is nothing to judge by."""

    name: str
    boxes: int
    precision: float | None
    recall: float | None
    f1: float | None
    ap50: float | None
    ap50_95: float | None


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """The pages of one writer, or of one source. None where there is nothing to judge by."""

    name: str
    images: int
    boxes: int
    map50: float | None
    map50_95: float | None
    precision: float | None
    recall: float | None
    corrections_per_100: float | None


@dataclass(frozen=True, slots=True)
class ClassCurve:
    """Precision, recall and F1 of one class at IoU 0.5, at each of the scores."""

    name: str
    precision: tuple[float, ...]
    recall: tuple[float, ...]
    f1: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Curves:
    """Precision, recall and F1 at IoU 0.5 over all digits at each of `scores`, and COCO's precision at each of `recalls`."""

    scores: tuple[float, ...]
    precision: tuple[float, ...]
    recall: tuple[float, ...]
    f1: tuple[float, ...]
    recalls: tuple[float, ...]
    precision_at_recall: tuple[float, ...]
    classes: tuple[ClassCurve, ...]


@dataclass(frozen=True, slots=True)
class ScoreFigures:
    """What there is to correct where finds of at least `score` are shown."""

    score: float
    corrections_per_100: float | None


@dataclass(frozen=True, slots=True)
class PageFigures:
    """What there is to correct on one page."""

    image: int
    digits: int
    corrections: int
    moved: int
    relabelled: int
    added: int
    deleted: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of one model on one split.

    `confusion[i][j]` counts digits of class i found as class j at IoU 0.5 and a score of at least `at_score`; the last column counts
    digits that were missed, the last row detections that were imagined. Corrections, too, are counted at `at_score`; at
    `suggested_score` there would be least to correct. `seconds_per_page` is as in `Look`.
    `worst` are the pages with most to correct, by image id; `left_out` is as in `Truth`.
    """

    model: str
    split: str
    images: int
    boxes: int
    map50: float | None
    map50_95: float | None
    precision: float | None
    recall: float | None
    at_score: float
    best_score: float
    suggested_score: float | None
    corrections_per_100: float | None
    suggested_corrections_per_100: float | None
    blank_pages: int
    blank_false_alarms: int
    blank_pages_with_false_alarm: int
    seconds_per_page: float
    per_class: tuple[ClassFigures, ...]
    per_writer: tuple[GroupFigures, ...]
    per_source: tuple[GroupFigures, ...]
    confusion: tuple[tuple[int, ...], ...]
    calibration: Calibration
    thresholds: tuple[ScoreFigures, ...]
    curves: Curves
    worst: tuple[PageFigures, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Truth:
    """Labelled images of one split. `left_out` counts those of it that a model to be judged by them knows, or knows the writer of."""

    images: tuple[FrozenImage, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """What a model found on labelled images of one split with a score of at least `min_score`: `pages` in the order of `truth`.

    `seconds` is the time a page, as if nothing else went on, `left_out` as in `Truth`.
    """

    model: Model
    truth: tuple[FrozenImage, ...]
    pages: tuple[matching.Page, ...]
    min_score: float
    seconds: float
    left_out: int = 0

    @property
    def split(self) -> str:
        """The split of the images."""
        return self.truth[0].split


def evaluate(
    project: Project,
    *,
    model: str | None = None,
    split: str = "test",
    min_score: float = MIN_SCORE,
    progress: Progress = silent,
) -> Evaluation:
    """Judge `model` (the current one when None) on the labelled images of `split`.

    Raises `UserError` where the split has no labelled image, `NotFound` for an unknown model, `Cancelled`.
    """
    chosen = models.find(project, model) if model else models.current(project)
    truth = labelled(project, split, by=[chosen])
    return figures(project, look(project, chosen, truth, min_score=min_score, progress=progress))


def figures(project: Project, looked: Look) -> Evaluation:
    """The figures of a look."""
    truth, pages, min_score = looked.truth, looked.pages, looked.min_score
    at_score = max(OPERATING_SCORE, min_score)
    found = metrics.evaluate(pages, classes=len(project.classes), min_score=at_score)
    by_score = corrections.by_score(pages, scores=[s for s in corrections.STEPS if s >= min_score])
    least = corrections.least_work(by_score)
    sources = {image.id: image.source for image in images.images(project, [i.image_id for i in truth if i.image_id])}

    def groups(names: Sequence[str | None]) -> tuple[GroupFigures, ...]:
        return _groups(pages, names, classes=len(project.classes), min_score=at_score)

    return Evaluation(
        model=looked.model.name, split=looked.split, images=found.pages, boxes=found.boxes, map50=found.map50, map50_95=found.map50_95,
        precision=found.precision, recall=found.recall, at_score=at_score, best_score=found.best_score,
        suggested_score=least.score if least else None, corrections_per_100=found.corrections.per_100,
        suggested_corrections_per_100=least.corrections.per_100 if least else None,
        blank_pages=found.blank.pages, blank_false_alarms=found.blank.false_alarms,
        blank_pages_with_false_alarm=found.blank.with_false_alarm, seconds_per_page=looked.seconds,
        per_class=_per_class(project.classes, found), per_writer=groups([i.writer for i in truth]),
        per_source=groups([sources.get(i.image_id or 0) for i in truth]), confusion=found.confusion,
        calibration=calibration(metrics.rank(pages, classes=len(project.classes))),
        thresholds=tuple(ScoreFigures(at.score, at.corrections.per_100) for at in by_score),
        curves=_curves(project.classes, found), worst=_worst(pages, truth, min_score=at_score), left_out=looked.left_out,
    )  # fmt: skip


def has_labelled(project: Project, split: str) -> bool:
    """Whether any labelled image is in the split."""
    return any(i.split == split for i in versions.labelled(project))


def labelled(project: Project, split: str, *, by: Sequence[Model]) -> Truth:
    """The labelled images of a split; of the test split those by hands that no model of `by`, nor one it was trained from, knows.

    Raises `UserError` where there is none.
    """
    if split not in SPLITS:
        raise BadInput(tr("A split is train, val or test, not {split}.", split=split))
    images_there = [i for i in versions.labelled(project) if i.split == split]
    if not images_there:
        raise UserError(
            tr("No labelled image is in the split {split}.", split=split),
            tr("Label images, then assign splits with: labeler split PROJECT"),
        )
    known = _known(project, by) if split == "test" else set()
    unknown = tuple(i for i in images_there if i.image_id not in known)
    if not unknown:
        raise UserError(
            tr("Every writer in the test split is known from a training, so nothing honest can be said."),
            tr("Label pages of other writers for the test split, or undo moving writers between splits."),
        )
    return Truth(unknown, len(images_there) - len(unknown))


def _known(project: Project, by: Sequence[Model]) -> set[int]:
    with project.read() as session:
        return {i for model in by for i in known_hands(session, model.id)}


def left_out_words(count: int) -> str:
    """What is said of pages that were left out; empty where none was."""
    return "" if not count else ntr(
        "{count} test page is left out: its writer is known from a training.",
        "{count} test pages are left out: their writers are known from a training.",
        count,
    )  # fmt: skip


def look(
    project: Project,
    model: Model,
    truth: Truth,
    *,
    min_score: float = MIN_SCORE,
    progress: Progress = silent,
) -> Look:
    """Have the model look at what `labelled` returned. Raises `Cancelled`."""
    class_of = models.class_map(project, model)
    by_id = {i.image_id: i for i in truth.images if i.image_id is not None}
    detector = models.detector(project, model.name, many=len(by_id) > 1)
    started = _clocks()  # only now: whichever model of two is loaded first would seem slow on few pages
    seen = detect_many(
        detector,
        lambda image_id: pixels.decode(images.picture(project, image_id)),
        list(by_id),
        min_score=min_score,
        progress=lambda done, total, _="": progress(done, total, tr("Evaluating")),
    )
    pages: list[matching.Page] = []
    for one in seen:
        found: list[Detection] = [d for d in map(class_of, one.detections) if d is not None]
        pages.append(matching.Page(by_id[one.id].boxes, found))
    seconds = min(now - then for now, then in zip(_clocks(), started, strict=True))
    return Look(model, truth.images, tuple(pages), min_score, seconds / len(truth.images), truth.left_out)


def _clocks() -> tuple[float, float]:
    """Wall time, and this program's time on the processors, which is the lesser of both where other programs hold it up."""
    return time.monotonic(), time.process_time()


def _groups(
    pages: Sequence[matching.Page], names: Sequence[str | None], *, classes: int, min_score: float
) -> tuple[GroupFigures, ...]:
    """Figures of the pages under each name, those with most to correct first."""
    by_name: dict[str, list[matching.Page]] = {}
    for page, name in zip(pages, names, strict=True):
        by_name.setdefault(name or "", []).append(page)
    judged = [(name, metrics.evaluate(own, classes=classes, min_score=min_score)) for name, own in by_name.items()]
    groups = [
        GroupFigures(name, m.pages, m.boxes, m.map50, m.map50_95, m.precision, m.recall, m.corrections.per_100)
        for name, m in judged
    ]
    return tuple(sorted(groups, key=lambda g: (-(g.corrections_per_100 or 0.0), g.name)))


def _per_class(names: Sequence[str], found: metrics.Metrics) -> tuple[ClassFigures, ...]:
    return tuple(
        ClassFigures(names[c.class_id], c.support, c.precision, c.recall, c.f1, c.ap50, c.ap50_95)
        for c in found.per_class
    )


def _curves(names: Sequence[str], found: metrics.Metrics) -> Curves:
    classes = [
        ClassCurve(name, _short(c.precision), _short(c.recall), _short(c.f1))
        for name, c in zip(names, found.class_curves, strict=True)
    ]
    return Curves(
        _short(metrics.SCORES), _short(found.curve.precision), _short(found.curve.recall), _short(found.curve.f1),
        _short(metrics.RECALLS), _short(found.precision_at_recall), tuple(classes),
    )  # fmt: skip


def _worst(
    pages: Sequence[matching.Page], truth: Sequence[FrozenImage], *, min_score: float
) -> tuple[PageFigures, ...]:
    figures = []
    for page, image in zip(pages, truth, strict=True):
        work = corrections.needed(page, matching.match(page, min_score=min_score))
        if work.work and image.image_id is not None:
            row = (work.digits, work.work, work.moved, work.relabelled, work.added, work.deleted)
            figures.append(PageFigures(image.image_id, *row))
    return tuple(sorted(figures, key=lambda p: (-p.corrections, p.image))[:WORST])


def _short(values: Iterable[float]) -> tuple[float, ...]:
    """Rounded: these are drawn, and kept with the model."""
    return tuple(round(float(value), 4) for value in values)
