"""Import of many images beside `cp -r` of the same bytes, and where the rest goes.

    python -m tests.benchmarks.bench_import [--images 10000] [--side 480] [--data FOLDER]

The parts are measured one after the other on one thread, in CPU seconds; the import itself uses all cores, in wall seconds.
"""

import argparse
import hashlib
import io
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from labeler.formats import containers, fingerprints, pixels
from labeler.services import importing
from labeler.services.project import Project
from tests.benchmarks.bench_export import returned, timed, write_data


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--side", type=int, default=480)
    parser.add_argument("--data", type=Path, help="a YOLO data set to import instead of one made up")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, Project.create(Path(scratch) / "p") as project:
        top = Path(scratch)
        data = args.data or write_data(top / "data", args.images, args.side)[0]
        copied = timed(lambda: subprocess.run(["cp", "-r", data, top / "copy"], check=True))
        before = time.process_time()
        report, seconds = returned(lambda: importing.import_paths(project, [data]))
        spent = time.process_time() - before
        print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
        print(
            f"import of {report.added} images {seconds:.1f} s ({report.added / seconds:.0f} a second), cp -r {copied:.1f} s"
        )
        files = sorted((data / "images").rglob("*.jpg"))[:1000]
        each = spent / report.added * 1e6
        known = parts([file.read_bytes() for file in files])
        print(f"{each:6.0f} µs of CPU an image, of which on one thread:")
        for name, micros in known.items():
            print(f"{micros:6.0f} µs {name}")
        print(f"{each - sum(known.values()):6.0f} µs the rest: database, label files, threads")


def parts(pictures: list[bytes]) -> dict[str, float]:
    """Microseconds of CPU a picture for each step of making it the project's own."""
    stripped = [containers.strip_jpeg(data) or data for data in pictures]
    small = [fingerprints.shrink(Image.open(io.BytesIO(data))) for data in stripped]
    done: dict[str, Callable[[], object]] = {
        "whole normalise": lambda: [pixels.normalise(data) for data in pictures],
        "taking the metadata out": lambda: [containers.strip_jpeg(data) for data in pictures],
        "decoding, small": lambda: [fingerprints.shrink(Image.open(io.BytesIO(data))) for data in stripped],
        "writing the thumbnail": lambda: [fingerprints.thumbnail_bytes(picture) for picture in small],
        "the fingerprint": lambda: [fingerprints.fingerprint(picture) for picture in small],
        "SHA-256, twice": lambda: [hashlib.sha256(data).digest() for data in pictures + stripped],
    }
    micros = {}
    for name, what in done.items():
        before = time.process_time()
        what()
        micros[name] = (time.process_time() - before) / len(pictures) * 1e6
    whole = micros.pop("whole normalise")
    inside = sum(v for name, v in micros.items() if not name.startswith("SHA"))
    return {**micros, "the rest of normalise: opening and checking": whole - inside}


if __name__ == "__main__":
    main()
