"""Paper there and back: printed, filled in, photographed, imported. Writers are read for certain or not at all."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest

from labeler.core.boxes import Origin, Rect, ReviewState, iou
from labeler.core.doubts import Kind
from labeler.core.errors import BadInput, NotFound
from labeler.core.sheets import Paper, Sheet, layout
from labeler.formats import pixels, sheet_photo
from labeler.services import images, importing, labeling, sheets, versions
from labeler.services.project import Project
from labeler.training.strokes.prompted import drawn
from tests.helpers import sheet_camera
from tests.helpers.command import Outcome

HANDS = drawn(2, each=3, seed=4)
HAND = HANDS["drawn-0"]
PX = sheets.PIXELS_PER_MM


@pytest.fixture(scope="module")
def page() -> sheet_camera.Page:
    """A sheet filled in with some cells empty, struck out and overrun."""
    return sheet_camera.filled(Sheet("S07", rows=4, lines=1, seed=3), HAND, seed=5, odd=0.3)


@pytest.fixture(scope="module")
def clean() -> sheet_camera.Page:
    """A sheet with every cell written in as asked."""
    return sheet_camera.filled(Sheet("班 3", Paper.LETTER, rows=2, lines=0, seed=9), HAND, seed=6, odd=0.0)


def read(photo: sheet_camera.Photo) -> np.ndarray:
    return np.ascontiguousarray(cv2.imdecode(np.frombuffer(photo.jpeg, np.uint8), 1)[..., ::-1])


def truth(page: sheet_camera.Page, photo: sheet_camera.Photo, picture: np.ndarray, sheet: Sheet) -> dict[int, Rect]:
    """Where each digit's ink lies in the straightened picture, by the simulation's own map and not by what was read."""
    placing = sheet_photo.find(read(photo))
    assert placing is not None
    height, width = picture.shape[:2]
    where = sheet_photo._map(placing, sheets.body(sheet.paper), width, height)
    x, y = (
        cv2.remap(photo.where[..., i].astype(np.float32), where[..., 0], where[..., 1], cv2.INTER_LINEAR)
        for i in (0, 1)
    )
    ids = cv2.remap(page.ids, x - 0.5, y - 0.5, cv2.INTER_NEAREST)
    found = {}
    for number in np.unique(ids[ids > 0]).tolist():
        rows, columns = np.nonzero(ids == number)
        left, top = float(columns.min()), float(rows.min())
        found[number] = Rect(left, top, float(columns.max() + 1 - left), float(rows.max() + 1 - top))
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_photo_of_a_sheet_gives_its_writer_and_a_box_for_each_digit(
    project: Project, page: sheet_camera.Page, tmp_path: Path, seed: int
) -> None:
    photo = sheet_camera.photographed(page.picture, seed=seed)
    path = tmp_path / "IMG é.jpg"
    path.write_bytes(photo.jpeg)
    report = importing.import_paths(project, [path])
    assert (report.added, report.rejected) == (1, ())
    found = labeling.page(project, report.image_ids[0])
    assert (found.image.writer, found.image.kind) == ("S07", "sheet")
    picture = pixels.decode(images.picture(project, found.image.id))
    there = truth(page, photo, picture, page.sheet)
    boxes = [(b.class_id, b) for b in found.boxes]
    written = [c for c in page.cells if c.kind == "written"]
    good = [
        max((iou(box, there[i]) for class_id, box in boxes if class_id == int(digit)), default=0.0)
        for cell in written
        for digit, i in zip(cell.cell.prompt, cell.ids, strict=True)
        if i in there
    ]
    assert np.mean(good) > 0.85
    assert np.mean([g > 0.7 for g in good]) > 0.9
    assert {b.origin for b in found.boxes} <= {Origin.INK}
    assert len(boxes) <= sum(len(c.cell.prompt) for c in written)
    assert images.original(project, found.image.id) == photo.jpeg


def test_ink_that_leaves_its_cell_goes_to_a_person_and_the_sheet_does_not_count_until_then(
    project: Project, page: sheet_camera.Page, tmp_path: Path
) -> None:
    (tmp_path / "scan.jpg").write_bytes(sheet_camera.scanned(page.picture, seed=1).jpeg)
    report = importing.import_paths(project, [tmp_path / "scan.jpg"])
    found = labeling.page(project, report.image_ids[0])
    left = {c.cell.name for c in page.cells if c.kind == "leaves"}
    told = {d.place for d in found.image.doubts if d.kind is Kind.LEAVES_CELL}
    assert left
    assert len(left & told) >= len(left) - 1
    assert found.image.state is not ReviewState.REVIEWED
    assert found.boxes
    with pytest.raises(Exception, match="nothing to freeze"):
        versions.freeze(project)


def test_a_clean_sheet_is_labelled_without_a_person(project: Project, clean: sheet_camera.Page, tmp_path: Path) -> None:
    (tmp_path / "scan.jpg").write_bytes(sheet_camera.scanned(clean.picture, seed=2, dpi=300).jpeg)
    report = importing.import_paths(project, [tmp_path / "scan.jpg"])
    found = labeling.page(project, report.image_ids[0])
    assert found.image.writer == "班 3"
    told = [d for d in found.image.doubts if d.kind is not Kind.DISAGREES]
    assert told == []
    asked = sorted(int(c.cell.prompt) for c in clean.cells)
    if not found.image.doubts:
        assert found.image.state is ReviewState.REVIEWED
        assert sorted(b.class_id for b in found.boxes) == asked


def test_a_sheet_cut_into_cells_is_an_image_for_each_digit(
    project: Project, clean: sheet_camera.Page, tmp_path: Path
) -> None:
    sheets.set_keep_whole(project, False)
    (tmp_path / "scan.jpg").write_bytes(sheet_camera.scanned(clean.picture, seed=2).jpeg)
    report = importing.import_paths(project, [tmp_path / "scan.jpg"])
    assert report.added == 20
    for image in images.images(project, list(report.image_ids)):
        found = labeling.page(project, image.id)
        assert (image.writer, image.kind) == ("班 3", "cell")
        assert [str(b.class_id) for b in found.boxes] == ([] if image.doubts else [image.prompt])


def test_the_same_photo_twice_is_kept_once(project: Project, clean: sheet_camera.Page, tmp_path: Path) -> None:
    (tmp_path / "scan.jpg").write_bytes(sheet_camera.scanned(clean.picture, seed=2).jpeg)
    first = importing.import_paths(project, [tmp_path / "scan.jpg"])
    second = importing.import_paths(project, [tmp_path / "scan.jpg"])
    assert (second.added, second.duplicates) == (0, 1)
    assert second.image_ids == first.image_ids


def test_a_sheet_whose_code_cannot_be_read_has_no_writer_until_a_person_says_which_it_is(
    project: Project, clean: sheet_camera.Page, tmp_path: Path
) -> None:
    blot, code = clean.picture.copy(), layout(clean.sheet).code
    k = sheet_camera.DENSITY
    blot[int(code.y * k) : int(code.bottom * k), int((code.x + 8) * k) : int((code.x + 20) * k)] = 30
    (tmp_path / "scan.jpg").write_bytes(sheet_camera.scanned(blot, seed=2).jpeg)
    report = importing.import_paths(project, [tmp_path / "scan.jpg"])
    found = labeling.page(project, report.image_ids[0])
    assert found.image.writer is None
    assert found.boxes == ()
    assert [d.kind for d in found.image.doubts] == [Kind.CODE]
    assert sheets.unknown(project) == [found.image.id]
    with pytest.raises(Exception, match="another paper"):
        sheets.say_which(project, found.image.id, Sheet("S07"))
    kept = sheets.say_which(project, found.image.id, clean.sheet)
    assert images.images(project, list(kept.image_ids))[0].writer == "班 3"
    assert kept.boxes >= 18
    assert sheets.unknown(project) == []
    with pytest.raises(NotFound):
        sheets.say_which(project, 999, clean.sheet)


def test_an_ordinary_picture_is_no_sheet(project: Project, handwritten: Callable[..., tuple[Path, object]]) -> None:
    path, _ = handwritten("page.png", width=1600, height=1200)
    report = importing.import_paths(project, [path])
    assert images.images(project, list(report.image_ids))[0].kind == "picture"


def test_half_a_sheet_is_an_ordinary_picture(project: Project, clean: sheet_camera.Page, tmp_path: Path) -> None:
    half = clean.picture[: clean.picture.shape[0] // 3]
    cv2.imwrite(str(tmp_path / "half.png"), half[..., ::-1])
    report = importing.import_paths(project, [tmp_path / "half.png"])
    assert images.images(project, list(report.image_ids))[0].kind == "picture"


def test_sheets_come_out_of_a_scanned_pdf(project: Project, clean: sheet_camera.Page, tmp_path: Path) -> None:
    from PIL import Image

    pages = [Image.fromarray(read(sheet_camera.scanned(clean.picture, seed=s))) for s in (2, 3)]
    pages[0].save(tmp_path / "scans.pdf", save_all=True, append_images=pages[1:], resolution=200)
    report = importing.import_paths(project, [tmp_path / "scans.pdf"])
    assert report.added == 2
    assert {i.writer for i in images.images(project, list(report.image_ids))} == {"班 3"}


def test_printing_adds_the_writers_and_remembers_the_sheets(project: Project, tmp_path: Path) -> None:
    out = tmp_path / "打印" / "sheets.pdf"
    report = sheets.print_sheets(project, out, writers=["S01", " S02 ", "S01"], copies=2)
    assert (report.sheets, report.writers, report.digits) == (4, ("S01", "S02"), 92)
    document = pypdfium2.PdfDocument(out.read_bytes())
    assert len(document) == 4
    document.close()
    assert [w.code for w in images.writers(project)] == ["S01", "S02"]
    assert [s.writer for s in sheets.printed(project)] == ["S01", "S01", "S02", "S02"]


@pytest.mark.parametrize(
    "options", [{"writers": []}, {"writers": ["x" * 60]}, {"digits": ""}, {"digits": "1a"}, {"rows": 99}]
)
def test_what_cannot_be_printed_is_refused_and_adds_nobody(
    project: Project, tmp_path: Path, options: dict[str, object]
) -> None:
    with pytest.raises(BadInput):
        sheets.print_sheets(project, tmp_path / "a.pdf", **{"writers": ["S01"], **options})  # type: ignore[arg-type]
    assert images.writers(project) == []
    assert not (tmp_path / "a.pdf").exists()


def test_the_command_prints_sheets(folder_of: Path, labeler: Callable[..., Outcome], tmp_path: Path) -> None:
    told = labeler(
        "sheet", folder_of, "--writers", "S01,S02", "--digits", "0-4,7", tmp_path / "out.pdf", "--rows", 3, "--json"
    ).ok()
    assert told.json["sheets"] == 2
    assert told.json["writers"] == ["S01", "S02"]
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF")
    assert labeler("sheet", folder_of, "--writers", ",", tmp_path / "no.pdf").code == 2


def test_the_command_cuts_sheets_where_it_is_told_to(
    folder_of: Path, labeler: Callable[..., Outcome], clean: sheet_camera.Page, tmp_path: Path
) -> None:
    (tmp_path / "scan.jpg").write_bytes(sheet_camera.scanned(clean.picture, seed=2).jpeg)
    told = labeler("import", folder_of, tmp_path / "scan.jpg", "--sheets", "cells", "--json").ok()
    assert told.json["added"] == 20


@pytest.fixture
def folder_of(project: Project) -> Path:
    project.close()
    return project.folder
