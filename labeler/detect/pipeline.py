"""From pictures to detections around a network: fit, batch, run, read, suppress, put back.

The network is a function from inputs to its raw output, so the same steps serve ONNX Runtime and the check of an export
against PyTorch. Owns no network and no file.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from labeler.core.boxes import MIN_SIDE, Detection
from labeler.detect import looking
from labeler.detect.detector import Picture
from labeler.detect.letterbox import Fit, fit, place, restore
from labeler.detect.outputs import Found, one_a_digit, read_end_to_end, read_raw, suppress

Batch = npt.NDArray[np.float32]
Network = Callable[[Batch], Batch]
"""Inputs (n, 3, h, w) in 0…1, RGB, to (n, 4 + classes, anchors) or, end-to-end, (n, rows, 6)."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture as the network takes it, (height, width, 3), and how it lies there. Small, whatever the picture was."""

    pixels: Picture
    where: Fit


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A detector around `network`. With `rect`, inputs are as small as the picture allows; else all are `imgsz` (h, w).

    `duplicate_iou`: boxes that overlap more than this are the same digit, whatever class they were given. `max_batch`
    bounds how many pictures go into the network at once, `limit` how many detections a page may have. With `look_again`, a
    page whose digits are tiny or huge at `imgsz` is looked at again at a size that suits them (`looking`); this needs `rect`.
    """

    network: Network
    classes: tuple[str, ...]
    imgsz: tuple[int, int] = (640, 640)
    stride: int = 32
    rect: bool = True
    end_to_end: bool = False
    max_batch: int = 8
    duplicate_iou: float = 0.8
    limit: int = 1000
    look_again: bool = False

    def prepare(self, image: Picture, size: int | None = None) -> Prepared:
        """Fit one picture, into `imgsz` or into a square of `size`; safe to call from several threads."""
        height, width = image.shape[:2]
        imgsz = (size, size) if size else self.imgsz
        where = fit(width, height, imgsz=imgsz, stride=self.stride, rect=self.rect)
        return Prepared(place(image, where), where)

    def infer(
        self, prepared: Sequence[Prepared], *, min_score: float = 0.25, iou: float = 0.45
    ) -> list[list[Detection]]:
        """Detections of prepared pictures, in order. Pictures of one input size share a run of the network."""
        out: list[list[Detection]] = [[] for _ in prepared]
        for rows in _alike(prepared, self.max_batch):
            raw = self.network(as_input([prepared[i].pixels for i in rows]))
            for i, one in zip(rows, raw, strict=True):
                out[i] = self._read(one, prepared[i].where, min_score=min_score, iou=iou)
        return out

    def detect(self, images: Sequence[Picture], *, min_score: float = 0.25, iou: float = 0.45) -> list[list[Detection]]:
        """See `Detector.detect`."""
        if not self.look_again:
            return self.infer([self.prepare(image) for image in images], min_score=min_score, iou=iou)
        # What is below the score asked for still says how large the digits are.
        floor = min(min_score, looking.SURE)
        first = self.infer([self.prepare(image, self._first_size(image)) for image in images], min_score=floor, iou=iou)
        best = [self._look(*pair, floor, iou) for pair in zip(images, first, strict=True)]
        return [[d for d in found if d.score >= min_score] for found in best]

    def _first_size(self, image: Picture) -> int:
        return looking.first_size(max(image.shape[:2]), own=max(self.imgsz), stride=self.stride)

    def _look(self, image: Picture, first: list[Detection], min_score: float, iou: float) -> list[Detection]:
        def at(size: int) -> list[Detection]:
            if size == self._first_size(image):
                return first
            return self.infer([self.prepare(image, size)], min_score=min_score, iou=iou)[0]

        return looking.look(at, longest=max(image.shape[:2]), own=max(self.imgsz), stride=self.stride)

    def _read(self, output: Batch, where: Fit, *, min_score: float, iou: float) -> list[Detection]:
        read = read_end_to_end if self.end_to_end else read_raw
        found = suppress(read(output, min_score=min_score), iou=iou)
        # Duplicates are judged as the person sees them, so after the cut at the page's edge.
        on_page = one_a_digit(replace(found, corners=restore(found.corners, where)), iou=self.duplicate_iou)
        return _detections(on_page)[: self.limit]


def _alike(prepared: Sequence[Prepared], most: int) -> list[list[int]]:
    """Indices grouped by input size, at most `most` a group."""
    by_shape: dict[tuple[int, int], list[int]] = {}
    for i, p in enumerate(prepared):
        by_shape.setdefault(p.where.shape, []).append(i)
    return [rows[at : at + most] for rows in by_shape.values() for at in range(0, len(rows), most)]


def as_input(pictures: Sequence[Picture]) -> Batch:
    """Pictures of one size as the network's input."""
    stacked = np.stack([p.transpose(2, 0, 1) for p in pictures])
    return stacked.astype(np.float32) * np.float32(1 / 255)


def _detections(found: Found) -> list[Detection]:
    rows = zip(found.corners.tolist(), found.scores.tolist(), found.classes.tolist(), strict=True)
    return [
        Detection(x1, y1, x2 - x1, y2 - y1, class_id, score)
        for (x1, y1, x2, y2), score, class_id in rows
        if x2 - x1 >= MIN_SIDE and y2 - y1 >= MIN_SIDE
    ]
