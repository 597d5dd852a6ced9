"""Finds the right detector for a file. Owns no model."""

from pathlib import Path

from labeler.core.errors import BadInput
from labeler.core.i18n import tr
from labeler.core.shipped import FIRST, detector
from labeler.detect.onnx import OnnxDetector


def load(path: Path, *, imgsz: int | None = None, threads: int = 0) -> OnnxDetector:
    """The detector in the file at `path`. Raises NotFound or BadInput."""
    if path.suffix.lower() in {".pt", ".pth"}:
        beside = path.with_suffix(".onnx")
        if not beside.exists():
            raise BadInput(
                tr("{name} holds PyTorch weights, which are not run here.", name=path.name),
                tr("Use the .onnx file of the same model, or import it into a project first."),
            )
        path = beside
    return OnnxDetector(path, imgsz=imgsz, threads=threads)


def shipped(name: str = FIRST, *, imgsz: int | None = None, threads: int = 0) -> OnnxDetector:
    """A detector that comes with Labeler. Raises NotFound where an installation lacks it."""
    return load(detector(name).onnx, imgsz=imgsz, threads=threads)
