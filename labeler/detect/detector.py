"""What a detector is to the rest of Labeler: pictures in, boxes with scores out."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from labeler.core.boxes import Detection

Picture = npt.NDArray[np.uint8]
"""(height, width, 3) RGB, upright."""


class Detector(Protocol):
    """Finds digits. `classes` names what each `class_id` of its detections stands for."""

    @property
    def classes(self) -> tuple[str, ...]: ...

    def detect(self, images: Sequence[Picture], *, min_score: float = 0.25, iou: float = 0.45) -> list[list[Detection]]:
        """For each image what was found, by falling score, in pixels of that image and inside it.

        Boxes of one class that overlap by more than `iou` are one digit. An image's result does not depend on the others.
        """
        ...
