"""Export of many images beside `cp -r` of the same bytes, and again beside hard-linking them (`cp -rl`); bench_import does import.

python -m tests.benchmarks.bench_export [--images 10000] [--side 480] [--project FOLDER]
"""

import argparse
import hashlib
import os
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from labeler.services import exporting, importing, splitting, versions
from labeler.services.project import Project
from tests.helpers import handwriting
from tests.helpers.pictures import encoded


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--side", type=int, default=480)
    parser.add_argument("--project", type=Path, help="a project to export; its kept pictures are thrown away first")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.project or Path(scratch) / "p"
        if args.project is None:
            make_project(folder, *write_data(Path(scratch) / "data", args.images, args.side))
        with Project.open(folder) as project, tempfile.TemporaryDirectory(dir=folder / "exports") as out:
            # Put aside, not deleted: for half a minute ext4 passes over the inodes of what was deleted, which costs seconds.
            kept = folder / "exports" / exporting.CACHE
            if kept.exists():
                kept.rename(Path(out) / "kept before")
            measure(project, Path(out))


def make_project(folder: Path, data: Path, size: int) -> None:
    with Project.create(folder) as project:
        report, imported = returned(lambda: importing.import_paths(project, [data]))
        print(f"{report.added} images, {size / 2**20:.0f} MiB, imported in {imported:.1f} s")
        print(f"splits, with the search for near-duplicates, {timed(lambda: splitting.assign(project)):.1f} s")


def measure(project: Project, out: Path) -> None:
    frozen = timed(lambda: versions.freeze(project))
    os.sync()
    first = timed(lambda: exporting.export(project, out / "first"))
    os.sync()
    copied = timed(lambda: subprocess.run(["cp", "-r", out / "first", out / "copied"], check=True))
    os.sync()
    again = timed(lambda: exporting.export(project, out / "again"))
    linked = timed(lambda: subprocess.run(["cp", "-rl", out / "first", out / "linked"], check=True))
    thorough = timed(lambda: exporting.export(project, out / "thorough", thorough=True))
    os.sync()
    least = timed(partial(bare, project, sorted((out / "first" / "labels").rglob("*.txt")), out / "bare"))
    print(
        f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores; freezing, which is part of each export, {frozen:.2f} s"
    )
    print(f"export {first:.2f} s, cp -r of it {copied:.2f} s: {first / copied:.1f} times")
    print(
        f"what no first export can do without, as bare calls of the system, {least:.2f} s: {least / copied:.1f} times"
    )
    print(f"export again {again:.2f} s, cp -rl of it {linked:.2f} s: {again / linked:.1f} times")
    print(f"export again with every byte read {thorough:.2f} s")


def bare(project: Project, labels: list[Path], out: Path) -> None:
    """Each picture read from the database, hashed, written once and linked; each label file written and read: no more than that."""
    texts = [(file.name, file.read_bytes()) for file in labels]
    for folder in ("kept", "images", "labels"):
        (out / folder).mkdir(parents=True)
    with closing(sqlite3.connect(project.file)) as database:
        shas = [sha for (sha,) in database.execute("SELECT upright_sha256 FROM images")]
        for sha in shas:
            ((data,),) = database.execute("SELECT data FROM blobs WHERE sha256 = ?", (sha,))
            assert hashlib.sha256(data).hexdigest() == sha
            write(f"{out}/kept/{sha}", data)
            os.link(f"{out}/kept/{sha}", f"{out}/images/{sha}")
    for name, text in texts:
        write(f"{out}/labels/{name}", text)
    for name, text in texts:
        with open(f"{out}/labels/{name}", "rb", buffering=0) as file:  # noqa: PTH123 - as little as can be
            assert file.read() == text


def write(path: str, data: bytes) -> None:
    with open(path, "wb", buffering=0) as file:  # noqa: PTH123
        file.write(data)


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


def timed(what: Callable[[], Any]) -> float:
    return returned(what)[1]


def returned(what: Callable[[], Any]) -> tuple[Any, float]:
    started = time.monotonic()
    result = what()
    return result, time.monotonic() - started


if __name__ == "__main__":
    main()
