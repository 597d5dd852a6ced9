"""The formats by name: which one a path looks like, and how to read and write each."""

from collections.abc import Callable
from pathlib import Path

from labeler.core.errors import NotFound
from labeler.core.i18n import tr
from labeler.formats import coco, csv_boxes, cvat, labelme, labelstudio, voc, yolo, yolo_layout
from labeler.formats.sample import Page, Reader, Writer

__all__ = ["READERS", "WRITERS", "Page", "detect_format"]

READERS: dict[str, Reader] = {
    "yolo": yolo.read,
    "coco": coco.read,
    "voc": voc.read,
    "labelme": labelme.read,
    "labelstudio": labelstudio.read,
    "cvat": cvat.read,
    "csv": csv_boxes.read,
}
WRITERS: dict[str, Writer] = {
    "yolo": yolo.write,
    "coco": coco.write,
    "voc": voc.write,
    "labelme": labelme.write,
    "labelstudio": labelstudio.write,
    "cvat": cvat.write,
    "csv": csv_boxes.write,
}

# A data.yaml says outright what a folder is. Label files beside pictures come last: the other tools often leave those too.
_DETECTORS: tuple[tuple[str, Callable[[Path], bool]], ...] = (
    ("yolo", yolo_layout.is_described),
    ("voc", voc.detect),
    ("labelme", labelme.detect),
    ("coco", coco.detect),
    ("labelstudio", labelstudio.detect),
    ("cvat", cvat.detect),
    ("csv", csv_boxes.detect),
    ("yolo", yolo.detect),
)


def detect_format(path: Path) -> str:
    """The format that the file or folder at `path` looks like; "images" where no labels are recognised. Raises NotFound."""
    if not path.exists():
        raise NotFound(tr("There is no {path}.", path=path))
    return next((name for name, looks_like in _DETECTORS if looks_like(path)), "images")
