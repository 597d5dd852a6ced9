"""What a person would still have to do to a detector's finds: page by page, in all, and from which score on the work is least. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labeler.core.matching import Matching, Page, match

GOOD_IOU = 0.7
"""A box that overlaps the truth this much needs no correcting hand."""
STEPS = tuple(n / 100 for n in range(5, 100, 5))
"""Scores from which finds may be shown."""


@dataclass(frozen=True, slots=True)
class Corrections:
    """What a person would have to do to the detections of at least the score."""

    digits: int = 0
    untouched: int = 0
    """Right class and IoU of at least `GOOD_IOU`."""
    moved: int = 0
    relabelled: int = 0
    added: int = 0
    deleted: int = 0

    @property
    def work(self) -> int:
        """How many things there are to do."""
        return self.moved + self.relabelled + self.added + self.deleted

    @property
    def per_100(self) -> float | None:
        """Corrections per 100 digits."""
        return 100.0 * self.work / self.digits if self.digits else None

    @property
    def untouched_share(self) -> float | None:
        """Share of digits that need no correction; a false alarm counts as a digit that does."""
        total = self.digits + self.deleted
        return self.untouched / total if total else None


@dataclass(frozen=True, slots=True)
class AtScore:
    """What there is to do where finds of at least `score` are shown."""

    score: float
    corrections: Corrections


def needed(page: Page, matching: Matching) -> Corrections:
    """What `matching` leaves to do on its page."""
    same = [pair for pair in matching.pairs if pair.same_class]
    good = sum(pair.iou >= GOOD_IOU for pair in same)
    return Corrections(
        digits=len(page.truth),
        untouched=good,
        moved=len(same) - good,
        relabelled=len(matching.pairs) - len(same),
        added=len(matching.missed),
        deleted=len(matching.imagined),
    )


def total(parts: Iterable[Corrections]) -> Corrections:
    """All of `parts` together."""
    rows = [(c.digits, c.untouched, c.moved, c.relabelled, c.added, c.deleted) for c in parts]
    return Corrections(*(sum(column) for column in zip(*rows, strict=True))) if rows else Corrections()


def by_score(pages: Sequence[Page], *, scores: Sequence[float] = STEPS) -> tuple[AtScore, ...]:
    """What there is to do at each of `scores`."""
    columns = [_page_by_score(page, scores) for page in pages]
    return tuple(AtScore(score, total(column[n] for column in columns)) for n, score in enumerate(scores))


def least_work(found: Sequence[AtScore]) -> AtScore | None:
    """Where there is least to do, the middle one of equals; None where there is no digit to judge by."""
    if not found or not found[0].corrections.digits:
        return None
    least = min(at.corrections.work for at in found)
    equals = [at for at in found if at.corrections.work == least]
    return equals[len(equals) // 2]


def _page_by_score(page: Page, scores: Sequence[float]) -> list[Corrections]:
    """The finds shown change at few scores only, and only then is there anything to match anew."""
    known: dict[int, Corrections] = {}
    out = []
    for score in scores:
        shown = [d for d in page.found if d.score >= score]
        if len(shown) not in known:
            part = Page(page.truth, shown)
            known[len(shown)] = needed(part, match(part, min_score=0.0))
        out.append(known[len(shown)])
    return out
