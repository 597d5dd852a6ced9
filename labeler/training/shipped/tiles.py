"""Cuts and stacks real labelled pages into training tiles. Owns geometry of tiles; reads YOLO label files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labeler.training.synth.page import Page
from labeler.training.synth.paper import Generator

TILE = 320


def read_page(image: Path, label: Path) -> Page:
    """A labelled page, upright, with its boxes in pixels."""
    import cv2

    picture = cv2.imdecode(np.frombuffer(image.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError(f"not a picture: {image}")
    height, width = picture.shape[:2]
    return Page(picture, read_boxes(label, width=width, height=height))


def read_boxes(label: Path, *, width: int, height: int) -> NDArray[np.float64]:
    """Rows of class, x1, y1, x2, y2 in pixels from a YOLO file; no rows where the file is missing or empty."""
    lines = label.read_text(encoding="utf-8").split("\n") if label.exists() else []
    rows = np.array([[float(v) for v in line.split()] for line in lines if line.strip()]).reshape(-1, 5)
    middle, half = rows[:, 1:3], rows[:, 3:5] / 2
    size = np.array([width, height])
    return np.concatenate([rows[:, :1], (middle - half) * size, (middle + half) * size], axis=1)


def scaled(page: Page, factor: float) -> Page:
    """The page enlarged or reduced, boxes with it."""
    import cv2

    height, width = page.image.shape[:2]
    goal = (max(8, round(width * factor)), max(8, round(height * factor)))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    image = np.asarray(cv2.resize(page.image, goal, interpolation=how), np.uint8)
    grow = np.array([1.0, goal[0] / width, goal[1] / height, goal[0] / width, goal[1] / height])
    return Page(image, page.boxes * grow)


def whole(page: Page) -> Page:
    """The page with its longer side at tile size."""
    return scaled(page, TILE / max(page.image.shape[:2]))


def window(page: Page, rng: Generator, *, low: float = 13.0, high: float = 150.0, anywhere: float = 0.1) -> Page:
    """A square piece of the page around some digit, at a scale that makes digits `low` to `high` pixels high.

    With chance `anywhere` it is a piece from anywhere, so that what is no digit is seen too.
    Digits of which the window shows less than half are painted over with their surroundings.
    """
    usual = float(np.median(page.boxes[:, 4] - page.boxes[:, 2])) if len(page.boxes) else 0.05 * page.image.shape[0]
    floor = TILE / max(page.image.shape[:2])
    factor = max(float(np.exp(rng.uniform(np.log(low), np.log(high)))) / usual, 0.5 * floor)
    near = scaled(page, factor)
    height, width = near.image.shape[:2]
    if len(near.boxes) and rng.random() < 1 - anywhere:
        box = near.boxes[int(rng.integers(len(near.boxes)))]
        middle = np.array([box[1] + box[3], box[2] + box[4]]) / 2
    else:
        middle = rng.uniform(0, 1, 2) * (width, height)
    corner = middle - rng.uniform(0.15, 0.85, 2) * TILE
    room = np.maximum(np.array([width, height]) - TILE, 0)
    x, y = np.round(np.clip(corner, 0, room)).astype(int)
    return _cut(near, int(x), int(y))


def stacked(pages: list[Page], rng: Generator) -> Page:
    """Strips under one another in one square tile, each as wide as it likes up to the tile's width."""
    canvas = np.full((TILE, TILE, 3), int(rng.integers(90, 256)), np.uint8)
    boxes = []
    top = 0
    for page in pages:
        strip = scaled(page, TILE * float(rng.uniform(0.45, 1.0)) / page.image.shape[1])
        height, width = strip.image.shape[:2]
        if top + height > TILE:
            break
        left = int(rng.integers(0, TILE - width + 1))
        canvas[top : top + height, left : left + width] = strip.image
        boxes.append(strip.boxes + np.array([0, left, top, left, top]))
        top += height + int(rng.integers(0, 6))
    return Page(canvas, np.concatenate([*boxes, np.zeros((0, 5))]))


def _cut(page: Page, x: int, y: int) -> Page:
    image = page.image[y : y + TILE, x : x + TILE].copy()
    height, width = image.shape[:2]
    boxes = page.boxes - np.array([0, x, y, x, y])
    seen = np.clip(boxes[:, 1:], 0, np.array([width, height, width, height]))
    area = np.prod(boxes[:, 3:5] - boxes[:, 1:3], axis=1)
    share = np.prod(seen[:, 2:] - seen[:, :2], axis=1) / np.maximum(area, 1e-9)
    for part in seen[(share > 0.02) & (share < 0.5)]:
        _paint_over(image, part)
    keep = share >= 0.5
    return Page(image, np.concatenate([boxes[keep, :1], seen[keep]], axis=1))


def _paint_over(image: NDArray[np.uint8], part: NDArray[np.float64]) -> None:
    x1, y1 = np.floor(part[:2]).astype(int)
    x2, y2 = np.ceil(part[2:]).astype(int)
    left, top = max(0, x1 - 4), max(0, y1 - 4)
    inside = np.zeros(image.shape[:2], bool)
    inside[y1:y2, x1:x2] = True
    around = image[top : y2 + 4, left : x2 + 4][~inside[top : y2 + 4, left : x2 + 4]]
    if len(around):
        image[y1:y2, x1:x2] = np.median(around, axis=0)
