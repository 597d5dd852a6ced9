"""The detector of the app: a YOLO model in an ONNX file, run by ONNX Runtime.

Owns reading the file and what its metadata says, and the session. An ONNX file is data, so a strange one can be wrong but
not run code.
"""

import ast
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from labeler.core.boxes import Detection
from labeler.core.errors import BadInput, NotFound, UserError
from labeler.core.i18n import tr
from labeler.detect.detector import Picture
from labeler.detect.pipeline import Batch, Pipeline, Prepared

GPU_PROVIDERS = ("CUDAExecutionProvider", "ROCMExecutionProvider", "DmlExecutionProvider")
"""Used where the installed ONNX Runtime has them, in this order. CoreML is left out: it cannot take inputs of varying size well."""


class OnnxDetector:
    """Finds digits with the model at `path`. Safe to call from several threads.

    `imgsz` overrides the image size in the model's metadata (rounded up to its stride); a model exported with a fixed input
    keeps that. `look_again`: see `Pipeline`. `threads` 0 lets ONNX Runtime use every core. `providers` None takes a GPU
    where there is one. Raises NotFound or BadInput where the file is missing or no such model.
    """

    def __init__(
        self,
        path: Path,
        *,
        imgsz: int | None = None,
        threads: int = 0,
        providers: Sequence[str] | None = None,
        duplicate_iou: float = 0.8,
        max_batch: int = 0,
        look_again: bool = True,
    ) -> None:
        self.path = path
        self._session = open_session(path, threads=threads, providers=providers)
        meta = dict(self._session.get_modelmeta().custom_metadata_map)
        source, height, width = _input(self._session, path)
        self._input_name = source.name
        self._half = source.type == "tensor(float16)"
        stride = _number(meta.get("stride"), default=32)
        end_to_end, count = _output(self._session, meta, path)
        fixed = (height, width) if height and width else None
        size = fixed or _rounded(imgsz or _imgsz(meta), stride)
        if end_to_end and not fixed:
            # It picks a fixed number of rows, so its input must offer at least as many: 21 anchors on 32 by 32 pixels.
            rows = self._probe(*_rounded(_imgsz(meta), stride))
            size = max(size, _rounded(math.ceil(32 * math.sqrt(rows / 21)), stride))
        elif not (end_to_end or count):
            count = self._probe(*(fixed or (2 * stride, 2 * stride))) - 4
        # On a CPU a batch is no faster than its pages one by one, and takes more memory.
        likes = max_batch or (1 if self.provider == "CPUExecutionProvider" else 8)
        batch = source.shape[0] if isinstance(source.shape[0], int) else likes
        self._pipeline = Pipeline(
            self.run,
            _names(meta, count, path),
            imgsz=size,
            stride=stride,
            rect=fixed is None and not end_to_end,
            end_to_end=end_to_end,
            max_batch=batch,
            duplicate_iou=duplicate_iou,
            look_again=look_again and fixed is None and not end_to_end,
        )

    @property
    def classes(self) -> tuple[str, ...]:
        return self._pipeline.classes

    @property
    def imgsz(self) -> tuple[int, int]:
        """(height, width) that pictures are fitted into."""
        return self._pipeline.imgsz

    @property
    def max_batch(self) -> int:
        """How many pictures go into the network at once."""
        return self._pipeline.max_batch

    @property
    def end_to_end(self) -> bool:
        """Whether the model brings its own suppression."""
        return self._pipeline.end_to_end

    @property
    def provider(self) -> str:
        """Where it runs, in ONNX Runtime's words."""
        return str(self._session.get_providers()[0])

    def prepare(self, image: Picture) -> Prepared:
        """See `Pipeline.prepare`."""
        return self._pipeline.prepare(image)

    def infer(
        self, prepared: Sequence[Prepared], *, min_score: float = 0.25, iou: float = 0.45
    ) -> list[list[Detection]]:
        """See `Pipeline.infer`."""
        return self._pipeline.infer(prepared, min_score=min_score, iou=iou)

    def detect(self, images: Sequence[Picture], *, min_score: float = 0.25, iou: float = 0.45) -> list[list[Detection]]:
        """See `Detector.detect`."""
        return self._pipeline.detect(images, min_score=min_score, iou=iou)

    def _probe(self, height: int, width: int) -> int:
        """How many rows the output has, where the file leaves it open."""
        return int(self.run(np.zeros((1, 3, height, width), dtype=np.float32)).shape[1])

    def run(self, batch: Batch) -> Batch:
        """The bare network; see `pipeline.Network`."""
        fed = batch.astype(np.float16) if self._half else batch
        (output,) = self._session.run(None, {self._input_name: fed})
        raw: Batch = np.asarray(output, dtype=np.float32)
        return raw


def open_session(path: Path, *, threads: int = 0, providers: Sequence[str] | None = None) -> Any:
    """An ONNX Runtime session for the file at `path`. Raises NotFound or BadInput."""
    import onnxruntime

    try:
        model = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(tr("There is no model at {path}.", path=path)) from error
    except OSError as error:
        raise UserError(tr("The model {path} cannot be read: {why}.", path=path, why=error.strerror)) from error
    onnxruntime.disable_telemetry_events()
    chosen = list(providers) if providers is not None else _providers(onnxruntime.get_available_providers())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that wait busily would take the cores from the app.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    if "DmlExecutionProvider" in chosen:
        options.enable_mem_pattern = False  # DirectML asks for it
    try:
        return onnxruntime.InferenceSession(model, options, providers=chosen)
    except Exception as error:  # ONNX Runtime's errors share no base class
        raise BadInput(
            tr("{name} is not a model that can be used here.", name=path.name),
            tr("It must be an ONNX file of a YOLO detector."),
        ) from error


def _providers(available: Sequence[str]) -> list[str]:
    return [p for p in GPU_PROVIDERS if p in available] + ["CPUExecutionProvider"]


def _input(session: Any, path: Path) -> tuple[Any, int, int]:
    """The one input, and its height and width where the export fixed them, else 0."""
    inputs = session.get_inputs()
    if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].shape[1] not in {3, "channels"}:
        raise _unfit(path)
    height, width = (side if isinstance(side, int) else 0 for side in inputs[0].shape[2:])
    return inputs[0], height, width


def _output(session: Any, meta: dict[str, str], path: Path) -> tuple[bool, int]:
    """Whether the model brings its own suppression, and how many classes it has (0 where its shape does not say)."""
    outputs = session.get_outputs()
    if len(outputs) != 1 or len(outputs[0].shape) != 3:
        raise _unfit(path)
    _, rows, columns = outputs[0].shape
    # Both layouts may have six in one place; the exporter's word decides, then the shape.
    if meta.get("end2end", "").lower() == "true" or (columns == 6 and rows != 6):
        return True, 0
    if isinstance(rows, int) and rows < 5:
        raise _unfit(path)
    return False, rows - 4 if isinstance(rows, int) else 0


def _names(meta: dict[str, str], count: int, path: Path) -> tuple[str, ...]:
    """Class names in order of their ids, from the metadata, else numbers."""
    named = _literal(meta.get("names"))
    if isinstance(named, dict):
        named = [named[key] for key in sorted(named)]
    if isinstance(named, list) and named and count in {0, len(named)}:
        return tuple(str(name) for name in named)
    if not count:
        raise BadInput(tr("{name} does not say which classes it finds.", name=path.name))
    return tuple(str(i) for i in range(count))


def _imgsz(meta: dict[str, str]) -> int:
    value = _literal(meta.get("imgsz"))
    sides = value if isinstance(value, list) else [value]
    return max((side for side in sides if isinstance(side, int) and side > 0), default=640)


def _rounded(side: int, stride: int) -> tuple[int, int]:
    whole = max(-(-side // stride), 1) * stride
    return whole, whole


def _number(text: str | None, *, default: int) -> int:
    value = _literal(text)
    return value if isinstance(value, int) and value > 0 else default


def _literal(text: str | None) -> Any:
    try:
        return ast.literal_eval(text or "None")
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _unfit(path: Path) -> BadInput:
    return BadInput(
        tr("{name} is an ONNX model, but not a YOLO detector.", name=path.name),
        tr("Export one with: yolo export format=onnx dynamic=True"),
    )
