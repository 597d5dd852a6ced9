"""ultralytics' training loop, told what to tell: every turn becomes an event, every checkpoint is safe to resume from."""

import math
import os
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
import ultralytics.data.utils
import ultralytics.engine.trainer
from torch import nn
from ultralytics.models.yolo.detect import DetectionTrainer
from ultralytics.utils import SETTINGS

from labeler.core.i18n import tr
from labeler.training import worker_memory, worker_ranks
from labeler.training.protocol import RESUME, WORK, Batch, Checkpoint, Epoch, Event, Request, Started, Weights
from labeler.training.worker_failures import Failure, went_astray
from labeler.training.worker_stop import Stop
from labeler.training.worker_weights import Start, transfer

Say = Callable[[Event], None]

BATCH_INTERVAL = 1.0
"""Seconds between two events about batches."""


def stay_offline() -> None:
    """Switch off what ultralytics would fetch or send while it trains."""
    SETTINGS.update({name: False for name, value in SETTINGS.items() if isinstance(value, bool)})
    # A font for plots that are not drawn, and a model to try mixed precision with.
    ultralytics.data.utils.check_font = lambda *_: None
    ultralytics.engine.trainer.check_amp = _can_mix


def _can_mix(model: nn.Module) -> bool:
    """Whether the GPU trains well in mixed precision; the GTX 16 series gives NaN there (PyTorch issue 58123)."""
    device = next(model.parameters()).device
    return device.type == "cuda" and "GTX 16" not in torch.cuda.get_device_name(device)


class Training(DetectionTrainer):  # type: ignore[misc]
    """One training, from its order to its best weights.

    The name must not contain "Trainer": ultralytics adds its reporting to classes that are called so.
    """

    def __init__(
        self, request: Request, settings: Mapping[str, Any], *, run_dir: Path, start: Start | None, say: Say, stop: Stop
    ) -> None:
        self.order = request
        self.run_dir = run_dir
        self.start_weights = start
        self.say = say
        self.stopping = stop
        self.asked_to_stop = False
        self.last: Path
        self.best: Path
        self.stop: bool
        self._told = 0.0
        self._epoch_began = 0.0
        self._epoch_open = False
        super().__init__(overrides=dict(settings))
        if not worker_ranks.is_first():
            return
        for name in ("train_start", "train_epoch_start", "train_batch_end", "train_epoch_end", "fit_epoch_end"):
            self.add_callback(f"on_{name}", getattr(type(self), f"_{name}"))

    def check_resume(self, overrides: Mapping[str, Any]) -> None:
        """As ultralytics does it, but the order's number of epochs holds, so that a run can be made longer."""
        super().check_resume(overrides)
        if self.resume:
            self.args.epochs = self.order.epochs

    def get_model(self, cfg: Any = None, weights: nn.Module | None = None, verbose: bool = True) -> nn.Module:
        """The network, with the start weights in it where they fit."""
        model: nn.Module = super().get_model(cfg, weights, verbose)
        start = self.start_weights
        if start is not None and weights is None:
            fit, total, used = transfer(model, start)
            text = (
                ""
                if used
                else tr("{name} is of another architecture, so training starts from scratch.", name=start.source)
            )
            self.say(Weights(start.source, fit, total, used, text))
            self.start_weights = None
        elif weights is None:
            self.say(Weights("", 0, len(model.state_dict()), used=False, text=tr("Training starts from scratch.")))
        return model

    def save_model(self) -> bool:
        """Write `last.pt`, `best.pt` and `resume.pt`, each whole or not at all, so a kill leaves something to resume from."""
        with self.stopping.not_now():
            self._save_whole()
            _copy_safely(self.last, self.run_dir / RESUME)
            (self.run_dir / WORK / "epochs").write_text(str(self.epoch + 1), encoding="ascii")
        self.say(Checkpoint(self.epoch + 1, RESUME))
        return True

    def _save_whole(self) -> None:
        last, best = self.last, self.best
        parts = {path.with_suffix(".part"): path for path in (last, best)}
        self.last, self.best = parts
        try:
            super().save_model()
            for part, whole in parts.items():
                if part.exists():
                    part.replace(whole)
        finally:
            self.last, self.best = last, best
            for part in parts:  # half of a file only takes the room that it lacked
                part.unlink(missing_ok=True)

    def final_eval(self) -> None:
        """Nothing: the best weights were validated when they were saved, and their figures lie with them."""

    def _train_start(self) -> None:
        # The choice of a device has set ultralytics' own number of threads.
        threads = self.order.threads or torch.get_num_threads()
        torch.set_num_threads(threads)
        self.say(
            Started(
                epoch=self.start_epoch + 1,
                epochs=self.epochs,
                batches=len(self.train_loader),
                batch=self.batch_size,
                train_images=len(self.train_loader.dataset),
                val_images=len(self.test_loader.dataset),
                imgsz=self.args.imgsz,
                device=str(self.device),
                threads=threads,
                pid=os.getpid(),
            )
        )

    def _train_epoch_start(self) -> None:
        self._epoch_began = time.monotonic()
        self._epoch_open = True
        self._seen = 0

    def _train_batch_end(self) -> None:
        self._seen += 1
        now = time.monotonic()
        if now - self._told < BATCH_INTERVAL:
            return
        self._told = now
        worker_memory.check()
        batches = len(self.train_loader)
        each = (now - self._epoch_began) / self._seen
        left = batches - self._seen + batches * (self.epochs - self.epoch - 1)
        self.say(Batch(self.epoch + 1, self._seen, batches, _loss(self.tloss), round(each * left, 1)))

    def _train_epoch_end(self) -> None:
        # Later epochs go back to the last checkpoint by themselves; before the first there is none.
        if self.epoch == self.start_epoch and not all(math.isfinite(v) for v in _loss(self.tloss).values()):
            raise Failure(*went_astray())

    def _fit_epoch_end(self) -> None:
        if not self._epoch_open:  # ultralytics reports the final evaluation as one more epoch
            return
        self._epoch_open = False
        seconds = time.monotonic() - self._epoch_began
        best = self.fitness is not None and self.fitness == self.best_fitness
        self.say(
            Epoch(
                epoch=self.epoch + 1,
                epochs=self.epochs,
                loss=_loss(self.tloss),
                val_loss={k.split("/")[1]: float(v) for k, v in self.metrics.items() if k.startswith("val/")},
                **quality(self.metrics),
                lr=float(self.optimizer.param_groups[0]["lr"]),
                seconds=round(seconds, 2),
                eta=round(seconds * (self.epochs - self.epoch - 1), 1),
                best=best,
            )
        )
        if self.stopping.after_epoch() and not self.stop:
            self.asked_to_stop = True
            self.stop = True


def quality(metrics: Mapping[str, Any]) -> dict[str, float]:
    """ultralytics' measures by our names."""
    names = {"map50": "mAP50", "map50_95": "mAP50-95", "precision": "precision", "recall": "recall"}
    return {ours: float(metrics.get(f"metrics/{theirs}(B)", 0.0)) for ours, theirs in names.items()}


def _loss(parts: Mapping[str, Any] | None) -> dict[str, float]:
    return {name: float(value) for name, value in (parts or {}).items()}


def _copy_safely(source: Path, target: Path) -> None:
    half = target.with_suffix(".part")
    try:
        with source.open("rb") as read, half.open("wb") as write:
            shutil.copyfileobj(read, write, 1 << 20)
            write.flush()
            os.fsync(write.fileno())
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)
