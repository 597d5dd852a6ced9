"""Which images of the project a list shows, and in which order: plain values that both front ends and the services share."""

from dataclasses import dataclass
from enum import StrEnum

from labeler.core.boxes import ReviewState


class Order(StrEnum):
    """How a list of images is ordered."""

    ADDED = "added"
    NAME = "name"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class ImageFilter:
    """Fields that are None do not filter. `split` may be "none" and `writer` empty for images without one; `text` is looked for in name,
    source and writer.
    """

    states: frozenset[ReviewState] = frozenset()
    writer: str | None = None
    split: str | None = None
    source: str | None = None
    class_id: int | None = None
    suggestion_below: float | None = None
    text: str = ""
