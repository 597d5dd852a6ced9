"""The queue of a large project: `python -m tests.benchmarks.bench_queue [--images 1000 100000] [--work FOLDER]`, one JSON line a query.

Projects of so many images by 300 writers, a third reviewed, the rest suggested with six suggestions each, twelve boxes a reviewed page.
Times each order and each filter of the desk's list: the ids of the first `FIRST` images, which show at once, and of all of them, which
follow in the background.
"""

import argparse
import json
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from labeler.core.boxes import ReviewState
from labeler.core.filters import ImageFilter, Order
from labeler.services import images
from labeler.services.project import Project
from tests.benchmarks import desk_work

FIRST = 200
TURNS = 3
WRITERS = 300
FILTERS = {
    "not reviewed": ImageFilter(states=frozenset({ReviewState.NEW, ReviewState.SUGGESTED})),
    "one writer": ImageFilter(writer="student-7"),
    "one split": ImageFilter(split="test"),
    "a digit": ImageFilter(class_id=7),
    "a doubtful suggestion": ImageFilter(suggestion_below=0.3),
    "a search": ImageFilter(text="99"),
    "a search for nothing": ImageFilter(text="there is none"),
}
COLUMNS = "image_id, model_id, class_id, score, x, y, w, h"

FILL = f"""
insert into models(id, name, origin, arch, imgsz, classes, sha256, settings, metrics, created_at)
  select 900, 'bench', 'imported', 'yolov5n', 512, '[]', 'none', '{{}}', '{{}}', '2026-01-01';
with recursive n(i) as (select 1 union all select i + 1 from n where i < {WRITERS})
  insert into writers(id, code, note, split, created_at)
  select i + 1000, 'student-' || i, '', case i % 7 when 0 then 'val' when 1 then 'test' else 'train' end, '2026-01-01' from n;
update images set writer_id = 1001 + id * 7919 % {WRITERS}, group_id = null, suggested_by = 900,
  uncertainty = abs(id * 104729 % 1000) / 1000.0, state = case id % 3 when 0 then 'reviewed' else 'suggested' end;
delete from boxes where image_id % 3 != 0;
with recursive n(i) as (select 0 union all select i + 1 from n where i < 5)
  insert into suggestions({COLUMNS})
  select id, 900, (id * 31 + i * 7) % 10, 0.25 + (id * 7919 + i * 104729) % 750 / 1000.0, 40.0 * i, 50, 30, 40 from images, n
  order by id;
"""


def project(folder: Path, count: int) -> Path:
    """The filled project of so many images; kept where it is there already."""
    made = folder / f"queue-{count}"
    if not made.exists():
        (made / "files").mkdir(parents=True)
        desk_work.library(made, count)
        with closing(sqlite3.connect(made / "project" / "labeler.db")) as database:
            database.executescript(FILL)
    return made / "project"


def timed(read: Callable[[], list[int]]) -> tuple[float, int]:
    """Milliseconds in the middle, and how many ids there were."""
    took = []
    for _ in range(TURNS):
        started = time.perf_counter()
        found = read()
        took.append((time.perf_counter() - started) * 1000)
    return round(statistics.median(took), 1), len(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, nargs="*", default=[1000, 100_000])
    parser.add_argument("--work", type=Path, help="a folder that keeps the projects for the next time")
    options = parser.parse_args()
    print(json.dumps({"load_average": os.getloadavg()[0]}))
    with tempfile.TemporaryDirectory(prefix="labeler-queue-") as temporary:
        for count in options.images:
            with Project.open(project(options.work or Path(temporary), count)) as opened:
                asked = {f"order: {order}": (ImageFilter(), order) for order in Order}
                asked |= {name: (filters, Order.UNCERTAIN) for name, filters in FILTERS.items()}
                for name, (filters, order) in asked.items():
                    first, _ = timed(lambda f=filters, o=order: images.image_ids(opened, f, o, limit=FIRST))  # type: ignore[misc]
                    whole, found = timed(lambda f=filters, o=order: images.image_ids(opened, f, o))  # type: ignore[misc]
                    line = {"images": count, "what": name, "found": found, "first_ms": first, "all_ms": whole}
                    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
