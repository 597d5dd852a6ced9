"""Reads what a YOLO network puts out: YOLOv5u, YOLO11 and YOLO26 (raw), and end-to-end models that bring their own suppression."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labeler.core.boxes import FloatArray
from labeler.detect.nms import nms, nms_by_class

MAX_CANDIDATES = 30_000
"""Of more candidates on one page only the most certain are looked at."""


@dataclass(frozen=True, slots=True)
class Found:
    """Detections of one input, by falling score: corners (n, 4) in pixels of the input, scores (n,), classes (n,)."""

    corners: FloatArray
    scores: FloatArray
    classes: npt.NDArray[np.int64]

    def take(self, rows: npt.NDArray[np.intp]) -> "Found":
        """Only these rows, in this order."""
        return Found(self.corners[rows], self.scores[rows], self.classes[rows])


def read_raw(output: npt.NDArray[np.float32], *, min_score: float) -> Found:
    """Candidates in (4 + classes, n): centre x, centre y, width, height, then a score for each class."""
    scores = output[4:]
    sure = np.flatnonzero(scores.max(axis=0) >= min_score)
    boxes = output[:4, sure].T.astype(np.float64)
    half = boxes[:, 2:] / 2
    corners = np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], axis=1)
    picked = scores[:, sure]
    return Found(corners, picked.max(axis=0).astype(np.float64), picked.argmax(axis=0).astype(np.int64))


def read_end_to_end(output: npt.NDArray[np.float32], *, min_score: float) -> Found:
    """Detections in (n, 6): x1, y1, x2, y2, score, class."""
    rows = output[output[:, 4] >= min_score].astype(np.float64)
    return Found(rows[:, :4], rows[:, 4], rows[:, 5].astype(np.int64))


def suppress(found: Found, *, iou: float) -> Found:
    """What stays within each class, by falling score."""
    found = found.take(np.argsort(-found.scores, kind="stable")[:MAX_CANDIDATES])
    return found.take(nms_by_class(found.corners, found.scores, found.classes, iou=iou))


def one_a_digit(found: Found, *, iou: float) -> Found:
    """What stays when boxes that overlap by more than `iou` are the same digit whatever their class; 1 keeps all."""
    return found if iou >= 1.0 else found.take(nms(found.corners, found.scores, iou=iou))
