"""Draws detections on a picture: box, class and score, each class in a colour of its own."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from labeler.core.boxes import Detection
from labeler.detect.detector import Picture
from labeler.detect.opencv import load

# Ten colours that stay apart on white paper, also for most colour-blind eyes; RGB.
_COLOURS = (
    (0, 90, 181), (220, 50, 32), (0, 128, 96), (148, 60, 160), (190, 110, 0),
    (0, 120, 170), (170, 20, 90), (70, 100, 20), (90, 60, 200), (110, 70, 40),
)  # fmt: skip


def draw(image: Picture, detections: Sequence[Detection], classes: Sequence[str], *, scores: bool = True) -> Picture:
    """A copy of `image` (RGB) with the detections on it, with their scores if wanted; line and letter size follow the picture's."""
    cv2 = load()
    out = np.ascontiguousarray(image).copy()
    line = max(round(sum(out.shape[:2]) / 2 * 0.002), 1)
    # Weakest first, so that the surest label is on top.
    for d in sorted(detections, key=lambda d: d.score):
        colour = _COLOURS[d.class_id % len(_COLOURS)]
        start, end = (round(d.x), round(d.y)), (round(d.right), round(d.bottom))
        cv2.rectangle(out, start, end, colour, line, cv2.LINE_AA)
        name = classes[d.class_id] if d.class_id < len(classes) else str(d.class_id)
        text = f"{name} {d.score:.2f}" if scores else name
        _label(cv2, out, text, at=start, bottom=end[1], colour=colour, line=line)
    return out


def _label(
    cv2: Any, out: Picture, text: str, *, at: tuple[int, int], bottom: int, colour: tuple[int, int, int], line: int
) -> None:
    """Text on a filled plate above the box, or below it where the page ends, never beyond the page's right edge."""
    scale = max(line / 3, 0.35)
    thick = max(line - 1, 1)
    (width, height), base = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    tall = height + base + 2
    x = max(min(at[0], out.shape[1] - width - 2), 0)
    y = at[1] - tall if at[1] >= tall else min(bottom, out.shape[0] - tall)
    cv2.rectangle(out, (x, y), (x + width + 2, y + tall), colour, -1)
    cv2.putText(
        out, text, (x + 1, y + height + 1), cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), thick, cv2.LINE_AA
    )
