"""Sheets there and back: `python tests/benchmarks/bench_sheets.py SHARED [--sheets 40] [--hard 1.0] [--scans]`.

Sheets filled in with real strokes, some cells empty, struck out or overrun, then photographed by a simulation (tilt, turn, curl, lens,
shade, cast, blur, shake, noise, 1,500 to 3,400 pixels, JPEG), since paper cannot be photographed here; `--hard` scales every trouble.
The truth is followed through the simulation's own map, so a box is judged where its ink really is in the straightened picture.
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from labeler.core.boxes import Rect, iou
from labeler.core.sheets import Paper, Sheet, layout
from labeler.formats import sheet_cells, sheet_photo
from labeler.services.sheets import PIXELS_PER_MM, body
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
    states: Counter[tuple[str, str]] = Counter()
    tally: Counter[str] = Counter()
    overlaps: list[float] = []
    seconds = 0.0
    for n in range(options.seed, options.seed + options.sheets):
        paper = Paper.LETTER if n % 3 == 0 else Paper.A4
        sheet = Sheet(f"S{n:02d}", paper, rows=7 if paper is Paper.LETTER else 8, seed=n)
        page = sheet_camera.filled(sheet, hands[writers[n % len(writers)]], seed=n)
        photo = (
            sheet_camera.scanned(page.picture, seed=n)
            if options.scans
            else sheet_camera.photographed(page.picture, seed=n, hard=options.hard)
        )
        picture = np.ascontiguousarray(cv2.imdecode(np.frombuffer(photo.jpeg, np.uint8), cv2.IMREAD_COLOR)[..., ::-1])
        start = time.perf_counter()
        placing = sheet_photo.find(picture)
        if placing is None:
            tally["not found"] += 1
            continue
        code = sheet_photo.read_code(picture, placing)
        tally["code asked for" if code is None else "code read" if code == sheet else "WRONG CODE"] += 1
        where, part = layout(sheet), body(paper)
        straight = sheet_photo.straighten(picture, placing, part, pixels_per_mm=PIXELS_PER_MM)
        cells = sheet_cells.read_cells(straight, where.cells, part, pixels_per_mm=PIXELS_PER_MM)
        seconds += time.perf_counter() - start
        there = truth(page, photo, placing, part)
        for read, made in zip(cells, page.cells, strict=True):
            states["line" if len(made.cell.prompt) > 1 else made.kind, str(read.state)] += 1
            if made.kind == "written" and read.boxes:
                overlaps += [iou(box, there[i]) for box, i in zip(read.boxes, made.ids, strict=True) if i in there]
    print(dict(tally), f"{seconds / options.sheets:.2f} s a sheet")
    for kind in ("written", "line", "empty", "struck", "leaves"):
        mine = {state: count for (k, state), count in states.items() if k == kind}
        print(
            f"  {kind:8s} {sum(mine.values()):5d} cells: "
            + ", ".join(f"{s} {c / sum(mine.values()):.1%}" for s, c in sorted(mine.items()))
        )
    v = np.array(overlaps)
    shares = ", ".join(f"{limit} for {np.mean(v >= limit):.1%}" for limit in (0.9, 0.8))
    print(f"  {len(v)} boxes, IoU with the truth: mean {v.mean():.3f}, at least {shares}")


if __name__ == "__main__":
    main()
