"""Has a `.pt` file from outside turned into a model of ours, in a process of its own. Knows processes; knows nothing of torch."""

from dataclasses import dataclass
from pathlib import Path

from labeler.core.errors import BadInput, UserError
from labeler.core.i18n import tr
from labeler.core.progress import Progress, silent
from labeler.training.protocol import RESULT
from labeler.training.subprocesses import ask
from labeler.training.weights_file import refuse_programs

MODULE = "labeler.training.worker_convert"
OUTCOME = "converted.json"


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
    told = ask(
        MODULE, str(file.resolve()), str(folder), folder=folder, answer=OUTCOME, progress=progress, text=tr("Opening the weights")
    )  # fmt: skip
    if told is None:
        raise BadInput(
            tr("{name} brought the program down that looked at it.", name=file.name),
            tr("Use a model that was trained here, or an ultralytics .pt file of a YOLO detector."),
        )
    if failed := told.get("failed"):
        kind = BadInput if failed["reason"] == "bad_data" else UserError
        raise kind(failed["text"], failed["hint"])
    result = folder / RESULT
    return Converted(
        result / "model.onnx", result / "model.pt", str(told["arch"]), int(told["imgsz"]), tuple(told["classes"])
    )
