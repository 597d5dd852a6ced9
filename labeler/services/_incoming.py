"""Model files from outside: an ONNX file is data and is read as it is, a `.pt` file is opened by a process of its own, restricted."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from labeler.core.errors import NotFound, UserError
from labeler.core.i18n import tr
from labeler.core.progress import Progress, silent

TORCH = frozenset({".pt", ".pth"})


@dataclass(frozen=True, slots=True)
class Incoming:
    """A detector from outside. `weights` is there where training can start from it."""

    onnx: Path
    weights: Path | None
    arch: str
    imgsz: int
    classes: tuple[str, ...]


@contextmanager
def opened(file: Path, *, progress: Progress = silent) -> Iterator[Incoming]:
    """The detector in a file, for as long as the block lasts. Raises NotFound, BadInput, `UserError`, `Cancelled`."""
    from labeler.detect.load import load

    if not file.is_file():
        raise NotFound(tr("There is no file {path}.", path=file))
    if file.suffix.lower() not in TORCH:
        detector = load(file)
        yield Incoming(file, None, "onnx", max(detector.imgsz), detector.classes)
        return
    from labeler.training.converting import convert

    with tempfile.TemporaryDirectory(prefix="labeler-", ignore_cleanup_errors=True) as folder:
        made = convert(file, Path(folder), progress=progress)
        yield Incoming(made.onnx, made.weights, made.arch, made.imgsz, load(made.onnx).classes)


def as_onnx(file: Path, *, progress: Progress = silent) -> Path:
    """An ONNX file with the detector in `file`: that file itself, or what was made of a `.pt` file, kept in the cache."""
    if file.suffix.lower() not in TORCH:
        return file
    if not file.is_file():
        raise NotFound(tr("There is no file {path}.", path=file))
    import platformdirs

    try:
        with file.open("rb") as stream:
            sha = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise UserError(tr("{path} cannot be read: {reason}", path=file, reason=error.strerror or error)) from error
    kept = platformdirs.user_cache_path("labeler", appauthor=False, ensure_exists=True) / f"{sha}.onnx"
    if not kept.is_file():
        with opened(file, progress=progress) as made:
            part = kept.with_suffix(".part")
            shutil.copyfile(made.onnx, part)
            part.replace(kept)
    return kept
