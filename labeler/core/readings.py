"""What a model reads on a page whose labels come from its prompt: a second witness, who may object or confirm. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from labeler.core.boxes import ClassRect, Detection, as_array, iou_matrix
from labeler.core.doubts import Doubt, Kind

SAME_PLACE = 0.5
"""A detection that overlaps a box this much (IoU) speaks about it."""
FIRM = 0.8
"""Score from which a model's objection counts …"""
HINT = 0.1
"""… unless it gives the asked digit at least this score at the same place."""
SURE = 0.5
"""Score from which a detection confirms a digit."""
CLEAR = 0.7
"""Score from which a digit's extent as the model sees it counts …"""
OTHER_EXTENT = (0.3, 0.6)
"""… where it overlaps the box (IoU) so much and yet so little: the box then lacks a stroke, or has one of its neighbour's."""
CONFIRMED_PLACE = 0.8
"""Least overlap (IoU) of a box with the detection that confirms it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """By class id: how many digits the model read as they were asked for, and how many it missed or misread."""

    right: dict[int, int]
    wrong: dict[int, int]


def objections(boxes: Sequence[ClassRect], seen: Sequence[Detection], names: Sequence[str]) -> tuple[Doubt, ...]:
    """Where a model firmly reads another class than a box has. `names` are the classes by id."""
    doubts = []
    for box, near in zip(boxes, _near(boxes, seen), strict=True):
        best = max(near, key=lambda d: d.score, default=None)
        hinted = any(d.class_id == box.class_id and d.score >= HINT for d in near)
        if best is not None and best.class_id != box.class_id and best.score >= FIRM and not hinted:
            doubts.append(Doubt(Kind.DISAGREES, asked=names[box.class_id], found=names[best.class_id]))
    return tuple(doubts)


def differs_in_extent(boxes: Sequence[ClassRect], seen: Sequence[Detection]) -> bool:
    """Whether a model clearly reads the very digit of a box, but not so large or elsewhere: strokes may be with the wrong digit."""
    clear = [d for d in seen if d.score >= CLEAR]
    if not boxes or not clear:
        return False
    overlap = iou_matrix(as_array(boxes), as_array(clear))
    overlap[np.array([[d.class_id != b.class_id for d in clear] for b in boxes])] = 0.0
    low, high = OTHER_EXTENT
    best = overlap.max(axis=1)
    return bool(((best > low) & (best < high)).any())


def confirms(boxes: Sequence[ClassRect], seen: Sequence[Detection], places: Sequence[int] | None = None) -> bool:
    """Whether a model, which does not know the prompt, read exactly these digits where these boxes are.

    With `places` only those of the boxes are asked about, and the model may have overlooked others. Never does it confirm what it saw
    more digits than boxes on.
    """
    sure = [d for d in seen if d.score >= SURE]
    asked = range(len(boxes)) if places is None else places
    if not asked or len(sure) > len(boxes) or (places is None and len(sure) < len(boxes)):
        return False
    overlap = iou_matrix(as_array(boxes), as_array(sure)) if sure else np.zeros((len(boxes), 1))
    best = [int(overlap[k].argmax()) for k in asked]
    return len(set(best)) == len(best) and all(
        overlap[k, i] >= CONFIRMED_PLACE and sure[i].class_id == boxes[k].class_id
        for k, i in zip(asked, best, strict=True)
    )


def outcome(boxes: Sequence[ClassRect], seen: Sequence[Detection], *, min_score: float = 0.25) -> Outcome:
    """How the model did on digits that are known."""
    right: dict[int, int] = {}
    wrong: dict[int, int] = {}
    for box, near in zip(boxes, _near(boxes, seen), strict=True):
        best = max(near, key=lambda d: d.score, default=None)
        read = best is not None and best.score >= min_score and best.class_id == box.class_id
        counts = right if read else wrong
        counts[box.class_id] = counts.get(box.class_id, 0) + 1
    return Outcome(right, wrong)


def _near(boxes: Sequence[ClassRect], seen: Sequence[Detection]) -> list[list[Detection]]:
    """For each box the detections at its place."""
    if not boxes or not seen:
        return [[] for _ in boxes]
    overlap = iou_matrix(as_array(boxes), as_array(seen))
    return [[d for d, o in zip(seen, row, strict=True) if o >= SAME_PLACE] for row in overlap]
