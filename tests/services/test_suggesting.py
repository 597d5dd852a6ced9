"""Models suggest, people decide: what a run replaces and what it never touches, and bulk acceptance; once with the real detector."""

from pathlib import Path

import pytest

from labeler.core import gestures
from labeler.core.boxes import Detection, Rect, ReviewState, iou
from labeler.core.errors import BadInput, Cancelled, NotFound
from labeler.core.filters import ImageFilter, Order
from labeler.core.pages import Page
from labeler.services import evaluating, images, importing, labeling, ledger, models, suggesting
from labeler.services.project import Project
from tests.helpers import handwriting
from tests.helpers.fake_detector import add_labelled, add_model, add_pages, script

ONE = Detection(5, 5, 10, 12, 1, 0.95)
TWO = Detection(25, 5, 10, 12, 2, 0.7)
THREE = Detection(45, 5, 10, 12, 3, 0.4)
FAINT = Detection(5, 30, 10, 12, 4, 0.1)


def pages(project: Project, ids: list[int]) -> list[Page]:
    return [labeling.page(project, i) for i in ids]


def classes(page: Page) -> list[int]:
    return [s.class_id for s in page.suggestions]


@pytest.fixture
def two_models(project: Project, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Four pages, and models "old" and "new" that see them differently; "old" is current."""
    ids = add_pages(project, 4)
    for name in ("old", "new"):
        add_model(project, name)
    models.promote(project, "old")
    old, new = (
        {key: [ONE, TWO, THREE, FAINT] for key in ids},
        {key: [Detection(25, 28, 9, 9, 7, 0.8), ONE] for key in ids},
    )
    script(monkeypatch, project, {"old": old, "new": new | {ids[3]: []}})
    return ids


def test_the_current_model_looks_at_all_that_nobody_reviewed(project: Project, two_models: list[int]) -> None:
    labeling.apply(project, gestures.review(labeling.page(project, two_models[0])))
    report = suggesting.suggest(project)
    assert (report.model, report.images, report.suggestions) == ("old", 3, 9)
    found = pages(project, two_models)
    assert [classes(p) for p in found] == [[], [1, 2, 3], [1, 2, 3], [1, 2, 3]]
    assert [p.image.state for p in found] == [ReviewState.REVIEWED, *[ReviewState.SUGGESTED] * 3]
    assert images.stats(project).boxes == 0
    assert found[1].image.uncertainty == pytest.approx(0.05 + 0.3 + 0.6)


def test_states_ids_and_scores_choose_what_is_looked_at(project: Project, two_models: list[int]) -> None:
    assert suggesting.suggest(project, image_ids=[two_models[2]], min_score=0.05).suggestions == 4
    assert suggesting.suggest(project, states=["new"], min_score=0.9).images == 3
    assert [classes(p) for p in pages(project, two_models)] == [[1], [1], [1, 2, 3, 4], [1]]
    labeling.apply(project, gestures.review(labeling.page(project, two_models[0])))
    assert suggesting.suggest(project, states=["reviewed"]).images == 1
    with pytest.raises(BadInput, match="no review state"):
        suggesting.suggest(project, states=["done"])
    with pytest.raises(NotFound):
        suggesting.suggest(project, model="nobody")


def test_a_newer_model_replaces_what_nobody_judged_and_touches_nothing_else(
    project: Project, two_models: list[int]
) -> None:
    suggesting.suggest(project)
    accepted, rejected, drawn, _ = pages(project, two_models)
    labeling.apply(project, gestures.accept(accepted, {accepted.suggestions[0].id}))
    labeling.apply(project, gestures.reject(rejected, {rejected.suggestions[1].id}))
    labeling.apply(project, gestures.draw(drawn, Rect(24, 27, 10, 10), 8))
    before, past = pages(project, two_models), labeling.history(project)
    models.promote(project, "new")
    report = suggesting.suggest(project)
    after = pages(project, two_models)
    assert (report.model, report.suggestions) == ("new", 4)
    assert [(p.boxes, p.rejected, p.image.state) for p in after] == [
        (p.boxes, p.rejected, p.image.state) for p in before
    ]
    assert labeling.history(project) == past
    # What a box already covers is no news; what was rejected of another model may be suggested again by this one.
    assert [classes(p) for p in after] == [[7], [7, 1], [1], []]
    assert {p.image.suggested_by for p in after} == {models.find(project, "new").id}


def test_the_ledger_counts_a_scripted_afternoon_exactly(project: Project, two_models: list[int]) -> None:
    suggesting.suggest(project)
    first, second, third, _ = pages(project, two_models)
    one, two, three = first.suggestions
    labeling.apply(project, gestures.accept(first, {one.id}), seconds=2)
    labeling.apply(
        project, gestures.correct(labeling.page(project, two_models[0]), two, rect=Rect(26, 5, 10, 12)), seconds=3
    )
    labeling.apply(project, gestures.correct(labeling.page(project, two_models[0]), three, class_id=8), seconds=1)
    labeling.apply(project, gestures.draw(labeling.page(project, two_models[0]), Rect(5, 30, 9, 9), 0), seconds=4)
    labeling.apply(project, gestures.review(labeling.page(project, two_models[0])))
    labeling.apply(project, gestures.review(second, accept_rest=True), seconds=1)
    labeling.apply(project, gestures.reject(third, {s.id for s in third.suggestions[:2]}))
    suggesting.suggest(project, model="new", image_ids=[two_models[2], two_models[0]])
    again = labeling.page(project, two_models[2])
    labeling.apply(project, gestures.review(again, accept_rest=True), seconds=5)
    lines = {line.model: line for line in ledger.ledger(project)}
    old, new = lines["old"], lines["new"]
    e = old.effort
    assert (old.images, e.shown, e.accepted, e.moved, e.relabelled, e.deleted, e.added) == (3, 8, 4, 1, 1, 2, 1)
    assert old.seconds == 11
    assert e.corrections_per_100 == pytest.approx(100 * 5 / 7)
    e = new.effort
    assert (new.images, e.shown, e.accepted, e.moved, e.relabelled, e.deleted, e.added) == (1, 2, 2, 0, 0, 0, 0)
    assert new.seconds == 5
    boxes = images.stats(project).boxes
    assert sum(line.effort.kept + line.effort.added for line in lines.values()) == boxes == 9


def test_pages_nobody_reviewed_do_not_count(project: Project, two_models: list[int]) -> None:
    suggesting.suggest(project)
    page = labeling.page(project, two_models[0])
    labeling.apply(project, gestures.accept(page, {page.suggestions[0].id}))
    assert ledger.ledger(project) == []


def test_sure_suggestions_are_accepted_as_one_step_an_image(project: Project, two_models: list[int]) -> None:
    suggesting.suggest(project)
    labeling.apply(project, gestures.reject(p := labeling.page(project, two_models[0]), {p.suggestions[0].id}))
    report = suggesting.accept_all(project, min_score=0.6, annotator="林")
    assert (report.images, report.accepted) == (4, 7)
    assert [classes(p) for p in pages(project, two_models)] == [[3]] * 4
    steps = labeling.history(project)
    assert len(steps) == 5
    assert {s.annotator for s in steps[:4]} == {"林"}
    for _ in range(4):
        labeling.undo(project)
    assert images.stats(project).boxes == 0
    assert suggesting.accept_all(project, min_score=0.6, image_id=two_models[1]).accepted == 2
    assert suggesting.accept_all(project, min_score=0.99).images == 0
    with pytest.raises(NotFound):
        suggesting.accept_all(project, image_id=999)


def test_a_page_that_changes_meanwhile_is_left_to_the_person(
    project: Project, two_models: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    suggesting.suggest(project)

    def meddle(done: int, total: int, text: str = "") -> None:
        pass

    real = labeling.page

    def changed_right_after(of: Project, image_id: int) -> Page:
        page = real(of, image_id)
        if image_id == two_models[0]:
            labeling.apply(of, gestures.reject(page, {page.suggestions[0].id}))
        return page

    with monkeypatch.context() as patch:
        patch.setattr(labeling, "page", changed_right_after)
        report = suggesting.accept_all(project, min_score=0.9, progress=meddle)
    assert (report.images, report.accepted) == (3, 3)


def test_a_stop_keeps_what_was_done(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = add_pages(project, 40, width=20, height=16)
    add_model(project, "a")
    models.promote(project, "a")
    script(monkeypatch, project, {"a": {key: [Detection(1, 1, 5, 5, 1, 0.9)] for key in ids}})

    def stop(done: int, total: int, text: str = "") -> None:
        if done >= 33:
            raise Cancelled

    with pytest.raises(Cancelled):
        suggesting.suggest(project, progress=stop)
    states = images.stats(project).by_state
    assert states["suggested"] == suggesting.CHUNK
    assert states["new"] == 8


def test_a_model_with_other_classes_is_understood_by_name(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.helpers.fake_detector import FakeDetector

    (image_id,) = add_pages(project, 1)
    names = ("plus", "9", "1")
    add_model(project, "odd", classes=names)
    finds = [Detection(5, 5, 9, 9, 0, 0.9), Detection(25, 5, 9, 9, 1, 0.9), Detection(45, 5, 9, 9, 2, 0.9)]
    from labeler.formats import pixels

    seen = {pixels.decode(images.picture(project, image_id)).tobytes(): finds}
    monkeypatch.setattr(models, "detector", lambda *_, **__: FakeDetector(seen, names))
    assert suggesting.suggest(project, model="odd").suggestions == 2
    assert classes(labeling.page(project, image_id)) == [9, 1]


def test_the_list_puts_the_least_certain_first_and_finds_doubtful_pages(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = add_pages(project, 4, writer="w")
    add_model(project, "a")
    sure, doubtful = [ONE], [ONE, THREE]
    script(monkeypatch, project, {"a": {ids[0]: sure, ids[1]: doubtful, ids[2]: [], ids[3]: sure}})
    suggesting.suggest(project, model="a", image_ids=ids[:3])
    assert images.image_ids(project, order=Order.UNCERTAIN) == [ids[1], ids[2], ids[0], ids[3]]
    assert images.image_ids(project, ImageFilter(suggestion_below=0.5)) == [ids[1]]
    assert images.image_ids(project, ImageFilter(states=frozenset({ReviewState.NEW}))) == [ids[3]]
    assert images.image_ids(project, ImageFilter(writer="w", split="none", text="AGE-1")) == [ids[1]]
    assert images.image_ids(project, ImageFilter(class_id=3)) == []
    assert images.image_ids(project, ImageFilter(source="pages"), Order.NAME) == ids
    assert [i.id for i in images.images(project, [ids[2], 999, ids[0]])] == [ids[2], ids[0]]


def test_a_model_is_judged_on_the_truth_of_a_split(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from labeler.services import splitting

    truth = add_labelled(project, writers=6)
    splitting.assign(project)
    add_model(project, "perfect")
    add_model(project, "blind")
    perfect = {i: [Detection(b.x, b.y, b.w, b.h, b.class_id, 0.9) for b in held] for i, held in truth.items()}
    script(monkeypatch, project, {"perfect": perfect, "blind": {}})
    good = evaluating.evaluate(project, model="perfect")
    assert (good.map50, good.map50_95, good.corrections_per_100) == (1.0, 1.0, 0.0)
    assert good.images == images.stats(project).by_split["test"]
    assert good.boxes == 2 * good.images
    bad = evaluating.evaluate(project, model="blind", split="val")
    assert (bad.map50, bad.corrections_per_100) == (0.0, 100.0)
    assert sum(row[-1] for row in bad.confusion) == bad.boxes
    with pytest.raises(BadInput, match="split is train"):
        evaluating.evaluate(project, model="blind", split="dev")


def test_no_labelled_image_is_said(project: Project) -> None:
    with pytest.raises(Exception, match="No labelled image"):
        evaluating.evaluate(project)


def test_the_shipped_detector_looks_at_handwriting(project: Project, tmp_path: Path) -> None:
    made = [handwriting.page(n, width=640, height=480, digits=8) for n in range(3)]
    for n, page in enumerate(made):
        (tmp_path / f"{n}.png").write_bytes(page.png())
    importing.import_paths(project, [tmp_path / f"{n}.png" for n in range(3)])
    report = suggesting.suggest(project, min_score=0.05)
    assert (report.model, report.images) == ("shipped", 3)
    assert report.suggestions == images.stats(project).suggestions > 0
    on_ink = 0
    for image_id, page in zip(images.image_ids(project), made, strict=True):
        for found in labeling.page(project, image_id).suggestions:
            assert found.x >= 0
            assert found.right <= 640.01
            assert 0 <= found.class_id <= 9
            on_ink += any(iou(found, rect) > 0.3 for _, rect in page.boxes)
    assert on_ink > 0
