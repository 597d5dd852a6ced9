"""Why a person must look at a page whose labels were made without one: reasons as data, and in words."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from labeler.core.i18n import tr


class Kind(StrEnum):
    """What is doubtful. The first five come from grouping ink, the others from a model or a printed sheet."""

    EMPTY = "empty"
    COUNT = "count"
    OVERLAP = "overlap"
    ORDER = "order"
    UNCLEAR = "unclear"
    DISAGREES = "disagrees"
    LEAVES_CELL = "leaves_cell"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Doubt:
    """One reason. `asked` is the prompt, `found` what was read instead, `place` the cell of a sheet; each where it applies."""

    kind: Kind
    asked: str = ""
    found: str = ""
    place: str = ""


_WORDS: dict[Kind, Callable[[Doubt], str]] = {
    Kind.EMPTY: lambda _: tr("Nothing was written."),
    Kind.COUNT: lambda d: tr("The strokes do not make as many digits as {asked} has.", asked=d.asked),
    Kind.OVERLAP: lambda d: tr("Digits lie so close that the strokes of {asked} cannot be told apart.", asked=d.asked),
    Kind.ORDER: lambda d: tr("The digits of {asked} are not in rows from left to right.", asked=d.asked),
    Kind.UNCLEAR: lambda d: tr("What was written does not look like {asked}.", asked=d.asked),
    Kind.DISAGREES: lambda d: tr("The model reads {found} where {asked} was asked for.", found=d.found, asked=d.asked),
    Kind.LEAVES_CELL: lambda d: tr("Ink leaves the cell {place}, where {asked} was asked for.", place=d.place, asked=d.asked),
    Kind.CODE: lambda _: tr("The code of the sheet could not be read, so its writer is not known."),
}  # fmt: skip


def text(doubt: Doubt) -> str:
    """The reason as a sentence."""
    words = _WORDS[doubt.kind](doubt)
    if doubt.place and doubt.kind is not Kind.LEAVES_CELL:
        return tr("{reason} (cell {place})", reason=words.rstrip("."), place=doubt.place)
    return words


def to_json(doubts: tuple[Doubt, ...]) -> list[dict[str, str]] | None:
    """Doubts as plain values; None where there are none."""
    named = [{"kind": str(d.kind), "asked": d.asked, "found": d.found, "place": d.place} for d in doubts]
    return [{k: v for k, v in one.items() if v} for one in named] or None


def from_json(value: list[dict[str, Any]] | None) -> tuple[Doubt, ...]:
    """The inverse of `to_json`."""
    return tuple(
        Doubt(Kind(v["kind"]), v.get("asked", ""), v.get("found", ""), v.get("place", "")) for v in value or ()
    )
