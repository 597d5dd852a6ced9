"""Pascal VOC: an XML file a picture, boxes by their corners in pixels, splits as lists of names in `ImageSets/Main`.

Corners are taken and written as labelImg and CVAT do, counted from 0 at the page's top left, with decimals where needed (the
challenge's own files count pixels from 1). VOC keeps no list of classes; `labelmap.txt`, as CVAT and datumaro have it, does.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from labeler.core.boxes import ClassRect, from_corners
from labeler.core.errors import BadInput, UserError
from labeler.core.i18n import tr
from labeler.formats.album import Album, Size
from labeler.formats.outside import files_under, number, page_rect, read_bytes, text_of, xml_of
from labeler.formats.sample import SPLITS, Dataset, LabelledBox, Link, Page, SizeOf, in_order

_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_OTHER_SHAPES = ("polygon", "robndbox", "mask")
_LABELMAP = "labelmap.txt"
_LABELMAP_HEAD = "# label:color_rgb:parts:actions"


def detect(path: Path) -> bool:
    """Whether `path` is a VOC annotation or a folder that holds one."""
    files = [path] if path.is_file() else files_under(path, [])
    return any(_looks_like(file) for file in files if file.suffix.lower() == ".xml")


def _looks_like(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            start = stream.read(4096)
    except OSError:
        return False
    return b"<annotation>" in start or b"<annotation " in start


def read(path: Path, *, size_of: SizeOf) -> Dataset:
    """The data set at a folder, or the one picture of an XML file.

    A picture without XML is unlabelled; an XML without objects means blank. Raises UserError where there are no annotations.
    """
    album = Album(path, size_of=size_of)
    files = [path] if path.is_file() else [file for file in album.files if file.suffix.lower() == ".xml"]
    if not files:
        raise UserError(
            tr("No VOC annotations were found in {path}.", path=path), tr("They are XML files, one a picture.")
        )
    splits = dict(_splits(album))
    for file in files:
        try:
            _read_file(file, album, splits.get(file.stem))
        except BadInput as error:
            album.reject(file, error.message)
    dataset = album.dataset(_labelmap(album.home))
    for at, sample in enumerate(dataset.samples):
        if sample.split is None:
            dataset.samples[at] = replace(sample, split=splits.get(sample.path.stem))
    return dataset


def _splits(album: Album) -> Iterator[tuple[str, str]]:
    """Which split each name is in, from `ImageSets/Main/train.txt` and so on."""
    for file in album.files:
        if file.parent.parent.name == "ImageSets" and file.suffix == ".txt" and file.stem in SPLITS:
            try:
                lines = text_of(read_bytes(file)).splitlines()
            except BadInput as error:
                album.reject(file, error.message)
                continue
            # datumaro quotes names with spaces.
            yield from ((line.strip().strip('"'), file.stem) for line in lines if line.strip())


def _read_file(file: Path, album: Album, split: str | None) -> None:
    root = xml_of(read_bytes(file))
    if root.tag != "annotation":
        raise BadInput(tr("It is no VOC annotation."))
    objects = ((tr("Object {number}", number=at), entry) for at, entry in enumerate(root.findall("object"), start=1))
    declared = _side(root, "width"), _side(root, "height")
    album.label(file, _picture(file, root, album), objects, _box, declared=declared, split=split)


def _picture(file: Path, root: Element, album: Album) -> str:
    """The name of the XML, since the name inside is often an older one; that where there is no such picture."""
    try:
        album.pictures.find(file.stem, near=file)
    except BadInput:
        return root.findtext("filename") or file.stem
    return file.stem


def _side(root: Element, name: str) -> float:
    text = root.findtext(f"size/{name}")
    return number(text) if text and text.strip() else 0.0


def _box(entry: Element, size: Size) -> LabelledBox:
    name = (entry.findtext("name") or "").strip()
    if not name:
        raise BadInput(tr("It has no class name."))
    corners = entry.find("bndbox")
    if corners is None:
        shape = next((shape for shape in _OTHER_SHAPES if entry.find(shape) is not None), "")
        raise BadInput(tr("It has no box but a {shape}.", shape=shape) if shape else tr("It has no box."))
    x1, y1, x2, y2 = (number(corners.findtext(corner) or "") for corner in _CORNERS)
    width, height = size
    return LabelledBox(page_rect(from_corners(x1, y1, x2, y2), width=width, height=height), name)


def _labelmap(home: Path) -> list[str]:
    """Class names in the order of `labelmap.txt`: a line `name:colour:parts:actions` a class."""
    try:
        lines = text_of((home / _LABELMAP).read_bytes()).splitlines()
    except (OSError, BadInput):
        return []
    return [line.rsplit(":", 3)[0] for line in lines if line.strip() and line != _LABELMAP_HEAD]


def write(folder: Path, pages: Iterable[Page], classes: Sequence[str], *, link: Link) -> None:
    """`JPEGImages/`, `Annotations/`, `ImageSets/Main/<split>.txt` and `labelmap.txt`."""
    made = sorted(pages, key=lambda page: page.name)
    for part in ("JPEGImages", "Annotations", "ImageSets/Main"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for page in made:
        link(page, folder / "JPEGImages" / page.file_name)
        (folder / "Annotations" / f"{page.name}.xml").write_bytes(_annotation(page, classes))
    for split in SPLITS:
        names = "".join(f"{page.name}\n" for page in made if page.split == split)
        if names:
            (folder / "ImageSets" / "Main" / f"{split}.txt").write_bytes(names.encode())
    lines = [_LABELMAP_HEAD, *(f"{name}:::" for name in classes)]
    (folder / _LABELMAP).write_bytes(("\n".join(lines) + "\n").encode())


def _annotation(page: Page, classes: Sequence[str]) -> bytes:
    root = Element("annotation")
    _add(root, "folder", "JPEGImages")
    _add(root, "filename", page.file_name)
    size = SubElement(root, "size")
    for name, value in (("width", page.width), ("height", page.height), ("depth", 3)):
        _add(size, name, str(value))
    _add(root, "segmented", "0")
    for box in in_order(page.boxes):
        entry = SubElement(root, "object")
        for name, text in (
            ("name", classes[box.class_id]),
            ("pose", "Unspecified"),
            ("truncated", "0"),
            ("difficult", "0"),
        ):
            _add(entry, name, text)
        corners = SubElement(entry, "bndbox")
        for name, at in zip(_CORNERS, _corners(box), strict=True):
            _add(corners, name, f"{at:.3f}".rstrip("0").rstrip("."))
    indent(root)
    xml: str = tostring(root, encoding="unicode")
    return xml.encode() + b"\n"


def _corners(box: ClassRect) -> tuple[float, float, float, float]:
    return box.x, box.y, box.right, box.bottom


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text
