"""What the app's own process holds while trainings come and go: `python -m tests.benchmarks.bench_app_memory [--trainings 6] [--epochs 3]`.

Opens the window on a project of drawn pages, stays on the training page, and trains again and again as its button does: watched live,
judged, listed. Prints the process's memory after each training. The first brings in what is loaded once for all (the detector that
judges), so growth is counted from the second on.
"""

import argparse
import gc
import os
import tempfile
import time
from pathlib import Path

import psutil

MIB = 2**20
PATIENCE_S = 600.0


def main() -> None:
    """All trainings, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trainings", type=int, default=6)
    parser.add_argument("--epochs", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        os.environ.update(LABELER_CONFIG_DIR=f"{scratch}/settings", XDG_STATE_HOME=f"{scratch}/state")
        _measure(Path(scratch), trainings=args.trainings, epochs=args.epochs)


def _measure(scratch: Path, *, trainings: int, epochs: int) -> None:
    from PySide6.QtTest import QTest

    from labeler.gui.pages.train import TrainPage
    from labeler.services import demo
    from labeler.services.training import TrainOptions
    from tests.benchmarks.one_page import shown_page

    demo.make_sample(scratch / "project").close()
    with shown_page(scratch / "project", "train", size=(1280, 800)) as page:
        assert isinstance(page, TrainPage)
        print(f"window open: {_held()}", flush=True)
        grown: list[float] = []
        for n in range(1, trainings + 1):
            page.start(TrainOptions(epochs=epochs, imgsz=160, batch=8))
            end = time.monotonic() + PATIENCE_S
            while not (len(page.runs.table.rows) == n and page.runs.table.rows[0].state in ("done", "failed")):
                QTest.qWait(200)
                if time.monotonic() > end:
                    raise SystemExit(f"training {n} did not end: {page.runs.table.rows}")
            QTest.qWait(1000)
            run = page.runs.table.rows[0]
            grown.append(_own())
            print(f"after training {n} ({run.state}, {len(page.detail.rates.series)} curves): {_held()}", flush=True)
        print(f"own memory from the second to the last training: {grown[-1] - grown[1]:+.1f} MiB")


def _held() -> str:
    gc.collect()
    found = psutil.Process().memory_full_info()
    return f"{found.rss / MIB:.1f} MiB resident, {found.uss / MIB:.1f} MiB its own"


def _own() -> float:
    gc.collect()
    return float(psutil.Process().memory_full_info().uss) / MIB


if __name__ == "__main__":
    main()
