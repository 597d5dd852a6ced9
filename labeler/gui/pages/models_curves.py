"""From the figures kept with a model to the lines and rows that its evaluation shows. Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labeler.core.i18n import tr
from labeler.gui.widgets.chart import Series

Figures = Mapping[str, Any]
FEW = 5
"""Of fewer finds the share that is right says little."""


@dataclass(frozen=True, slots=True)
class Group:
    """A row of the tables of writers, sources and digits: a name, how much there is, and figures by their key."""

    name: str
    images: int
    boxes: int
    figures: Mapping[str, Any]


def is_deep(figures: Figures) -> bool:
    """Whether these figures come from an evaluation with everything that is shown in depth."""
    return all(key in figures for key in ("curves", "calibration", "thresholds", "worst", "per_writer"))


def precision_recall(figures: Figures) -> list[Series]:
    """Precision over recall at IoU 0.5: all digits together, and each digit faintly behind."""
    curves = figures["curves"]
    mean = tuple(zip(curves["recalls"], curves["precision_at_recall"], strict=True))
    digits = [
        Series(str(c["name"]), _rising(c["recall"], c["precision"]), n, faint=True)
        for n, c in enumerate(curves["classes"])
        if max(c["recall"], default=0) > 0
    ]
    return [*digits, Series(tr("all digits"), mean, 0)]


def by_score(figures: Figures) -> list[Series]:
    """Precision, recall and F1 over the score from which finds count."""
    curves = figures["curves"]
    names = {"precision": tr("precision"), "recall": tr("recall"), "f1": "F1"}
    return [
        Series(name, tuple(zip(curves["scores"], curves[key], strict=True)), n)
        for n, (key, name) in enumerate(names.items())
    ]


def corrections(figures: Figures) -> list[Series]:
    """Corrections per 100 digits over the score from which finds are shown."""
    points = tuple(
        (at["score"], at["corrections_per_100"])
        for at in figures["thresholds"]
        if at["corrections_per_100"] is not None
    )
    return [Series(tr("corrections per 100 digits"), points, 1)]


def calibration(figures: Figures) -> list[Series]:
    """The share of finds that are right over the score that they were given, where `FEW` or more have it, and what it should be."""
    points = tuple((b["score"], b["right"]) for b in figures["calibration"]["bins"] if b["count"] >= FEW)
    ideal = Series(tr("as it should be"), ((0.0, 0.0), (1.0, 1.0)), 9, dashed=True)
    return [ideal, Series(tr("right"), points, 2, dots=True)]


def groups(figures: Figures, key: str) -> list[Group]:
    """The rows of `per_writer`, `per_source` or `per_class`."""
    return [Group(str(g["name"]), int(g.get("images", 0)), int(g["boxes"]), g) for g in figures.get(key, ())]


def worst_pages(figures: Figures) -> list[int]:
    """Image ids, the page with most to correct first."""
    return [int(page["image"]) for page in figures["worst"]]


def _rising(recall: Sequence[float], precision: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """Points in order of recall; of equals the most precise."""
    best: dict[float, float] = {}
    for x, y in zip(recall, precision, strict=True):
        best[x] = max(y, best.get(x, 0.0))
    best.pop(0.0, None)
    return tuple(sorted(best.items()))
