"""Click on ink against people's boxes: `python tests/benchmarks/bench_click_on_ink.py SHARED/data/detection [SOURCE …] [--pages 60]`.

On each page every isolated digit (no other labelled box within a tenth of its height) is clicked once, on a pixel of its ink drawn at
random from the middle of its box. Counts boxes that overlap the person's with IoU ≥ 0.8, in four situations: `first` is the first click
on an unknown page; `sized` knows how large digits are there, as with suggestions or a few boxes; `session` is a source worked through page
after page, where each box that missed is dragged right and the app learns from that how loosely the person draws; `habit` knows six of the
person's other boxes on the page. `tight` is the share that the person's own ink outline with the best margin for each page would reach:
what looseness of the labels leaves to be had.
"""

import argparse
import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from labeler.core.boxes import Rect, clip, iou
from labeler.core.looseness import Looseness
from labeler.detect import ink

ENOUGH = 0.8
SITUATIONS = ("first", "sized", "session", "habit", "tight")


def pages(folder: Path, limit: int) -> Iterator[tuple[np.ndarray, list[Rect]]]:
    files = sorted((folder / "images").iterdir())
    for file in files[:: max(len(files) // limit, 1)]:
        label = folder / "labels" / f"{file.stem}.txt"
        picture = cv2.imdecode(np.frombuffer(file.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
        if picture is None or not label.exists():
            continue
        height, width = picture.shape[:2]
        rows = [[float(v) for v in line.split()[1:5]] for line in label.read_text().splitlines() if line.strip()]
        boxes = [Rect((cx - w / 2) * width, (cy - h / 2) * height, w * width, h * height) for cx, cy, w, h in rows]
        yield picture[..., ::-1], boxes


def isolated(box: Rect, others: list[Rect]) -> bool:
    by = 0.1 * box.h
    return not any(
        o.x < box.right + by and o.right > box.x - by and o.y < box.bottom + by and o.bottom > box.y - by
        for o in others
    )


def ink_inside(picture: np.ndarray, box: Rect) -> tuple[np.ndarray, np.ndarray]:
    """Places of dark pixels in a person's box, by Otsu's threshold: independent of what is measured."""
    x, y = max(int(box.x), 0), max(int(box.y), 0)
    part = np.ascontiguousarray(picture[y : int(box.bottom) + 1, x : int(box.right) + 1])
    if part.size < 150:
        return np.empty(0), np.empty(0)
    _, mask = cv2.threshold(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    rows, columns = np.nonzero(mask)
    return columns + x, rows + y


def outline(xs: np.ndarray, ys: np.ndarray) -> Rect:
    """Of the dark pixels, without the outermost hundredth: specks at the border are no ink."""
    (x1, x2), (y1, y2) = (np.percentile(v, [0.5, 99.5]) for v in (xs, ys))
    return Rect(float(x1), float(y1), float(x2 - x1 + 1), float(y2 - y1 + 1))


def grown(rect: Rect, by: float) -> Rect:
    return Rect(rect.x - by, rect.y - by, rect.w + 2 * by, rect.h + 2 * by)


def judge_page(
    picture: np.ndarray,
    boxes: list[Rect],
    rng: np.random.Generator,
    took: list[float],
    learnt: Looseness,
    misses: Path | None,
    name: str,
) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {s: [] for s in SITUATIONS}
    tight: list[tuple[Rect, Rect]] = []
    for n, box in enumerate(boxes):
        others = boxes[:n] + boxes[n + 1 :]
        xs, ys = ink_inside(picture, box)
        middle = (abs(xs - box.x - box.w / 2) < 0.35 * box.w) & (abs(ys - box.y - box.h / 2) < 0.35 * box.h)
        if not isolated(box, others) or not middle.any():
            continue
        at = rng.choice(np.flatnonzero(middle))
        x, y = float(xs[at]) + 0.5, float(ys[at]) + 0.5
        size = statistics.median(max(o.w, o.h) for o in others) if others else None
        margin = ink.margin_of(picture, others[:6]) if len(others) >= 6 else None
        for situation, known in {
            "first": {}, "sized": {"size": size}, "habit": {"size": size, "margin": margin},
        }.items():  # fmt: skip
            started = time.perf_counter()
            got = ink.ink_box(picture, x, y, **known)
            took.append((time.perf_counter() - started) * 1000)
            found[situation].append(iou(got, box) if got else 0.0)
        found["session"].append(in_session(picture, box, (x, y), size if n else None, learnt))
        tight.append((outline(xs, ys), box))
        if misses is not None and found["habit"][-1] < ENOUGH:
            show_miss(picture, box, got, (x, y), misses / f"{name}-{n}.png")
    margins = np.linspace(0, 0.25, 26)
    scores = [[iou(grown(t, m * max(t.w, t.h)), box) for t, box in tight] for m in margins]
    found["tight"] = max(scores, key=lambda s: sum(v >= ENOUGH for v in s)) if tight else []
    return found


def in_session(picture: np.ndarray, box: Rect, at: tuple[float, float], size: float | None, learnt: Looseness) -> float:
    """What the next click of somebody at work gives; a box that missed is dragged right, and learnt from."""
    if learnt:
        tight = ink.ink_box(picture, *at, size=size, margin=0.0)
        got = clip(learnt.around(tight), picture.shape[1], picture.shape[0]) if tight else None
    else:
        got = ink.ink_box(picture, *at, size=size)
    overlap = iou(got, box) if got else 0.0
    margin = ink.margin_of(picture, [box]) if overlap < ENOUGH else None
    if margin is not None:
        learnt.learn(box, margin)
    return overlap


def show_miss(picture: np.ndarray, box: Rect, got: Rect | None, at: tuple[float, float], file: Path) -> None:
    by = 0.8 * max(box.w, box.h)
    x, y = max(int(box.x - by), 0), max(int(box.y - by), 0)
    part = np.ascontiguousarray(picture[y : int(box.bottom + by), x : int(box.right + by), ::-1])
    scale = 200 / max(part.shape[:2])
    part = cv2.resize(part, None, fx=scale, fy=scale)
    for rect, colour in ((box, (0, 170, 0)), (got, (0, 0, 255))):
        if rect is not None:
            corners = [
                (int((px - x) * scale), int((py - y) * scale))
                for px, py in ((rect.x, rect.y), (rect.right, rect.bottom))
            ]
            cv2.rectangle(part, *corners, colour, 1)
    cv2.circle(part, (int((at[0] - x) * scale), int((at[1] - y) * scale)), 3, (255, 0, 0), -1)
    cv2.imwrite(str(file), part)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sources", nargs="*")
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--misses", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    total: dict[str, list[float]] = {s: [] for s in SITUATIONS}
    for source in options.sources or sorted(p.name for p in options.folder.iterdir() if (p / "labels").is_dir()):
        rng, took, learnt = np.random.default_rng(0), [], Looseness()
        found: dict[str, list[float]] = {s: [] for s in SITUATIONS}
        for n, (picture, boxes) in enumerate(pages(options.folder / source, options.pages)):
            for situation, values in judge_page(
                picture, boxes, rng, took, learnt, options.misses, f"{source}-{n}"
            ).items():
                found[situation] += values
                total[situation] += values
        tell(source, found, took)
    tell("all", total, [])


def tell(source: str, found: dict[str, list[float]], took: list[float]) -> None:
    shares: dict[str, Any] = {s: round(float(np.mean(np.array(v) >= ENOUGH)), 3) for s, v in found.items() if v}
    time_taken = {"median_ms": round(statistics.median(took), 1)} if took else {}
    print(json.dumps({"source": source, "digits": len(found["first"]), **shares, **time_taken}), flush=True)


if __name__ == "__main__":
    main()
