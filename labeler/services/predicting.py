"""Looking at pictures without a project: detections in pixels of the upright picture, and copies with them drawn on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from labeler.core.boxes import Detection
from labeler.core.errors import BadInput, UserError
from labeler.core.i18n import tr
from labeler.core.progress import Progress, silent, track
from labeler.detect.detector import Picture
from labeler.formats import pixels
from labeler.formats.sample import Rejected


@dataclass(frozen=True, slots=True)
class Predicted:
    """What was found on a picture: class names with detections, surest first. `drawn` is the copy with the boxes on it."""

    path: Path
    width: int
    height: int
    boxes: tuple[tuple[str, Detection], ...]
    drawn: Path | None = None


@dataclass(frozen=True, slots=True)
class PredictReport:
    """Pictures that were looked at, and those that could not be."""

    images: tuple[Predicted, ...]
    rejected: tuple[Rejected, ...]


def predict(
    paths: Sequence[Path],
    *,
    model: Path | None = None,
    min_score: float = 0.5,
    iou: float = 0.45,
    draw: Path | None = None,
    progress: Progress = silent,
) -> PredictReport:
    """Look at pictures, and at the pictures in folders, with the model in a file (the shipped one when None).

    A `.pt` file is opened by the restricted unpickler in another process, and what came out is kept in the cache.

    `draw` is a folder for copies with the boxes drawn on, or, for one picture, the file to write. A picture that cannot be read goes
    to `rejected`. Raises `UserError` for a model or a place to draw that cannot be used, `Cancelled`.
    """
    from labeler.detect.load import load, shipped
    from labeler.services._incoming import as_onnx

    detector = load(as_onnx(model, progress=progress)) if model is not None else shipped()
    rejected: list[Rejected] = []
    files = list(_pictures(paths, rejected))
    targets = _targets(files, draw)
    seen: list[Predicted] = []
    for path, target in track(list(zip(files, targets, strict=True)), progress, tr("Looking")):
        try:
            picture = pixels.decode(pixels.normalise(path.read_bytes(), name=path.name).data)
        except UserError as error:
            rejected.append(Rejected(str(path), error.message))
            continue
        except OSError as error:
            rejected.append(Rejected(str(path), tr("It cannot be read: {reason}", reason=error.strerror or error)))
            continue
        found = detector.detect([picture], min_score=min_score, iou=iou)[0]
        if target is not None:
            from labeler.detect.draw import draw as drawn_on

            _write(drawn_on(picture, found, detector.classes), target)
        height, width = picture.shape[:2]
        named = tuple((detector.classes[d.class_id], d) for d in found)
        seen.append(Predicted(path, width, height, named, target))
    return PredictReport(tuple(seen), tuple(rejected))


def _pictures(paths: Sequence[Path], rejected: list[Rejected]) -> Iterable[Path]:
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in pixels.IMAGE_SUFFIXES)
            if not inside:
                rejected.append(Rejected(str(path), tr("There is no picture in this folder.")))
            yield from inside
        elif path.exists():
            yield path
        else:
            rejected.append(Rejected(str(path), tr("There is no such file or folder.")))


def _targets(files: Sequence[Path], draw: Path | None) -> list[Path | None]:
    """Where each picture's copy goes; names that would clash are numbered."""
    if draw is None:
        return [None] * len(files)
    if draw.suffix.lower() in (".jpg", ".jpeg", ".png") and not draw.is_dir():
        if len(files) > 1:
            raise BadInput(tr("{path} can hold only one picture.", path=draw), tr("Give a folder for several."))
        return [draw for _ in files]
    taken: set[str] = set()
    targets: list[Path | None] = []
    for file in files:
        suffix = file.suffix if file.suffix.lower() in (".jpg", ".jpeg", ".png") else ".png"
        names = (f"{file.stem}{f'-{n}' if n > 1 else ''}{suffix}" for n in range(1, len(files) + 1))
        name = next(name for name in names if name.lower() not in taken)
        taken.add(name.lower())
        if (draw / name).exists() and (draw / name).samefile(file):
            raise BadInput(
                tr("Drawing into {path} would overwrite the pictures.", path=draw), tr("Choose another folder.")
            )
        targets.append(draw / name)
    return targets


def _write(picture: Picture, target: Path) -> None:
    from labeler.detect import opencv

    cv2 = opencv.load()
    done, coded = cv2.imencode(target.suffix.lower(), picture[..., ::-1])
    if not done:
        raise UserError(tr("{path} cannot be written.", path=target))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(coded.tobytes())
    except OSError as error:
        raise UserError(
            tr("{path} cannot be written: {reason}", path=target, reason=error.strerror or error),
            tr("Choose a folder you may write to."),
        ) from error
