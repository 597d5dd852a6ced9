"""What passes between a data set on disk and a project: samples and what was refused on the way in, pages on the way out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, get_args

from labeler.core.boxes import ClassRect, Rect

Split = Literal["train", "val", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)

SizeOf = Callable[[Path], tuple[int, int]]
"""Width and height in pixels of the upright picture at a path; raises BadInput for what is none."""


@dataclass(frozen=True, slots=True)
class LabelledBox:
    """A box as a file states it: `rect` in pixels of the upright image, the class by its name."""

    rect: Rect
    class_name: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture of a data set with its boxes.

    `boxes` is None where nobody labelled it (or no label could be read) and () where it is labelled as blank.
    `is_complete` is False where some of its labels were refused: what has no box is then not known to be background.
    `load` gives the bytes of a picture that lies inside its label file; `path` is then where it would lie.
    """

    path: Path
    boxes: tuple[LabelledBox, ...] | None
    split: str | None = None
    is_complete: bool = True
    load: Callable[[], bytes] | None = field(default=None, compare=False, repr=False)

    def read(self) -> bytes:
        """The picture's bytes. Raises OSError or BadInput."""
        return self.load() if self.load is not None else self.path.read_bytes()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file, or a part of one, that did not come in, and why (one sentence, with the line where there are lines)."""

    path: str
    reason: str


@dataclass(slots=True)
class Dataset:
    """What a reader found. `classes` in the order of the file that lists them, else sorted."""

    classes: tuple[str, ...]
    samples: list[Sample]
    rejected: list[Rejected]


@dataclass(frozen=True, slots=True)
class Page:
    """An image of a version, ready to be written. `name` is a file stem, unique in the version; `sha256` is of the upright bytes."""

    name: str
    suffix: str
    width: int
    height: int
    split: str
    boxes: tuple[ClassRect, ...]
    sha256: str

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise ValueError(f"not a split: {self.split!r}")
        if not self.name or self.file_name in (".", "..") or "/" in self.file_name or "\\" in self.file_name:
            raise ValueError(f"not a file name: {self.file_name!r}")

    @property
    def file_name(self) -> str:
        return self.name + self.suffix


Link = Callable[[Page, Path], None]
"""Puts the upright bytes of a page at a path; the folder exists already."""


class Reader(Protocol):
    """Reads a data set at a file or folder. Bad lines and files go to `rejected`; raises UserError where nothing can be read."""

    def __call__(self, path: Path, *, size_of: SizeOf) -> Dataset: ...


class Writer(Protocol):
    """Writes pages into `folder`: the same pages give the same bytes everywhere, and no path in them is absolute."""

    def __call__(self, folder: Path, pages: Iterable[Page], classes: Sequence[str], *, link: Link) -> None: ...


def in_order(boxes: tuple[ClassRect, ...]) -> list[ClassRect]:
    """Boxes from top to bottom, then from left to right, whatever order they were drawn in."""
    return sorted(boxes, key=lambda b: (b.y, b.x, b.h, b.w, b.class_id))
