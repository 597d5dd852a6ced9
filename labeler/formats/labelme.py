"""labelme's JSON, one file beside each picture, as labelme 5 to 7 and X-AnyLabeling write it.

Rectangles are read, by two corners (labelme) or four (X-AnyLabeling). Polygons, circles and turned boxes are refused with a
reason, never replaced by the box around them.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from labeler.core.boxes import ClassRect, Rect, from_corners
from labeler.core.errors import BadInput, UserError
from labeler.core.i18n import tr
from labeler.formats import pixels
from labeler.formats.album import Album, Size
from labeler.formats.outside import files_under, json_of, number, page_rect, read_bytes, same_size, text_of
from labeler.formats.pictures import name_parts
from labeler.formats.sample import Dataset, LabelledBox, Link, Page, Sample, SizeOf, in_order

VERSION = "5.5.0"
"""The version of labelme whose files these are: what later ones added is optional."""

_LABELS = "labels.txt"
_BOXES = ("rectangle", "rotation", "oriented_rectangle")
_DECIMALS = 4


def detect(path: Path) -> bool:
    """Whether `path` is such a JSON file or a folder that holds one."""
    files = [path] if path.is_file() else files_under(path, [])
    return any(_looks_like(file) for file in files if file.suffix.lower() == ".json")


def _looks_like(file: Path) -> bool:
    try:
        data = file.read_bytes()
    except OSError:
        return False
    return b'"shapes"' in data and b'"imagePath"' in data


def read(path: Path, *, size_of: SizeOf) -> Dataset:
    """The data set at a folder, or the one picture of a JSON file.

    A picture without JSON is unlabelled; a JSON without shapes means blank. A picture that is not there is taken from the JSON's
    imageData. Raises UserError where there is no such JSON.
    """
    album = Album(path, size_of=size_of)
    stems = {picture.with_suffix("") for picture in album.pictures.all}
    files = [path] if path.is_file() else [f for f in album.files if f.suffix.lower() == ".json"]
    count = 0
    for file in files:
        try:
            data = json_of(read_bytes(file))
            if isinstance(data, dict) and isinstance(data.get("shapes"), list):
                count += 1
                _add(file, data, album)
            elif file.with_suffix("") in stems or path.is_file():
                # Other JSON may lie about; only where it stands for a picture is it worth a word.
                raise BadInput(tr("It is no labelme file: it has no shapes."))
        except BadInput as error:
            album.reject(file, error.message)
    if not count and not album.rejected:
        raise UserError(
            tr("No labelme files were found in {path}.", path=path), tr("They are JSON files, one a picture.")
        )
    return album.dataset(_listed(album.home))


def _listed(home: Path) -> list[str]:
    """Classes in the order of `labels.txt`, without labelme's own `__ignore__` and `_background_`."""
    try:
        lines = text_of((home / _LABELS).read_bytes()).splitlines()
    except (OSError, BadInput):
        return []
    return [line.strip() for line in lines if line.strip() and line.strip() not in ("__ignore__", "_background_")]


def _add(file: Path, data: dict[str, Any], album: Album) -> None:
    declared = _side(data, "imageWidth"), _side(data, "imageHeight")
    try:
        picture, size = album.resolve(data.get("imagePath") or file.stem, near=file, declared=declared)
        sample = Sample(picture, None, album.pictures.split_of(picture))
    except BadInput:
        if not isinstance(data.get("imageData"), str) or not data["imageData"]:
            raise
        sample, size = _embedded(file, data, album)
    shapes = ((tr("Shape {number}", number=at), shape) for at, shape in enumerate(data["shapes"], start=1))
    album.add(sample, file, shapes, _box, size=size)


def _embedded(file: Path, data: dict[str, Any], album: Album) -> tuple[Sample, Size]:
    """The sample whose picture is inside `file`, and the picture's size."""
    name = (name_parts(data.get("imagePath")) or [file.stem + ".png"])[-1]
    size = pixels.size_of_bytes(_image_data(data), name=name)
    same_size((_side(data, "imageWidth"), _side(data, "imageHeight")), size)
    # Where another picture bears that name (another size, say), this one takes the name of its label file.
    place = file.with_name(name) if not file.with_name(name).exists() else file
    return Sample(place, None, album.pictures.split_of(place), load=partial(embedded_picture, file)), size


def embedded_picture(file: Path) -> bytes:
    """The bytes of the picture that a labelme file holds. Raises BadInput."""
    data = json_of(read_bytes(file))
    return _image_data(data if isinstance(data, dict) else {})


def _image_data(data: dict[str, Any]) -> bytes:
    try:
        return base64.b64decode(data["imageData"])
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise BadInput(tr("Its imageData cannot be decoded.")) from error


def _side(data: dict[str, Any], key: str) -> float:
    return number(data[key]) if data.get(key) is not None else 0.0


def _box(shape: object, size: Size) -> LabelledBox:
    if not isinstance(shape, dict):
        raise BadInput(tr("It is no shape."))
    label = shape.get("label")
    if not isinstance(label, str | int) or isinstance(label, bool) or not str(label).strip():
        raise BadInput(tr("It has no label."))
    kind = shape.get("shape_type") or "polygon"
    if kind not in _BOXES:
        raise BadInput(tr("A {kind}, not a rectangle; only boxes can be read.", kind=str(kind)[:40]))
    points = shape.get("points")
    if not isinstance(points, list) or not all(isinstance(point, list) and len(point) == 2 for point in points):
        raise BadInput(tr("Its points are not pairs of numbers."))
    width, height = size
    rect = _rect([(number(x), number(y)) for x, y in points])
    return LabelledBox(page_rect(rect, width=width, height=height), str(label).strip())


def _rect(points: list[tuple[float, float]]) -> Rect:
    """From two opposite corners, or the four of an upright rectangle."""
    if len(points) not in (2, 4):
        raise BadInput(tr("{count} points do not make a rectangle.", count=len(points)))
    xs, ys = zip(*points, strict=True)
    rect = from_corners(min(xs), min(ys), max(xs), max(ys))
    corners = {(x, y) for x in (rect.x, max(xs)) for y in (rect.y, max(ys))}
    is_upright = len(points) == 2 or all(min(abs(x - cx) + abs(y - cy) for cx, cy in corners) < 1 for x, y in points)
    if not is_upright:
        raise BadInput(tr("A turned rectangle; only upright boxes can be read."))
    return rect


def write(folder: Path, pages: Iterable[Page], classes: Sequence[str], *, link: Link) -> None:
    """A folder for each split with pictures and their JSON files side by side, and `labels.txt` with the classes in order."""
    for page in pages:
        place = folder / page.split
        place.mkdir(parents=True, exist_ok=True)
        link(page, place / page.file_name)
        text = json.dumps(_contents(page, classes), ensure_ascii=False, indent=2) + "\n"
        (place / f"{page.name}.json").write_bytes(text.encode())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _LABELS).write_bytes("".join(f"{name}\n" for name in classes).encode())


def _contents(page: Page, classes: Sequence[str]) -> dict[str, Any]:
    return {
        "version": VERSION,
        "flags": {},
        "shapes": [_shape(box, classes) for box in in_order(page.boxes)],
        "imagePath": page.file_name,
        "imageData": None,
        "imageHeight": page.height,
        "imageWidth": page.width,
    }


def _shape(box: ClassRect, classes: Sequence[str]) -> dict[str, Any]:
    corners = ((box.x, box.y), (box.right, box.bottom))
    return {
        "label": classes[box.class_id],
        "points": [[round(x, _DECIMALS), round(y, _DECIMALS)] for x, y in corners],
        "group_id": None,
        "description": "",
        "shape_type": "rectangle",
        "flags": {},
        "mask": None,
    }
