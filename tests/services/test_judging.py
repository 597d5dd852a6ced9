"""A candidate beside the current model: the pages that changed are named, the rules are the project's, promotion keeps its reason."""

import json
from dataclasses import replace

import pytest

from labeler.core import gestures, i18n
from labeler.core.boxes import ClassRect, Detection, Rect
from labeler.core.errors import NotFound, UserError
from labeler.core.gate import Rules, Verdict
from labeler.services import _answer, judging, labeling, models, suggesting, versions, writers
from labeler.services.project import Project
from tests.helpers.fake_detector import add_labelled, add_model, script

Finds = dict[int, list[Detection]]


@pytest.fixture
def truth(project: Project) -> dict[int, tuple[ClassRect, ...]]:
    """Forty digits of four test writers."""
    made = add_labelled(project, writers=4, pages=5)
    for n in range(4):
        writers.set_split(project, f"w{n}", "test", allow_harm=True)
    add_model(project, "new")
    return made


def everything(truth: dict[int, tuple[ClassRect, ...]]) -> Finds:
    return {i: [Detection(b.x, b.y, b.w, b.h, b.class_id, 0.9) for b in boxes] for i, boxes in truth.items()}


def test_a_candidate_that_finds_more_is_better_and_may_be_promoted(
    project: Project, truth: dict[int, tuple[ClassRect, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    worse = {i: found[:1] if i % 2 else found for i, found in everything(truth).items()}
    script(monkeypatch, project, {"shipped": worse, "new": everything(truth)})
    judgement = judging.judge(project, "new")
    assert judgement.decision.verdict is Verdict.BETTER
    improved = {judgement.image_ids[c.page]: (c.current, c.candidate) for c in judgement.comparison.changed}
    assert improved == {i: (1, 0) for i in truth if i % 2}
    assert judgement.figures[1].map50 == 1.0
    assert (judgement.figures[0].map50 or 0) < 1.0
    assert judging.promote(project, "new", judgement, by="林").is_current
    newest = models.promotions(project)[0]
    assert (newest.model, newest.previous, newest.kind, newest.by) == ("new", "shipped", "promote", "林")
    assert newest.reason == "gate: better"


def test_neither_is_judged_by_a_writer_whom_one_of_them_knows(
    project: Project, truth: dict[int, tuple[ClassRect, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    writers.set_split(project, "w0", "train", allow_harm=True)
    add_model(project, "knows w0", version_id=versions.freeze(project).id)
    writers.set_split(project, "w0", "test", allow_harm=True)
    script(monkeypatch, project, dict.fromkeys(("new", "knows w0"), everything(truth)))
    for candidate, against in (("knows w0", "new"), ("new", "knows w0")):
        judgement = judging.judge(project, candidate, against=against)
        assert (len(judgement.image_ids), judgement.left_out) == (15, 5)


def test_a_worse_candidate_needs_a_reason_which_is_kept(
    project: Project, truth: dict[int, tuple[ClassRect, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    script(monkeypatch, project, {"shipped": everything(truth), "new": {}})
    judgement = judging.judge(project, "new")
    assert judgement.decision.verdict is Verdict.WORSE
    for reason in ("", "  "):
        with pytest.raises(UserError, match="was not promoted"):
            judging.promote(project, "new", judgement, reason=reason)
    with pytest.raises(UserError, match="not been judged"):
        judging.promote(project, "new", None)
    judging.promote(project, "new", judgement, reason=" the old one is too slow ")
    assert models.promotions(project)[0].reason == "the old one is too slow; gate: worse"


def test_a_judgement_of_another_model_does_not_count(
    project: Project, truth: dict[int, tuple[ClassRect, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_model(project, "third")
    script(monkeypatch, project, {"shipped": everything(truth), "new": everything(truth)})
    judgement = judging.judge(project, "new")
    assert judgement.decision.verdict is Verdict.NO_CHANGE
    with pytest.raises(UserError, match="was not promoted"):
        judging.promote(project, "third", judgement)


def test_what_a_run_keeps_of_a_judgement_is_said_in_the_language_of_then(
    project: Project, truth: dict[int, tuple[ClassRect, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    worse = {i: found[:1] if i % 2 else found for i, found in everything(truth).items()}
    script(monkeypatch, project, {"shipped": everything(truth), "new": worse})
    found = judging.judge(project, "new")
    kept = json.loads(json.dumps(_answer.kept(project, found)))
    judging.set_rules(project, Rules(more_work=1000.0, margin=1.0, recall_drop=1.0))
    assert _answer.words(kept) == ("new is worse than shipped.", *found.decision.reasons)
    try:
        i18n.set_language("zh_CN")
        verdict, *reasons = _answer.words(kept)
    finally:
        i18n.set_language("en")
    assert "worse" not in verdict
    assert len(reasons) == len(found.decision.reasons)
    assert not set(reasons) & set(found.decision.reasons)


def test_a_run_from_before_says_what_it_kept_in_words() -> None:
    assert _answer.words({"answer": ["a is better than b.", "Why."], "epochs": 3}) == ("a is better than b.", "Why.")
    assert _answer.words({}) == ()


def test_any_two_models_can_be_compared(
    project: Project, truth: dict[int, tuple[ClassRect, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_model(project, "third")
    script(monkeypatch, project, {"new": everything(truth), "third": {}})
    judgement = judging.judge(project, "third", against="new")
    assert (judgement.current, judgement.candidate, judgement.split) == ("new", "third", "test")
    assert judgement.comparison.corrections_per_100.value == 100.0
    with pytest.raises(NotFound):
        judging.judge(project, "nobody")
    with pytest.raises(UserError, match="No labelled image"):
        judging.judge(project, "new", split="val")


def test_the_rules_are_the_projects_own(
    project: Project, truth: dict[int, tuple[ClassRect, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert judging.rules(project) == Rules()
    judging.set_rules(project, replace(Rules(), min_boxes=1000, recall_drop=0.5))
    assert judging.rules(project) == Rules(min_boxes=1000, recall_drop=0.5)
    script(monkeypatch, project, {"shipped": everything(truth), "new": {}})
    assert judging.judge(project, "new").decision.verdict is Verdict.CANNOT_TELL
    project.set_setting(judging.RULES_KEY, {"margin": 0.5, "of_a_later_version": 1})
    assert judging.rules(project) == Rules(margin=0.5)


def test_by_boxes_that_the_current_model_drew_nobody_can_tell_who_places_them_better(
    project: Project, truth: dict[int, tuple[ClassRect, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for image_id, boxes in truth.items():
        page = labeling.page(project, image_id)
        labeling.apply(project, gestures.delete(page, [b.id for b in page.boxes]))
        suggesting.keep(project, models.current(project).id, image_id, everything({image_id: boxes})[image_id])
        page = labeling.page(project, image_id)
        labeling.apply(project, gestures.accept(page, [s.id for s in page.suggestions]))
        labeling.apply(project, gestures.review(labeling.page(project, image_id)))
    aside = {i: [replace(d, x=d.x + 0.1 * d.w) for d in found] for i, found in everything(truth).items()}
    script(monkeypatch, project, {"shipped": everything(truth), "new": aside})
    judgement = judging.judge(project, "new")
    assert judgement.drawn == (1.0, 0.0)
    assert judgement.comparison.map50_95.high < -0.04
    assert judgement.decision.verdict is Verdict.CANNOT_TELL
    first = next(iter(truth))
    page = labeling.page(project, first)
    box = page.boxes[0]
    labeling.apply(project, gestures.place(page, {box.id: Rect(box.x + 1, box.y, box.w, box.h)}))
    assert judging.judge(project, "new").drawn[0] == pytest.approx(1 - 1 / 40)
