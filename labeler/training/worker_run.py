"""Carries out one order in the worker process: train (again with a smaller batch if memory runs out),
export, and hand back the end. Owns the settings given to ultralytics.
"""

import gc
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from ultralytics.cfg import DEFAULT_CFG_DICT
from ultralytics.nn.tasks import torch_safe_load

from labeler.core.i18n import tr
from labeler.training import worker_ranks
from labeler.training.archs import arch
from labeler.training.protocol import RESULT, RESUME, WORK, Done, Event, Exporting, Request, Retrying
from labeler.training.worker_data import Data
from labeler.training.worker_export import export, sha256
from labeler.training.worker_failures import Failure, is_out_of_memory
from labeler.training.worker_readonly import leave_data_alone
from labeler.training.worker_stop import Stop
from labeler.training.worker_train import Training, quality, stay_offline
from labeler.training.worker_weights import open_start

Say = Callable[[Event], None]

COMPARED = 8
"""Validation pictures on which the exported model is compared with the trained one."""

AUGMENTATION = {"fliplr": 0.0, "flipud": 0.0, "degrees": 5.0}
"""Where ultralytics' defaults do not suit digits: a mirrored digit is none."""
MOST_DEGREES = 10.0

_OURS = {
    "model", "data", "epochs", "imgsz", "batch", "device", "patience", "seed", "workers", "resume", "pretrained", "project",
    "name", "save_dir", "exist_ok", "mode", "task", "plots", "save", "val", "fliplr", "flipud",
}  # fmt: skip
"""Settings that `overrides` may not change."""


def run(run_dir: Path, request: Request, data: Data, *, threads: int, say: Say, stop: Stop) -> Event:
    """Train as ordered and export; returns the end. Raises whatever stops it."""
    began = time.monotonic()
    keep_apart()
    device = _device(request.device)
    request = replace(request, threads=threads, device=device, batch=worker_ranks.whole(request.batch, device))
    kept = _epochs_kept(run_dir) if request.resume else 0
    if kept < request.epochs:
        training = _train(run_dir, request, say=say, stop=stop, resume=kept > 0)
        kept, stopped = training.epoch + 1, _why_stopped(training)
        del training
    else:  # it was stopped after its last epoch: only the model is still to be made
        stopped = ""
    return _finish(run_dir, request, data, kept, stopped, say=say, began=began)


def keep_apart() -> None:
    """Before anything else: ultralytics is to fetch nothing, and to leave the data as they are."""
    stay_offline()
    leave_data_alone()


def settings(request: Request, *, run_dir: Path, resume: bool) -> dict[str, Any]:
    """What ultralytics is told. Raises `Failure` for an override that it does not know or that is not for choosing."""
    wrong = sorted(k for k in request.overrides if k not in DEFAULT_CFG_DICT or k in _OURS)
    if wrong:
        raise Failure("bad_data", tr("These training settings cannot be used: {names}.", names=", ".join(wrong)))
    chosen = {
        **AUGMENTATION,
        "close_mosaic": min(10, max(1, request.epochs // 5)),
        **request.overrides,
        "model": arch(request.arch).yaml,
        "data": request.data_yaml,
        "epochs": request.epochs,
        "imgsz": request.imgsz,
        "batch": request.batch,
        "device": request.device,
        "patience": request.patience,
        "seed": request.seed,
        "workers": request.workers,
        "resume": str(run_dir / RESUME) if resume else False,
        "pretrained": False,
        "save_dir": str(_ultralytics(run_dir)),
        "exist_ok": True,
        "plots": False,
        "amp": request.device not in {"cpu", "mps"} and request.overrides.get("amp", True),
        "fliplr": 0.0,
        "flipud": 0.0,
    }
    chosen["degrees"] = min(float(chosen["degrees"]), MOST_DEGREES)
    if chosen.get("cache") == "disk":  # it would lie beside the pictures
        chosen["cache"] = "ram"
    return chosen


def _train(run_dir: Path, request: Request, *, say: Say, stop: Stop, resume: bool) -> Training:
    """Train to the end, from the last checkpoint with half the batch whenever memory runs out."""
    while True:
        try:
            with worker_ranks.others(run_dir, replace(request, resume=resume), say=say):
                return train_once(run_dir, request, say=say, stop=stop, resume=resume)
        except Exception as error:
            if request.batch < 2 * worker_ranks.count(request.device) or not is_out_of_memory(error):
                raise
        request = replace(request, batch=worker_ranks.whole(request.batch // 2, request.device))
        resume = (run_dir / RESUME).exists()
        say(Retrying(request.batch, tr("Memory ran out; going on with batches of {count}.", count=request.batch)))
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def train_once(run_dir: Path, request: Request, *, say: Say, stop: Stop, resume: bool) -> Training:
    """Train until it is done or something stops it, in step with the processes of the other devices where there are several."""
    start = None
    if request.start_weights and not resume:
        start = open_start(request.start_weights, arch=arch(request.arch), folder=run_dir / WORK)
    chosen = settings(request, run_dir=run_dir, resume=resume)
    training = Training(request, chosen, run_dir=run_dir, start=start, say=say, stop=stop)
    training.train()
    return training


def _finish(run_dir: Path, request: Request, data: Data, epochs: int, stopped: str, *, say: Say, began: float) -> Done:
    say(Exporting())
    best = next((p for p in (_weights(run_dir, "best"), _weights(run_dir, "last")) if p.exists()), run_dir / RESUME)
    checkpoint, _ = torch_safe_load(best)
    step = max(1, len(data.val) // COMPARED)
    folder = run_dir / RESULT
    agreement = export(best, folder, imgsz=request.imgsz, pictures=data.val[::step][:COMPARED])
    if stopped == "asked":  # it may go on some day, with the best it has found so far
        _weights(run_dir, "last").unlink(missing_ok=True)
    else:
        (run_dir / RESUME).unlink(missing_ok=True)
        shutil.rmtree(_ultralytics(run_dir) / "weights", ignore_errors=True)
    return Done(
        metrics=quality(checkpoint.get("train_metrics") or {}),
        model=f"{RESULT}/model.pt",
        model_sha256=sha256(folder / "model.pt"),
        onnx=f"{RESULT}/model.onnx",
        onnx_sha256=sha256(folder / "model.onnx"),
        epochs=epochs,
        best_epoch=checkpoint["epoch"] + 1,
        seconds=round(time.monotonic() - began, 1),
        agreement=agreement,
        stopped=stopped,
    )


def _device(wanted: str) -> str:
    """ultralytics' name of the device. Raises `Failure` where it is not there."""
    mps, cards = torch.backends.mps.is_available(), torch.cuda.device_count() if torch.cuda.is_available() else 0
    if wanted == "auto":
        return "0" if cards else "mps" if mps else "cpu"
    names = wanted.replace(" ", "").replace("cuda:", "").replace("cuda", "0").split(",")
    there = {"cpu", *(["mps"] if mps else []), *map(str, range(cards))}
    missing = [name for name in names if name not in there]
    if missing:
        raise Failure(
            "bad_data", tr("There is no device {device} on this computer.", device=missing[0]),
            tr("There are: {names}.", names=", ".join(sorted(there))),
        )  # fmt: skip
    if len(names) > 1 and (len(set(names)) < len(names) or not all(name.isdigit() for name in names)):
        raise Failure(
            "bad_data", tr("A training uses one device, or several NVIDIA cards; not {device}.", device=wanted)
        )
    return ",".join(names)


def _why_stopped(training: Training) -> str:
    if training.asked_to_stop:
        return "asked"
    return "patience" if training.epoch + 1 < training.epochs else ""


def _epochs_kept(run_dir: Path) -> int:
    """How many epochs `resume.pt` holds; 0 where it is not there or cannot be read."""
    try:
        checkpoint, _ = torch_safe_load(run_dir / RESUME)
    except (OSError, TypeError):
        return 0
    return int(checkpoint["epoch"]) + 1


def _ultralytics(run_dir: Path) -> Path:
    return run_dir / WORK / "train"


def _weights(run_dir: Path, name: str) -> Path:
    return _ultralytics(run_dir) / "weights" / f"{name}.pt"
