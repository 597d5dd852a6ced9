"""What became of suggestions: the effort ledger's rule. Pure.

A suggestion shown on a reviewed page ends as exactly one of accepted, moved, relabelled or deleted; digits nobody suggested are added.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from labeler.core.boxes import Box, Suggestion

SAME_PLACE = 1e-6
"""Pixels: a box that was not touched is where its suggestion was, up to the rounding of floats."""


@dataclass(frozen=True, slots=True)
class Effort:
    """Counts over some pages. `shown` = accepted + moved + relabelled + deleted; kept + `added` = final boxes."""

    shown: int = 0
    accepted: int = 0
    moved: int = 0
    relabelled: int = 0
    deleted: int = 0
    added: int = 0

    @property
    def kept(self) -> int:
        """Suggestions that became boxes."""
        return self.accepted + self.moved + self.relabelled

    @property
    def corrections(self) -> int:
        """What a person had to do by hand."""
        return self.moved + self.relabelled + self.deleted + self.added

    @property
    def corrections_per_100(self) -> float | None:
        """Corrections per 100 digits of the final pages; None where there is no digit."""
        digits = self.kept + self.added
        return 100.0 * self.corrections / digits if digits else None

    def __add__(self, other: "Effort") -> "Effort":
        return Effort(
            self.shown + other.shown, self.accepted + other.accepted, self.moved + other.moved, self.relabelled + other.relabelled,
            self.deleted + other.deleted, self.added + other.added,
        )  # fmt: skip


def effort(suggestions: Iterable[Suggestion], boxes: Iterable[Box]) -> Effort:
    """The effort on one reviewed page: `suggestions` are all that its model showed there, `boxes` what the page holds in the end."""
    final = list(boxes)
    by_suggestion = {b.suggestion_id: b for b in final if b.suggestion_id is not None}
    total = Effort(added=sum(b.suggestion_id is None for b in final))
    for suggestion in suggestions:
        total += _outcome(suggestion, by_suggestion.get(suggestion.id))
    return total


def _outcome(suggestion: Suggestion, box: Box | None) -> Effort:
    if box is None:
        return Effort(shown=1, deleted=1)
    if box.class_id != suggestion.class_id:
        return Effort(shown=1, relabelled=1)
    pairs = ((box.x, suggestion.x), (box.y, suggestion.y), (box.w, suggestion.w), (box.h, suggestion.h))
    if any(abs(a - b) > SAME_PLACE for a, b in pairs):
        return Effort(shown=1, moved=1)
    return Effort(shown=1, accepted=1)
