"""COCO instances JSON: one file a split, boxes as x, y, width, height in pixels.

Categories go by name, in both directions. Ids are written from 1: datumaro and torchvision take category 0 for background, and
with a category 0 would lose every digit 0 without a word.
"""

import json
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from labeler.core.boxes import ClassRect, Rect
from labeler.core.errors import BadInput, UserError
from labeler.core.i18n import tr
from labeler.formats.album import Album, Size
from labeler.formats.outside import files_under, json_of, number, page_rect, read_bytes, split_named
from labeler.formats.sample import SPLITS, Dataset, LabelledBox, Link, Page, SizeOf, in_order

_KEYS = (b'"images"', b'"annotations"', b'"categories"')
_DECIMALS = 4
_FIRST = 1


def detect(path: Path) -> bool:
    """Whether `path` is a COCO JSON file or a folder that holds one."""
    files = [path] if path.is_file() else files_under(path, [])
    return any(_looks_like(file) for file in files if file.suffix.lower() == ".json")


def _looks_like(file: Path) -> bool:
    try:
        data = file.read_bytes()
    except OSError:
        return False
    return all(key in data for key in _KEYS)


def read(path: Path, *, size_of: SizeOf) -> Dataset:
    """The data set at a JSON file, with its pictures anywhere below the file's folder or the one above; or at a folder of both.

    A listed picture without annotations is blank; one in the folder that no file lists is unlabelled. Raises UserError where
    there is no such JSON.
    """
    album = Album(path, size_of=size_of, home=_home(path))
    files = [path] if path.is_file() else [f for f in album.files if f.suffix.lower() == ".json" and _looks_like(f)]
    if not files:
        raise UserError(
            tr("No COCO annotations were found in {path}.", path=path),
            tr("They are a JSON file with images, annotations and categories."),
        )
    classes: list[str] = []
    for file in files:
        try:
            classes += _read_file(file, album)
        except BadInput as error:
            album.reject(file, error.message)
    return album.dataset(classes)


def _home(path: Path) -> Path:
    if path.is_dir():
        return path
    return path.parent.parent if path.parent.name.lower() == "annotations" else path.parent


def _read_file(file: Path, album: Album) -> list[str]:
    """Adds what one JSON file labels; returns its classes. Raises BadInput where the whole is not as it should be."""
    data = json_of(read_bytes(file))
    if not isinstance(data, dict) or "images" not in data:
        raise BadInput(tr("It holds no COCO annotations."))
    images, annotations, categories = (_entries(data, key) for key in ("images", "annotations", "categories"))
    names = _names(file, categories, album)
    by_image: dict[object, list[dict[str, Any]]] = {}
    for entry in annotations:
        by_image.setdefault(_key(entry.get("image_id")), []).append(entry)
    split = split_named([*file.relative_to(album.home).parts[:-1], file.stem])
    for image in images:
        what = tr("Image {id}", id=_shown(image))
        entries = by_image.pop(_key(image.get("id")), [])
        try:
            declared = _side(image, "width"), _side(image, "height")
        except BadInput as error:
            album.reject(file, error.message, what=what)
            continue
        # A list of pictures without annotations, as challenges give out for testing, labels none of them as blank.
        named = (
            [(tr("Annotation {id}", id=_shown(entry)), entry) for entry in entries] if "annotations" in data else None
        )
        parse = partial(_box, names)
        album.label(file, image.get("file_name"), named, parse, declared=declared, split=split, what=what)
    for entry in (entry for left in by_image.values() for entry in left):
        album.reject(file, tr("It belongs to no listed picture."), what=tr("Annotation {id}", id=_shown(entry)))
    return list(names.values())


def _names(file: Path, categories: list[dict[str, Any]], album: Album) -> dict[object, str]:
    names: dict[object, str] = {}
    for entry in categories:
        name = entry.get("name")
        if isinstance(name, str | int) and not isinstance(name, bool) and str(name).strip():
            names[_key(entry.get("id"))] = str(name).strip()
        else:
            album.reject(file, tr("It has no name."), what=tr("Category {id}", id=_shown(entry)))
    return names


def _entries(data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    entries = data.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadInput(tr("“{key}” is not a list of entries.", key=key))
    return entries


def _key(value: object) -> object:
    """An id as something that can be compared; 7 and "7" are one."""
    return str(value) if isinstance(value, int | str) else None


def _shown(entry: dict[str, Any]) -> str:
    return str(_key(entry.get("id")))[:40]


def _side(image: dict[str, Any], key: str) -> float:
    return number(image[key]) if image.get(key) is not None else 0.0


def _box(names: dict[object, str], entry: dict[str, Any], size: Size) -> LabelledBox:
    name = names.get(_key(entry.get("category_id")))
    if name is None:
        raise BadInput(tr("Its category is not listed."))
    if entry.get("iscrowd") == 1:
        raise BadInput(tr("A crowd region, not a box."))
    values = entry.get("bbox")
    if not isinstance(values, list) or len(values) != 4:
        raise BadInput(tr("It has no box; other shapes are not read."))
    x, y, w, h = (number(value) for value in values)
    width, height = size
    return LabelledBox(page_rect(Rect(x, y, w, h), width=width, height=height), name)


def write(folder: Path, pages: Iterable[Page], classes: Sequence[str], *, link: Link) -> None:
    """`images/<split>/` and `annotations/instances_<split>.json`, whose file names are relative to the former."""
    made = sorted(pages, key=lambda page: page.name)
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    for split in SPLITS:
        mine = [page for page in made if page.split == split]
        if not mine:
            continue
        images = folder / "images" / split
        images.mkdir(parents=True, exist_ok=True)
        for page in mine:
            link(page, images / page.file_name)
        text = json.dumps(_instances(mine, classes), ensure_ascii=False, indent=1) + "\n"
        (folder / "annotations" / f"instances_{split}.json").write_bytes(text.encode())


def _instances(pages: list[Page], classes: Sequence[str]) -> dict[str, Any]:
    images = [
        {"id": at, "file_name": page.file_name, "width": page.width, "height": page.height}
        for at, page in enumerate(pages, start=1)
    ]
    boxes = [(at, box) for at, page in enumerate(pages, start=1) for box in in_order(page.boxes)]
    return {
        "info": {"description": "A data set by Labeler"},
        "licenses": [],
        "images": images,
        "annotations": [_annotation(at, image, box) for at, (image, box) in enumerate(boxes, start=1)],
        "categories": [{"id": at, "name": name, "supercategory": ""} for at, name in enumerate(classes, start=_FIRST)],
    }


def _annotation(at: int, image: int, box: ClassRect) -> dict[str, Any]:
    return {
        "id": at,
        "image_id": image,
        "category_id": box.class_id + _FIRST,
        "bbox": [round(value, _DECIMALS) for value in (box.x, box.y, box.w, box.h)],
        "area": round(box.area, _DECIMALS),
        "iscrowd": 0,
        "segmentation": [],
    }
