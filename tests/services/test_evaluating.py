"""An evaluation in depth: its parts agree with each other and with what the detector was made to find."""

import json
from collections import Counter
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

import pytest

from labeler.core.boxes import ClassRect, Detection
from labeler.core.errors import BadInput, UserError
from labeler.services import evaluating, images, labeling, models, versions, writers
from labeler.services.evaluating import Evaluation
from labeler.services.project import Project
from tests.helpers.fake_detector import add_labelled, add_model, add_pages, review_with_boxes, script


def found_as(box: ClassRect, *, score: float = 0.9, class_id: int | None = None) -> Detection:
    return Detection(box.x, box.y, box.w, box.h, box.class_id if class_id is None else class_id, score)


@pytest.fixture
def truth(project: Project) -> dict[int, tuple[ClassRect, ...]]:
    """Test pages of three writers and a blank one; one writer is of another split."""
    made = add_labelled(project, writers=4)
    (blank,) = add_pages(project, 1, writer="w0", first=900)
    review_with_boxes(project, blank)
    for n in range(3):
        writers.set_split(project, f"w{n}", "test", allow_harm=True)
    writers.set_split(project, "w3", "train", allow_harm=True)
    made[blank] = ()
    hands = {i.id: i.writer for i in images.images(project, list(made))}
    return {i: boxes for i, boxes in made.items() if hands[i] != "w3"}


def judge(
    monkeypatch: pytest.MonkeyPatch, project: Project, finds: dict[int, list[Detection]], **options: float
) -> Evaluation:
    script(monkeypatch, project, {"shipped": finds})
    return evaluating.evaluate(project, **options)


def test_a_detector_that_finds_everything_leaves_nothing_to_do(
    project: Project, truth: dict[int, tuple[ClassRect, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = judge(monkeypatch, project, {i: [found_as(b) for b in boxes] for i, boxes in truth.items()})
    assert (found.images, found.boxes, found.map50, found.map50_95) == (7, 12, 1.0, 1.0)
    assert (found.corrections_per_100, found.suggested_corrections_per_100, found.worst) == (0.0, 0.0, ())
    assert (found.blank_pages, found.blank_false_alarms, found.blank_pages_with_false_alarm) == (1, 0, 0)
    assert found.suggested_score is not None
    assert found.suggested_score <= 0.9
    assert [g.corrections_per_100 for g in found.per_writer] == [0.0, 0.0, 0.0]
    assert all(c.f1 == 1.0 for c in found.per_class if c.boxes)
    assert found.seconds_per_page > 0


def test_the_time_of_a_page_is_told_without_the_loading_of_the_model(
    project: Project, truth: dict[int, tuple[ClassRect, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    script(monkeypatch, project, {"shipped": {}})
    ready, clock = models.detector, [0.0]

    def load(*args: Any, **options: Any) -> Any:
        clock[0] += 1000.0
        return ready(*args, **options)

    monkeypatch.setattr(models, "detector", load)
    monkeypatch.setattr(evaluating, "time", SimpleNamespace(monotonic=lambda: clock[0], process_time=lambda: clock[0]))
    assert evaluating.evaluate(project).seconds_per_page == 0.0
    assert clock == [1000.0]


def test_the_time_of_a_page_leaves_out_what_other_programs_took(
    project: Project, truth: dict[int, tuple[ClassRect, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    script(monkeypatch, project, {"shipped": {}})
    wall, own = iter((10.0, 24.0)), iter((1.0, 8.0))
    monkeypatch.setattr(
        evaluating, "time", SimpleNamespace(monotonic=lambda: next(wall), process_time=lambda: next(own))
    )
    assert evaluating.evaluate(project).seconds_per_page == 1.0, "seven pages, seven seconds of its own"


def test_writers_sources_and_pages_say_where_the_work_is(
    project: Project, truth: dict[int, tuple[ClassRect, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    writer_of = {i.id: i.writer for i in images.images(project, list(truth))}
    finds = {i: [found_as(b) for b in boxes] for i, boxes in truth.items() if writer_of[i] != "w1"}
    blank = next(i for i, boxes in truth.items() if not boxes)
    finds[blank] = [Detection(1, 1, 9, 9, 4, 0.8), Detection(30, 1, 9, 9, 4, 0.7)]
    found = judge(monkeypatch, project, finds)
    groups = {g.name: g for g in found.per_writer}
    assert found.per_writer[0].name == "w1"
    assert (groups["w1"].map50, groups["w1"].recall, groups["w1"].corrections_per_100) == (0.0, 0.0, 100.0)
    assert groups["w2"].corrections_per_100 == 0.0
    assert groups["w0"].corrections_per_100 == 50.0  # two false alarms beside four digits
    assert sum(g.images for g in found.per_writer) == sum(g.images for g in found.per_source) == found.images
    assert [g.name for g in found.per_source] == ["pages"]
    lost = [i for i in truth if writer_of[i] == "w1"]
    assert [(p.image, p.corrections, p.added, p.deleted) for p in found.worst] == sorted(
        [*((i, 2, 2, 0) for i in lost), (blank, 2, 0, 2)]
    )
    assert (found.blank_false_alarms, found.blank_pages_with_false_alarm) == (2, 1)


def test_the_curves_the_thresholds_and_the_confusion_tell_one_story(
    project: Project, truth: dict[int, tuple[ClassRect, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    finds = {i: [found_as(b, score=0.3 + 0.1 * n) for n, b in enumerate(boxes)] for i, boxes in truth.items()}
    blank = next(i for i, boxes in truth.items() if not boxes)
    finds[blank] = [Detection(1, 1, 9, 9, 4, 0.27)]
    found = judge(monkeypatch, project, finds)
    at = {round(s.score, 2): s.corrections_per_100 for s in found.thresholds}
    assert (at[0.25], at[0.3], at[0.35], at[0.95]) == pytest.approx((100 / 12, 0.0, 50.0, 100.0))
    assert found.suggested_score == 0.3
    assert found.corrections_per_100 == pytest.approx(100 / 12)
    curve = found.curves
    assert len(curve.scores) == len(curve.precision) == len(curve.recall) == len(curve.f1) == 101
    place = curve.scores.index(0.25)
    assert (curve.recall[place], curve.precision[place]) == (1.0, round(12 / 13, 4))
    counts = Counter(b.class_id for boxes in truth.values() for b in boxes)
    assert [c.boxes for c in found.per_class] == [counts[c] for c in range(10)]
    assert [sum(row) for row in found.confusion[:10]] == [counts[c] for c in range(10)]
    assert found.confusion[10][4] == 1
    assert sum(b.count for b in found.calibration.bins) == 13
    assert [c.name for c in curve.classes] == [str(n) for n in range(10)]


def test_the_figures_are_plain_values_that_a_model_can_keep(
    project: Project, truth: dict[int, tuple[ClassRect, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = judge(monkeypatch, project, {})
    plain = json.loads(json.dumps(asdict(found), allow_nan=False))
    assert plain["map50"] == 0.0
    assert plain["calibration"] == {"bins": [], "error": None}
    assert len(json.dumps(plain)) < 60_000


def test_a_high_floor_counts_at_that_floor(
    project: Project, truth: dict[int, tuple[ClassRect, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    finds = {i: [found_as(b, score=0.5) for b in boxes] for i, boxes in truth.items()}
    found = judge(monkeypatch, project, finds, min_score=0.6)
    assert (found.at_score, found.corrections_per_100) == (0.6, 100.0)
    assert min(s.score for s in found.thresholds) >= 0.6


def test_nothing_to_judge_on_is_said(project: Project) -> None:
    with pytest.raises(UserError, match="No labelled image"):
        evaluating.evaluate(project)
    with pytest.raises(BadInput):
        evaluating.evaluate(project, split="holdout")
    assert not evaluating.has_labelled(project, "test")


def test_what_was_labelled_since_counts(
    project: Project, truth: dict[int, tuple[ClassRect, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    finds = {i: [found_as(b) for b in boxes] for i, boxes in truth.items()}
    assert judge(monkeypatch, project, finds).boxes == 12
    (more,) = add_pages(project, 1, writer="w1", first=950)
    assert labeling.page(project, more).boxes == ()
    review_with_boxes(project, more, ClassRect(3, 3, 9, 12, 8))
    assert judge(monkeypatch, project, finds).boxes == 13


def test_a_writer_moved_to_test_after_a_training_is_left_out_for_those_who_know_that_hand(
    project: Project, truth: dict[int, tuple[ClassRect, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    finds = {i: [found_as(b) for b in boxes] for i, boxes in truth.items()}
    version = versions.freeze(project)
    add_model(project, "child", parent_id=add_model(project, "parent", version_id=version.id).id)
    (later,) = add_pages(project, 1, writer="w3", first=950)
    review_with_boxes(project, later, ClassRect(5, 5, 9, 9, 1))
    writers.set_split(project, "w3", "test", allow_harm=True)
    script(monkeypatch, project, {"shipped": finds, "parent": finds, "child": finds})
    seen = {name: evaluating.evaluate(project, model=name) for name in ("shipped", "parent", "child")}
    assert {name: (found.images, found.left_out) for name, found in seen.items()} == {
        "shipped": (10, 0), "parent": (7, 3), "child": (7, 3),
    }  # fmt: skip
    assert {group.name for group in seen["child"].per_writer} == {"w0", "w1", "w2"}
    assert "3 test pages are left out" in evaluating.left_out_words(3)
    assert evaluating.left_out_words(0) == ""
    for n in range(3):
        writers.set_split(project, f"w{n}", "train", allow_harm=True)
    with pytest.raises(UserError, match="known from a training"):
        evaluating.evaluate(project, model="child")
    assert evaluating.evaluate(project, model="shipped").images == 3
