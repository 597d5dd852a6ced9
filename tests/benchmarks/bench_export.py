"""Export of many images beside `cp -r` of the same bytes, and again beside hard-linking them; import beside `cp -r`.

python -m tests.benchmarks.bench_export [--images 10000] [--side 480]
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from labeler.services import exporting, importing, splitting
from labeler.services.project import Project
from tests.helpers import handwriting
from tests.helpers.pictures import encoded


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--side", type=int, default=480)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, Project.create(Path(scratch) / "p") as project:
        top = Path(scratch)
        data, size = write_data(top / "data", args.images, args.side)
        print(f"{args.images} images, {size / 2**20:.0f} MiB")
        copied = timed(lambda: shutil.copytree(data, top / "copy"))
        report, imported = returned(lambda: importing.import_paths(project, [data]))
        assert report.added == args.images, report.rejected[:3]
        print(f"import {imported:.1f} s ({args.images / imported:.0f} images/s), cp -r {copied:.1f} s")
        with_splits = timed(lambda: splitting.assign(project))
        print(f"splits, with the search for near-duplicates, {with_splits:.1f} s")
        first = timed(lambda: exporting.export(project, top / "first"))
        copied = timed(lambda: shutil.copytree(top / "first", top / "copied"))
        again = timed(lambda: exporting.export(project, top / "again"))
        linked = timed(lambda: link_tree(top / "first", top / "linked"))
        print(f"export {first:.1f} s, cp -r of it {copied:.1f} s: {first / copied:.2f} times")
        print(f"export again {again:.1f} s, linking it {linked:.1f} s: {again / linked:.2f} times")


def write_data(folder: Path, images: int, side: int) -> tuple[Path, int]:
    """A YOLO data set of pages that all differ; JPEG, some tens of KiB each."""
    bases = [handwriting.page(n, width=side, height=side * 3 // 4) for n in range(24)]
    rng = np.random.default_rng(0)
    (folder / "images" / "train").mkdir(parents=True)
    (folder / "labels" / "train").mkdir(parents=True)
    size = 0
    for n in range(images):
        base = bases[n % len(bases)]
        noise = rng.integers(0, 18, base.picture.shape, dtype=np.uint8)
        data = encoded(np.minimum(base.picture, 235) + noise, "JPEG", quality=85)
        (folder / "images" / "train" / f"{n:05d}.jpg").write_bytes(data)
        (folder / "labels" / "train" / f"{n:05d}.txt").write_text(base.yolo(), encoding="ascii")
        size += len(data)
    names = "".join(f"  {n}: '{n}'\n" for n in range(10))
    (folder / "data.yaml").write_text(f"train: images/train\nval: images/train\nnames:\n{names}", encoding="utf-8")
    return folder, size


def link_tree(source: Path, target: Path) -> None:
    for file in source.rglob("*"):
        place = target / file.relative_to(source)
        if file.is_dir():
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.hardlink_to(file)


def timed(what: Callable[[], Any]) -> float:
    return returned(what)[1]


def returned(what: Callable[[], Any]) -> tuple[Any, float]:
    started = time.monotonic()
    result = what()
    return result, time.monotonic() - started


if __name__ == "__main__":
    main()
