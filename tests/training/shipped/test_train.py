"""Training from the command line: it saves, goes on where it was, and its weights open as any others do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(work: Path, *arguments: object) -> str:
    environment = os.environ | {"YOLO_CONFIG_DIR": str(work), "YOLO_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "labeler.training.shipped", *map(str, arguments), "--work", str(work)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.slow
def test_training_saves_resumes_and_ends_with_weights_that_open(tmp_path: Path) -> None:
    run(tmp_path, "build-data", "--data", tmp_path / "none", "--pages", 12, "--processes", 1)
    sizes = ("--batch", 4, "--imgsz", 96, "--threads", 1)
    first = run(tmp_path, "train", "--samples", 8, *sizes)
    assert "step 2, 100.0%" in first
    second = run(tmp_path, "train", "--samples", 16, *sizes, "--resume")
    assert "step 4, 100.0%" in second
    assert "step 2," not in second

    wider = tmp_path / "wider"
    wider.mkdir()
    (wider / "data").symlink_to(tmp_path / "data", target_is_directory=True)
    start = ("--start", tmp_path / "checkpoint.pt", "--arch", "yolov5s")
    assert "step 1, 100.0%" in run(wider, "train", "--samples", 4, *sizes, *start)
    assert (wider / "digits.pt").stat().st_size > 3 * (tmp_path / "digits.pt").stat().st_size

    code = (
        "import os, sys; os.environ['ULTRALYTICS_SAFE_LOAD'] = '1'\n"
        "from ultralytics import YOLO\n"
        "model = YOLO(sys.argv[1]); print(model.names, model.ckpt['train_args']['fliplr'])"
    )
    opened = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "digits.pt")],
        env=os.environ | {"YOLO_CONFIG_DIR": str(tmp_path), "YOLO_OFFLINE": "1"},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert opened.returncode == 0, opened.stderr[-3000:]
    assert str({digit: str(digit) for digit in range(10)}) in opened.stdout
    assert "0.0" in opened.stdout
