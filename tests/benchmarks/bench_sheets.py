"""Sheets there and back: `python tests/benchmarks/bench_sheets.py SHARED [--sheets 40] [--hard 1.0] [--scans]`.

Sheets filled in with real strokes, some cells empty, struck out or overrun, then photographed by a simulation (tilt, turn, curl, lens,
shade, cast, blur, shake, noise, 1,500 to 3,400 pixels, JPEG), since paper cannot be photographed here; `--hard` scales every trouble.
They are read as the app reads them, the shipped detector as second witness; where a code cannot be read, "a person" names the sheet.
The truth is followed through the simulation's own map, so a box is judged where its ink really is in the straightened picture.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from labeler.core.boxes import Rect, iou
from labeler.core.sheets import Paper, Sheet
from labeler.formats import pixels, sheet_photo
from labeler.services._cells import label_cell
from labeler.services.project import Project
from labeler.services.sheets import PIXELS_PER_MM, FilledSheet, SheetReader, body
from labeler.training.strokes.prompted import unipen
from tests.helpers import sheet_camera


def truth(
    page: sheet_camera.Page, photo: sheet_camera.Photo, placing: sheet_photo.Placing, part: Rect
) -> dict[int, Rect]:
    """Where each digit's ink is in the straightened picture."""
    size = (round(part.w * PIXELS_PER_MM), round(part.h * PIXELS_PER_MM))
    where = sheet_photo._map(placing, part, *size)
    x, y = (
        cv2.remap(photo.where[..., i].astype(np.float32), where[..., 0], where[..., 1], cv2.INTER_LINEAR)
        for i in (0, 1)
    )
    ids = cv2.remap(page.ids, x - 0.5, y - 0.5, cv2.INTER_NEAREST)
    rows, columns = np.nonzero(ids)
    numbers = ids[rows, columns]
    found = {}
    for number in np.unique(numbers).tolist():
        across, down = columns[numbers == number], rows[numbers == number]
        left, top = float(across.min()), float(down.min())
        found[number] = Rect(left, top, float(across.max() + 1 - left), float(down.max() + 1 - top))
    return found


def became(page: sheet_camera.Page, read: FilledSheet, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """For each cell what was done to it, and what became of it."""
    for cell, made in zip(read.cells, page.cells, strict=True):
        boxes, doubts = label_cell(cell, read.seen, names)
        kind = "line" if len(made.cell.prompt) > 1 else made.kind
        yield kind, "to a person" if doubts else "boxed" if boxes else "no box"


def overlap(
    page: sheet_camera.Page, photo: sheet_camera.Photo, picture: np.ndarray, read: FilledSheet
) -> Iterator[float]:
    """How far the boxes of written cells overlap the truth (IoU)."""
    placing = sheet_photo.find(picture)
    assert placing is not None
    there = truth(page, photo, placing, body(page.sheet.paper))
    for cell, made in zip(read.cells, page.cells, strict=True):
        if made.kind == "written" and cell.boxes:
            yield from (iou(box, there[i]) for box, i in zip(cell.boxes, made.ids, strict=True) if i in there)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--sheets", type=int, default=40)
    parser.add_argument("--hard", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scans", action="store_true", help="scanned at 200 dpi and not photographed")
    options = parser.parse_args()
    hands = unipen(options.shared)
    writers = [w for w in sorted(hands) if len(hands[w]) == 10]
    outcomes: Counter[tuple[str, str]] = Counter()
    tally: Counter[str] = Counter()
    overlaps: list[float] = []
    seconds = 0.0
    with tempfile.TemporaryDirectory() as scratch, Project.create(Path(scratch) / "project") as project:
        reader = SheetReader(project)
        for n in range(options.seed, options.seed + options.sheets):
            paper = Paper.LETTER if n % 3 == 0 else Paper.A4
            sheet = Sheet(f"S{n:02d}", paper, rows=7 if paper is Paper.LETTER else 8, seed=n)
            page = sheet_camera.filled(sheet, hands[writers[n % len(writers)]], seed=n)
            photo = (
                sheet_camera.scanned(page.picture, seed=n)
                if options.scans
                else sheet_camera.photographed(page.picture, seed=n, hard=options.hard)
            )
            picture = pixels.decode(photo.jpeg)
            start = time.perf_counter()
            filled = reader.read(picture)
            seconds += time.perf_counter() - start
            if filled is None:
                tally["not found"] += 1
                continue
            asked = filled.sheet is None
            tally["code asked for" if asked else "code read" if filled.sheet == sheet else "WRONG CODE"] += 1
            read = reader.read(picture, sheet=sheet) if asked else filled
            assert read is not None
            outcomes.update(became(page, read, project.classes))
            overlaps += overlap(page, photo, picture, read)
    print(dict(tally), f"{seconds / options.sheets:.2f} s a sheet")
    for kind in ("written", "line", "empty", "struck", "leaves"):
        mine = {what: count for (k, what), count in outcomes.items() if k == kind}
        shares = ", ".join(f"{what} {count / sum(mine.values()):.1%}" for what, count in sorted(mine.items()))
        print(f"  {kind:8s} {sum(mine.values()):5d} cells: {shares}")
    v = np.array(overlaps)
    shares = ", ".join(f"{limit} for {np.mean(v >= limit):.1%}" for limit in (0.9, 0.8))
    print(f"  {len(v)} boxes, IoU with the truth: mean {v.mean():.3f}, at least {shares}")


if __name__ == "__main__":
    main()
