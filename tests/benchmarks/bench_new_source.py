"""What a few corrected pages of a source do for a detector that never saw it, as a curve and as a plot.

`python -m tests.benchmarks.bench_new_source ../shared/data --start base.pt [--plot curve.svg] [--source hme_vas …] [--pages 50 …]
[--imgsz N] [--epochs N]`

`base.pt` is a detector that saw no page of these sources, `python -m labeler.training.shipped train` on made pages alone. For each
source a project gets 20, 50 and 100 of its pages (a fifth of them for validation), is trained as the app trains by default, and is judged
on pages that were in none of these projects. One JSON line a point. Corrections are what a person would have to do at the score of
`SCORE`, each digit missed, imagined, misread or badly placed (IoU below 0.7) counting once.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from labeler.core import metrics
from labeler.detect.detector import Detector
from labeler.detect.load import load
from labeler.services import importing, models, splitting, training
from labeler.services.project import Project
from labeler.training.shipped import holdout, measure
from labeler.training.shipped.measure import Case

PAGES = (20, 50, 100)
SCORE = 0.25
SEED = 20
SUDOKU_TEST = 20
"""Of 41 sudokus so many are judged on."""


def main() -> None:
    """Every source asked for, every number of pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--start", type=Path, required=True, help="a .pt file, its .onnx beside it")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--source", action="append", choices=["hme_vas", "car_a", "sudoku_phone"])
    parser.add_argument("--pages", action="append", type=int, help="how many pages to learn from")
    parser.add_argument("--imgsz", type=int, help="instead of the size that the app chooses")
    parser.add_argument("--epochs", type=int, help="instead of as many as the app chooses")
    args = parser.parse_args()
    options = training.TrainOptions(start=str(args.start), imgsz=args.imgsz, epochs=args.epochs)
    points = []
    for source in args.source or ["hme_vas", "car_a", "sudoku_phone"]:
        for point in curve(args.data, source, options, counts=args.pages or PAGES):
            print(json.dumps(point), flush=True)
            points.append(point)
    if args.plot:
        plot(points, args.plot)


def curve(
    data: Path, source: str, options: training.TrainOptions, *, counts: Sequence[int]
) -> "Sequence[dict[str, Any]]":
    """The points of one source, as they come."""
    learn, cases = material(data, source)
    points = [{"source": source, "pages": 0, **judged(cases, load(Path(options.start).with_suffix(".onnx")))}]
    for count in [n for n in counts if n <= len(learn)]:
        with tempfile.TemporaryDirectory() as scratch:
            folder = copied(learn[:count], Path(scratch) / "pages")
            with Project.create(Path(scratch) / "project") as project:
                importing.import_paths(project, [folder])
                splitting.assign(project, val=0.2, test=0.0)
                began = time.monotonic()
                run = training.start(project, options)
                done = training.follow(project, run.id, on_event=lambda _: None)
                seconds = time.monotonic() - began
                assert done.model, done.reason
                found = judged(cases, models.detector(project, done.model))
        points.append(
            {"source": source, "pages": count, **found, "seconds": round(seconds), "imgsz": run.request["imgsz"]}
        )
    return points


def material(data: Path, source: str) -> tuple[list[Path], list[Case]]:
    """Pages to learn from, in a seeded order, and the pages to judge on."""
    folder = data / "detection" / source
    pages = sorted((folder / "images").iterdir())
    random.Random(SEED).shuffle(pages)
    cases = measure.sources(data)["sudoku_phone_strict" if source == "sudoku_phone" else source]()
    if source == "sudoku_phone":
        order = [
            line["image"] for line in map(json.loads, (folder / "meta.jsonl").read_text(encoding="utf-8").splitlines())
        ]
        kept = {page.name for page in pages[:SUDOKU_TEST]}
        return pages[SUDOKU_TEST:], [case for name, case in zip(order, cases, strict=True) if name in kept]
    held = holdout.hme_vas(data / "detection") if source == "hme_vas" else holdout.car_a(data / "detection")
    return [page for page in pages if not held.get(page.stem, True)], cases


def copied(pages: Sequence[Path], folder: Path) -> Path:
    """A YOLO folder with these pages alone."""
    for name in ("images", "labels"):
        (folder / name).mkdir(parents=True)
    for page in pages:
        label = page.parent.parent / "labels" / f"{page.stem}.txt"
        shutil.copy(page, folder / "images")
        shutil.copy(label, folder / "labels")
    shutil.copy(pages[0].parent.parent / "classes.txt", folder)
    return folder


def judged(cases: Sequence[Case], detector: Detector) -> dict[str, Any]:
    """Figures on these pages, rounded."""
    looked = [
        measure.judged(case, detector.detect([case.picture[:, :, ::-1].copy()], min_score=measure.LOWEST_SCORE)[0])
        for case in cases
    ]
    found = metrics.evaluate(looked, classes=10, min_score=SCORE)
    figures = {"map50": found.map50, "map50_95": found.map50_95, "corrections_per_100": found.corrections.per_100}
    return {name: round(value, 3) for name, value in figures.items() if value is not None}


def plot(points: Sequence[dict[str, Any]], file: Path) -> None:
    """Corrections per 100 digits over pages learnt from, a line a source."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    pyplot.rcParams["svg.hashsalt"] = "labeler"
    figure, axes = pyplot.subplots(figsize=(7, 3.6), layout="constrained")
    names = {
        "hme_vas": "column sums, phone photos",
        "car_a": "amounts on cheques",
        "sudoku_phone": "sudokus, phone photos",
    }
    for (source, name), marker in zip(names.items(), "os^", strict=True):
        mine = [point for point in points if point["source"] == source]
        if mine:
            heights = [point["corrections_per_100"] for point in mine]
            axes.plot([point["pages"] for point in mine], heights, marker=marker, label=name)
    axes.set_xlabel("pages of the new source that were corrected and learnt from")
    axes.set_ylabel("corrections per 100 digits")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(file, metadata={"Date": None})


if __name__ == "__main__":
    sys.exit(main())
