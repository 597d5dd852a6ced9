"""Paper: printing sheets for writers, and making labelled images of the photos that come back. Never guesses whose a sheet is."""

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.core import sheets as layouts
from labeler.core.boxes import Box, Detection, Rect, clip
from labeler.core.changes import Changes
from labeler.core.doubts import Doubt, Kind
from labeler.core.doubts import from_json as doubts_from_json
from labeler.core.errors import BadInput, NotFound, UserError
from labeler.core.i18n import tr
from labeler.core.sheets import HEADER, INSET, MARGIN, MARK, Layout, Paper, Sheet, layout
from labeler.detect.detector import Detector, Picture
from labeler.formats import pixels, rasters, sheet_cells, sheet_pdf, sheet_photo
from labeler.formats.sheet_cells import CellInk
from labeler.services import _removal, _store, images, models, suggesting
from labeler.services._cells import label_cell
from labeler.services.project import Project
from labeler_db.models import ImageRow

KIND, CELL_KIND = "sheet", "cell"
PIXELS_PER_MM = 8.0
PRINTED, KEEP = "sheets", "sheets.keep"
"""Settings: the codes of the sheets printed, and whether a sheet is kept whole or cut into cells."""
CELL_BORDER = 1.3
"""Millimetres around a cell that are cut out with it."""
READ_WIDTH = 84.0
"""Millimetres of a row that the model sees at once: digits are then about as large as on other pages."""


@dataclass(frozen=True, slots=True)
class PrintReport:
    """What was printed. `digits` are the digits asked for on one sheet."""

    path: Path
    sheets: int
    writers: tuple[str, ...]
    digits: int


@dataclass(frozen=True, slots=True)
class FilledSheet:
    """A sheet found in a photo. `sheet` is None where its code cannot be read: then it has no cells, and `picture` is all of it.

    Else `picture` is the part with the cells, straightened, `PIXELS_PER_MM`, its printed prompts painted over; boxes of `cells` are
    in its pixels, and `seen` what the current model read there.
    """

    sheet: Sheet | None
    picture: Picture
    cells: tuple[CellInk, ...] = ()
    seen: tuple[Detection, ...] = ()


@dataclass(frozen=True, slots=True)
class Incoming:
    """A sheet on its way in: the images that it becomes, and what a model suggests on them where a person must look."""

    images: tuple[_store.NewImage, ...]
    model_id: int | None = None
    seen: tuple[Detection, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """The images that a sheet became."""

    image_ids: tuple[int, ...]
    added: int
    duplicates: int
    boxes: int


def print_sheets(
    project: Project, out: Path, *, writers: Sequence[str], digits: str = layouts.DIGITS, paper: Paper = Paper.A4,
    rows: int | None = None, lines: int = 2, copies: int = 1,
) -> PrintReport:  # fmt: skip
    """Write a PDF with `copies` different sheets for each writer; writers that are new are added. Raises `UserError`."""
    named = list(dict.fromkeys(w.strip() for w in writers if w.strip()))
    if not named:
        raise BadInput(tr("Name at least one writer."), tr("For example: --writers S01,S02,S03"))
    unknown = sorted({d for d in digits if project.class_id(d) is None})
    if unknown:
        raise BadInput(tr("This project has no class {name}, so it cannot be asked for.", name=unknown[0]))
    count = layouts.most_rows(paper, lines) if rows is None else rows
    made = [Sheet(w, paper, digits, count, lines, seed) for w in named for seed in range(copies)]
    for sheet in made:
        _check(sheet)
    data = sheet_pdf.pdf(made)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(data)
    except OSError as error:
        raise UserError(
            tr("{path} cannot be written: {reason}", path=out, reason=error.strerror or error),
            tr("Choose a folder you may write to."),
        ) from error
    with project.write(Changes(library=True)) as session:
        for code in named:
            _store.writer(session, code)
    codes = [layouts.encode(sheet) for sheet in made]
    project.set_setting(PRINTED, list(dict.fromkeys([*printed_codes(project), *codes])))
    return PrintReport(out.resolve(), len(made), tuple(named), sum(len(c.prompt) for c in layout(made[0]).cells))


def printed(project: Project) -> list[Sheet]:
    """The sheets printed for this project, in order."""
    return [s for s in map(layouts.decode, printed_codes(project)) if s is not None]


def printed_codes(project: Project) -> list[str]:
    """Their codes."""
    kept = project.setting(PRINTED, [])
    return [str(code) for code in kept] if isinstance(kept, list) else []


def keep_whole(project: Project) -> bool:
    """Whether a sheet becomes one image, and not one for each cell."""
    return bool(project.setting(KEEP, "whole") != "cells")


def set_keep_whole(project: Project, whole: bool) -> None:
    """Choose that."""
    project.set_setting(KEEP, "whole" if whole else "cells")


class SheetReader:
    """Finds sheets in pictures and reads them. Safe to call from several threads; the model is loaded with the first sheet."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._lock = threading.Lock()
        self._model: models.Model | None = None
        self._detector: Detector | None = None

    def take(self, data: bytes, upright: pixels.Upright, *, name: str, source: str) -> Incoming | None:
        """The images that the sheet in a picture becomes; None where there is none in it. `data` is the file, `upright` it normalised."""
        if not sheet_photo.may_be_sheet(pixels.glance(upright.data, side=sheet_photo.LOOK)):
            return None
        filled = self.read(pixels.decode(upright.data))
        return None if filled is None else self.incoming(filled, data=data, name=name, source=source)

    def incoming(self, filled: FilledSheet, *, data: bytes, name: str, source: str) -> Incoming:
        """The images of a sheet that was read."""
        made = tuple(new_images(self._project, filled, data=data, name=name, source=source))
        doubtful = filled.sheet is not None and keep_whole(self._project) and bool(made[0].doubts)
        return Incoming(made, self._model.id, filled.seen) if doubtful and self._model is not None else Incoming(made)

    def read(self, photo: Picture, *, sheet: Sheet | None = None) -> FilledSheet | None:
        """The sheet in a picture, None where there is none. `sheet` is what a person says it is, where its code says nothing."""
        placing = sheet_photo.find(photo)
        if placing is None:
            return None
        known = sheet if sheet is not None else sheet_photo.read_code(photo, placing)
        if known is None or known.paper is not placing.paper:
            width, height = layouts.SIZES[placing.paper]
            return FilledSheet(None, _straight(photo, placing, Rect(0, 0, width, height)))
        where, part = layout(known), body(known.paper)
        picture = _straight(photo, placing, part)
        cells = tuple(sheet_cells.read_cells(picture, where.cells, part, pixels_per_mm=PIXELS_PER_MM))
        picture = sheet_cells.without_prompts(picture, where.cells, part, pixels_per_mm=PIXELS_PER_MM)
        return FilledSheet(known, picture, cells, self._look(picture, where, part))

    def _look(self, picture: Picture, where: Layout, part: Rect) -> tuple[Detection, ...]:
        """What the model reads, row by row, in the pixels of the whole picture and the project's classes."""
        with self._lock:
            if self._detector is None:
                self._model = models.current(self._project)
                self._detector = models.detector(self._project, self._model.name)
            model, detector = self._model, self._detector
        assert model is not None
        to_project = models.class_map(self._project, model)
        corners = [(x, y, picture[y : y + h, x : x + w]) for x, y, w, h in _windows(where, part)]
        found = detector.detect([crop for _, _, crop in corners], min_score=0.1)
        return tuple(
            replace(d, x=d.x + x, y=d.y + y)
            for (x, y, _), seen in zip(corners, found, strict=True)
            for d in map(to_project, seen)
            if d is not None
        )


def body(paper: Paper) -> Rect:
    """The part of a sheet that is kept: the cells, without marks, code and writer."""
    width, height = layouts.SIZES[paper]
    return Rect(MARGIN - 2.0, HEADER, width - 2 * MARGIN + 4.0, height - HEADER - INSET - MARK - 1.0)


def new_images(project: Project, filled: FilledSheet, *, data: bytes, name: str, source: str) -> list[_store.NewImage]:
    """The images that a sheet becomes: itself with its boxes, or one for each cell that is written in. `data` is the photo's file."""
    if filled.sheet is None:
        return [_image(rasters.jpeg(filled.picture), data, name, source, doubts=(Doubt(Kind.CODE),))]
    read = [label_cell(cell, filled.seen, project.classes) for cell in filled.cells]
    if keep_whole(project):
        boxes = tuple(b for found, _ in read for b in found)
        doubts = tuple(d for _, found in read for d in found)
        made = _image(
            rasters.jpeg(filled.picture), data, name, source, writer=filled.sheet.writer, boxes=boxes, doubts=doubts
        )
        return [made]
    return [
        _cut(filled, cell, boxes, doubts, name=name, source=source)
        for cell, (boxes, doubts) in zip(filled.cells, read, strict=True)
        if boxes or doubts
    ]


def keep(session: Session, sheet: Incoming, *, writer: str | None = None) -> Kept:
    """Write a sheet's images within the caller's transaction. `writer` is what is known of a sheet that does not say it itself."""
    kept = [_store.add_image(session, new if new.writer else replace(new, writer=writer)) for new in sheet.images]
    if sheet.model_id is not None and not kept[0].duplicate:
        suggesting.keep_in(session, sheet.model_id, kept[0].image_id, sheet.seen)
    added = [k for k in kept if not k.duplicate]
    return Kept(tuple(k.image_id for k in kept), len(added), len(kept) - len(added), sum(k.boxes for k in kept))


def unknown(project: Project) -> list[int]:
    """Images of sheets whose code could not be read, oldest first: a person must say which they are."""
    with project.read() as session:
        rows = session.execute(
            select(ImageRow.id, ImageRow.doubts)
            .where(ImageRow.kind == KIND, ImageRow.doubts.is_not(None))
            .order_by(ImageRow.id)
        )
        return [i for i, kept in rows if any(d.kind is Kind.CODE for d in doubts_from_json(kept))]


def say_which(project: Project, image_id: int, sheet: Sheet) -> Kept:
    """A person says which sheet an image with an unreadable code is: it is read again as that one. Raises `UserError`, `NotFound`."""
    _check(sheet)
    image = images.images(project, [image_id])
    if not image or image[0].kind != KIND:
        raise NotFound(tr("Image {id} is no sheet.", id=image_id))
    data = images.original(project, image_id)
    reader = SheetReader(project)
    filled = reader.read(pixels.decode(pixels.normalise(data).data), sheet=sheet)
    if filled is None or filled.sheet is None:
        raise UserError(
            tr("This is not a sheet of that kind: its marks are those of another paper."), tr("Choose another sheet.")
        )
    made = reader.incoming(filled, data=data, name=image[0].name, source=image[0].source)
    with project.write(Changes(library=True)) as session:
        _removal.remove_images(session, [image_id])
        return keep(session, made)


def _check(sheet: Sheet) -> None:
    words = {
        "writer": tr("The writer’s code {code} is empty or too long for a sheet.", code=sheet.writer),
        "digits": tr("A sheet asks for the digits 0 to 9, each given once or more, and nothing else."),
        "lines": tr("There is no room for so many lines."),
        "rows": tr("There is room for 1 to {most} rows of boxes.", most=layouts.most_rows(sheet.paper, sheet.lines)),
        "seed": tr("There are too many copies."),
    }
    found = layouts.problem(sheet)
    if found:
        raise BadInput(words[found])


def _straight(photo: Picture, placing: sheet_photo.Placing, part: Rect) -> Picture:
    return sheet_photo.straighten(photo, placing, part, pixels_per_mm=PIXELS_PER_MM)


def _windows(where: Layout, part: Rect) -> list[tuple[int, int, int, int]]:
    """Pieces of the picture for the model, as x, y, w, h in pixels: each row of cells in two halves."""
    k, out = PIXELS_PER_MM, []
    for y in sorted({cell.rect.y for cell in where.cells}):
        row = [cell.rect for cell in where.cells if cell.rect.y == y]
        left, right = row[0].x - CELL_BORDER, row[-1].right + CELL_BORDER
        top = y - CELL_BORDER
        height = row[0].h + 2 * CELL_BORDER
        for x in (left, max(left, right - READ_WIDTH)):
            out.append(
                (
                    round((x - part.x) * k),
                    round((top - part.y) * k),
                    round(min(READ_WIDTH, right - left) * k),
                    round(height * k),
                )
            )
    return out


def _image(
    picture: bytes, data: bytes, name: str, source: str, *, writer: str | None = None, boxes: tuple[Box, ...] | None = None,
    doubts: tuple[Doubt, ...] = (),
) -> _store.NewImage:  # fmt: skip
    return _store.NewImage(
        sha256=hashlib.sha256(data).hexdigest(), data=data, upright=pixels.normalise(picture), name=name, source=source, writer=writer,
        boxes=boxes, kind=KIND, doubts=doubts,
    )  # fmt: skip


def _cut(
    filled: FilledSheet, cell: CellInk, boxes: Sequence[Box], doubts: tuple[Doubt, ...], *, name: str, source: str
) -> _store.NewImage:
    """The image of one cell."""
    assert filled.sheet is not None
    k, part, r = PIXELS_PER_MM, body(filled.sheet.paper), cell.cell.rect
    x1, y1 = round((r.x - CELL_BORDER - part.x) * k), round((r.y - CELL_BORDER - part.y) * k)
    x2, y2 = round((r.right + CELL_BORDER - part.x) * k), round((r.bottom + CELL_BORDER - part.y) * k)
    crop = filled.picture[y1:y2, x1:x2]
    data = rasters.png(crop)
    moved = tuple(b.placed(clip(Rect(b.x - x1, b.y - y1, b.w, b.h), x2 - x1, y2 - y1)) for b in boxes)
    return _store.NewImage(
        sha256=hashlib.sha256(data).hexdigest(), data=data, upright=pixels.normalise(data), name=f"{Path(name).stem} {cell.cell.name}.png",
        source=source, writer=filled.sheet.writer, boxes=moved or None, kind=CELL_KIND, prompt=cell.cell.prompt, doubts=doubts,
    )  # fmt: skip
