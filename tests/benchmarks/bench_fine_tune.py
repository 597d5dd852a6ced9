"""What fine-tuning on a few pages of an unseen source does: `python tests/benchmarks/bench_fine_tune.py ../shared/data`.

Sudoku photographs, printed digits counting as false alarms: about 19 pages to learn from, 16 to judge on. Prints corrections per 100
digits before, after a training with our settings, and after one with ultralytics' own: as many epochs in batches as large as the app
chooses for so many pages.
"""

import sys
import tempfile
import time
from pathlib import Path

from labeler.core import shipped
from labeler.services import evaluating, importing, splitting, training
from labeler.services.project import Project

PLAIN = {"optimizer": "auto", "lr0": 0.01, "warmup_epochs": 3.0, "nbs": 64, "cos_lr": False}
"""ultralytics' defaults."""


def main(data: Path) -> None:
    """Both trainings, one after the other."""
    with tempfile.TemporaryDirectory() as scratch, Project.create(Path(scratch) / "project") as project:
        importing.import_paths(project, [data / "detection" / "sudoku_phone"])
        print(splitting.assign(project, val=0.15, test=0.4).by_split)
        tell(project, shipped.FIRST)
        for name, overrides in (("ours", {}), ("ultralytics' settings", PLAIN)):
            started = time.monotonic()
            options = training.TrainOptions(start="shipped", imgsz=512, overrides=overrides)
            run = training.follow(project, training.start(project, options).id, on_event=lambda _: None)
            print(f"{name}: {run.state}, {time.monotonic() - started:.0f} s")
            tell(project, run.model or "")


def tell(project: Project, name: str) -> None:
    """One model's figures on the test pages."""
    found = evaluating.evaluate(project, model=name)
    print(
        f"  {name}: mAP50 {found.map50:.3f}, mAP50-95 {found.map50_95:.3f}, {found.corrections_per_100:.1f} corrections per 100"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
