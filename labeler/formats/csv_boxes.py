"""A table of boxes for spreadsheets and statistics: a row a box in pixels, a row without class for a blank page.

`classes.txt` beside it keeps the order of the classes. Reads what it writes, and tables with the same column names.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from labeler.core.boxes import Rect
from labeler.core.errors import BadInput, UserError
from labeler.core.i18n import tr
from labeler.formats.album import Album, Size
from labeler.formats.outside import files_under, number, page_rect, read_bytes, split_named, text_of
from labeler.formats.sample import Dataset, LabelledBox, Link, Page, SizeOf, in_order

TABLE = "boxes.csv"
CLASSES = "classes.txt"
COLUMNS = ("image", "split", "width", "height", "class", "x", "y", "w", "h")

_Row = dict[str, str]


def detect(path: Path) -> bool:
    """Whether `path` is such a table or a folder that holds one."""
    files = [path] if path.is_file() else files_under(path, [])
    return any(_looks_like(file) for file in files if file.suffix.lower() == ".csv")


def _looks_like(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            first = stream.readline(1000)
    except OSError:
        return False
    return {"image", "class", "x", "y", "w", "h"} <= set(first.decode("utf-8-sig", "replace").strip().split(","))


def read(path: Path, *, size_of: SizeOf) -> Dataset:
    """The data set at a table, its pictures below the table's folder, or at a folder of both. Raises UserError without a table."""
    album = Album(path, size_of=size_of)
    files = [path] if path.is_file() else [f for f in album.files if f.suffix.lower() == ".csv" and _looks_like(f)]
    if not files:
        columns = ", ".join(COLUMNS)
        raise UserError(
            tr("No table of boxes was found in {path}.", path=path), tr("Its first line is {columns}.", columns=columns)
        )
    for file in files:
        try:
            _read_table(file, album)
        except BadInput as error:
            album.reject(file, error.message)
    return album.dataset(_listed(album))


def _read_table(file: Path, album: Album) -> None:
    by_image: dict[str, list[tuple[str, _Row]]] = {}
    try:
        table = csv.DictReader(io.StringIO(text_of(read_bytes(file))), restval="")
        if not set(COLUMNS) - {"split", "width", "height"} <= set(table.fieldnames or ()):
            raise BadInput(tr("Its first line must name the columns {columns}.", columns=", ".join(COLUMNS)))
        for row in table:
            by_image.setdefault(row["image"], []).append((tr("Line {line}", line=table.line_num), row))
    except csv.Error as error:
        raise BadInput(tr("It is not a readable table: {reason}.", reason=error)) from error
    for image, rows in by_image.items():
        what, first = rows[0]
        try:
            declared = number(first.get("width") or "0"), number(first.get("height") or "0")
        except BadInput as error:
            album.reject(file, error.message, what=what)
            continue
        boxes = [(place, row) for place, row in rows if any(row[key] for key in ("class", "x", "y", "w", "h"))]
        split = split_named([first.get("split") or ""])
        album.label(file, image, boxes, _box, declared=declared, split=split, what=what)


def _box(row: _Row, size: Size) -> LabelledBox:
    name = row["class"].strip()
    if not name:
        raise BadInput(tr("It has no class name."))
    x, y, w, h = (number(row[key]) for key in ("x", "y", "w", "h"))
    width, height = size
    return LabelledBox(page_rect(Rect(x, y, w, h), width=width, height=height), name)


def _listed(album: Album) -> Iterator[str]:
    file = album.home / CLASSES
    if file in album.files:
        try:
            yield from (line.strip() for line in text_of(read_bytes(file)).splitlines() if line.strip())
        except BadInput as error:
            album.reject(file, error.message)


def write(folder: Path, pages: Iterable[Page], classes: Sequence[str], *, link: Link) -> None:
    """`images/<split>/`, `boxes.csv` and `classes.txt`."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for page in sorted(pages, key=lambda page: page.name):
        place = folder / "images" / page.split
        place.mkdir(parents=True, exist_ok=True)
        link(page, place / page.file_name)
        start = (f"images/{page.split}/{page.file_name}", page.split, page.width, page.height)
        table.writerows(
            (*start, classes[b.class_id], *(f"{value:.3f}" for value in (b.x, b.y, b.w, b.h)))
            for b in in_order(page.boxes)
        )
        if not page.boxes:
            table.writerow((*start, "", "", "", "", ""))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TABLE).write_bytes(text.getvalue().encode())
    (folder / CLASSES).write_bytes("".join(f"{name}\n" for name in classes).encode())
