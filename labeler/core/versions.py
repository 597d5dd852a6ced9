"""The content of a data set version: its canonical form and its hash. The same content gives the same bytes on any machine."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labeler.core.boxes import ClassRect, Rect

DECIMALS = 3
"""Coordinates are kept to a thousandth of a pixel."""
NAMED = 20
"""Files of an image begin with so many letters of its hash, so no two images collide."""


@dataclass(frozen=True, slots=True)
class FrozenImage:
    """An image as a version keeps it; `sha256` is of the upright bytes.

    `variant` is the file name, without ending, of an image that an export adds: a page of ink drawn again.
    """

    sha256: str
    format: str
    width: int
    height: int
    split: str
    boxes: tuple[ClassRect, ...]
    writer: str | None = None
    image_id: int | None = None
    variant: str = ""

    @property
    def name(self) -> str:
        """What its files are called, without ending."""
        return self.variant or self.sha256[:NAMED]


def freeze_boxes(boxes: Iterable[tuple[int, Rect]]) -> tuple[ClassRect, ...]:
    """Boxes rounded and in canonical order."""
    rounded = (
        ClassRect(round(r.x, DECIMALS), round(r.y, DECIMALS), round(r.w, DECIMALS), round(r.h, DECIMALS), class_id)
        for class_id, r in boxes
    )
    return tuple(sorted(rounded, key=lambda b: (b.class_id, b.x, b.y, b.w, b.h)))


def content_hash(classes: Sequence[str], images: Iterable[FrozenImage]) -> str:
    """SHA-256 over classes, and over images with their splits and boxes in the order of their own hashes."""
    digest = hashlib.sha256(_line({"classes": list(classes), "labeler": 1}))
    for image in sorted(images, key=lambda i: i.sha256):
        boxes = [[b.class_id, b.x, b.y, b.w, b.h] for b in image.boxes]
        digest.update(
            _line({"image": image.sha256, "size": [image.width, image.height], "split": image.split, "boxes": boxes})
        )
    return digest.hexdigest()


def _line(value: object) -> bytes:
    return _JSON.encode(value).encode() + b"\n"


_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
