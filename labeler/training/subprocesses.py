"""Runs a worker module that answers with one JSON file, waits for it, and can be cancelled. Knows processes; knows nothing of torch."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from labeler.core.progress import Progress
from labeler.training.launcher import environment

INTERVAL = 0.2


def ask(
    module: str, *arguments: str, folder: Path, answer: str, progress: Progress, text: str
) -> dict[str, Any] | None:
    """Run `python -m module arguments` in `folder` and return what it wrote into the file `answer`; None where it wrote nothing."""
    command = [sys.executable, "-m", module, *arguments]
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, env=environment()
        )
        try:
            _wait(process, progress, text)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    try:
        told = json.loads((folder / answer).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def _wait(process: "subprocess.Popen[bytes]", progress: Progress, text: str) -> None:
    while True:
        progress(0, 0, text)
        try:
            process.wait(INTERVAL)
            return
        except subprocess.TimeoutExpired:
            continue
