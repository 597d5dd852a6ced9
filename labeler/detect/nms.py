"""Non-maximum suppression in numpy: of boxes that show the same digit only the most certain stays."""

import numpy as np
import numpy.typing as npt

from labeler.core.boxes import FloatArray

Indices = npt.NDArray[np.intp]


def nms(corners: FloatArray, scores: FloatArray, *, iou: float) -> Indices:
    """Indices of the boxes that stay, by falling score.

    `corners` (n, 4) as x1, y1, x2, y2. A box goes when it overlaps a better one that stays by more than `iou`.
    """
    order = np.argsort(-scores, kind="stable")
    x1, y1, x2, y2 = corners[order].T.copy()
    area = (x2 - x1) * (y2 - y1)
    alive = np.ones(len(order), dtype=bool)
    keep = []
    for i in range(len(order)):
        if not alive[i]:
            continue
        keep.append(order[i])
        rest = slice(i + 1, None)
        width = np.minimum(x2[i], x2[rest]) - np.maximum(x1[i], x1[rest])
        height = np.minimum(y2[i], y2[rest]) - np.maximum(y1[i], y1[rest])
        shared = width.clip(0.0) * height.clip(0.0)
        alive[rest] &= shared <= iou * (area[i] + area[rest] - shared)
    return np.array(keep, dtype=np.intp)


def nms_by_class(corners: FloatArray, scores: FloatArray, classes: npt.NDArray[np.int64], *, iou: float) -> Indices:
    """As `nms`, but boxes of different classes leave each other alone."""
    if not len(scores):
        return np.empty(0, dtype=np.intp)
    # Moving each class to a place of its own makes one pass do for all of them.
    span = float(corners.max() - corners.min()) + 1.0
    return nms(corners + (classes * span)[:, None], scores, iou=iou)
