"""What is known of a model's quality, out of the figures kept with it. Pure functions."""

from collections.abc import Mapping, Sequence
from typing import Any

from labeler.core.i18n import tr
from labeler.services.models import Model

SPLITS = ("test", "val")


def figures(model: Model) -> tuple[str, Mapping[str, Any]]:
    """The split the model was judged on and its figures there: test before val; empty where it was never judged."""
    for split in SPLITS:
        found = model.metrics.get(split)
        if isinstance(found, Mapping):
            return split, found
    return "", {}


def value(model: Model, name: str) -> float | None:
    """One figure of a model, None where it is not known."""
    found = figures(model)[1].get(name)
    return float(found) if isinstance(found, int | float) else None


def per_digit(model: Model) -> list[tuple[str, float | None, int]]:
    """Name, AP50-95 and number of digits for each class."""
    found = figures(model)[1].get("per_class", ())
    if not isinstance(found, Sequence):
        return []
    return [(str(c["name"]), c.get("ap50_95"), int(c.get("boxes", 0))) for c in found]


def confusion(model: Model) -> Sequence[Sequence[int]]:
    """The confusion matrix, empty where the model was never judged here."""
    found = figures(model)[1].get("confusion", ())
    return found if isinstance(found, Sequence) else ()


def origin_name(origin: str) -> str:
    """Where a model comes from, in words."""
    return {"shipped": tr("shipped"), "trained": tr("trained here"), "imported": tr("imported")}.get(origin, origin)
