"""Measures a shipped detector on pages nobody trained on, source by source, with the core's own measures.

Owns which pages are judged and how. Reads weights and pictures, changes nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeler.core import metrics
from labeler.core.boxes import Detection, Rect, intersection, new_box
from labeler.core.matching import Page as Judged
from labeler.training.shipped import holdout, tiles
from labeler.training.shipped.data import held_out_sources
from labeler.training.synth.page import make_page

LOWEST_SCORE = 0.001
SUPPRESSION_IOU = 0.45
SCORES = (0.25, 0.5)
MADE_PAGES = 300

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Case:
    """One page to judge: picture (blue, green, red), truth as class, x1, y1, x2, y2, and where detections count."""

    picture: Picture
    truth: NDArray[np.float64]
    counts: Callable[[Detection], bool] = lambda _: True


def evaluate(data: Path, weights: Path, *, imgsz: int, only: Sequence[str] | None = None) -> dict[str, Any]:
    """Measures per source: `{weights, imgsz, sources: {name: {...}}}`, ready for JSON."""
    detect = _detector(weights, imgsz)
    makers = sources(data)
    names = [name for name in makers if not only or name in only]
    return {
        "weights": weights.name,
        "imgsz": imgsz,
        "suppression_iou": SUPPRESSION_IOU,
        "sources": {name: judge([judged(case, detect(case.picture)) for case in makers[name]()]) for name in names},
    }


def sources(data: Path) -> dict[str, Callable[[], list[Case]]]:
    """The held-out pages of each source; unseen sources are judged whole."""
    detection, strokes = data / "detection", data / "strokes"
    return {
        "hme_vas": lambda: _yolo_cases(detection / "hme_vas", holdout.hme_vas(detection)),
        "car_a": lambda: _yolo_cases(detection / "car_a", holdout.car_a(detection)),
        "ink_pages": lambda: _yolo_cases(detection / "ink_pages_rendered", holdout.ink_pages(strokes)),
        "made_pages": lambda: _made_cases(data),
        "webcam_numbers": lambda: _yolo_cases(detection / "webcam_numbers", None),
        "worksheet_scans": lambda: _yolo_cases(detection / "worksheet_scans", None),
        "sudoku_phone": lambda: _sudoku_cases(detection / "sudoku_phone", print_counts=False),
        "sudoku_phone_strict": lambda: _sudoku_cases(detection / "sudoku_phone", print_counts=True),
    }


def judged(case: Case, found: Sequence[Detection]) -> Judged:
    """Truth and detections of a page as the core's measures take them."""
    truth = [new_box(Rect(x1, y1, x2 - x1, y2 - y1), int(c)) for c, x1, y1, x2, y2 in case.truth.tolist()]
    return Judged(truth, [d for d in found if case.counts(d)])


def judge(pages: Sequence[Judged]) -> dict[str, Any]:
    """COCO's measures, and at each of `SCORES` what a teacher would have to correct."""
    out: dict[str, Any] = {}
    for score in SCORES:
        m = metrics.evaluate(pages, classes=10, min_score=score)
        out |= {"pages": m.pages, "digits": m.boxes, "map50": m.map50, "map50_95": m.map50_95}
        c = m.corrections
        out[f"at_{score}"] = {
            "no_correction": c.untouched_share,
            "right_class": (c.untouched + c.moved) / c.digits if c.digits else None,
            "moved": c.moved, "relabelled": c.relabelled, "missed": c.added, "false_alarms": c.deleted,
            "corrections_per_100": c.per_100, "blank_pages": m.blank.pages,
            "blank_pages_with_false_alarm": m.blank.with_false_alarm,
        }  # fmt: skip
    return out


def as_table(result: dict[str, Any]) -> str:
    """The result as lines for people."""
    titles = ("mAP50", "mAP50-95", "ok@0.25", "ok@0.5", "class@0.25")
    rows = [f"{'source':<20}{'pages':>6}{'digits':>7}" + "".join(f"{title:>11}" for title in titles)]
    for name, s in result["sources"].items():
        low, high = s["at_0.25"], s["at_0.5"]
        figures = (s["map50"], s["map50_95"], low["no_correction"], high["no_correction"], low["right_class"])
        cells = "".join(f"{'–':>11}" if value is None else f"{value:>11.3f}" for value in figures)
        rows.append(f"{name:<20}{s['pages']:>6}{s['digits']:>7}{cells}")
    return "\n".join(rows)


def _detector(weights: Path, imgsz: int) -> Callable[[Picture], list[Detection]]:
    """The app's own detector for an ONNX file; ultralytics for weights that are still in training."""
    return _exported(weights, imgsz) if weights.suffix == ".onnx" else _in_training(weights, imgsz)


def _exported(weights: Path, imgsz: int) -> Callable[[Picture], list[Detection]]:
    from labeler.detect.onnx import OnnxDetector

    detector = OnnxDetector(weights, imgsz=imgsz)

    def detect(picture: Picture) -> list[Detection]:
        upright = np.ascontiguousarray(picture[:, :, ::-1])
        return detector.detect([upright], min_score=LOWEST_SCORE, iou=SUPPRESSION_IOU)[0]

    return detect


def _in_training(weights: Path, imgsz: int) -> Callable[[Picture], list[Detection]]:
    os.environ.setdefault("YOLO_OFFLINE", "1")
    os.environ.setdefault("YOLO_AUTOINSTALL", "false")
    from ultralytics import YOLO

    model = YOLO(str(weights), task="detect")

    def detect(picture: Picture) -> list[Detection]:
        result = model.predict(
            reduced(picture, imgsz), imgsz=imgsz, conf=LOWEST_SCORE, iou=SUPPRESSION_IOU, agnostic_nms=True, max_det=1000,
            verbose=False, device="cpu",
        )[0].boxes  # fmt: skip
        grow = max(1.0, max(picture.shape[:2]) / imgsz)
        rows = zip(result.xyxy.tolist(), result.conf.tolist(), result.cls.tolist(), strict=True)
        return [
            Detection(x1 * grow, y1 * grow, (x2 - x1) * grow, (y2 - y1) * grow, int(c), score)
            for (x1, y1, x2, y2), score, c in rows
        ]

    return detect


def reduced(picture: Picture, longest: int) -> Picture:
    """The picture with its longer side at most `longest`, averaged down so that thin lines survive."""
    import cv2

    height, width = picture.shape[:2]
    factor = longest / max(height, width)
    if factor >= 1:
        return picture
    goal = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(picture, goal, interpolation=cv2.INTER_AREA), np.uint8)


def _yolo_cases(folder: Path, held: dict[str, bool] | None) -> list[Case]:
    """The held-out pages of a folder; all of them where `held` is None."""
    chosen = [p for p in sorted((folder / "images").iterdir()) if held is None or held.get(p.stem, False)]
    pages = [tiles.read_page(path, folder / "labels" / f"{path.stem}.txt") for path in chosen]
    return [Case(page.image, page.boxes) for page in pages]


def _made_cases(data: Path) -> list[Case]:
    """Made pages of held-out pens and scanned hands, at a seed that training does not use."""
    made = (make_page(np.random.default_rng((0xE7A1, i)), held_out_sources(data), size=640) for i in range(MADE_PAGES))
    return [Case(page.image, page.boxes) for page in made]


def _sudoku_cases(folder: Path, *, print_counts: bool) -> list[Case]:
    """Judged inside the grid only and without cells of candidates.

    Detections of printed digits are false alarms if `print_counts`, else left out.
    """
    cases = []
    with (folder / "meta.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            meta = json.loads(line)
            image = folder / "images" / meta["image"]
            page = tiles.read_page(image, folder / "labels" / f"{image.stem}.txt")
            cases.append(Case(page.image, page.boxes, _inside_grid(meta, print_counts=print_counts)))
    return cases


def _inside_grid(meta: dict[str, Any], *, print_counts: bool) -> Callable[[Detection], bool]:
    import cv2

    grid = np.array(meta["grid_quad_tl_bl_br_tr"], np.float32)
    print_boxes = [] if print_counts else meta["printed_boxes_xyxy"]
    boxes = [b[-4:] for b in [*meta["ignore_candidate_cells_xyxy"], *print_boxes]]
    ignored = [Rect(x1, y1, x2 - x1, y2 - y1) for x1, y1, x2, y2 in boxes]

    def counts(found: Detection) -> bool:
        middle = (found.x + found.w / 2, found.y + found.h / 2)
        inside = cv2.pointPolygonTest(grid, middle, measureDist=False) >= 0
        return inside and all(intersection(found, other) < 0.5 * found.area for other in ignored)

    return counts
