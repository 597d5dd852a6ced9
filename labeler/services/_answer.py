"""The gate's answer on what came of a run: kept as figures with the run, put into words when it is shown, in the language of then."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from labeler.core import gate
from labeler.core.bootstrap import Difference
from labeler.core.compare import Comparison, DigitChange, PairChange
from labeler.core.gate import Rules
from labeler.services import judging
from labeler.services.judging import Judgement
from labeler.services.project import Project

KEY, WORDS = "judged", "answer"
"""Where a run's result holds the figures, and where older ones hold the words."""


def kept(project: Project, found: Judgement) -> dict[str, Any]:
    """What a run's result keeps of a judgement, as plain values; which pages changed is left out."""
    comparison = replace(
        found.comparison, changed=(), digits=tuple(replace(d, worse_pages=()) for d in found.comparison.digits)
    )
    return {
        KEY: {
            "candidate": found.candidate, "current": found.current, "comparison": asdict(comparison), "seconds": list(found.seconds),
            "drawn": list(found.drawn), "rules": asdict(judging.rules(project)), "classes": list(project.classes),
        }
    }  # fmt: skip


def words(result: Mapping[str, Any]) -> tuple[str, ...]:
    """The verdict and its reasons in sentences; none where the result holds none."""
    if KEY not in result:
        return tuple(result.get(WORDS, ()))
    judged = result[KEY]
    (seconds_before, seconds_after), (drawn_before, drawn_after) = judged["seconds"], judged["drawn"]
    decision = gate.decide(
        _comparison(judged["comparison"]), classes=judged["classes"], seconds=(seconds_before, seconds_after),
        drawn=(drawn_before, drawn_after), rules=Rules(**judged["rules"]),
    )  # fmt: skip
    verdict = gate.sentence(decision.verdict, candidate=judged["candidate"], current=judged["current"])
    return (verdict, *decision.reasons)


def _comparison(plain: Mapping[str, Any]) -> Comparison:
    differences = {name: Difference(**plain[name]) for name in ("map50", "map50_95", "corrections_per_100")}
    pairs = {name: tuple(plain[name]) for name in ("work", "blank_alarms")}
    lists = {
        "digits": tuple(DigitChange(**{**d, "recall": Difference(**d["recall"])}) for d in plain["digits"]),
        "pairs": tuple(PairChange(**{**p, "classes": tuple(p["classes"])}) for p in plain["pairs"]),
    }
    return Comparison(**{**plain, **differences, **pairs, **lists})
