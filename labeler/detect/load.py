"""Finds the right detector for a file. Owns no model."""

from pathlib import Path

from labeler.core.assets import weights
from labeler.core.errors import BadInput, NotFound
from labeler.core.i18n import tr
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


def shipped_path() -> Path:
    """Where the shipped detector lies. Raises NotFound where an installation lacks it."""
    path = weights() / "digits.onnx"
    if not path.is_file():
        raise NotFound(
            tr("The detector that comes with Labeler is missing at {path}.", path=path), tr("Install Labeler again.")
        )
    return path


def shipped(*, imgsz: int | None = None, threads: int = 0) -> OnnxDetector:
    """The detector that comes with Labeler."""
    return load(shipped_path(), imgsz=imgsz, threads=threads)
