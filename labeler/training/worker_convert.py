"""Turns a `.pt` file from outside into a model of ours: `python -m labeler.training.worker_convert FILE FOLDER`.

Opens the file with the restricted unpickler and writes `result/model.pt`, `result/model.onnx` and `converted.json` into FOLDER,
or says in `converted.json` why not. A process of its own: torch stays out of the app, and a file that brings it down harms nobody.
"""

import json
import sys
import traceback
from pathlib import Path
from typing import Any

from labeler.training.converting import OUTCOME
from labeler.training.protocol import RESULT
from labeler.training.worker import set_environment
from labeler.training.worker_failures import Failure, describe


def main(args: list[str]) -> int:
    """Convert; returns 0 when done, 1 when not. The outcome is in the folder."""
    file, folder = Path(args[0]), Path(args[1]).resolve()
    set_environment(folder, threads=1)
    try:
        outcome = _convert(file, folder)
    except BaseException as error:  # noqa: BLE001 - whatever happened, the app must be told
        traceback.print_exc()
        end = describe(error, resumable=False)
        outcome = {"failed": {"reason": end.reason, "text": end.text, "hint": end.hint}}
    (folder / OUTCOME).write_text(json.dumps(outcome, ensure_ascii=False), encoding="utf-8")
    return 1 if "failed" in outcome else 0


def _convert(file: Path, folder: Path) -> dict[str, Any]:
    import torch
    from ultralytics.nn.tasks import DetectionModel

    from labeler.core.i18n import tr
    from labeler.training.worker_export import export
    from labeler.training.worker_train import stay_offline
    from labeler.training.worker_weights import open_weights

    stay_offline()
    model = open_weights(file, folder=folder)
    if type(model) is not DetectionModel:
        raise Failure("bad_data", tr("{name} is no detector, but another kind of network.", name=file.name))
    settings = dict(getattr(model, "args", None) or {})
    imgsz = settings.get("imgsz", 640)
    plain = folder / "incoming.pt"
    torch.save({"model": model, "epoch": -1, "ema": None, "optimizer": None, "train_args": settings}, plain)
    size = int(max(imgsz) if isinstance(imgsz, (list, tuple)) else imgsz)
    export(plain, folder / RESULT, imgsz=size, pictures=())
    plain.unlink()
    names = model.names
    classes = [str(names[key]) for key in sorted(names)] if isinstance(names, dict) else [str(name) for name in names]
    return {"arch": _arch(model), "imgsz": size, "classes": classes}


def _arch(model: Any) -> str:
    """Our name of the architecture, where it is one that can be trained here."""
    from labeler.training.archs import ARCHS

    described = dict(getattr(model, "yaml", None) or {})
    stem = Path(str(described.get("yaml_file") or "")).stem.lower()
    scale = str(described.get("scale") or "")
    return next((name for name in (stem, stem + scale, f"{stem}{scale}".replace("u", "")) if name in ARCHS), "imported")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
