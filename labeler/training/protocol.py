"""What the app and the training worker say to each other, through files in the run's folder.

`request.json` is the order; `events.jsonl` (the worker's standard output) is everything that happened, one JSON object a
line; the empty files `cancel` and `cancel-after-epoch` ask it to stop. Standard library only; starts no process.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar

from labeler.core.errors import BadInput, NotFound
from labeler.core.i18n import tr

VERSION = 1

REQUEST = "request.json"
EVENTS = "events.jsonl"
LOG = "log.txt"
CANCEL = "cancel"
CANCEL_AFTER_EPOCH = "cancel-after-epoch"
RESUME = "resume.pt"
RESULT = "result"
WORK = "work"
"""Folder that ultralytics writes into; nothing in it is for anybody else."""

HUB = "hub"
"""As `start_weights`: the published weights of the architecture, fetched if they are not there yet."""


@dataclass(frozen=True, slots=True)
class Request:
    """One training. Paths are absolute.

    `start_weights` is a `.pt` file, `HUB`, or None for from scratch. `device` is "auto", "cpu", "mps", or CUDA numbers
    ("0", "0,1"). `threads` 0 leaves one core to the app. `workers` are processes that load images beside a GPU; on the CPU
    there are none. With `resume` the run goes on from its `resume.pt`, or begins if there is none. The export to train on
    draws each page of ink `variants` more times; the worker need not know. `overrides` are further ultralytics settings by
    name; mirroring cannot be switched on.
    """

    data_yaml: str
    arch: str
    start_weights: str | None = None
    epochs: int = 50
    imgsz: int = 640
    batch: int = 16
    device: str = "auto"
    patience: int = 20
    seed: int = 0
    workers: int = 2
    threads: int = 0
    resume: bool = False
    variants: int = 0
    overrides: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, at `t` (Unix seconds)."""

    kind: ClassVar[str]
    t: float = field(default_factory=time.time, kw_only=True)


@dataclass(frozen=True, slots=True)
class Started(Event):
    """Training begins, or goes on, with epoch `epoch` (from 1)."""

    kind: ClassVar[str] = "started"
    epoch: int
    epochs: int
    batches: int
    batch: int
    train_images: int
    val_images: int
    imgsz: int
    device: str
    threads: int
    pid: int = 0


@dataclass(frozen=True, slots=True)
class Weights(Event):
    """Where the weights came from: `transferred` of `total` tensors of `source`; `used` is false when it did not fit."""

    kind: ClassVar[str] = "weights"
    source: str
    transferred: int
    total: int
    used: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class Batch(Event):
    """One of many batches (about one a second is told of). `loss` by part."""

    kind: ClassVar[str] = "batch"
    epoch: int
    batch: int
    batches: int
    loss: Mapping[str, float]
    eta: float | None = None


@dataclass(frozen=True, slots=True)
class Epoch(Event):
    """An epoch is over. `loss` and `val_loss` by part, `eta` seconds to the last epoch."""

    kind: ClassVar[str] = "epoch"
    epoch: int
    epochs: int
    loss: Mapping[str, float]
    val_loss: Mapping[str, float]
    map50: float
    map50_95: float
    precision: float
    recall: float
    lr: float
    seconds: float
    eta: float
    best: bool = False


@dataclass(frozen=True, slots=True)
class Checkpoint(Event):
    """`resume.pt` holds everything up to the end of this epoch."""

    kind: ClassVar[str] = "checkpoint"
    epoch: int
    path: str


@dataclass(frozen=True, slots=True)
class Retrying(Event):
    """Memory ran out; training goes on from the last checkpoint with smaller batches."""

    kind: ClassVar[str] = "retrying"
    batch: int
    text: str


@dataclass(frozen=True, slots=True)
class Exporting(Event):
    """The training is over; the best weights are being exported and checked."""

    kind: ClassVar[str] = "exporting"


@dataclass(frozen=True, slots=True)
class Done(Event):
    """A model came out. Paths are relative to the run's folder.

    `metrics` are ultralytics' on the validation split: map50, map50_95, precision, recall. `agreement` compares the
    exported model with the trained one. `stopped` says why before the last epoch: "", "patience" or "asked".
    """

    kind: ClassVar[str] = "done"
    metrics: Mapping[str, float]
    model: str
    model_sha256: str
    onnx: str
    onnx_sha256: str
    epochs: int
    best_epoch: int
    seconds: float
    agreement: Mapping[str, float]
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class Cancelled(Event):
    """Stopped because somebody asked. `epoch` are done; `resumable` says whether `resume.pt` is there."""

    kind: ClassVar[str] = "cancelled"
    epoch: int
    resumable: bool


@dataclass(frozen=True, slots=True)
class Failed(Event):
    """Stopped by itself.

    `reason` is one of out_of_memory, disk_full, bad_data, nan_loss, missing_file, permission, offline, bug; `text` says
    it in a sentence, `hint` what to do.
    """

    kind: ClassVar[str] = "failed"
    reason: str
    text: str
    hint: str = ""
    resumable: bool = False


@dataclass(frozen=True, slots=True)
class Interrupted(Event):
    """The worker is gone without a word of its own: it was killed. Its supervisor says so."""

    kind: ClassVar[str] = "interrupted"
    resumable: bool


AnyEvent = (
    Started | Weights | Batch | Epoch | Checkpoint | Retrying | Exporting | Done | Cancelled | Failed | Interrupted
)
_KINDS: dict[str, type[AnyEvent]] = {
    cls.kind: cls
    for cls in (Started, Weights, Batch, Epoch, Checkpoint, Retrying, Exporting, Done, Cancelled, Failed, Interrupted)
}


def encode(event: Event) -> str:
    """One line, without its end. NaN and infinity become null, as JSON has neither."""
    return json.dumps({"v": VERSION, "kind": event.kind, **_plain(asdict(event))}, ensure_ascii=False, allow_nan=False)


def decode(line: str) -> AnyEvent | None:
    """The event in `line`, or None where it is none: garbage, another version's, or of a kind not known here."""
    try:
        value = json.loads(line)
    except ValueError:
        return None
    if not isinstance(value, dict) or value.get("v") != VERSION:
        return None
    cls = _KINDS.get(str(value.get("kind")))
    if cls is None:
        return None
    known = {f.name for f in fields(cls)}
    try:
        return cls(**{name: _number(v) for name, v in value.items() if name in known})
    except TypeError:
        return None


def read_events(path: Path, offset: int = 0) -> tuple[list[AnyEvent], int]:
    """Events after byte `offset`, and the offset to go on from. A last line that is still being written is left for later."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read()
    except FileNotFoundError:
        return [], offset
    whole = data.rfind(b"\n") + 1
    lines = data[:whole].decode("utf-8", errors="replace").splitlines()
    return [event for line in lines if (event := decode(line)) is not None], offset + whole


def write_request(run_dir: Path, request: Request) -> None:
    """Write `request.json` into `run_dir` (made if need be), all or nothing."""
    run_dir.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"v": VERSION, **asdict(request)}, ensure_ascii=False, indent=2)
    half = run_dir / f"{REQUEST}.part"
    half.write_text(text, encoding="utf-8")
    half.replace(run_dir / REQUEST)


def read_request(run_dir: Path) -> Request:
    """The order in `run_dir`. Raises NotFound or BadInput."""
    path = run_dir / REQUEST
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotFound(tr("There is no training order at {path}.", path=path)) from error
    except ValueError as error:
        raise BadInput(tr("The training order {path} cannot be read.", path=path)) from error
    known = {f.name for f in fields(Request)}
    try:
        return Request(**{name: v for name, v in value.items() if name in known})
    except (TypeError, AttributeError) as error:
        raise BadInput(tr("The training order {path} is incomplete.", path=path)) from error


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    return value


def _number(value: Any) -> Any:
    """The inverse of `_plain`: null was not a number."""
    if isinstance(value, dict):
        return {k: _number(v) for k, v in value.items()}
    return float("nan") if value is None else value
