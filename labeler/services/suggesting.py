"""The current model looks at images and writes suggestions; bulk acceptance turns sure ones into boxes. Never touches what a person did."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from labeler.core import gestures
from labeler.core.boxes import Box, Detection, ReviewState, as_array, iou_matrix
from labeler.core.changes import Changes
from labeler.core.errors import BadInput, Conflict
from labeler.core.i18n import tr
from labeler.core.progress import Progress, silent, track
from labeler.core.scoring import uncertainty
from labeler.detect.stream import detect_many
from labeler.formats import pixels
from labeler.services import fitting, images, labeling, models
from labeler.services._rows import chunks, is_judged, to_box
from labeler.services.project import Project
from labeler_db.models import BoxRow, ImageRow, SuggestionRow

ALREADY_BOXED = 0.5
"""A detection that overlaps a box this much (IoU) tells a person nothing new."""
CHUNK = 32
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SuggestReport:
    """What a model suggested."""

    model: str
    images: int
    suggestions: int
    seconds: float


@dataclass(frozen=True, slots=True)
class AcceptReport:
    """What a bulk acceptance made."""

    images: int
    accepted: int


def suggest(
    project: Project,
    *,
    states: Collection[str] = (ReviewState.NEW, ReviewState.SUGGESTED),
    model: str | None = None,
    min_score: float = 0.25,
    image_ids: Sequence[int] | None = None,
    progress: Progress = silent,
) -> SuggestReport:
    """Run `model` (the current one when None) over images in `states`, or over `image_ids` in whatever state.

    Suggestions that nobody judged are replaced; boxes, rejections and review states that a person set stay. Raises `NotFound` for an
    unknown model, `Cancelled`; images done before that keep their suggestions.
    """
    started = time.monotonic()
    odd = [str(s) for s in states if str(s) not in set(ReviewState)]
    if odd:
        raise BadInput(
            tr("There is no review state {name}.", name=odd[0]), tr("States: {names}", names=", ".join(ReviewState))
        )
    chosen = models.find(project, model) if model else models.current(project)
    class_of = models.class_map(project, chosen)
    ids = list(image_ids) if image_ids is not None else _ids_in(project, states)
    detector = models.detector(project, chosen.name, many=len(ids) > 1)
    count = 0
    found = detect_many(
        detector,
        lambda image_id: pixels.decode(images.picture(project, image_id)),
        ids,
        min_score=min_score,
        progress=lambda done, total, _="": progress(done, total, tr("Suggesting")),
    )
    for chunk in _in_chunks(found, CHUNK):
        mapped = [
            (seen.id, [d for d in map(class_of, seen.detections) if d is not None])
            for seen in chunk
            if seen.error is None
        ]
        count += _write(project, chosen.id, mapped)
    return SuggestReport(chosen.name, len(ids), count, time.monotonic() - started)


def keep_in(session: Session, model_id: int, image_id: int, detections: Sequence[Detection]) -> int:
    """The same for a new image, within a transaction that the caller owns."""
    return _write_images(session, model_id, {image_id: detections})


def keep(project: Project, model_id: int, image_id: int, detections: Sequence[Detection]) -> int:
    """Keep what a model has just read on one image as its suggestions there; returns how many are news."""
    return _write(project, model_id, [(image_id, detections)])


def accept_all(
    project: Project,
    *,
    min_score: float = 0.9,
    image_id: int | None = None,
    annotator: str = "",
    progress: Progress = silent,
) -> AcceptReport:
    """Accept every open suggestion of at least `min_score`, as one undoable edit an image."""
    ids = [image_id] if image_id is not None else _with_open_suggestions(project, min_score)
    touched = accepted = 0
    for one in track(ids, progress, tr("Accepting")):
        fitting.fit(project, one)
        page = labeling.page(project, one)
        sure = [s.id for s in page.suggestions if s.score >= min_score]
        if not sure:
            continue
        try:
            labeling.apply(project, gestures.accept(page, sure), annotator=annotator)
        except Conflict:  # somebody is at this page right now: it is theirs
            continue
        touched += 1
        accepted += len(sure)
    return AcceptReport(touched, accepted)


def _ids_in(project: Project, states: Collection[str]) -> list[int]:
    with project.read() as session:
        return list(
            session.scalars(
                select(ImageRow.id).where(ImageRow.state.in_([str(s) for s in states])).order_by(ImageRow.id)
            )
        )


def _with_open_suggestions(project: Project, min_score: float) -> list[int]:
    query = (
        select(SuggestionRow.image_id)
        .join(ImageRow, ImageRow.id == SuggestionRow.image_id)
        .where(SuggestionRow.score >= min_score, SuggestionRow.model_id == ImageRow.suggested_by, ~is_judged())
        .distinct()
        .order_by(SuggestionRow.image_id)
    )
    with project.read() as session:
        return list(session.scalars(query))


def _in_chunks(items: Iterator[T], size: int) -> Iterator[list[T]]:
    chunk: list[T] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _write(project: Project, model_id: int, found: Sequence[tuple[int, Sequence[Detection]]]) -> int:
    with project.write(Changes(images=frozenset(i for i, _ in found))) as session:
        return _write_images(session, model_id, dict(found))


def _write_images(session: Session, model_id: int, found: Mapping[int, Sequence[Detection]]) -> int:
    """Replace what nobody judged on these images; returns how many suggestions are news. Images that are gone are left out."""
    rows: list[dict[str, Any]] = []
    habits: dict[tuple[str, int, int], float] = {}
    for part in chunks(list(found)):
        session.execute(delete(SuggestionRow).where(SuggestionRow.image_id.in_(part), ~is_judged()))
        boxes: dict[int, list[Box]] = {}
        for row in session.scalars(select(BoxRow).where(BoxRow.image_id.in_(part))):
            boxes.setdefault(row.image_id, []).append(to_box(row))
        for image in session.scalars(select(ImageRow).where(ImageRow.id.in_(part))):
            alike = (image.source, image.width, image.height)
            if alike not in habits:
                habits[alike] = fitting.habit_of(session, image, model_id)
            news = _news(found[image.id], boxes.get(image.id, ()))
            rows += [fitting.to_row(image, model_id, detection, habits[alike]) for detection in news]
            image.suggested_by = model_id
            image.uncertainty = uncertainty([d.score for d in news])
            if image.state == ReviewState.NEW:
                image.state = str(ReviewState.SUGGESTED)
    if rows:
        session.execute(insert(SuggestionRow), rows)
    return len(rows)


def _news(detections: Sequence[Detection], boxes: Sequence[Box]) -> list[Detection]:
    if not boxes or not detections:
        return list(detections)
    overlap = iou_matrix(as_array(detections), as_array(boxes)).max(axis=1)
    return [d for d, o in zip(detections, overlap, strict=True) if o < ALREADY_BOXED]
