"""CVAT's XML “for images” 1.1: one `annotations.xml`, boxes by their corners in pixels, subsets as splits.

Turned boxes, polygons, masks, tags and video tracks are refused with a reason.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from labeler.core.boxes import ClassRect, from_corners
from labeler.core.errors import BadInput, UserError
from labeler.core.i18n import ntr, tr
from labeler.formats.album import Album, Size
from labeler.formats.outside import files_under, number, page_rect, read_bytes, split_named, xml_of
from labeler.formats.sample import SPLITS, Dataset, LabelledBox, Link, Page, SizeOf, in_order

FILE = "annotations.xml"
_CORNERS = ("xtl", "ytl", "xbr", "ybr")


def detect(path: Path) -> bool:
    """Whether `path` is CVAT's XML or a folder that holds it."""
    files = [path] if path.is_file() else files_under(path, [])
    return any(_looks_like(file) for file in files if file.suffix.lower() == ".xml")


def _looks_like(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            return b"<annotations>" in stream.read(4096)
    except OSError:
        return False


def read(path: Path, *, size_of: SizeOf) -> Dataset:
    """The data set at an XML file, its pictures below the file's folder, or at a folder of both.

    A listed picture without shapes is blank. Raises UserError where there is no such XML.
    """
    album = Album(path, size_of=size_of)
    files = [path] if path.is_file() else [f for f in album.files if f.suffix.lower() == ".xml" and _looks_like(f)]
    if not files:
        raise UserError(
            tr("No CVAT annotations were found in {path}.", path=path), tr("Export the task as “CVAT for images 1.1”.")
        )
    classes: list[str] = []
    for file in files:
        try:
            root = xml_of(read_bytes(file))
            classes += (name.strip() for label in root.iterfind("meta//label") if (name := label.findtext("name")))
            _read_images(file, root, album)
        except BadInput as error:
            album.reject(file, error.message)
    return album.dataset(classes)


def _read_images(file: Path, root: Element, album: Album) -> None:
    if root.tag != "annotations":
        raise BadInput(tr("It is no CVAT annotation."))
    tracks = len(root.findall("track"))
    if tracks:
        reason = ntr(
            "It has {count} video track; only images can be read.",
            "It has {count} video tracks; only images can be read.",
            tracks,
        )
        album.reject(file, reason)
    for image in root.findall("image"):
        name = image.get("name", "")
        what = tr("Image {name}", name=name)
        try:
            declared = number(image.get("width", "0")), number(image.get("height", "0"))
        except BadInput as error:
            album.reject(file, error.message, what=what)
            continue
        split = split_named([image.get("subset", "")])
        album.label(file, name, _shapes(image, what), _box, declared=declared, split=split, what=what)


def _shapes(image: Element, what: str) -> Iterator[tuple[str, Element]]:
    return ((tr("{what}, shape {number}", what=what, number=at), shape) for at, shape in enumerate(image, start=1))


def _box(shape: Element, size: Size) -> LabelledBox:
    if shape.tag != "box":
        raise BadInput(tr("A {kind}, not a rectangle; only boxes can be read.", kind=shape.tag[:40]))
    label = (shape.get("label") or "").strip()
    if not label:
        raise BadInput(tr("It has no label."))
    if number(shape.get("rotation") or "0"):
        raise BadInput(tr("A turned rectangle; only upright boxes can be read."))
    x1, y1, x2, y2 = (number(shape.get(corner, "")) for corner in _CORNERS)
    width, height = size
    return LabelledBox(page_rect(from_corners(x1, y1, x2, y2), width=width, height=height), label)


def write(folder: Path, pages: Iterable[Page], classes: Sequence[str], *, link: Link) -> None:
    """`images/<split>/` and `annotations.xml`, which names each picture by split and file."""
    made = sorted(pages, key=lambda page: page.name)
    root = Element("annotations")
    SubElement(root, "version").text = "1.1"
    used = [split for split in SPLITS if any(page.split == split for page in made)]
    tasks: dict[str, int] = {split: at for at, split in enumerate(used)}
    _add_project(SubElement(root, "meta"), classes, tasks)
    for at, page in enumerate(made):
        place = folder / "images" / page.split
        place.mkdir(parents=True, exist_ok=True)
        link(page, place / page.file_name)
        _add_image(root, at, page, classes, task=tasks[page.split])
    indent(root)
    folder.mkdir(parents=True, exist_ok=True)
    xml: str = tostring(root, encoding="unicode")
    (folder / FILE).write_bytes(b'<?xml version="1.0" encoding="utf-8"?>\n' + xml.encode() + b"\n")


def _add_project(meta: Element, classes: Sequence[str], tasks: dict[str, int]) -> None:
    """What CVAT writes of a project: its labels, and a task for each subset."""
    project = SubElement(meta, "project")
    SubElement(project, "name").text = "A data set by Labeler"
    labels = SubElement(project, "labels")
    for name in classes:
        label = SubElement(labels, "label")
        SubElement(label, "name").text = name
        SubElement(label, "attributes")
    SubElement(project, "subsets").text = "\n".join(tasks)
    listed = SubElement(project, "tasks")
    for split, at in tasks.items():
        task = SubElement(listed, "task")
        for name, text in (("id", str(at)), ("name", split), ("mode", "annotation"), ("subset", split)):
            SubElement(task, name).text = text


def _add_image(root: Element, at: int, page: Page, classes: Sequence[str], *, task: int) -> None:
    image = SubElement(
        root,
        "image",
        id=str(at),
        name=f"{page.split}/{page.file_name}",
        subset=page.split,
        task_id=str(task),
        width=str(page.width),
        height=str(page.height),
    )
    for box in in_order(page.boxes):
        corners = {corner: f"{value:.3f}" for corner, value in zip(_CORNERS, _sides(box), strict=True)}
        attributes = {"label": classes[box.class_id], "source": "manual", "occluded": "0", **corners, "z_order": "0"}
        SubElement(image, "box", attributes)


def _sides(box: ClassRect) -> tuple[float, float, float, float]:
    return box.x, box.y, box.right, box.bottom
