"""Label Studio's task JSON (and its shorter JSON-MIN): a list of tasks, boxes in percent of the page.

Written pictures are named as Label Studio's local file storage names them, relative to its document root, so the export's
folder is to be that root. Predictions are not read: they are no person's word.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from labeler.core.boxes import ClassRect, Rect
from labeler.core.errors import BadInput, UserError
from labeler.core.i18n import ntr, tr
from labeler.formats.album import Album, Size
from labeler.formats.outside import files_under, is_picture, json_of, number, page_rect, read_bytes, same_size, xml_of
from labeler.formats.pictures import name_parts
from labeler.formats.sample import Dataset, LabelledBox, Link, Page, SizeOf, in_order

TASKS = "tasks.json"
CONFIG = "labeling_config.xml"
_KIND = "rectanglelabels"
_DECIMALS = 8
_SAME_SHAPE = 0.02

_Task = dict[str, Any]
_Results = Iterator[tuple[str, object]] | None


def detect(path: Path) -> bool:
    """Whether `path` is a JSON file of tasks or a folder that holds one."""
    files = [path] if path.is_file() else files_under(path, [])
    return any(_looks_like(file) for file in files if file.suffix.lower() == ".json")


def _looks_like(file: Path) -> bool:
    try:
        data = file.read_bytes()
    except OSError:
        return False
    is_list = data[:64].lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"[")
    return is_list and ((b'"annotations"' in data and b'"data"' in data) or f'"{_KIND}"'.encode() in data)


def read(path: Path, *, size_of: SizeOf) -> Dataset:
    """The data set at a JSON file, its pictures below the file's folder, or at a folder of both.

    A task without annotation is unlabelled, one whose annotation is empty is blank. Of several annotations of a task the one
    marked as truth counts, else the newest. Raises UserError where there are no tasks.
    """
    album = Album(path, size_of=size_of)
    files = [path] if path.is_file() else [f for f in album.files if f.suffix.lower() == ".json" and _looks_like(f)]
    if not files:
        raise UserError(
            tr("No Label Studio tasks were found in {path}.", path=path), tr("Export them as JSON from Label Studio.")
        )
    for file in files:
        try:
            _read_file(file, album)
        except BadInput as error:
            album.reject(file, error.message)
    return album.dataset(_configured(album))


def _configured(album: Album) -> Iterator[str]:
    """The classes in the order of the labelling configuration, where it lies beside the tasks."""
    for file in album.files:
        if file.name == CONFIG:
            try:
                root = xml_of(read_bytes(file))
            except BadInput as error:
                album.reject(file, error.message)
                continue
            yield from (label.get("value", "") for label in root.iter("Label") if label.get("value"))


def _read_file(file: Path, album: Album) -> None:
    tasks = json_of(read_bytes(file))
    if not isinstance(tasks, list):
        raise BadInput(tr("It is no list of Label Studio tasks."))
    guessed = 0
    for at, task in enumerate(tasks, start=1):
        what = tr("Task {number}", number=at)
        if not isinstance(task, dict):
            album.reject(file, tr("It is no task."), what=what)
            continue
        data = task["data"] if isinstance(task.get("data"), dict) else task
        results, notes = _results(task, what)
        for note in notes:
            album.reject(file, note, what=what)
        guessed += results is None and bool(task.get("predictions"))
        split = data["split"] if data.get("split") in ("train", "val", "test") else None
        album.label(file, _picture_name(data, album), results, _box, split=split, what=what)
    if guessed:
        reason = ntr(
            "{count} task has predictions only, which are no labels.",
            "{count} tasks have predictions only, which are no labels.",
            guessed,
        )
        album.reject(file, reason)


def _results(task: _Task, what: str) -> tuple[_Results, list[str]]:
    """The results of the annotation that counts, each with what to call it (None where nobody annotated), and what to report."""
    if "annotations" not in task and "completions" not in task:
        shapes = next((v for v in task.values() if isinstance(v, list) and v and _is_min(v[0])), None)
        return _numbered(shapes, what), []
    annotations = task.get("annotations") or task.get("completions") or []
    if not isinstance(annotations, list):
        return None, [tr("Its annotations are no list.")]
    good = [a for a in annotations if isinstance(a, dict) and not a.get("was_cancelled")]
    good.sort(key=lambda a: (a.get("ground_truth") is True, str(a.get("updated_at") or a.get("created_at") or "")))
    if not good:
        return None, []
    notes = [tr("It has {count} annotations; the newest counts.", count=len(good))] if len(good) > 1 else []
    result = good[-1].get("result")
    return _numbered(result if isinstance(result, list) else [], what), notes


def _is_min(shape: object) -> bool:
    return isinstance(shape, dict) and "x" in shape and "width" in shape


def _numbered(results: list[object] | None, what: str) -> _Results:
    if results is None:
        return None
    return ((tr("{what}, result {number}", what=what, number=at), r) for at, r in enumerate(results, start=1))


def _picture_name(data: _Task, album: Album) -> str:
    """What the task calls its picture. Uploads have eight hexadecimal digits put before their name."""
    values = [data.get("image"), data.get("img"), *data.values()]
    name = next((v for v in values if isinstance(v, str) and is_picture(Path((name_parts(v) or [""])[-1]))), "")
    parts = name_parts(name)
    if not parts:
        return ""
    mark, _, original = parts[-1].partition("-")
    is_upload = len(mark) == 8 and original and all(c in "0123456789abcdef" for c in mark)
    return original if is_upload and not album.pictures.has(parts[-1]) else name


def _box(result: object, size: Size) -> LabelledBox:
    if not isinstance(result, dict):
        raise BadInput(tr("It is no result."))
    kind = result.get("type", _KIND)
    if kind != _KIND:
        raise BadInput(tr("A {kind}, not a rectangle; only boxes can be read.", kind=str(kind)[:40]))
    value = result["value"] if isinstance(result.get("value"), dict) else result
    labels = value.get(_KIND)
    if not isinstance(labels, list) or len(labels) != 1 or not isinstance(labels[0], str) or not labels[0].strip():
        raise BadInput(tr("It needs one label."))
    if number(value.get("rotation") or 0) or number(result.get("image_rotation") or 0):
        raise BadInput(tr("A turned rectangle; only upright boxes can be read."))
    _check_shape(result, size)
    x, y, w, h = (number(value.get(key)) / 100 for key in ("x", "y", "width", "height"))
    width, height = size
    rect = Rect(x * width, y * height, w * width, h * height)
    return LabelledBox(page_rect(rect, width=width, height=height), labels[0].strip())


def _check_shape(result: _Task, size: Size) -> None:
    """Percent fit a picture of any size, but not of another shape: such a one was turned or cut."""
    declared = number(result.get("original_width") or 0), number(result.get("original_height") or 0)
    if min(declared) > 0 and abs(declared[0] / declared[1] * size[1] / size[0] - 1) > _SAME_SHAPE:
        same_size(declared, size)


def write(folder: Path, pages: Iterable[Page], classes: Sequence[str], *, link: Link) -> None:
    """`images/<split>/`, `tasks.json` and the labelling configuration that goes with it."""
    tasks = []
    for at, page in enumerate(sorted(pages, key=lambda page: page.name), start=1):
        place = folder / "images" / page.split
        place.mkdir(parents=True, exist_ok=True)
        link(page, place / page.file_name)
        tasks.append(_task(at, page, classes))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TASKS).write_bytes((json.dumps(tasks, ensure_ascii=False, indent=1) + "\n").encode())
    (folder / CONFIG).write_bytes(_config(classes))


def _task(at: int, page: Page, classes: Sequence[str]) -> _Task:
    path = quote(f"images/{page.split}/{page.file_name}")
    results = [_result(number, box, page, classes) for number, box in enumerate(in_order(page.boxes), start=1)]
    return {
        "id": at,
        "data": {"image": f"/data/local-files/?d={path}", "split": page.split},
        "annotations": [{"result": results, "was_cancelled": False, "ground_truth": False}],
    }


def _result(at: int, box: ClassRect, page: Page, classes: Sequence[str]) -> _Task:
    shares = {
        "x": box.x / page.width,
        "y": box.y / page.height,
        "width": box.w / page.width,
        "height": box.h / page.height,
    }
    return {
        "id": f"{page.name[:12]}-{at}",
        "from_name": "label",
        "to_name": "image",
        "type": _KIND,
        "original_width": page.width,
        "original_height": page.height,
        "image_rotation": 0,
        "value": {
            **{key: round(100 * share, _DECIMALS) for key, share in shares.items()},
            "rotation": 0,
            _KIND: [classes[box.class_id]],
        },
    }


def _config(classes: Sequence[str]) -> bytes:
    view = Element("View")
    SubElement(view, "Image", name="image", value="$image")
    labels = SubElement(view, "RectangleLabels", name="label", toName="image")
    for name in classes:
        SubElement(labels, "Label", value=name)
    indent(view)
    xml: str = tostring(view, encoding="unicode")
    return xml.encode() + b"\n"
