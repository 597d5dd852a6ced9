"""Trains a YOLOv5 from scratch on the built set, on a CPU, in a fixed number of pictures; can be cut off and go on.

Owns the loop, the schedule and the checkpoint. Architecture, augmentation, loss and weight averaging are ultralytics'.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("YOLO_OFFLINE", "1")
os.environ.setdefault("YOLO_AUTOINSTALL", "false")

import numpy as np
import torch
from ultralytics.cfg import get_cfg
from ultralytics.data.build import build_yolo_dataset
from ultralytics.nn.tasks import DetectionModel
from ultralytics.utils import DEFAULT_CFG, LOGGER
from ultralytics.utils.torch_utils import ModelEMA

from labeler.training.shipped.widen import widened

NAMES = {digit: str(digit) for digit in range(10)}

PEAK_RATE = 1.5e-3
FURTHER_RATE = 8e-4
WIDTHS = {"yolov5n": 1, "yolov5s": 2}
"""Adam moves every weight as far: an output of a network twice as wide moves twice as far. Rates are divided by the width."""
LAST_RATE = 1.5e-5
WARM_UP = 600
AVERAGE_SETTLED = 5000
WEIGHT_DECAY = 0.01
SAVE_EVERY = 200
SCALES = (0.6, 0.7, 0.8, 0.8, 1.0, 1.3)
"""Each batch is shown at one of these shares of the picture's size: digits of all sizes, at less work than full size."""
CHUNK = 400
"""Steps between two looks at the plan."""
CLOSE_MOSAIC = 0.2
"""The last share of the pictures is shown without mosaic, and with less change of scale."""

AUGMENT = {
    "hsv_h": 0.02, "hsv_s": 0.5, "hsv_v": 0.4, "degrees": 5.0, "translate": 0.12, "scale": (0.55, 1.9), "shear": 3.0,
    "fliplr": 0.0, "flipud": 0.0, "mosaic": 0.6, "perspective": 0.0, "bgr": 0.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to train: `samples` pictures in batches of `batch`, `imgsz` pixels square, or less if `minutes` run out."""

    samples: int
    minutes: float = float("inf")
    batch: int = 16
    imgsz: int = 320
    seed: int = 0
    threads: int = 2
    arch: str = "yolov5n"

    @property
    def steps(self) -> int:
        """Optimiser steps in all."""
        return self.samples // self.batch


@dataclass(slots=True)
class _State:
    model: Any
    average: Any
    optimizer: torch.optim.Optimizer
    step: int = 0
    earlier: int = 0
    """Steps of the training that this one goes on from."""
    seconds: float = 0.0
    """Time spent so far, earlier starts included."""

    def share(self, plan: Plan) -> float:
        """How much of the plan is done, 0…1: the rate of learning falls with it."""
        return max(self.step / plan.steps, self.seconds / 60 / plan.minutes)


def train(work: Path, plan: Plan, *, resume: bool = False, start: Path | None = None) -> None:
    """Trains to the end of the plan, or until asked to terminate.

    Writes `checkpoint.pt` as it goes and `digits.pt` (averaged weights) with it. With `start`, the checkpoint of an earlier
    training, its averaged weights begin a new plan at `FURTHER_RATE`, in a network as wide or twice as wide; a training that
    is resumed goes on in its own plan.
    """
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))
    torch.manual_seed(plan.seed)
    state, pace = _begin(plan), _Pace(plan.threads)
    peak = (FURTHER_RATE if start else PEAK_RATE) / WIDTHS[plan.arch]
    if resume and (work / "checkpoint.pt").exists():
        _restore(state, work / "checkpoint.pt")
    elif start:
        _go_on_from(state, start)
    criterion = state.model.init_criterion()
    before, last, losses = state.seconds, state.seconds, []
    began = time.monotonic()
    for batch in _batches(work / "data", plan, state):
        with pace:
            losses.append(_step(state, criterion, batch, rate=_rate(state.step, state.share(plan), peak)))
        state.step += 1
        state.seconds = before + time.monotonic() - began
        if state.step % SAVE_EVERY == 0 or state.share(plan) >= 1 or asked:
            _tell(state, plan, losses, state.seconds - last, pace.threads)
            last, losses = state.seconds, []
            _save(state, work, plan)
        if asked:
            return


def _tell(state: _State, plan: Plan, losses: list[np.ndarray[Any, Any]], seconds: float, threads: int) -> None:
    box, cls, dfl = np.mean(losses, axis=0)
    done = f"{time.strftime('%H:%M:%S')} step {state.step}, {state.share(plan):.1%}"
    speed = f"{len(losses) * plan.batch / seconds:.1f} img/s, {threads} threads"
    print(f"{done}: box {box:.3f} cls {cls:.3f} dfl {dfl:.3f}, {speed}", flush=True)


class _Pace:
    """Uses as many threads as are worth it.

    On a machine that does other work too, a step on all cores waits for the slowest one, and a single thread can be the
    faster. Every `PERIOD` steps both are tried and the better one kept.
    """

    PERIOD = 120
    TRIES = 4

    def __init__(self, threads: int) -> None:
        self._choices = (1, threads) if threads > 1 else (1,)
        self._seconds: dict[int, float] = {}
        self._count = 0
        self._started = 0.0
        self.threads = threads

    def __enter__(self) -> None:
        turn, first = self._count // self.TRIES, self._count % self.TRIES == 0
        if first and turn < len(self._choices):
            self._use(self._choices[turn])
        elif first and turn == len(self._choices):
            self._use(min(self._seconds, key=lambda threads: self._seconds[threads]))
            self._seconds.clear()
        self._started = time.monotonic()

    def __exit__(self, *_: object) -> None:
        # The first step after a change of threads pays for the change and is left out.
        if self._count < self.TRIES * len(self._choices) and self._count % self.TRIES:
            spent = time.monotonic() - self._started
            self._seconds[self.threads] = self._seconds.get(self.threads, 0.0) + spent
        self._count = (self._count + 1) % self.PERIOD

    def _use(self, threads: int) -> None:
        self.threads = threads
        torch.set_num_threads(threads)


def _begin(plan: Plan) -> _State:
    model = DetectionModel(f"{plan.arch}.yaml", nc=len(NAMES), verbose=False)
    model.args = get_cfg(DEFAULT_CFG, {"task": "detect", "imgsz": plan.imgsz, **AUGMENT})
    model.names = dict(NAMES)
    model = model.to(memory_format=torch.channels_last).train()
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    # The distribution-to-distance layer's weights are constants.
    model.model[-1].dfl.requires_grad_(False)
    groups = [{"params": decayed, "weight_decay": WEIGHT_DECAY}, {"params": plain, "weight_decay": 0.0}]
    return _State(model, ModelEMA(model, decay=0.9995, tau=1500), torch.optim.AdamW(groups, lr=PEAK_RATE))


def _rate(step: int, share: float, peak: float) -> float:
    """Linear warm-up over the first steps; half a cosine down to the last rate over the plan."""
    warm = min(1.0, (step + 1) / WARM_UP)
    fall = 0.5 * (1 + np.cos(np.pi * min(1.0, share)))
    return warm * (LAST_RATE + (peak - LAST_RATE) * float(fall))


def _step(state: _State, criterion: Any, batch: dict[str, Any], *, rate: float) -> np.ndarray[Any, Any]:
    for group in state.optimizer.param_groups:
        group["lr"] = rate
    images = _shown(batch["img"].float() / 255, np.random.default_rng(state.step))
    # bfloat16 nearly doubles the speed of convolutions; boxes need float32's precision, so the loss is computed in it.
    with torch.autocast("cpu", torch.bfloat16):
        raw = state.model(images)
    loss, parts = criterion(_float32(raw), batch)
    state.optimizer.zero_grad(set_to_none=True)
    (loss.sum() / 8).backward()
    torch.nn.utils.clip_grad_norm_(state.model.parameters(), 10.0)
    state.optimizer.step()
    state.average.update(state.model)
    return np.array([float(v) for v in parts.values()])


def _shown(images: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """The batch at one of `SCALES`, sides in multiples of 32."""
    side = max(1, round(images.shape[-1] * float(rng.choice(SCALES)) / 32)) * 32
    if side != images.shape[-1]:
        images = torch.nn.functional.interpolate(
            images, size=(side, side), mode="bilinear", align_corners=False, antialias=side < images.shape[-1]
        )
    return images.contiguous(memory_format=torch.channels_last)


def _float32(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.float()
    if isinstance(value, dict):
        return {key: _float32(item) for key, item in value.items()}
    return [_float32(item) for item in value]


def _batches(data: Path, plan: Plan, state: _State) -> Iterator[dict[str, Any]]:
    """Batches from the state's step to the plan's end; each pass over the set has its own seeded order."""
    LOGGER.setLevel("WARNING")
    pictures = data / "images" / "train"
    cfg = get_cfg(DEFAULT_CFG, {"task": "detect", "imgsz": plan.imgsz, "cache": False, **AUGMENT})
    names = {"names": NAMES, "nc": len(NAMES), "channels": 3}
    dataset = build_yolo_dataset(cfg, str(pictures), plan.batch, names, mode="train")
    per_pass = len(dataset) // plan.batch
    closed = False
    while state.share(plan) < 1:
        if not closed and state.share(plan) >= 1 - CLOSE_MOSAIC:
            dataset.close_mosaic(hyp=get_cfg(cfg, {"scale": (0.65, 1.6), "degrees": 4.0}))
            closed = True
        order = np.random.default_rng((plan.seed, state.step // per_pass)).permutation(len(dataset))
        chosen = order[state.step % per_pass * plan.batch :][: CHUNK * plan.batch].tolist()
        loader = torch.utils.data.DataLoader(
            dataset, batch_size=plan.batch, sampler=chosen, num_workers=2, collate_fn=dataset.collate_fn,
            generator=torch.Generator().manual_seed(plan.seed + state.step), worker_init_fn=_seed_worker, prefetch_factor=4,
            drop_last=True,
        )  # fmt: skip
        for batch in loader:
            yield batch
            if state.share(plan) >= 1:
                return


def _seed_worker(_: int) -> None:
    import random

    import cv2

    cv2.setNumThreads(1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    seed = torch.initial_seed() % 2**32
    random.seed(seed)
    np.random.seed(seed)


def _save(state: _State, work: Path, plan: Plan) -> None:
    """Both files appear whole or not at all."""
    whole = {
        "model": state.model.state_dict(), "average": state.average.ema.state_dict(), "updates": state.average.updates,
        "optimizer": state.optimizer.state_dict(), "step": state.step, "earlier": state.earlier,
        "seconds": state.seconds, "plan": asdict(plan),
    }  # fmt: skip
    torch.save(whole, work / "checkpoint.new")
    (work / "checkpoint.new").replace(work / "checkpoint.pt")
    save_weights(state.average.ema, work / "digits.pt", plan=plan, step=state.earlier + state.step)


def _restore(state: _State, path: Path) -> None:
    whole = torch.load(path, weights_only=True)
    state.model.load_state_dict(whole["model"])
    state.average.ema.load_state_dict(whole["average"])
    state.average.updates, state.step, state.seconds = whole["updates"], whole["step"], whole.get("seconds", 0.0)
    state.earlier = whole.get("earlier", 0)
    state.optimizer.load_state_dict(whole["optimizer"])


def _go_on_from(state: _State, path: Path) -> None:
    whole = torch.load(path, weights_only=True)
    average, state.earlier = whole["average"], whole["step"] + whole.get("earlier", 0)
    average = widened(average, state.model.state_dict())
    state.model.load_state_dict(average)
    state.average.ema.load_state_dict(average)
    # The average has settled already: it must not follow the first steps as it follows a beginner's.
    state.average.updates = AVERAGE_SETTLED


def save_weights(model: Any, path: Path, *, plan: Plan, step: int) -> None:
    """A checkpoint as ultralytics writes it: half precision, no optimiser; `YOLO(path)` opens it."""
    from copy import deepcopy
    from datetime import UTC, datetime

    from ultralytics import __version__

    half = deepcopy(model).to(memory_format=torch.contiguous_format).half()
    half.criterion = None
    half.args = dict(vars(half.args)) if not isinstance(half.args, dict) else half.args
    for parameter in half.parameters():
        parameter.requires_grad = False
    content = {
        "epoch": -1, "best_fitness": None, "model": half, "ema": None, "updates": None, "optimizer": None,
        "train_args": {**half.args, "model": f"{plan.arch}.yaml", "batch": plan.batch}, "train_metrics": {"step": step},
        "date": datetime.now(UTC).isoformat(timespec="seconds"), "version": __version__, "license": "AGPL-3.0-or-later",
    }  # fmt: skip
    fresh = path.with_suffix(".new")
    torch.save(content, fresh)
    fresh.replace(path)
