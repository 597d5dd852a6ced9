"""Which images of the project a list shows, and in which order: plain values that both front ends and the services share."""

from dataclasses import dataclass
from enum import StrEnum

from labeler.core.boxes import ReviewState


class Order(StrEnum):
    """How a list of images is ordered: as they came, by name, or by how much a look at them is worth.

    `UNCERTAIN`: where the model doubts its suggestions most. `DISAGREES`: where model and boxes differ most. `COVERAGE`: writers and
    digits first that have been looked at least.
    """

    ADDED = "added"
    NAME = "name"
    UNCERTAIN = "uncertain"
    DISAGREES = "disagrees"
    COVERAGE = "coverage"


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
