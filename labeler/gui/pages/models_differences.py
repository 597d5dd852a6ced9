"""What a comparison of two models says, as words and rows. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass

from labeler.core.bootstrap import Difference
from labeler.core.gate import sentence
from labeler.core.i18n import ntr, tr
from labeler.core.metrics import Metrics
from labeler.services.judging import Judgement


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure of both models. `is_sure`: the interval leaves no difference out."""

    name: str
    before: str
    after: str
    difference: str
    between: str
    is_sure: bool


@dataclass(frozen=True, slots=True)
class DigitRow:
    """One digit with both models: how many were written, found before and after, lost and gained."""

    name: str
    written: int
    before: int
    after: int
    lost: int
    gained: int
    recall: str
    between: str
    is_sure: bool


def verdict(judgement: Judgement) -> str:
    """The gate's verdict in a sentence."""
    return sentence(judgement.decision.verdict, candidate=judgement.candidate, current=judgement.current)


def figures(judgement: Judgement) -> list[FigureRow]:
    """The figures with their differences and intervals."""
    before, after = judgement.figures
    found = judgement.comparison
    (slow, fast), alarms = judgement.seconds, found.blank_alarms
    return [
        _figure("mAP50", before.map50, after.map50, found.map50, 3),
        _figure("mAP50-95", before.map50_95, after.map50_95, found.map50_95, 3),
        _figure(
            tr("Corrections per 100 digits"), _per_100(before), _per_100(after), found.corrections_per_100, 1
        ),
        _figure(tr("Precision"), before.precision, after.precision, None, 3),
        _figure(tr("Recall"), before.recall, after.recall, None, 3),
        _figure(tr("False alarms on blank pages"), alarms[0], alarms[1], None, 0),
        _figure(tr("Milliseconds a page"), 1000 * slow, 1000 * fast, None, 0),
    ]  # fmt: skip


def digits(judgement: Judgement, classes: Sequence[str]) -> list[DigitRow]:
    """Digit by digit; classes that nobody wrote are left out."""
    return [
        DigitRow(
            classes[d.class_id], d.support, d.current, d.candidate, d.lost, d.gained, f"{100 * d.recall_change:+.1f} %",
            f"{100 * d.recall.low:+.1f} … {100 * d.recall.high:+.1f} %", _is_sure(d.recall),
        )
        for d in judgement.comparison.digits
        if d.support
    ]  # fmt: skip


def page_lists(judgement: Judgement, classes: Sequence[str]) -> list[tuple[str, tuple[int, ...]]]:
    """Lists of pages that are worth a look, each with its name: those that got worse, better, and those that lost a digit."""
    changed = judgement.comparison.changed
    worse = tuple(c.page for c in changed if c.candidate > c.current)
    better = tuple(c.page for c in reversed(changed) if c.candidate < c.current)
    lists = [
        (ntr("{count} page with more to correct", "{count} pages with more to correct", len(worse)), worse),
        (ntr("{count} page with less to correct", "{count} pages with less to correct", len(better)), better),
    ]
    for digit in judgement.comparison.digits:
        if digit.worse_pages:
            text = ntr("{count} page that lost a {digit}", "{count} pages that lost a {digit}", len(digit.worse_pages),
                       digit=classes[digit.class_id])  # fmt: skip
            lists.append((text, digit.worse_pages))
    return lists


def _figure(
    name: str, before: float | None, after: float | None, change: Difference | None, decimals: int
) -> FigureRow:
    if before is None or after is None:
        return FigureRow(name, "–", "–", "–", "", is_sure=False)
    value = change.value if change else after - before
    between = f"{change.low:+.{decimals}f} … {change.high:+.{decimals}f}" if change else ""
    shown = (f"{before:.{decimals}f}", f"{after:.{decimals}f}", f"{value:+.{decimals}f}")
    return FigureRow(name, *shown, between, is_sure=change is not None and _is_sure(change))


def _is_sure(change: Difference) -> bool:
    return change.low > 0 or change.high < 0


def _per_100(metrics: Metrics) -> float | None:
    return metrics.corrections.per_100
