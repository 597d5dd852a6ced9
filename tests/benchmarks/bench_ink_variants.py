"""Whether drawing pages of ink again helps: `python tests/benchmarks/bench_ink_variants.py SHARED WORK STEP [--seed N]`.

The steps in this order, each into the folder WORK. `data`: pages of a base that has seen no recorded pen, and a project with short pages
of ink by the UniPen writers to train on, exported without and with `TIMES` variants. `base`: a small detector from scratch, for a few
minutes on one thread. `plain`, `variants`: the base goes on, for the same number of steps, on the one export or the other. `judge`: the
base and both on pages of held-out writers and on photographs, with and without their own papers. The shipped detector is no base for
this, since it has learnt from the very strokes.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from labeler.core import gestures, ink
from labeler.core.boxes import new_box
from labeler.core.ink import Pen, Stroke
from labeler.core.ink_pages import InkPage, place
from labeler.services import collecting, exporting, labeling, writers
from labeler.services.project import Project
from labeler.training.shipped import holdout

TIMES = 3
MADE = 1500
HEIGHT = 64.0
"""How high the digits of a page are, in pixels."""
RUN = 6
"""Characters of a page."""
MARGIN = 40.0
STEPS = {"plain": 500, "variants": 500}
MINUTES = 4.6
JUDGED = ("ink_pages", "webcam_numbers", "hme_vas")


def pages(shared: Path) -> Iterator[tuple[str, InkPage, list[tuple[int, tuple[int, ...]]]]]:
    """Short pages of the writers to train on: whose, the page, and its digits with their strokes."""
    held = holdout.ink_pages(shared / "strokes")
    for line in (shared / "strokes" / "unipen_ink_pages.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if held[record["id"]]:
            continue
        chars = record["chars"]
        tall = [c["bbox"][3] - c["bbox"][1] for c in chars if c["label"].isdigit()]
        for at in range(0, len(chars), RUN):
            part = chars[at : at + RUN]
            if tall and any(c["label"].isdigit() for c in part):
                yield record["writer"], *_page(record["strokes"], part, HEIGHT / max(1.0, float(np.median(tall))))


def _page(strokes: list[list[list[float]]], chars: list[dict], scale: float) -> tuple[InkPage, list]:  # type: ignore[type-arg]
    order = [i for c in chars for i in c["strokes"]]
    points = [np.array(strokes[i], np.float64)[:, :2] * scale for i in order]
    every = np.concatenate(points)
    low, size = every.min(axis=0) - MARGIN, np.ptp(every, axis=0) + 2 * MARGIN
    drawn = [
        Stroke(np.column_stack([p - low, np.arange(len(p)) / 100, np.full(len(p), ink.NO_PRESSURE)])) for p in points
    ]
    place_of = {i: n for n, i in enumerate(order)}
    digits = [(int(c["label"]), tuple(place_of[i] for i in c["strokes"])) for c in chars if c["label"] in "0123456789"]
    return InkPage(tuple(drawn), int(size[0]), int(size[1]), pen=Pen(4.0)), digits


def make_data(shared: Path, work: Path) -> None:
    """Both exports, and the pages of the base."""
    with Project.create(work / "project") as project:
        for writer, page, digits in pages(shared):
            saved = collecting.save(project, page, writer=writer)
            if saved.duplicate:
                continue
            writers.set_split(project, writer, "train", allow_harm=True)
            shown = labeling.page(project, saved.image_id)
            rects = [(place(page, [page.strokes[i] for i in group]), digit) for digit, group in digits]
            boxes = [new_box(rect, digit) for rect, digit in rects if rect is not None]
            labeling.apply(project, gestures.add(shown, boxes, "truth"))
            labeling.apply(project, gestures.review(labeling.page(project, saved.image_id)))
        for name, times in (("plain", 0), ("variants", TIMES)):
            report = exporting.export(project, work / name / "data", variants=times)
            drawn = report.variants
            print(
                f"{name}: {report.by_split} pages, {report.boxes} boxes, {len(drawn.images)} variants, {drawn.left_out} pages left out"
            )
    make_base_pages(shared, work / "base" / "data")


def make_base_pages(shared: Path, out: Path) -> None:
    """Pages by our own drawer and scanned glyphs: no recorded pen among them."""
    from labeler.training.shipped.data import as_people_label, write_page
    from labeler.training.synth.hands import mnist_hands
    from labeler.training.synth.page import Sources, make_page

    glyphs = shared / "glyphs" / "mnist_train_20k.npz"
    with np.load(glyphs) as archive:
        scanned = holdout.mnist_writers(np.unique(archive["writer"]))
    sources = Sources(((), mnist_hands(glyphs, without=scanned)), (0.4, 0.6))
    for kind in ("images/train", "labels/train"):
        (out / kind).mkdir(parents=True)
    for n in range(MADE):
        page = as_people_label(make_page(np.random.default_rng((0xBA5E, n)), sources, size=320))
        write_page(page, out / "images" / "train" / f"{n:05d}.jpg", out / "labels" / "train")
    print(f"base: {MADE} made pages")


def train(work: Path, name: str, seed: int) -> None:
    """The base for `MINUTES`; the others go on from it for their steps."""
    import shutil

    from labeler.training.shipped import train as shipped

    shipped.WARM_UP = 40
    samples, minutes = (STEPS[name] * 16, float("inf")) if name in STEPS else (1_000_000, MINUTES)
    plan = shipped.Plan(samples, minutes, batch=16, imgsz=256, threads=1, seed=seed)
    folder = work / (f"{name}-{seed}" if name in STEPS else name)
    if not folder.exists():
        shutil.copytree(work / name / "data", folder / "data")
    shipped.train(folder, plan, start=None if name == "base" else work / "base" / "checkpoint.pt")


def judge(shared: Path, work: Path) -> None:
    """Whatever was trained, on pages that none of them learnt from."""
    from labeler.training.shipped import measure

    for weights in sorted(work.glob("*/digits.pt")):
        print(f"--- {weights.parent.name}")
        print(measure.as_table(measure.evaluate(shared, weights, imgsz=640, only=JUDGED)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("step", choices=("data", "base", *STEPS, "judge"))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    if options.step == "data":
        make_data(options.shared, options.work)
    elif options.step == "judge":
        judge(options.shared, options.work)
    else:
        train(options.work, options.step, options.seed)


if __name__ == "__main__":
    main()
