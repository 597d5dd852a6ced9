"""The promotion gate: whether a candidate may replace the current model, and the reason in words. Pure; the rules are data."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from labeler.core.bootstrap import sign_test
from labeler.core.compare import Comparison, DigitChange, PairChange
from labeler.core.i18n import tr


class Verdict(StrEnum):
    """What the gate says of a candidate."""

    BETTER = "better"
    NOT_WORSE = "not worse"
    NO_CHANGE = "no change"
    WORSE = "worse"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Rules:
    """When a candidate passes. All can be changed by a person.

    `more_work` is how many corrections per 100 digits may be added, `margin` how much mAP50-95 may be lost, in points of 0…1, both with
    the certainty of the comparison's interval. What counts is the work that is left to a person; mAP50-95 is beside it because it also
    sees boxes that get looser little by little. Eleven trainings that differed in nothing but the seed, on 45 photographs of sums, differed
    in pairs by 0.017 of mAP50-95 and 0.7 corrections (root mean square; 0.036 and 1.5 at most). A digit may lose
    `recall_drop` of its recall; one or two digits of a small sample (`slack`) condemn nothing, nor does a loss that luck alone may well
    bring about. `luck` is the chance that equally good models are blocked for any digit, or for any pair: a sign test over the digits
    on which they differ, made stricter by how many digits there are to be unlucky with. `confusion_rise` is the share of a confusable
    pair's digits by which mix-ups may grow, `alarm_rise` false alarms per blank page. A candidate may take `slowdown` times as long a
    page, or up to `fast_enough` seconds.
    """

    more_work: float = 2.0
    margin: float = 0.04
    recall_drop: float = 0.05
    slack: int = 2
    luck: float = 0.05
    confusion_rise: float = 0.03
    alarm_rise: float = 0.1
    slowdown: float = 2.0
    fast_enough: float = 0.5
    min_boxes: int = 30


FAVOURED = 0.2
"""mAP50-95 favours a model that drew so much larger a share of the test boxes than the other."""

CONFUSABLE = (("1", "7"), ("4", "9"), ("3", "8"), ("0", "6"))
"""Pairs of digits that hands make look alike, by class name."""


@dataclass(frozen=True, slots=True)
class Check:
    """One rule in words, what speaks against the candidate by it, and what might but can be luck. `sure`: the pages suffice to tell."""

    rule: str
    against: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """The gate's answer. `reasons` says in sentences what stands against the candidate, or how much better it is.

    `checks` are the rules as they were applied; empty where the answer was clear without them.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    checks: tuple[Check, ...] = ()

    @property
    def passes(self) -> bool:
        """Whether it may be promoted without giving a reason."""
        return self.verdict in (Verdict.BETTER, Verdict.NOT_WORSE, Verdict.NO_CHANGE)


def decide(
    found: Comparison, *, classes: Sequence[str], seconds: tuple[float, float] | None = None,
    drawn: tuple[float, float] = (0.0, 0.0), rules: Rules | None = None,
) -> Decision:  # fmt: skip
    """Judge a comparison. `seconds` are the times per page of the current model and of the candidate, `drawn` the shares of the test boxes
    that are suggestions of each, accepted as they were: nobody places those to the pixel as the model that drew them, so by a loss of
    mAP50-95 against it nobody can tell which places them better, nor by a gain of it.
    """
    rules = rules or Rules()
    if found.same:
        return Decision(Verdict.NO_CHANGE, (tr("Both models find exactly the same."),))
    if found.boxes < rules.min_boxes:
        text = tr(
            "Only {count} digits by test writers are labelled; {least} are needed to tell.",
            count=found.boxes,
            least=rules.min_boxes,
        )
        return Decision(Verdict.CANNOT_TELL, (text,))
    checks = (
        _work(found, rules),
        _overall(found, rules, drawn),
        _digits(found, classes, rules),
        _confusions(found, classes, rules),
        _blank_pages(found, rules),
        _speed(seconds, rules),
    )
    against = tuple(reason for check in checks for reason in check.against)
    notes = tuple(note for check in checks for note in check.notes)
    if against:
        return Decision(Verdict.WORSE, (*against, *notes), checks)
    work, quality = found.corrections_per_100, found.map50_95
    if not _holds(found, rules):  # by the current model's own boxes
        return Decision(Verdict.CANNOT_TELL, notes, checks)
    # What looks like more work is not "not worse" for the sole reason that it can be luck.
    if work.value > rules.more_work or (work.high > rules.more_work and quality.low < -rules.margin):
        text = tr("On these {pages} test pages a loss cannot be ruled out: label more test pages.", pages=found.pages)
        return Decision(Verdict.CANNOT_TELL, (text, *_both(found), *notes), checks)
    # A little more mAP50-95 than chance is what a mere other seed brings; that is nothing to promise a person.
    better = work.high < 0 or (quality.low > rules.margin and drawn[1] - drawn[0] <= FAVOURED)
    return Decision(Verdict.BETTER if better else Verdict.NOT_WORSE, (*_both(found), *notes), checks)


def sentence(verdict: Verdict, *, candidate: str, current: str) -> str:
    """The verdict on `candidate` beside `current` in words."""
    match verdict:
        case Verdict.BETTER:
            return tr("{name} is better than {current}.", name=candidate, current=current)
        case Verdict.NOT_WORSE:
            return tr("{name} is not worse than {current}.", name=candidate, current=current)
        case Verdict.NO_CHANGE:
            return tr("{name} is the same as {current}.", name=candidate, current=current)
        case Verdict.WORSE:
            return tr("{name} is worse than {current}.", name=candidate, current=current)
        case Verdict.CANNOT_TELL:
            return tr("Nobody can tell whether {name} is better than {current}.", name=candidate, current=current)


def pairs_by_id(classes: Sequence[str]) -> list[tuple[int, int]]:
    """The confusable pairs as class ids, where a project has both classes."""
    names = list(classes)
    return [(names.index(a), names.index(b)) for a, b in CONFUSABLE if a in names and b in names]


def _both(found: Comparison) -> tuple[str, ...]:
    """The figures of both models, the person's work first."""
    before, after = (100.0 * work / found.boxes for work in found.work)
    work, quality = found.corrections_per_100, found.map50_95
    return (
        tr(
            "{before:.1f} → {after:.1f} corrections per 100 digits on test writers ({value:+.1f}, between {low:+.1f} and {high:+.1f}).",
            before=before, after=after, value=work.value, low=work.low, high=work.high,
        ),
        tr(
            "mAP50-95 on test writers: {value:+.3f} (between {low:+.3f} and {high:+.3f}).",
            value=quality.value, low=quality.low, high=quality.high,
        ),
    )  # fmt: skip


def _work(found: Comparison, rules: Rules) -> Check:
    change = found.corrections_per_100
    rule = tr("Overall, no more than {count:g} further corrections per 100 digits.", count=rules.more_work)
    if change.low <= 0 or change.value <= rules.more_work:
        return Check(rule, sure=change.high <= rules.more_work)
    text = tr(
        "More to correct: {value:+.1f} corrections per 100 digits (between {low:+.1f} and {high:+.1f}).",
        value=change.value, low=change.low, high=change.high,
    )  # fmt: skip
    return Check(rule, (text,))


def _overall(found: Comparison, rules: Rules, drawn: tuple[float, float]) -> Check:
    change = found.map50_95
    rule = tr("Overall, no more than {margin:.3f} of mAP50-95 is lost.", margin=rules.margin)
    if _holds(found, rules):
        return Check(rule, sure=change.low >= -rules.margin)
    if drawn[0] - drawn[1] > FAVOURED:
        text = tr(
            "It places boxes otherwise: mAP50-95 {value:+.3f}. But {share:.0%} of the test boxes are the current model's own suggestions, "
            "accepted as they were, so nobody can tell which places them better. Draw some test pages by hand.",
            value=change.value, share=drawn[0],
        )  # fmt: skip
        return Check(rule, notes=(text,), sure=False)
    text = tr(
        "Worse overall: mAP50-95 {value:+.3f} (between {low:+.3f} and {high:+.3f}).",
        value=change.value, low=change.low, high=change.high,
    )  # fmt: skip
    return Check(rule, (text,))


def _holds(found: Comparison, rules: Rules) -> bool:
    """Whether mAP50-95 may be as good as before, give or take the margin."""
    return found.map50_95.high >= 0 or found.map50_95.value >= -rules.margin


def _digits(found: Comparison, classes: Sequence[str], rules: Rules) -> Check:
    dropped = [d for d in found.digits if _dropped(d, rules)]
    share = rules.luck / max(1, sum(d.support > 0 for d in found.digits))
    sure = [d for d in dropped if sign_test(d.lost, d.gained) <= share]
    texts = (
        tr("The {name}s got worse: {before} of {count} found before, {after} now.",
           name=classes[d.class_id], before=d.current, after=d.candidate, count=d.support)
        for d in sure
    )  # fmt: skip
    notes = (
        tr("{before} of {count} {name}s were found before, {after} now: that can be luck.",
           name=classes[d.class_id], before=d.current, after=d.candidate, count=d.support)
        for d in dropped
        if d not in sure
    )  # fmt: skip
    rule = tr("No digit's recall drops by more than {drop:.1%}.", drop=rules.recall_drop)
    return Check(rule, tuple(texts), tuple(notes), sure=len(sure) == len(dropped))


def _dropped(digit: DigitChange, rules: Rules) -> bool:
    return digit.current - digit.candidate > rules.slack and digit.recall_change < -rules.recall_drop


def _confusions(found: Comparison, classes: Sequence[str], rules: Rules) -> Check:
    def grew(pair: PairChange) -> bool:
        more = pair.candidate - pair.current > max(rules.slack, rules.confusion_rise * pair.support)
        return more and sign_test(pair.new, pair.gone) <= rules.luck / len(found.pairs)

    texts = (
        tr("{a} and {b} are mixed up more often: {before} times before, {after} now.",
           a=classes[pair.classes[0]], b=classes[pair.classes[1]], before=pair.current, after=pair.candidate)
        for pair in found.pairs
        if grew(pair)
    )  # fmt: skip
    rule = tr("Digits that look alike are mixed up no more often, give or take {rise:.1%}.", rise=rules.confusion_rise)
    return Check(rule, tuple(texts))


def _blank_pages(found: Comparison, rules: Rules) -> Check:
    before, after = found.blank_alarms
    rule = tr("No more than {rise:g} further false alarms a blank page.", rise=rules.alarm_rise)
    if after - before <= max(rules.slack, rules.alarm_rise * found.blank_pages):
        return Check(rule)
    text = tr(
        "More false alarms on {pages} blank pages: {before} before, {after} now.",
        pages=found.blank_pages,
        before=before,
        after=after,
    )
    return Check(rule, (text,))


def _speed(seconds: tuple[float, float] | None, rules: Rules) -> Check:
    rule = tr(
        "At most {times:g} times as slow, or under {seconds:g} seconds a page.",
        times=rules.slowdown, seconds=rules.fast_enough,
    )  # fmt: skip
    if seconds is None or seconds[1] <= max(seconds[0] * rules.slowdown, rules.fast_enough):
        return Check(rule)
    text = tr("Slower: {before:.2f} seconds a page before, {after:.2f} now.", before=seconds[0], after=seconds[1])
    return Check(rule, (text,))
