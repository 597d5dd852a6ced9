"""One data set split at random and by writer: what each split promises, and what the model is worth on writers nobody has seen.

    python -m tests.benchmarks.bench_splits [--data ../shared/data] [--writers 30] [--pages 8] [--epochs 60]

Pages are made of real pen strokes (UniPen), one writer a page. Two projects get the same pages, one told who wrote them, one not.
Each is split, trains the same network from scratch, and is judged on its own test split and on pages by other writers.
"""

import argparse
import json
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from labeler.core.boxes import ClassRect
from labeler.detect import opencv
from labeler.services import evaluating, images, importing, models, splitting, training, writers
from labeler.services.project import Project
from labeler.training.protocol import Epoch
from tests.helpers.fake_detector import review_with_boxes

WIDTH, HEIGHT, CELLS = 256, 192, (4, 2)
Glyph = tuple[int, list[np.ndarray]]
Truth = dict[str, tuple[ClassRect, ...]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--writers", type=int, default=30)
    parser.add_argument("--others", type=int, default=20)
    parser.add_argument("--pages", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    hands = read_hands(args.data / "strokes" / "unipen_digits.jsonl", at_least=20)[: args.writers + args.others]
    with tempfile.TemporaryDirectory() as scratch:
        top = Path(scratch)
        known, others = top / "known", top / "others"
        truth = draw(known, hands[: args.writers], args.pages) | draw(others, hands[args.writers :], args.pages)
        with Project.create(top / "yardstick") as yardstick:
            fill(yardstick, others, truth, by_writer=True)
            for writer in images.writers(yardstick):
                writers.set_split(yardstick, writer.code, "test", allow_harm=True)
            for by_writer in (False, True):
                one_way(top, known, truth, yardstick, args, by_writer=by_writer)


def one_way(
    top: Path, pages: Path, truth: Truth, yardstick: Project, args: argparse.Namespace, *, by_writer: bool
) -> None:
    started, name = time.monotonic(), "by writer" if by_writer else "at random"
    with Project.create(top / name) as project:
        fill(project, pages, truth, by_writer=by_writer)
        report = splitting.assign(project, val=0.15, test=0.25)
        options = training.TrainOptions(
            arch="yolov5n", start="scratch", epochs=args.epochs, imgsz=256, batch=16, patience=0, threads=args.threads
        )
        run = training.start(project, options)
        run = training.follow(project, run.id, on_event=lambda e: tell(name, e))
        assert run.state == "done", run.reason
        own = evaluating.evaluate(project, model=run.model)
        file = models.onnx_file(project, models.find(project, run.model or ""))
        judged = models.import_model(yardstick, file, name=name)
        real = evaluating.evaluate(yardstick, model=judged.name)
    print(
        f"split {name}: pages {report.by_split}; own test split mAP50 {own.map50:.3f}, mAP50-95 {own.map50_95:.3f}; "
        f"{real.images} pages by writers nobody saw: mAP50 {real.map50:.3f}, mAP50-95 {real.map50_95:.3f} "
        f"({time.monotonic() - started:.0f} s)",
        flush=True,
    )


def tell(name: str, event: object) -> None:
    if isinstance(event, Epoch) and event.epoch % 10 == 0:
        print(f"  {name}: epoch {event.epoch}, val mAP50 {event.map50:.3f}", flush=True)


def read_hands(file: Path, *, at_least: int) -> list[tuple[str, list[Glyph]]]:
    """Writers with enough digits, most first, by their glyphs: digit and strokes in tablet units."""
    by_writer: dict[str, list[Glyph]] = defaultdict(list)
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            glyph = json.loads(line)
            if not glyph.get("flags"):
                strokes = [np.array(s, dtype=float) for s in glyph["strokes"]]
                by_writer[glyph["writer"]].append((int(glyph["label"]), strokes))
    enough = [(w, g) for w, g in by_writer.items() if len(g) >= at_least]
    return sorted(enough, key=lambda pair: (-len(pair[1]), pair[0]))


def draw(folder: Path, hands: list[tuple[str, list[Glyph]]], pages: int) -> Truth:
    """Pages as PNG, all in one folder; returns the boxes by file name."""
    cv2 = opencv.load()
    truth: Truth = {}
    folder.mkdir()
    for writer, glyphs in hands:
        rng = np.random.default_rng(len(glyphs))
        for n in range(pages):
            page, boxes = np.full((HEIGHT, WIDTH), 250, np.uint8), []
            for cell in range(CELLS[0] * CELLS[1]):
                digit, strokes = glyphs[int(rng.integers(len(glyphs)))]
                boxes.append(put(page, cell, digit, strokes, rng))
            (folder / f"{writer}-{n}.png").write_bytes(cv2.imencode(".png", page)[1].tobytes())
            truth[f"{writer}-{n}.png"] = tuple(boxes)
    return truth


def put(page: np.ndarray, cell: int, digit: int, strokes: list[np.ndarray], rng: np.random.Generator) -> ClassRect:
    cv2 = opencv.load()
    points = np.concatenate(strokes)
    low, span = points.min(axis=0), max(float(np.ptp(points, axis=0).max()), 1e-6)
    side = float(rng.uniform(34, 52))
    wide, high = WIDTH / CELLS[0], HEIGHT / CELLS[1]
    corner = np.array([cell % CELLS[0] * wide, cell // CELLS[0] * high])
    corner += 4.0 + rng.uniform(0, 1, 2) * np.maximum([wide - side - 8, high - side - 8], 0)
    placed = [(s - low) / span * side + corner for s in strokes]
    for stroke in placed:
        cv2.polylines(page, [np.round(stroke * 8).astype(np.int32)], False, 30, 2, cv2.LINE_AA, 3)
    ink = np.concatenate(placed)
    x1, y1 = ink.min(axis=0) - 1.5
    x2, y2 = ink.max(axis=0) + 1.5
    return ClassRect(float(x1), float(y1), float(x2 - x1), float(y2 - y1), digit)


def fill(project: Project, folder: Path, truth: Truth, *, by_writer: bool) -> None:
    """Import the pages, with or without saying who wrote them, and label them."""
    report = importing.import_paths(project, [folder], writer_from=r"([^/]+)-\d+\.png$" if by_writer else None)
    for image in images.images(project, list(report.image_ids)):
        review_with_boxes(project, image.id, *truth[image.name])


if __name__ == "__main__":
    main()
