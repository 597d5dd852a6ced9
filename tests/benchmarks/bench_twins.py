"""Near-duplicates on real pages: how many different pages are joined, how many copies are found, and how long it takes.

python -m tests.benchmarks.bench_twins [--data ../shared/data] [--every 9]
python -m tests.benchmarks.bench_twins --forms 1000 [--twice 50]   # one printed form, filled in by as many hands; no data needed
"""

import argparse
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labeler.core.progress import silent
from labeler.detect import opencv, same_page
from labeler.formats import fingerprints, pixels
from labeler.services import images, importing
from labeler.services._twins import NEAR, find_twins
from labeler.services.project import Project
from tests.helpers import handwriting

SOURCES = ("car_a", "ink_pages_rendered", "hme_vas", "sudoku_phone", "webcam_numbers", "worksheet_scans")
Picture = NDArray[np.uint8]
Kept = tuple[pixels.Upright, same_page.Look | None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--every", type=int, default=9, help="make copies of every n-th page")
    parser.add_argument("--forms", type=int, default=0)
    parser.add_argument("--twice", type=int, default=50, help="how many of the forms are scanned twice")
    args = parser.parse_args()
    cv2 = opencv.load()
    cv2.setNumThreads(1)
    if args.forms:
        filled_forms(args.forms, args.twice)
        return
    pages = {
        (source, file.name): kept(file.read_bytes())
        for source in SOURCES
        for file in sorted((args.data / "detection" / source / "images").iterdir())
    }
    false_joins(pages)
    found_copies(dict(list(pages.items())[:: args.every]))


def kept(data: bytes) -> Kept:
    upright = pixels.normalise(data)
    return upright, same_page.glance(upright.thumbnail)


def joined(a: Kept, b: Kept) -> bool:
    if fingerprints.distance(a[0].fingerprint, b[0].fingerprint) > NEAR:
        return False
    return same_page.laid_over(a[1], b[1], lambda: (a[0].data, b[0].data)) is not None


def false_joins(pages: dict[tuple[str, str], Kept]) -> None:
    started, pairs, joins = time.monotonic(), 0, []
    for (name, page), (other_name, other) in combinations(pages.items(), 2):
        pairs += 1
        if joined(page, other):
            joins.append((name, other_name))
    seconds = time.monotonic() - started
    blank = sum(look is None for _, look in pages.values())
    print(
        f"{len(pages)} different pages ({blank} without ink), {pairs} pairs in {seconds:.1f} s: {len(joins)} joined {joins}"
    )


def found_copies(pages: dict[tuple[str, str], Kept]) -> None:
    rng = np.random.default_rng(0)
    hits: dict[str, list[bool]] = defaultdict(list)
    for page in pages.values():
        picture = shrunk(pixels.decode(page[0].data)[..., ::-1])
        for name, copy in COPIES.items():
            hits[name].append(joined(page, kept(jpeg(copy(picture, rng)))))
    for name, found in hits.items():
        print(f"{name:28} {sum(found)} of {len(found)} found")


def filled_forms(count: int, twice: int) -> None:
    """How many of the forms that were scanned twice are found in a project, and how many that were not are joined."""
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as scratch, Project.create(Path(scratch) / "p") as project:
        folder = Path(scratch) / "in"
        folder.mkdir()
        for hand in range(count):
            page = form(hand)
            (folder / f"{hand}.jpg").write_bytes(jpeg(page))
            if hand < twice:
                (folder / f"{hand} again.jpg").write_bytes(jpeg(scanned_again(page, rng)))
        ids = set(importing.import_paths(project, [folder]).image_ids)
        names = {image.id: image.name.partition(".")[0] for image in images.images(project, sorted(ids))}
        started, spent = time.monotonic(), time.process_time()
        found = find_twins(project, ids, silent)
        seconds, cpu = time.monotonic() - started, time.process_time() - spent
    right = sum(names[t.first].split()[0] == names[t.second].split()[0] for t in found)
    print(
        f"{count} forms, {twice} of them scanned twice: {right} found, {len(found) - right} joined wrongly, "
        f"in {seconds:.1f} s ({cpu:.1f} s of CPU), load {os.getloadavg()[0]:.1f}"
    )


def form(hand: int) -> Picture:
    """A printed form of forty fields, five of them filled in by a hand."""
    page = np.full((600, 480, 3), 250, np.uint8)
    page[40:44, 30:450] = 90
    for top in range(80, 560, 62):
        for left in range(30, 440, 86):
            page[top : top + 50, left : left + 70] = 120
            page[top + 2 : top + 48, left + 2 : left + 68] = 250
    written = handwriting.page(hand + 100, writer=hand, width=430, height=496, digits=5).picture
    page[76:572, 26:456] = np.minimum(page[76:572, 26:456], written)
    return page


def shrunk(picture: Picture) -> Picture:
    cv2 = opencv.load()
    scale = min(1.0, 2000 / max(picture.shape))
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)  # type: ignore[no-any-return]


def jpeg(picture: Picture, quality: int = 88) -> bytes:
    cv2 = opencv.load()
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])


def compressed(picture: Picture, rng: np.random.Generator) -> Picture:
    return np.ascontiguousarray(pixels.decode(jpeg(picture, 40))[..., ::-1])


def scaled(factor: float) -> Callable[[Picture, np.random.Generator], Picture]:
    def copy(picture: Picture, rng: np.random.Generator) -> Picture:
        cv2 = opencv.load()
        how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=how)  # type: ignore[no-any-return]

    return copy


def lit_anew(picture: Picture, rng: np.random.Generator) -> Picture:
    return np.clip((picture / 255.0) ** 1.3 * 230 + 10, 0, 255).astype(np.uint8)


def cropped(share: float) -> Callable[[Picture, np.random.Generator], Picture]:
    def copy(picture: Picture, rng: np.random.Generator) -> Picture:
        height, width = picture.shape[:2]
        top, bottom, left, right = rng.uniform(0, share, 4)
        return picture[
            int(top * height) : int(height - bottom * height), int(left * width) : int(width - right * width)
        ]

    return copy


def scanned_again(picture: Picture, rng: np.random.Generator) -> Picture:
    """Turned by up to a degree, scaled and shifted a little, lit from one side, softer, with noise."""
    cv2 = opencv.load()
    height, width = picture.shape[:2]
    warp = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.uniform(-1, 1)), float(rng.uniform(0.97, 1.03)))
    warp[:, 2] += rng.uniform(-0.015, 0.015, 2) * [width, height]
    paper = [int(v) for v in np.median(picture.reshape(-1, 3), axis=0)]
    again = cv2.warpAffine(picture, warp, (width, height), borderValue=paper).astype(np.float32)
    light = np.linspace(rng.uniform(0.85, 1), rng.uniform(0.85, 1), width)[None, :, None]
    soft = cv2.GaussianBlur(again * light, (0, 0), 0.8)
    return np.clip(soft + rng.normal(0, 4, soft.shape), 0, 255).astype(np.uint8)


COPIES: dict[str, Callable[[Picture, np.random.Generator], Picture]] = {
    "compressed to quality 40": compressed, "half size": scaled(0.5), "1.3 times the size": scaled(1.3), "lit anew": lit_anew,
    "cut by up to 2 % a side": cropped(0.02), "cut by up to 4 % a side": cropped(0.04), "scanned again": scanned_again,
}  # fmt: skip

if __name__ == "__main__":
    main()
