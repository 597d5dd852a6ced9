"""How long a training will take: by the trainings that this computer has done, else by how fast it looks at one picture now.

Keeps what trainings took in a file of this computer's user, as a project may be copied to another computer. Starts nothing.
"""

import json
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labeler.core.versions import FrozenImage
from labeler.training.archs import ARCHS, DEFAULT
from labeler.training.protocol import AnyEvent, Done, Epoch, Started

if TYPE_CHECKING:
    from labeler.services.project import Project
    from labeler.services.training import TrainOptions

VAL_COST = 0.35
"""A picture that is validated on costs this much of one that is trained on."""
OVERHEAD = 25.0
"""Seconds before the first epoch and after the last where nothing is known: loading, reading labels, exporting, checking."""
SIDE = 320
LOOKS = 5


@dataclass(frozen=True, slots=True)
class Estimate:
    """`seconds` for all epochs. `from_earlier`: by trainings on this computer, else by a short measurement, which is rough."""

    seconds: float
    from_earlier: bool


def estimate(project: "Project", options: "TrainOptions") -> Estimate | None:
    """How long a training on what is labelled now would take; None where nothing is labelled or nothing is known of the device."""
    from labeler.services import _variants, training, versions

    images = [i for i in versions.labelled(project) if i.split in ("train", "val")]
    if not any(i.boxes for i in images):
        return None
    chosen = training.settled(project, options, images)
    more = options.variants * len(_variants.ink_images(project, images)) if options.variants else 0
    work = chosen.epochs * _units(images, chosen.imgsz, more=more)
    known = _known(chosen.arch, options.device, options.overrides)
    if known is not None:
        return Estimate(known["overhead"] + work * known["unit"], from_earlier=True)
    pace = _measured(options.device)
    return None if pace is None else Estimate(OVERHEAD + work * pace * ARCHS[chosen.arch].cost, from_earlier=False)


def note(request: Mapping[str, Any], events: Sequence[AnyEvent]) -> None:
    """Remember how fast this run was, if it came as far as two epochs. What cannot be kept is no loss."""
    started = next((e for e in reversed(events) if isinstance(e, Started)), None)
    epochs = [e.seconds for e in events if isinstance(e, Epoch)]
    if started is None or len(epochs) < 2:
        return
    units = (started.train_images + VAL_COST * started.val_images) * (started.imgsz / SIDE) ** 2
    took = next((e.seconds for e in events if isinstance(e, Done)), None)
    overhead = max(0.0, took - sum(epochs)) if took is not None else OVERHEAD
    key = _key(str(request.get("arch")), str(request.get("device")), request.get("overrides") or {})
    # The first epoch also warms up; the middle of the others leaves out what else the computer did meanwhile.
    kept = {**_kept(), key: {"unit": statistics.median(epochs[1:]) / units, "overhead": overhead}}
    try:
        _file().parent.mkdir(parents=True, exist_ok=True)
        _file().write_text(json.dumps(kept), encoding="utf-8")
    except OSError:
        return


def _units(images: Sequence[FrozenImage], side: int, *, more: int = 0) -> float:
    """The work of one epoch in pictures of `SIDE` pixels; `more` are trained on beside the images."""
    train = sum(i.split == "train" for i in images)
    return (train + more + VAL_COST * (len(images) - train)) * (side / SIDE) ** 2


def _known(arch: str, device: str, overrides: Mapping[str, Any]) -> dict[str, float] | None:
    """What is known of this network on this device, or of another network there, scaled."""
    kept = _kept()
    exact = kept.get(_key(arch, device, overrides))
    if exact is not None:
        return exact
    for other in ARCHS.values():
        found = kept.get(_key(other.name, device, overrides))
        if found is not None:
            return {**found, "unit": found["unit"] * ARCHS[arch].cost / other.cost}
    return None


def _key(arch: str, device: str, overrides: Mapping[str, Any]) -> str:
    return f"{arch} {device} {overrides.get('freeze') or 0}"


def _kept() -> dict[str, dict[str, float]]:
    try:
        found = json.loads(_file().read_text(encoding="utf-8"))
        return {key: {"unit": float(v["unit"]), "overhead": float(v["overhead"])} for key, v in found.items()}
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        return {}


def _file() -> Path:
    import platformdirs

    return platformdirs.user_state_path("labeler", appauthor=False) / "pace.json"


def _measured(device: str) -> float | None:
    """Seconds that the default network needs to look at one picture of `SIDE` pixels; None where the CPU would not be used."""
    import shutil

    if device not in ("auto", "cpu") or (device == "auto" and shutil.which("nvidia-smi")):
        return None
    return _look()


@lru_cache(maxsize=1)
def _look() -> float:
    """Measured with the shipped detector, whose network may be another than the default one."""
    import os

    import numpy as np

    from labeler.core import shipped
    from labeler.detect.load import load

    one = shipped.detector()
    detector = load(one.onnx, imgsz=SIDE, threads=max(1, (os.cpu_count() or 2) - 1))
    blank = np.zeros((1, 3, SIDE, SIDE), dtype=np.float32)
    detector.run(blank)
    took = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        detector.run(blank)
        took.append(time.perf_counter() - began)
    scale = ARCHS[DEFAULT].cost / ARCHS[one.arch].cost if one.arch in ARCHS else 1.0
    return statistics.median(took) * scale
