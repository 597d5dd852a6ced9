"""Suggesting on many pages beside `yolo predict`: python tests/benchmarks/bench_suggest.py [--pages 500] [--rounds 2] [--int8]

Both are whole processes, start-up included, with the shipped weights at their own image size on the CPU, one after the other in turn.
The pages are real ones from ../shared/data where that is there, else drawn. `labeler suggest` also writes what it found into the
project. Both are judged with every find from a score of 0.001. The app keeps one box a digit, which costs a little mAP and saves
corrections; with duplicates kept it must agree with `yolo predict`. --int8 judges the model with 8-bit convolutions, too.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from labeler.core import metrics, shipped
from labeler.core.boxes import ClassRect, Detection
from labeler.core.compare import compare
from labeler.core.matching import Page
from labeler.detect.load import load
from labeler.detect.onnx import OnnxDetector
from labeler.formats import pixels
from labeler.training.quantising import quantise
from tests.helpers import handwriting

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "detection"
SOURCES = ("hme_vas", "car_a", "ink_pages_rendered")
JUDGED = 120
CALIBRATING = 48
LOWEST = 0.001
BIN = Path(sys.executable).parent


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--pages", type=int, default=500)
    asked.add_argument("--rounds", type=int, default=2)
    asked.add_argument("--int8", action="store_true", help="only what 8-bit convolutions would bring")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        pages = lay_out(folder / "pages", options.pages)
        model = shipped.detector().onnx
        imgsz = load(model).imgsz[0]
        print(f"{len(pages)} pages, {imgsz} px, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        if options.int8:
            compare_int8(model, folder / "int8.onnx", pages)
            return
        ours, theirs = [], []
        for n in range(options.rounds):
            ours.append(timed(lambda n=n: suggest(folder / f"project{n}", len(pages)), before=folder / f"project{n}"))
            theirs.append(timed(lambda: predict(folder / "pages" / "images", imgsz)))
        report("labeler suggest", ours, len(pages))
        report("yolo predict", theirs, len(pages))
        by_round = ", ".join(f"{b[0] / a[0]:.2f}" for a, b in zip(ours, theirs, strict=True))
        cpu = min(r[1] for r in theirs) / min(r[1] for r in ours)
        print(f"ratio by round {by_round}, of CPU seconds {cpu:.2f}")
        judged = pages[:: max(1, len(pages) // JUDGED)][:JUDGED]
        print(f"judged on {len(judged)} pages")
        print(f"  ours, one box a digit   {quality(judged, ours_on(model))}")
        print(f"  ours, duplicates kept   {quality(judged, ours_on(model, duplicate_iou=1.01))}")
        print(f"  yolo predict            {quality(judged, theirs_on(folder, judged, imgsz))}")


def compare_int8(model: Path, target: Path, pages: Sequence[Path]) -> None:
    """On all pages that it was not calibrated on: few would leave the difference to chance."""
    calibrating = pages[:: max(1, len(pages) // CALIBRATING)][:CALIBRATING]
    judged = [page for page in pages if page not in set(calibrating)]
    detector = load(model)
    quantise(model, (as_input(detector, page) for page in calibrating), target)
    before, after = (looked_at(judged, ours_on(one)) for one in (model, target))
    found = compare(before, after, classes=10, min_score=0.25, resamples=100)
    print(f"int8 on {len(judged)} pages")
    for name, change in (("mAP50-95", found.map50_95), ("corrections per 100 digits", found.corrections_per_100)):
        print(f"  {name} {change.value:+.4f} (between {change.low:+.4f} and {change.high:+.4f})")
    print(f"  one page on one thread: fp32 {one_page(model, judged):.1f} ms, int8 {one_page(target, judged):.1f} ms")


def lay_out(folder: Path, count: int) -> list[Path]:
    """Up to `count` pages with labels as a YOLO data set; returns the pictures."""
    (folder / "images").mkdir(parents=True)
    (folder / "labels").mkdir()
    (folder / "classes.txt").write_text("\n".join("0123456789"), encoding="utf-8")
    found = []
    for n, (data, suffix, text) in zip(range(count), sources(count), strict=False):
        (folder / "labels" / f"{n:04d}.txt").write_text(text, encoding="utf-8")
        found.append(folder / "images" / f"{n:04d}{suffix}")
        found[-1].write_bytes(data)
    return found


def sources(count: int) -> Iterator[tuple[bytes, str, str]]:
    if not SHARED.is_dir():
        for n in range(count):
            made = handwriting.page(seed=n, writer=n % 40, digits=10, width=800, height=600)
            yield made.jpeg(), ".jpg", made.yolo()
        return
    files = [sorted((SHARED / source / "images").iterdir()) for source in SOURCES]
    mixed = [file for row in zip(*files, strict=False) for file in row]
    rest = sorted({file for group in files for file in group} - set(mixed))
    for file in [*mixed, *rest][:count]:
        label = file.parent.parent / "labels" / f"{file.stem}.txt"
        yield file.read_bytes(), file.suffix.lower(), label.read_text(encoding="utf-8")


def timed(work: Callable[[], object], *, before: Path | None = None) -> tuple[float, float]:
    """Wall and CPU seconds of `work`; a project is made and filled first, which is not counted."""
    if before is not None:
        run("labeler", "init", before)
        run("labeler", "import", before, before.parent / "pages" / "images", "--format", "images")
    began, busy = time.perf_counter(), cpu_seconds()
    work()
    return time.perf_counter() - began, cpu_seconds() - busy


def cpu_seconds() -> float:
    """Of all processes started so far that have ended: other programs on the computer disturb it little."""
    used = os.times()
    return used.children_user + used.children_system


def suggest(project: Path, pages: int) -> None:
    told = json.loads(run("labeler", "suggest", project, "--json"))
    assert told["images"] == pages, told


def predict(images: Path, imgsz: int, *more: str) -> None:
    weights = f"model={shipped.detector().weights}"
    where = (f"project={images.parent}", "name=predicted", "exist_ok=True", "save=False", "verbose=False")
    run("yolo", "predict", weights, f"source={images}", f"imgsz={imgsz}", "device=cpu", *where, *more)


def run(program: str, *arguments: object) -> str:
    command = [str(BIN / program), *map(str, arguments)]
    env = {**os.environ, "YOLO_OFFLINE": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr[-2000:]}")
    return done.stdout


def report(name: str, rounds: Sequence[tuple[float, float]], pages: int) -> None:
    wall, cpu = (", ".join(f"{r[n]:.1f}" for r in rounds) for n in range(2))
    print(f"{name:16} {wall} s, {cpu} CPU seconds: {pages / min(r[0] for r in rounds):.1f} pages a second at best")


Find = Callable[[Path, int, int], list[Detection]]


def looked_at(pages: Sequence[Path], find: Find) -> list[Page]:
    out = []
    for file in pages:
        height, width = picture(file).shape[:2]
        out.append(Page(truth_of(file, width, height), find(file, width, height)))
    return out


def quality(pages: Sequence[Path], find: Find) -> str:
    found = metrics.evaluate(looked_at(pages, find), classes=10)
    work = found.corrections.per_100 or 0.0
    return f"mAP50 {found.map50:.4f}, mAP50-95 {found.map50_95:.4f}, corrections per 100 digits {work:.1f}"


def ours_on(model: Path, *, duplicate_iou: float = 0.8) -> Find:
    detector = OnnxDetector(model, duplicate_iou=duplicate_iou)
    return lambda file, _w, _h: detector.detect([picture(file)], min_score=LOWEST)[0]


def theirs_on(folder: Path, pages: Sequence[Path], imgsz: int) -> Find:
    subset = folder / "judged" / "images"
    subset.mkdir(parents=True)
    for file in pages:
        shutil.copy(file, subset)
    predict(subset, imgsz, "save_txt=True", "save_conf=True", f"conf={LOWEST}", "iou=0.45", "max_det=1000")
    texts = subset.parent / "predicted" / "labels"
    assert any(texts.iterdir())

    def find(file: Path, width: int, height: int) -> list[Detection]:
        text = texts / f"{file.stem}.txt"
        rows = [line.split() for line in text.read_text().splitlines()] if text.exists() else []
        return [Detection(*_pixels([float(v) for v in r[1:5]], width, height), int(r[0]), float(r[5])) for r in rows]

    return find


def as_input(detector: OnnxDetector, page: Path) -> np.ndarray:
    """A page as the network gets it."""
    return np.ascontiguousarray(detector.prepare(picture(page)).pixels.transpose(2, 0, 1)[None], np.float32) / 255


def one_page(model: Path, pages: Sequence[Path]) -> float:
    """Milliseconds that one thread needs for one page, without decoding; the middle of many."""
    detector = load(model, threads=1)
    ready = [detector.prepare(picture(file)) for file in pages[:30]]
    detector.infer(ready[:1])
    took = []
    for one in ready:
        began = time.perf_counter()
        detector.infer([one])
        took.append(time.perf_counter() - began)
    return 1000 * float(np.median(took))


def picture(file: Path) -> np.ndarray:
    return pixels.decode(pixels.normalise(file.read_bytes()).data)


def truth_of(file: Path, width: int, height: int) -> list[ClassRect]:
    text = (file.parent.parent / "labels" / f"{file.stem}.txt").read_text(encoding="utf-8")
    rows = [line.split() for line in text.splitlines() if line.strip()]
    return [ClassRect(*_pixels([float(v) for v in row[1:5]], width, height), int(row[0])) for row in rows]


def _pixels(row: Sequence[float], width: int, height: int) -> tuple[float, float, float, float]:
    x, y, w, h = row
    return (x - w / 2) * width, (y - h / 2) * height, w * width, h * height


if __name__ == "__main__":
    main()
