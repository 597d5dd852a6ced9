"""Has a `.pt` file from outside turned into a model of ours, in a process of its own. Knows processes; knows nothing of torch."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from labeler.core.errors import BadInput, UserError
from labeler.core.i18n import tr
from labeler.core.progress import Progress, silent
from labeler.training.launcher import environment
from labeler.training.protocol import RESULT
from labeler.training.weights_file import refuse_programs

MODULE = "labeler.training.worker_convert"
OUTCOME = "converted.json"
INTERVAL = 0.2


@dataclass(frozen=True, slots=True)
class Converted:
    """A model made of a file from outside; the paths lie in the folder that was given."""

    onnx: Path
    weights: Path
    arch: str
    imgsz: int
    classes: tuple[str, ...]


def convert(file: Path, folder: Path, *, progress: Progress = silent) -> Converted:
    """Convert `file` within the empty `folder`. Runs nothing that is hidden in it. Raises NotFound, BadInput, `UserError`, `Cancelled`."""
    refuse_programs(file)
    command = [sys.executable, "-m", MODULE, str(file.resolve()), str(folder)]
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, env=environment()
        )
        try:
            _wait(process, progress)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    return _outcome(file, folder)


def _wait(process: "subprocess.Popen[bytes]", progress: Progress) -> None:
    while True:
        progress(0, 0, tr("Opening the weights"))
        try:
            process.wait(INTERVAL)
            return
        except subprocess.TimeoutExpired:
            continue


def _outcome(file: Path, folder: Path) -> Converted:
    try:
        told = json.loads((folder / OUTCOME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise BadInput(
            tr("{name} brought the program down that looked at it.", name=file.name),
            tr("Use a model that was trained here, or an ultralytics .pt file of a YOLO detector."),
        ) from None
    if failed := told.get("failed"):
        kind = BadInput if failed["reason"] == "bad_data" else UserError
        raise kind(failed["text"], failed["hint"])
    result = folder / RESULT
    return Converted(
        result / "model.onnx", result / "model.pt", str(told["arch"]), int(told["imgsz"]), tuple(told["classes"])
    )
