"""From a run's events to what a person wants to know: how far it is, how long it takes, and its curves. Pure functions."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from labeler.core.i18n import ntr, tr
from labeler.gui.run_watch import JUDGING
from labeler.gui.widgets.chart import Series
from labeler.training.protocol import AnyEvent, Batch, Epoch, Event, Exporting, Retrying, Started

E = TypeVar("E", bound=Event)
GRAIN = 1000
"""Progress of a whole run is told in thousandths."""


@dataclass(frozen=True, slots=True)
class RunProgress:
    """`done` of `GRAIN`; both 0 while nothing is known. `eta` is seconds to the end, None while it cannot be said."""

    text: str
    done: int = 0
    total: int = 0
    eta: float | None = None


@dataclass(frozen=True, slots=True)
class Curves:
    """What the charts of a run show."""

    losses: tuple[Series, ...]
    rates: tuple[Series, ...]
    paces: tuple[Series, ...]


def progress_of(events: Sequence[AnyEvent], *, state: str = "running") -> RunProgress:
    """How far a run in this state has come."""
    if state == JUDGING:
        return RunProgress(tr("Judging the new model …"))
    started = _last(events, Started)
    if started is None:
        return RunProgress(tr("Starting …"))
    if events and isinstance(events[-1], Exporting):
        return RunProgress(tr("Exporting and checking the model …"), GRAIN, GRAIN)
    epoch, batch = _last(events, Epoch), _last(events, Batch)
    done, part = (epoch.epoch if epoch else started.epoch - 1), 0.0
    if batch is not None and batch.epoch > done and batch.batches:
        part = min(1.0, batch.batch / batch.batches)
    share = min(1.0, (done + part) / started.epochs) if started.epochs else 0.0
    eta = epoch.eta if epoch else (batch.eta if batch else None)
    text = tr("Epoch {epoch} of {epochs}", epoch=min(done + 1, started.epochs), epochs=started.epochs)
    retrying = _last(events, Retrying)
    if retrying is not None:
        text += "  ·  " + tr("memory ran out, now batches of {count}", count=retrying.batch)
    return RunProgress(text, max(1, round(GRAIN * share)), GRAIN, eta)


def curves_of(events: Iterable[AnyEvent]) -> Curves:
    """The curves by epoch. An epoch that was trained again after a resume counts as it went last."""
    epochs = sorted({e.epoch: e for e in events if isinstance(e, Epoch)}.values(), key=lambda e: e.epoch)
    parts = list(dict.fromkeys(part for e in epochs for part in e.loss))
    losses: list[Series] = []
    for n, part in enumerate(parts):
        trained = [(e.epoch, _get(e.loss, part)) for e in epochs]
        judged = [(e.epoch, _get(e.val_loss, part)) for e in epochs]
        losses.append(_series(tr("{part} (train)", part=_part(part)), trained, n))
        losses.append(_series(tr("{part} (val)", part=_part(part)), judged, n, dashed=True))
    rates = (
        _series("mAP50", [(e.epoch, e.map50) for e in epochs], 0),
        _series("mAP50-95", [(e.epoch, e.map50_95) for e in epochs], 1),
        _series(tr("precision"), [(e.epoch, e.precision) for e in epochs], 2),
        _series(tr("recall"), [(e.epoch, e.recall) for e in epochs], 3),
    )
    paces = (_series(tr("in ten-thousandths"), [(e.epoch, 1e4 * e.lr) for e in epochs], 0),)
    return Curves(tuple(losses), rates, paces)


def time_left(seconds: float | None) -> str:
    """Seconds as people say it; empty while it is not known."""
    if seconds is None or not math.isfinite(seconds):
        return ""
    if seconds < 60:
        return tr("less than a minute left")
    minutes = round(seconds / 60)
    if minutes < 60:
        return ntr("{count} minute left", "{count} minutes left", minutes)
    return tr("{hours} h {minutes} min left", hours=minutes // 60, minutes=minutes % 60)


def duration(seconds: float) -> str:
    """How long something took."""
    if seconds < 60:
        return tr("{seconds} s", seconds=f"{seconds:.0f}")
    minutes = round(seconds / 60)
    return (
        tr("{minutes} min", minutes=minutes)
        if minutes < 60
        else tr("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)
    )


def _last(events: Sequence[AnyEvent], kind: type[E]) -> E | None:
    return next((e for e in reversed(events) if isinstance(e, kind)), None)


def _series(name: str, points: Iterable[tuple[float, float]], colour: int, *, dashed: bool = False) -> Series:
    found = tuple(points)
    return Series(name, found if any(math.isfinite(y) for _, y in found) else (), colour, dashed)


def _get(parts: Mapping[str, float], name: str) -> float:
    return parts.get(name, math.nan)


def _part(name: str) -> str:
    return name.removesuffix("_loss")
