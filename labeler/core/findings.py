"""What may be wrong with labels, as values, and the checks that need nothing but boxes. Pure.

A finding is a question to a person, never a change.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from labeler.core import gestures
from labeler.core.boxes import Box, Rect, as_array, from_corners, iou_matrix
from labeler.core.edits import Edit
from labeler.core.pages import Page

DOUBLED = 0.6
"""Two boxes that overlap this much (IoU) are on one digit; touching digits stay well below."""
WITHIN = 0.9
"""So is a box of which this share lies in another of nearly its size."""
SAME_BOX = 0.4
"""On two pictures of one page, boxes that overlap this much are the same digit's."""


class Kind(StrEnum):
    """What a finding says: see the docstring of each check."""

    CLASS = "class"
    PLACE = "place"
    MISSED = "missed"
    NOTHING = "nothing"
    DOUBLED = "doubled"
    TWIN = "twin"
    PROMPT = "prompt"
    WRITER = "writer"
    LEAK = "leak"


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubt. `score` 0…1 is how sure the check is; `by` names its witness.

    `rect` is where to look; `better` and `class_id` are the place and the class that would be right, where they are known. `other` is a
    second image that it is about.
    """

    kind: Kind
    image: int
    box: str | None
    score: float
    text: str
    rect: Rect | None = None
    better: Rect | None = None
    class_id: int | None = None
    other: int | None = None
    by: str = ""

    @property
    def key(self) -> str:
        """Names the doubt, so that one put aside stays aside until its box changes."""
        where = "" if self.rect is None else f"{self.rect.x:.0f},{self.rect.y:.0f},{self.rect.w:.0f},{self.rect.h:.0f}"
        return f"{self.kind}|{self.image}|{self.box or where}|{self.class_id}|{self.other}"


def fix(page: Page, finding: Finding) -> Edit | None:
    """The edit that does what a finding proposes; None where it proposes nothing or its box is gone."""
    if finding.kind is Kind.MISSED and finding.rect is not None and finding.class_id is not None:
        return gestures.draw(page, finding.rect, finding.class_id)
    box = page.box(finding.box) if finding.box is not None else None
    if box is None:
        return None
    match finding.kind:
        case Kind.CLASS if finding.class_id is not None:
            return gestures.relabel(page, {box.id}, finding.class_id)
        case Kind.PLACE if finding.better is not None:
            return gestures.place(page, {box.id: finding.better})
        case Kind.NOTHING | Kind.DOUBLED:
            return gestures.delete(page, {box.id})
    return None


def doubled(boxes: Sequence[Box]) -> list[tuple[Box, Box, float]]:
    """Boxes on a digit that has one already: the box too many, the one it doubles, and how much they overlap."""
    if len(boxes) < 2:
        return []
    array = as_array(boxes)
    overlap = iou_matrix(array, array)
    found = []
    for n, box in enumerate(boxes):
        for m in range(n):
            first = boxes[m]
            within = _share_within(box, first)
            if overlap[n, m] >= DOUBLED or (within >= WITHIN and box.area >= 0.4 * first.area):
                found.append((box, first, float(max(overlap[n, m], within))))
    return found


def prompt_differs(prompt: str | None, names: Iterable[str]) -> bool:
    """Whether boxes hold other digits than the writer was asked for, in whatever order."""
    if prompt is None:
        return False
    asked = Counter(c for c in prompt if c.isdigit())
    return bool(asked) and asked != Counter(names)


@dataclass(frozen=True, slots=True)
class Labels:
    """A picture's size in pixels and its boxes."""

    width: int
    height: int
    boxes: Sequence[Box]


def labels_differ(
    first: Labels, second: Labels, overlay: npt.NDArray[np.floating]
) -> list[tuple[Box | None, Box | None]]:
    """Boxes of two pictures of one page that do not say the same: of either without a partner in the other, or of another class.

    `overlay` (3, 3) takes pixels of the first picture to the second. What one picture does not show is not compared.
    """
    back = np.linalg.inv(overlay)
    ours = [b for b in first.boxes if _on_page(laid_over(b, overlay), second)]
    theirs = [b for b in second.boxes if _on_page(laid_over(b, back), first)]
    overlap = iou_matrix(as_array([laid_over(b, overlay) for b in ours]), as_array(theirs))
    partner: dict[int, int] = {}
    for n, m in sorted(np.ndindex(*overlap.shape), key=lambda at: -overlap[at]):
        if overlap[n, m] >= SAME_BOX and n not in partner and m not in partner.values():
            partner[n] = m
    differing: list[tuple[Box | None, Box | None]] = []
    for n, box in enumerate(ours):
        mate = theirs[partner[n]] if n in partner else None
        if mate is None or mate.class_id != box.class_id:
            differing.append((box, mate))
    return differing + [(None, box) for m, box in enumerate(theirs) if m not in partner.values()]


def laid_over(rect: Rect, overlay: npt.NDArray[np.floating]) -> Rect:
    """A rectangle taken to another picture: what its corners span there."""
    corners = np.array([(x, y, 1.0) for x in (rect.x, rect.right) for y in (rect.y, rect.bottom)]) @ overlay.T
    at = corners[:, :2] / corners[:, 2:]
    low, high = at.min(axis=0), at.max(axis=0)
    return from_corners(float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Surest first."""
    return sorted(findings, key=lambda f: (-f.score, f.kind, f.image, f.box or ""))


def _share_within(a: Rect, b: Rect) -> float:
    w = min(a.right, b.right) - max(a.x, b.x)
    h = min(a.bottom, b.bottom) - max(a.y, b.y)
    return max(w, 0.0) * max(h, 0.0) / a.area if a.area else 0.0


def _on_page(rect: Rect, page: Labels) -> bool:
    return _share_within(rect, Rect(0, 0, page.width, page.height)) > 0.8
