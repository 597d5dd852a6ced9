"""How good a model is on labelled images of one split, by COCO's measures and by the corrections it leaves to a person."""

from collections.abc import Sequence
from dataclasses import dataclass

from labeler.core import matching, metrics
from labeler.core.boxes import Detection
from labeler.core.errors import BadInput, UserError
from labeler.core.i18n import tr
from labeler.core.progress import Progress, silent
from labeler.core.splits import SPLITS
from labeler.core.versions import FrozenImage
from labeler.detect.stream import detect_many
from labeler.formats import pixels
from labeler.services import images, models, versions
from labeler.services.project import Project

OPERATING_SCORE = 0.25
"""The score from which suggestions are shown, so the one at which confusion and corrections are counted."""


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One class. None where there is nothing to judge by."""

    name: str
    boxes: int
    precision: float | None
    recall: float | None
    ap50: float | None
    ap50_95: float | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of one model on one split.

    `confusion[i][j]` counts digits of class i found as class j at IoU 0.5 and a score of at least `at_score`; the last column counts
    digits that were missed, the last row detections that were imagined.
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
    corrections_per_100: float | None
    blank_pages: int
    blank_false_alarms: int
    per_class: tuple[ClassFigures, ...]
    confusion: tuple[tuple[int, ...], ...]


def evaluate(
    project: Project,
    *,
    model: str | None = None,
    split: str = "test",
    min_score: float = 0.001,
    progress: Progress = silent,
) -> Evaluation:
    """Judge `model` (the current one when None) on the labelled images of `split`.

    Raises `UserError` where the split has no labelled image, `NotFound` for an unknown model, `Cancelled`.
    """
    chosen = models.find(project, model) if model else models.current(project)
    truth = labelled(project, split)
    pages = look(project, chosen, truth, min_score=min_score, progress=progress)
    found = metrics.evaluate(pages, classes=len(project.classes), min_score=max(OPERATING_SCORE, min_score))
    return _evaluation(project, chosen.name, split, found)


def has_labelled(project: Project, split: str) -> bool:
    """Whether any labelled image is in the split."""
    return any(i.split == split for i in versions.labelled(project))


def labelled(project: Project, split: str) -> list[FrozenImage]:
    """The labelled images of a split. Raises `UserError` where there is none."""
    if split not in SPLITS:
        raise BadInput(tr("A split is train, val or test, not {split}.", split=split))
    truth = [i for i in versions.labelled(project) if i.split == split]
    if not truth:
        raise UserError(
            tr("No labelled image is in the split {split}.", split=split),
            tr("Label images, then assign splits with: labeler split PROJECT"),
        )
    return truth


def look(
    project: Project,
    model: models.Model,
    truth: Sequence[FrozenImage],
    *,
    min_score: float,
    progress: Progress = silent,
) -> list[matching.Page]:
    """The model's detections beside the truth, image by image."""
    class_of = models.class_map(project, model)
    by_id = {i.image_id: i for i in truth if i.image_id is not None}
    seen = detect_many(
        models.detector(project, model.name),
        lambda image_id: pixels.decode(images.picture(project, image_id)),
        list(by_id),
        min_score=min_score,
        progress=lambda done, total, _="": progress(done, total, tr("Evaluating")),
    )
    pages: list[matching.Page] = []
    for one in seen:
        found: list[Detection] = [d for d in map(class_of, one.detections) if d is not None]
        pages.append(matching.Page(by_id[one.id].boxes, found))
    return pages


def _evaluation(project: Project, model: str, split: str, found: metrics.Metrics) -> Evaluation:
    return Evaluation(
        model=model, split=split, images=found.pages, boxes=found.boxes, map50=found.map50, map50_95=found.map50_95,
        precision=found.precision, recall=found.recall, at_score=found.min_score, best_score=found.best_score,
        corrections_per_100=found.corrections.per_100, blank_pages=found.blank.pages, blank_false_alarms=found.blank.false_alarms,
        per_class=tuple(
            ClassFigures(project.classes[c.class_id], c.support, c.precision, c.recall, c.ap50, c.ap50_95) for c in found.per_class
        ),
        confusion=found.confusion,
    )  # fmt: skip
