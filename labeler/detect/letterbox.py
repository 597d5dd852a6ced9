"""Fits a picture of any size into a detector's input and boxes back into the picture.

The geometry is ultralytics' (scaled to fit, centred on grey 114, sides a multiple of the stride), because the weights were
trained through it. Only the way back is exact here: ultralytics guesses the scale again from the padded size and is then up
to a pixel and a half off on some page shapes.
"""

from dataclasses import dataclass

import numpy as np

from labeler.core.boxes import FloatArray
from labeler.detect.detector import Picture
from labeler.detect.opencv import load

PAD = 114
"""Grey around the picture."""
AVERAGE_FROM = 3
"""Pictures that shrink at least so many times are averaged down instead of sampled."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How a picture of `width` × `height` lies in an input of `input_width` × `input_height`."""

    width: int
    height: int
    inner_width: int
    inner_height: int
    left: int
    top: int
    input_width: int
    input_height: int

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) of the input."""
        return self.input_height, self.input_width


def fit(width: int, height: int, *, imgsz: tuple[int, int], stride: int, rect: bool) -> Fit:
    """Place a picture in at most `imgsz` (height, width); with `rect` padded only up to the next multiple of `stride`."""
    scale = min(imgsz[0] / height, imgsz[1] / width)
    inner_w, inner_h = max(round(width * scale), 1), max(round(height * scale), 1)
    pad_w, pad_h = imgsz[1] - inner_w, imgsz[0] - inner_h
    if rect:
        pad_w, pad_h = pad_w % stride, pad_h % stride
    # The tenth decides on which side the odd pixel goes when the padding is an odd number.
    left, top = round(pad_w / 2 - 0.1), round(pad_h / 2 - 0.1)
    return Fit(width, height, inner_w, inner_h, left, top, inner_w + pad_w, inner_h + pad_h)


def place(image: Picture, where: Fit) -> Picture:
    """`image` scaled and padded as `where` says; (input_height, input_width, 3)."""
    if (image.shape[1], image.shape[0]) != (where.inner_width, where.inner_height):
        image = _scaled(image, where.inner_width, where.inner_height)
    out = np.full((*where.shape, 3), PAD, dtype=np.uint8)
    out[where.top : where.top + where.inner_height, where.left : where.left + where.inner_width] = image
    return out


def _scaled(image: Picture, width: int, height: int) -> Picture:
    """Bilinear, as in training. A photograph several times too large would lose thin strokes between the samples: it is sampled at
    twice the size and averaged, nearly as good as averaging all its pixels at a tenth of the time."""
    cv2 = load()
    if image.shape[1] >= AVERAGE_FROM * width:
        image = cv2.resize(image, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def restore(corners: FloatArray, where: Fit) -> FloatArray:
    """Boxes (n, 4) as x1, y1, x2, y2 in the input, turned into pixels of the picture and cut to it."""
    across, down = where.inner_width / where.width, where.inner_height / where.height
    out = (corners - (where.left, where.top, where.left, where.top)) / (across, down, across, down)
    return out.clip(0.0, (where.width, where.height, where.width, where.height))
