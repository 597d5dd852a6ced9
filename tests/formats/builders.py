"""Small data sets made on the spot: pictures, pages and writers' links."""

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from labeler.core.boxes import ClassRect
from labeler.formats.registry import READERS, WRITERS
from labeler.formats.sample import Dataset, Page, Sample

CLASSES = ("0", "1", "+", "seven & <8>", "数字")
SIZES = {"small": (40, 30), "wide": (20_000, 12), "tall": (13, 997)}


def picture(path: Path, size: tuple[int, int] = (40, 30), *, shade: int = 200, orientation: int | None = None) -> Path:
    """Writes a flat picture, by its suffix; `orientation` as EXIF."""
    path.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    out = io.BytesIO()
    kind = "JPEG" if path.suffix.lower() in (".jpg", ".jpeg") else "PNG"
    Image.new("L", size, shade).save(out, kind, exif=exif)
    path.write_bytes(out.getvalue())
    return path


def page(name: str, split: str = "train", boxes: Sequence[ClassRect] = (), size: tuple[int, int] = (40, 30)) -> Page:
    digest = hashlib.sha256(f"{name}{size}".encode()).hexdigest()
    return Page(name=name, suffix=".png", width=size[0], height=size[1], split=split, boxes=tuple(boxes), sha256=digest)


def link(made: Page, target: Path) -> None:
    """Writes a picture of the page's size, different for each page."""
    shade = int(made.sha256[:2], 16)
    out = io.BytesIO()
    Image.fromarray(np.full((made.height, made.width), shade, np.uint8)).save(out, "PNG")
    target.write_bytes(out.getvalue())


def written(folder: Path, format_: str, pages: Sequence[Page], classes: Sequence[str] = CLASSES) -> Path:
    WRITERS[format_](folder, pages, classes, link=link)
    return folder


def read(path: Path, format_: str) -> Dataset:
    from labeler.formats.pixels import size_of

    return READERS[format_](path, size_of=size_of)


def by_name(dataset: Dataset) -> dict[str, Sample]:
    return {sample.path.name: sample for sample in dataset.samples}


def reasons(dataset: Dataset) -> str:
    return "\n".join(f"{rejected.path}: {rejected.reason}" for rejected in dataset.rejected)


@st.composite
def pages(draw: st.DrawFn) -> list[Page]:
    """Up to five pages of odd sizes with boxes of at least a pixel, anywhere on the page."""
    made = []
    for at in range(draw(st.integers(1, 5))):
        size = draw(st.sampled_from([*SIZES.values()]))
        boxes = []
        for _ in range(draw(st.integers(0, 4))):
            w, h = (draw(st.floats(1, side)) for side in size)
            x, y = draw(st.floats(0, size[0] - w)), draw(st.floats(0, size[1] - h))
            boxes.append(ClassRect(x, y, w, h, draw(st.integers(0, len(CLASSES) - 1))))
        made.append(page(f"p{at}.v2", draw(st.sampled_from(["train", "val", "test"])), boxes, size))
    return made
