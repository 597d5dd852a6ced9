"""Pages of handwriting with true boxes, drawn from the core's pen paths: small and quick, one hand a page."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as Picture
from PIL import ImageDraw

from labeler.core.boxes import Rect
from labeler.core.digits import draw_digit, writer_style
from tests.helpers.pictures import encoded

SMOOTH = 3
"""Digits are drawn this many times larger and scaled down, so that pen edges are soft."""


@dataclass(frozen=True, slots=True)
class Handwriting:
    """`picture` is (h, w, 3) uint8 RGB; `boxes` are class and extent of the ink, in pixels."""

    picture: np.ndarray
    boxes: tuple[tuple[int, Rect], ...]

    def png(self) -> bytes:
        return encoded(self.picture)

    def jpeg(self, quality: int = 92) -> bytes:
        return encoded(self.picture, "JPEG", quality=quality)

    def yolo(self) -> str:
        """The boxes as the text of a YOLO label file."""
        height, width = self.picture.shape[:2]
        return "".join(
            f"{digit} {(r.x + r.w / 2) / width:.6f} {(r.y + r.h / 2) / height:.6f} {r.w / width:.6f} {r.h / height:.6f}\n"
            for digit, r in self.boxes
        )


def page(seed: int = 0, *, writer: int = 0, digits: int = 6, width: int = 400, height: int = 300) -> Handwriting:
    """A page of `digits` digits that do not touch, by the hand of `writer`; the same arguments are the same pixels."""
    rng = np.random.default_rng((seed, writer, digits))
    columns = max(1, int(np.ceil(np.sqrt(digits * width / height))))
    rows = max(1, int(np.ceil(digits / columns)))
    cell_w, cell_h = width / columns, height / rows
    ink = np.zeros((height, width), dtype=np.uint8)
    boxes = []
    for n in range(digits):
        digit = int(rng.integers(10))
        side = int(min(cell_w, cell_h) * rng.uniform(0.5, 0.8))
        glyph = _glyph(digit, side, rng=rng, writer=writer)
        x = int((n % columns) * cell_w + rng.uniform(0.1, 0.9) * (cell_w - side))
        y = int((n // columns) * cell_h + rng.uniform(0.1, 0.9) * (cell_h - side))
        ink[y : y + side, x : x + side] = np.maximum(ink[y : y + side, x : x + side], glyph)
        boxes.append((digit, _extent(glyph, x, y)))
    paper = np.array([252.0, 250.0, 244.0])
    pen = np.array([30.0, 36.0, 70.0])
    cover = (ink / 255.0)[..., None]
    return Handwriting((paper * (1 - cover) + pen * cover).round().astype(np.uint8), tuple(boxes))


def write_yolo(
    folder: Path, pages: dict[str, Handwriting], *, names: list[str] | None = None, split: str = "train"
) -> Path:
    """A YOLO data set of these pages (stem → page) with data.yaml; returns the folder. `names` may be in any order."""
    images, labels = folder / "images" / split, folder / "labels" / split
    images.mkdir(parents=True, exist_ok=True)
    labels.mkdir(parents=True, exist_ok=True)
    names = names or [str(n) for n in range(10)]
    for stem, made in pages.items():
        (images / f"{stem}.png").write_bytes(made.png())
        lines = [line.split(" ", 1) for line in made.yolo().splitlines()]
        text = "".join(f"{names.index(digit)} {rest}\n" for digit, rest in lines)
        (labels / f"{stem}.txt").write_text(text, encoding="utf-8")
    listed = "".join(f"  {n}: '{name}'\n" for n, name in enumerate(names))
    (folder / "data.yaml").write_text(f"{split}: images/{split}\nnames:\n{listed}", encoding="utf-8")
    return folder


def _glyph(digit: int, side: int, *, rng: np.random.Generator, writer: int) -> np.ndarray:
    style = writer_style(writer)
    big = side * SMOOTH
    pen = max(SMOOTH, round(style.pen_width * big * 0.8))
    canvas = Picture.new("L", (big, big), 0)
    draw = ImageDraw.Draw(canvas)
    for stroke in draw_digit(digit, rng, style):
        points = stroke * (big - 2 * pen) + pen
        draw.line([(float(x), float(y)) for x, y in points], fill=255, width=pen, joint="curve")
        for x, y in points:
            draw.ellipse([x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2], fill=255)
    return np.asarray(canvas.resize((side, side), Picture.Resampling.BOX))


def _extent(glyph: np.ndarray, x: int, y: int) -> Rect:
    rows, columns = np.flatnonzero(glyph.max(axis=1) > 64), np.flatnonzero(glyph.max(axis=0) > 64)
    left, top = int(columns[0]), int(rows[0])
    return Rect(float(x + left), float(y + top), float(columns[-1] + 1 - left), float(rows[-1] + 1 - top))


def pushed_together(made: Handwriting, left: int, right: int) -> Handwriting:
    """The same page with the digit number `right` moved beside `left` until a stroke joins the two."""
    picture = made.picture.copy()
    (_, near), (digit, far) = made.boxes[left], made.boxes[right]
    part = _pixels(picture, far).copy()
    _pixels(picture, far)[:] = picture[0, 0]
    moved = Rect(near.right + 2, near.y, far.w, far.h)
    place = _pixels(picture, moved)
    place[:] = np.minimum(place, part)
    ends = [min(_inked(picture, r), key=lambda at, s=side: s * at[0]) for r, side in ((near, -1), (moved, 1))]
    drawn = Picture.fromarray(picture)
    ImageDraw.Draw(drawn).line(ends, fill=(30, 36, 70), width=4)
    boxes = [(digit, moved) if n == right else box for n, box in enumerate(made.boxes)]
    return Handwriting(np.array(drawn), tuple(boxes))


def _pixels(picture: np.ndarray, r: Rect) -> np.ndarray:
    return picture[round(r.y) : round(r.bottom), round(r.x) : round(r.right)]


def _inked(picture: np.ndarray, r: Rect) -> list[tuple[int, int]]:
    rows, columns = np.nonzero(_pixels(picture, r).min(axis=2) < 120)
    return [(round(r.x) + int(x), round(r.y) + int(y)) for x, y in zip(columns, rows, strict=True)]
