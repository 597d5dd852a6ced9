"""What the desk's benchmarks open: `python tests/benchmarks/desk_work.py big|pages|library FOLDER [COUNT]` makes it.

`big`: one picture of 4000 × 3000 pixels with 2,000 boxes. `pages`: pages of 640 × 480 with twelve boxes each, no two alike. `library`:
the same page very often. Each is made twice: FOLDER/project for Labeler, and FOLDER/files with labelme's JSON beside the pictures.
A process of its own makes it, so that nothing it needs counts as memory of the app.
"""

import argparse
import os
import random
import shutil
import sqlite3
import sys
import uuid
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from labeler.core.boxes import Box, Rect, new_box
from labeler.core.edits import Edit, Side
from labeler.formats import labelme
from labeler.formats.sample import Page
from labeler.services import importing, labeling
from labeler.services.project import Project
from tests.helpers import handwriting
from tests.helpers.pictures import encoded

BIG = (4000, 3000)
SMALL = (640, 480)
LINKS = 10_000
"""To one file: file systems allow so many and not many more."""
DISTINCT = 50
"""Pages of handwriting that are drawn; further ones differ in a mark at their edge."""


def big(folder: Path, _count: int) -> None:
    """Short strokes all over, and boxes anywhere. Labeler's project has an empty page before it, to come from."""
    from PIL import Image, ImageDraw

    rng = random.Random(1)
    width, height = BIG
    picture = Image.new("RGB", BIG, (238, 236, 230))
    pen = ImageDraw.Draw(picture)
    for _ in range(4000):
        x, y = rng.randrange(width), rng.randrange(height)
        pen.line((x, y, x + rng.randrange(-30, 30), y + rng.randrange(-40, 40)), (40, 45, 90), 5)
    boxes = [
        new_box(Rect(rng.uniform(0, 3930), rng.uniform(0, 2910), rng.uniform(30, 70), rng.uniform(40, 90)), n % 10)
        for n in range(2000)
    ]
    file = folder / "files" / "big.jpg"
    file.write_bytes(encoded(np.asarray(picture), "JPEG", quality=90))
    empty = folder / "empty.png"
    empty.write_bytes(encoded(np.full((480, 640, 3), 255, np.uint8)))
    with Project.create(folder / "project") as project:
        _keep(project, [empty, file], [[], boxes])
    _beside(file, boxes, BIG)


def pages(folder: Path, count: int) -> None:
    """Handwriting; the number of each page is written into its upper edge, so that no two are the same picture."""
    drawn = [handwriting.page(n, digits=12, width=SMALL[0], height=SMALL[1]) for n in range(DISTINCT)]
    with Project.create(folder / "project") as project:
        for first in range(0, count, DISTINCT):
            numbers = range(first, min(first + DISTINCT, count))
            files = [folder / "files" / f"{n:06d}.jpg" for n in numbers]
            boxes = [[new_box(rect, digit) for digit, rect in drawn[n % DISTINCT].boxes] for n in numbers]
            for n, file, on_page in zip(numbers, files, boxes, strict=True):
                file.write_bytes(_numbered(drawn[n % DISTINCT].picture, n))
                _beside(file, on_page, SMALL)
            _keep(project, files, boxes)


def library(folder: Path, count: int) -> None:
    """Rows as an import and an annotator leave them, written by SQL: a hundred thousand pages in seconds. Files are hard links."""
    page = handwriting.page(1, digits=12, width=SMALL[0], height=SMALL[1])
    files = folder / "files"
    first = files / "000000.jpg"
    first.write_bytes(page.jpeg())
    boxes = [new_box(rect, digit) for digit, rect in page.boxes]
    with Project.create(folder / "project") as project:
        _keep(project, [first], [boxes])
        database = project.file
    _multiply(database, count)
    _beside(first, boxes, SMALL)
    text = first.with_suffix(".json").read_text()
    for n in range(1, count):
        if n % LINKS == 0:
            first = Path(shutil.copy(first, files / f"{n:06d}.jpg"))
        else:
            os.link(first, files / f"{n:06d}.jpg")
        (files / f"{n:06d}.json").write_text(text.replace("000000.jpg", f"{n:06d}.jpg"))


def _multiply(database: Path, count: int) -> None:
    with sqlite3.connect(database) as db:
        columns = [c[1] for c in db.execute("PRAGMA table_info(images)")]
        row = dict(zip(columns, db.execute("SELECT * FROM images").fetchone(), strict=True))
        (thumbnail,) = db.execute("SELECT data FROM thumbnails").fetchone()
        (picture,) = db.execute("SELECT data FROM blobs WHERE sha256 = ?", (row["sha256"],)).fetchone()
        boxes = db.execute("SELECT class_id, x, y, w, h FROM boxes").fetchall()
        ids = range(row["id"] + 1, row["id"] + count)
        # The first pages are real to the last byte, so that they can be walked; what is never opened needs no picture.
        data = ((f"{n:064x}", picture if n < row["id"] + 100 else b"\0") for n in ids)
        db.executemany("INSERT INTO blobs (sha256, data) VALUES (?, ?)", data)
        rows = (row | {"id": n, "sha256": f"{n:064x}", "name": f"{n:06d}.jpg"} for n in ids)
        marks = ", ".join("?" for _ in columns)
        db.executemany(
            f"INSERT INTO images ({', '.join(columns)}) VALUES ({marks})", (tuple(r[c] for c in columns) for r in rows)
        )
        db.executemany("INSERT INTO thumbnails (image_id, data) VALUES (?, ?)", ((n, thumbnail) for n in ids))
        db.executemany(
            "INSERT INTO boxes (id, image_id, class_id, x, y, w, h, origin) VALUES (?, ?, ?, ?, ?, ?, ?, 'person')",
            ((uuid.uuid4().hex, n, *box) for n in ids for box in boxes),
        )
    db.close()


def _keep(project: Project, files: list[Path], boxes: list[list[Box]]) -> None:
    for image_id, on_page in zip(importing.import_paths(project, files).image_ids, boxes, strict=True):
        labeling.apply(project, Edit(image_id, "Draw boxes", after=Side(tuple(on_page))))


def _beside(file: Path, boxes: list[Box], size: tuple[int, int]) -> None:
    """labelme's JSON for a picture: written as an export would, then moved beside it."""
    page = Page(file.stem, file.suffix, *size, "train", tuple(boxes), "")
    folder = file.parent.parent / "labelme"
    labelme.write(folder, [page], [str(n) for n in range(10)], link=lambda _page, _path: None)
    (folder / "train" / f"{file.stem}.json").rename(file.with_suffix(".json"))


def _numbered(picture: np.ndarray, number: int) -> bytes:
    bits = np.frombuffer(np.binary_repr(number, 16).encode(), np.uint8) - ord("0")
    marked = picture.copy()
    marked[:8, :128] = 255 - 160 * np.kron(bits, np.ones(8, np.uint8))[None, :, None]
    return encoded(marked, "JPEG", quality=92)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=("big", "pages", "library"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("count", type=int, nargs="?", default=1)
    options = parser.parse_args()
    (options.folder / "files").mkdir(parents=True)
    {"big": big, "pages": pages, "library": library}[options.kind](options.folder, options.count)


if __name__ == "__main__":
    main()
