"""The ledger in parts: pages, writers and digits add up to the models' lines; seconds go to what was touched."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labeler.core import gestures
from labeler.core.boxes import Detection, Rect
from labeler.core.ledger import Effort
from labeler.core.pages import Page
from labeler.services import labeling, ledger, suggesting
from labeler.services.project import Project
from tests.helpers.fake_detector import add_model, add_pages, bare_copy


def found(*digits: int) -> list[Detection]:
    return [Detection(2 + 15 * n, 5, 10, 12, digit, 0.9) for n, digit in enumerate(digits)]


@pytest.fixture
def suggested(project: Project) -> tuple[Project, list[int]]:
    """Two pages by anna, one by nobody, each with suggestions 1, 2 and 3 of model "old"."""
    ids = add_pages(project, 2, writer="anna") + add_pages(project, 1, first=5)
    model = add_model(project, "old")
    suggesting._write(project, model.id, [(i, found(1, 2, 3)) for i in ids])
    return project, ids


def page(project: Project, image_id: int) -> Page:
    return labeling.page(project, image_id)


def test_a_scripted_hour_is_counted_by_page_writer_and_digit(suggested: tuple[Project, list[int]]) -> None:
    project, (first, second, third) = suggested
    _one, two, three = page(project, first).suggestions
    labeling.apply(project, gestures.correct(page(project, first), two, class_id=7), seconds=4)
    labeling.apply(project, gestures.reject(page(project, first), {three.id}), seconds=2)
    labeling.apply(project, gestures.draw(page(project, first), Rect(5, 30, 8, 8), 9), seconds=5)
    labeling.apply(project, gestures.review(page(project, first), accept_rest=True), seconds=1)
    labeling.apply(project, gestures.review(page(project, second), accept_rest=True), seconds=6)
    labeling.apply(project, gestures.review(page(project, third), accept_rest=True), seconds=3)

    pages = ledger.by_image(project)
    assert [(p.image_id, p.writer, p.model, p.seconds) for p in pages] == [
        (first, "anna", "old", 12.0), (second, "anna", "old", 6.0), (third, None, "old", 3.0),
    ]  # fmt: skip
    assert pages[0].effort == Effort(shown=3, accepted=1, relabelled=1, deleted=1, added=1)
    assert [(w.name, w.images, w.seconds, w.timed) for w in ledger.by_writer(pages)] == [
        ("anna", 2, 18.0, 2), ("", 1, 3.0, 1),
    ]  # fmt: skip
    assert [(m.seconds, m.timed) for m in ledger.ledger(project)] == [(21.0, 3)]

    digits = {d.name: d for d in ledger.by_digit(project)}
    assert digits["1"].effort == Effort(shown=3, accepted=3)
    assert digits["2"].effort == Effort(shown=2, accepted=2)
    assert digits["7"].effort == Effort(shown=1, relabelled=1)
    assert digits["3"].effort == Effort(shown=3, accepted=2, deleted=1)
    assert digits["9"].effort == Effort(added=1)
    assert digits["0"] == ledger.PartLine("0", 0, Effort(), 0.0)
    assert {d: line.timed for d, line in digits.items() if line.timed} == {"1": 3, "2": 2, "7": 1, "3": 2, "9": 1}
    assert {d: round(line.seconds, 6) for d, line in digits.items() if line.seconds} == {
        "7": 4.0, "3": 2 + 2 + 1, "9": 5.0, "1": 1 + 2 + 1, "2": 2 + 1,
    }  # fmt: skip


def test_pages_of_one_model_only(suggested: tuple[Project, list[int]]) -> None:
    project, (first, second, _) = suggested
    labeling.apply(project, gestures.review(page(project, first), accept_rest=True), seconds=1)
    newer = add_model(project, "new")
    suggesting._write(project, newer.id, [(second, found(4))])
    labeling.apply(project, gestures.review(page(project, second), accept_rest=True), seconds=2)
    assert [p.image_id for p in ledger.by_image(project, model="old")] == [first]
    assert [p.image_id for p in ledger.by_image(project, model="new")] == [second]
    assert {d.name: d.effort.shown for d in ledger.by_digit(project, model="new") if d.effort.shown} == {"4": 1}


def test_nothing_reviewed_gives_no_lines(suggested: tuple[Project, list[int]]) -> None:
    project, _ = suggested
    assert ledger.by_image(project) == []
    assert ledger.by_writer([]) == []
    assert all(line.effort == Effort() for line in ledger.by_digit(project))


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["accept", "relabel", "reject", "draw", "review", "again"]), st.integers(0, 2), st.integers(0, 9)
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_the_parts_add_up_to_the_whole(
    deeds: list[tuple[str, int, int]], template: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with Project.open(bare_copy(template, tmp_path_factory.mktemp("ledger") / "p")) as project:
        ids = add_pages(project, 3, writer="anna")
        models = [add_model(project, name).id for name in ("old", "new")]
        suggesting._write(project, models[0], [(i, found(1, 2, 3)) for i in ids])
        for what, which, digit in deeds:
            act(project, models, what, ids[which], digit)
        for line in ledger.ledger(project):
            pages = ledger.by_image(project, model=line.model)
            assert sum((p.effort for p in pages), Effort()) == line.effort
            assert sum((d.effort for d in ledger.by_digit(project, model=line.model)), Effort()) == line.effort
            assert len(pages) == line.images
            assert sum(p.seconds for p in pages) == pytest.approx(line.seconds)
        whole = sum((line.effort for line in ledger.ledger(project)), Effort())
        assert sum((p.effort for p in ledger.by_image(project)), Effort()) == whole
        assert sum((w.effort for w in ledger.by_writer(ledger.by_image(project))), Effort()) == whole
        assert sum((d.effort for d in ledger.by_digit(project)), Effort()) == whole


def act(project: Project, models: list[int], what: str, image_id: int, digit: int) -> None:
    now = page(project, image_id)
    first = now.suggestions[0] if now.suggestions else None
    match what:
        case "accept" if first:
            labeling.apply(project, gestures.accept(now, {first.id}), seconds=1)
        case "relabel" if first:
            labeling.apply(project, gestures.correct(now, first, class_id=digit), seconds=2)
        case "reject" if first:
            labeling.apply(project, gestures.reject(now, {first.id}), seconds=0.5)
        case "draw":
            labeling.apply(project, gestures.draw(now, Rect(5, 30, 8, 8), digit), seconds=3)
        case "review":
            labeling.apply(project, gestures.review(now, accept_rest=True), seconds=1)
        case "again":
            suggesting._write(project, models[1], [(image_id, found(digit))])
