"""What models that have not learnt from a page say about its labels. Reads only."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from labeler.core import shipped
from labeler.core.boxes import Box, Detection, as_array, iou_matrix
from labeler.core.errors import UserError
from labeler.core.i18n import tr
from labeler.core.progress import Progress
from labeler.detect.stream import detect_many
from labeler.formats import pixels
from labeler.services import images, models
from labeler.services._honesty import learnt_from
from labeler.services.project import Project

LOWEST = 0.05
SURE = 0.25
SAME = 0.5


@dataclass(frozen=True, slots=True)
class Testimony:
    """What one model found on pages it has not learnt from. `trust` 0…1 says how often it agrees with their labels, squared."""

    model: str
    found: Mapping[int, Sequence[Detection]]
    trust: float


def hear(project: Project, boxes: Mapping[int, Sequence[Box]], progress: Progress) -> list[Testimony]:
    """The current model on what it has not learnt from, and the shipped one on the rest. Without a usable model, nothing."""
    left = set(boxes)
    heard = []
    for model in _witnesses(project):
        mine = sorted(left - seen_by(project, model))
        try:
            found = _detect(project, model, mine, progress)
        except UserError:
            continue
        left -= set(mine)
        if mine:
            heard.append(Testimony(model.name, found, _trust(boxes, found)))
    return heard


def seen_by(project: Project, model: models.Model) -> set[int]:
    """Images that a model, or one it was trained from, has learnt from or was chosen by."""
    with project.read() as session:
        return learnt_from(session, model.id)


def _witnesses(project: Project) -> list[models.Model]:
    known = models.list_models(project)
    first = shipped.detector().onnx_sha256
    return [m for m in known if m.is_current] + [m for m in known if m.sha256 == first and not m.is_current][:1]


def _detect(
    project: Project, model: models.Model, ids: Collection[int], progress: Progress
) -> dict[int, list[Detection]]:
    if not ids:
        return {}
    class_of = models.class_map(project, model)
    seen = detect_many(
        models.detector(project, model.name, many=len(ids) > 1),
        lambda image_id: pixels.decode(images.picture(project, image_id)),
        list(ids),
        min_score=LOWEST,
        progress=lambda done, total, _="": progress(done, total, tr("Asking {model}", model=model.name)),
    )
    return {s.id: [d for d in map(class_of, s.detections) if d is not None] for s in seen if s.error is None}


def _trust(boxes: Mapping[int, Sequence[Box]], found: Mapping[int, Sequence[Detection]]) -> float:
    right = total = 0
    for image_id, detections in found.items():
        held = boxes[image_id]
        total += len(held)
        sure = [d for d in detections if d.score >= SURE]
        if held and sure:
            overlap = iou_matrix(as_array(held), as_array(sure)) >= SAME
            same = [[b.class_id == d.class_id for d in sure] for b in held]
            right += int((overlap & same).any(axis=1).sum())
    return (right / total) ** 2 if total else 0.0
