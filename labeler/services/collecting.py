"""Collecting on the pad: what a writer is asked next, ink with its prompt made an image with boxes, and how far everybody is."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from labeler.core import ink as inks
from labeler.core.boxes import ClassRect, Detection
from labeler.core.changes import Changes
from labeler.core.doubts import Doubt
from labeler.core.errors import BadInput, NotFound, UserError
from labeler.core.i18n import tr
from labeler.core.ink_pages import InkPage, Labels, kept_on_page, label, picture
from labeler.core.ink_render import Look, Paper
from labeler.core.plans import Plan, prompt, weakness
from labeler.core.readings import outcome
from labeler.formats import pixels, rasters
from labeler.services import _removal, _store, images, models, suggesting, writers
from labeler.services.images import Writer
from labeler.services.project import Project
from labeler_db.models import BoxRow, ImageRow, InkRow, WriterRow

KIND = "ink"
SOURCE = "pad"
FIRST_CODE = "S01"
DIGITS = "0123456789"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model read on a page, in the project's classes and in pixels of the picture."""

    model: str
    model_id: int
    detections: tuple[Detection, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a writer stands: prompted pages so far, how often each digit 0…9 is written, and how often the model misreads each.

    `digits` are those that the project has classes for.
    """

    writer: str
    pages: int
    written: dict[int, int]
    weakness: tuple[float, ...]
    digits: tuple[int, ...]

    def next_prompt(self, plan: Plan) -> str:
        """What the plan asks this writer for next."""
        return prompt(
            plan,
            writer=self.writer,
            number=self.pages,
            written=self.written,
            weakness=self.weakness,
            digits=self.digits,
        )

    def after(self, asked: str) -> "Standing":
        """Where the writer stands once `asked` is written."""
        counts = Counter(self.written) + Counter(int(c) for c in asked)
        return replace(self, pages=self.pages + 1, written=dict(counts))


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a page: labelled with `boxes`, or waiting for a person because of `doubts` or for want of a prompt."""

    image_id: int
    boxes: tuple[ClassRect, ...]
    doubts: tuple[Doubt, ...]
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class WriterProgress:
    """How far one writer is: boxes by class id, pages written, and pages that wait for a person."""

    writer: str
    digits: dict[int, int]
    pages: int
    waiting: int

    @property
    def boxes(self) -> int:
        return sum(self.digits.values())


@dataclass(frozen=True, slots=True)
class Summary:
    """What was collected since some moment."""

    pages: int
    boxes: int
    waiting: int
    writers: tuple[str, ...]
    minutes: float


class Recogniser:
    """The current model, ready to read pages of ink. Safe to call from several threads; make a new one when the model changes."""

    def __init__(self, project: Project) -> None:
        self._model = models.current(project)
        self._detector = models.detector(project, self._model.name)
        self._to_project = models.class_map(project, self._model)

    def read(self, page: InkPage, *, min_score: float = 0.1) -> Reading:
        """What the model reads on the page as it would be kept."""
        found = self._detector.detect([picture(page)], min_score=min_score)[0]
        known = tuple(d for d in map(self._to_project, found) if d is not None)
        return Reading(self._model.name, self._model.id, known)


def add_writer(project: Project, code: str, *, note: str = "") -> Writer:
    """A new writer. Raises `BadInput` for a code that is empty, too long or taken."""
    code = writers.checked_code(code)
    with project.write(Changes(library=True)) as session:
        if session.scalars(select(WriterRow.id).where(WriterRow.code == code)).first() is not None:
            raise BadInput(tr("There is a writer {code} already.", code=code), tr("Choose another code."))
        row = WriterRow(code=code, note=note.strip())
        session.add(row)
        session.flush()
        return Writer(row.id, row.code, row.note, None, 0)


def next_code(project: Project) -> str:
    """A free code that goes on where the newest writer's left off: S08 after S07."""
    with project.read() as session:
        codes = list(session.scalars(select(WriterRow.code).order_by(WriterRow.id.desc())))
    return following(codes[0], set(codes)) if codes else FIRST_CODE


def following(code: str, taken: set[str]) -> str:
    """The next code after `code` that is not taken."""
    match = re.search(r"(\d+)(\D*)$", code)
    head, digits, tail = (code[: match.start()], match[1], match[2]) if match else (code, "1", "")
    number = int(digits)
    while True:
        number += 1
        wanted = f"{head}{number:0{len(digits)}d}{tail}"
        if wanted not in taken:
            return wanted


def standing(project: Project, writer: str) -> Standing:
    """Where a writer stands, which is all that choosing their next prompt needs. Raises `UserError` where no class is a digit."""
    digits = tuple(sorted(int(name) for name in project.classes if len(name) == 1 and name in DIGITS))
    if not digits:
        raise UserError(tr("This project has no digit among its classes, so nothing can be asked for."))
    with project.read() as session:
        boxes = session.execute(
            select(BoxRow.class_id, func.count())
            .join(ImageRow, ImageRow.id == BoxRow.image_id)
            .join(WriterRow, WriterRow.id == ImageRow.writer_id)
            .where(WriterRow.code == writer)
            .group_by(BoxRow.class_id)
        ).all()
        pages = session.scalar(
            select(func.count(ImageRow.id))
            .join(WriterRow, WriterRow.id == ImageRow.writer_id)
            .where(WriterRow.code == writer, ImageRow.kind == KIND, ImageRow.prompt.is_not(None))
        )
    names = project.classes
    written = {int(names[c]): n for c, n in boxes if c < len(names) and names[c] in DIGITS}
    return Standing(writer, pages or 0, written, tuple(weak_digits(project)), digits)


def weak_digits(project: Project) -> list[float]:
    """How often the current model misread each digit 0…9 that writers wrote on the pad so far, 0…1; a half where nothing is known."""
    model = models.current(project).name
    right, wrong = Counter[int](), Counter[int]()
    with project.read() as session:
        for settings in session.scalars(select(InkRow.settings)):
            seen = settings.get("read", {})
            if seen.get("model") == model:
                right.update({int(d): n for d, n in seen["right"].items()})
                wrong.update({int(d): n for d, n in seen["wrong"].items()})
    return weakness(right, wrong)


def save(project: Project, page: InkPage, *, writer: str | None, reading: Reading | None = None) -> Saved:
    """Keep a page: its picture, its ink, and boxes where the strokes can be shared out among the prompt's digits without a doubt.

    `reading` is what the current model read on this very page: it can object, confirm what is unclear, and gives suggestions where a
    person must look. Raises `BadInput` where nothing was written or the prompt is no digits of this project.
    """
    page = kept_on_page(page)
    if not page.strokes:
        raise BadInput(tr("Nothing is written on the page."))
    _check_prompt(project, page.prompt)
    labels = label(page, reading.detections if reading is not None else None, project.classes)
    data = rasters.png(picture(page))
    new = _store.NewImage(
        sha256=hashlib.sha256(data).hexdigest(), data=data, upright=pixels.normalise(data), name=_name(page, writer), source=SOURCE,
        writer=writer, boxes=labels.boxes or None, kind=KIND, prompt=page.prompt or None, doubts=labels.doubts,
    )  # fmt: skip
    with project.write(Changes(library=True)) as session:
        kept = _store.add_image(session, new)
        if not kept.duplicate:
            strokes = inks.to_json(inks.scaled(page.strokes, page.scale))
            session.add(
                InkRow(
                    image_id=kept.image_id, strokes=strokes, settings=_settings(page, labels, reading, project.classes)
                )
            )
    if reading is not None and not labels.boxes and not kept.duplicate:
        suggesting.keep(project, reading.model_id, kept.image_id, reading.detections)
    return Saved(kept.image_id, labels.boxes, labels.doubts, kept.duplicate)


def take_back(project: Project, image_id: int) -> InkPage:
    """Remove a page written on the pad and give it back as it was, to go on writing. Raises `NotFound`."""
    page = ink_page(project, image_id)
    with project.write(Changes(library=True, images=frozenset({image_id}))) as session:
        _removal.remove_images(session, [image_id])
    return page


def ink_page(project: Project, image_id: int) -> InkPage:
    """The ink of an image. Raises `NotFound` where it has none."""
    with project.read() as session:
        row, image = session.get(InkRow, image_id), session.get(ImageRow, image_id)
    if row is None or image is None:
        raise NotFound(tr("Image {id} was not written on the pad.", id=image_id))
    kept = row.settings
    scale = float(kept["scale"])
    look = Look(
        Paper(kept["paper"]), tuple(kept["ink"]), tuple(kept["ground"]), tuple(kept["lines"]), float(kept["pitch"])
    )
    strokes = inks.scaled(inks.from_json(row.strokes), 1 / scale)
    return InkPage(
        tuple(strokes), kept["width"], kept["height"], image.prompt or "", inks.pen_from_json(kept["pen"]), look, scale, kept["device"]
    )  # fmt: skip


def progress(project: Project) -> list[WriterProgress]:
    """How far every writer is, by code, whatever their boxes came from."""
    with project.read() as session:
        boxes = session.execute(
            select(ImageRow.writer_id, BoxRow.class_id, func.count())
            .join(ImageRow, ImageRow.id == BoxRow.image_id)
            .where(ImageRow.writer_id.is_not(None))
            .group_by(ImageRow.writer_id, BoxRow.class_id)
        ).all()
        pages = session.execute(
            select(ImageRow.writer_id, func.count(), func.count().filter(ImageRow.state != "reviewed"))
            .where(ImageRow.writer_id.is_not(None))
            .group_by(ImageRow.writer_id)
        ).all()
    digits: dict[int, dict[int, int]] = {}
    for writer_id, class_id, count in boxes:
        digits.setdefault(writer_id or 0, {})[class_id] = count
    counts = {writer_id: (n, waiting) for writer_id, n, waiting in pages}
    return [WriterProgress(w.code, digits.get(w.id, {}), *counts.get(w.id, (0, 0))) for w in images.writers(project)]


def summary(project: Project, since: datetime, until: datetime) -> Summary:
    """What the pad brought in between two moments."""
    mine = (ImageRow.kind == KIND, ImageRow.added_at >= since, ImageRow.added_at <= until)
    with project.read() as session:
        rows = session.execute(
            select(ImageRow.id, ImageRow.state, WriterRow.code)
            .outerjoin(WriterRow, WriterRow.id == ImageRow.writer_id)
            .where(*mine)
        ).all()
        boxes = (
            session.scalar(select(func.count(BoxRow.id)).join(ImageRow, ImageRow.id == BoxRow.image_id).where(*mine))
            or 0
        )
    codes = tuple(sorted({code for _, _, code in rows if code is not None}))
    waiting = sum(state != "reviewed" for _, state, _ in rows)
    return Summary(len(rows), boxes, waiting, codes, (until - since).total_seconds() / 60)


def _check_prompt(project: Project, asked: str) -> None:
    unknown = sorted({c for c in asked if c not in DIGITS or c not in project.classes})
    if unknown:
        raise BadInput(tr("This project has no class {name}, so it cannot be asked for.", name=unknown[0]))


def _settings(page: InkPage, labels: Labels, reading: Reading | None, names: Sequence[str]) -> dict[str, Any]:
    look = page.look
    kept: dict[str, Any] = {
        "width": page.width, "height": page.height, "scale": page.scale, "device": page.device, "pen": inks.pen_to_json(page.pen),
        "paper": str(look.paper), "ink": look.ink, "ground": look.ground, "lines": look.lines, "pitch": look.pitch,
    }  # fmt: skip
    if labels.boxes:
        kept["groups"] = [list(run) for run in labels.groups]
    if reading is not None and labels.boxes:
        found = outcome(labels.boxes, reading.detections)
        kept["read"] = {
            "model": reading.model,
            "right": {names[c]: n for c, n in found.right.items()},
            "wrong": {names[c]: n for c, n in found.wrong.items()},
        }
    return kept


def _name(page: InkPage, writer: str | None) -> str:
    return " ".join(filter(None, (writer, page.prompt or tr("free writing")))) + ".png"
