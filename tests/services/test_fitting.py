"""Suggestions take the size that this person gives to boxes, on pages that nobody has touched."""

from collections.abc import Callable

import pytest

from labeler.core import gestures, habit
from labeler.core.boxes import Detection, Rect
from labeler.services import fitting, labeling, ledger, models, suggesting
from labeler.services.project import Project
from labeler_db.models import ImageRow
from tests.helpers.fake_detector import add_model, add_pages, script

SEEN = [Detection(20.0 + 60 * n, 30.0, 20.0, 40.0, n, 0.95) for n in range(4)]
LOOSE = 0.1


@pytest.fixture
def ids(project: Project, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Six pages with four suggestions each, of the current model "old"; "new" sees the same."""
    pages = add_pages(project, 6, width=280, height=100)
    for name in ("old", "new"):
        add_model(project, name)
    models.promote(project, "old")
    script(monkeypatch, project, {name: dict.fromkeys(pages, SEEN) for name in ("old", "new")})
    suggesting.suggest(project)
    return pages


def looser(seen: Rect) -> Rect:
    return habit.sized(seen, LOOSE, width=280, height=100)


def review(project: Project, image_id: int, place: Callable[[Rect], Rect] = looser) -> None:
    for suggestion in labeling.page(project, image_id).suggestions:
        page = labeling.page(project, image_id)
        labeling.apply(project, gestures.correct(page, suggestion, rect=place(suggestion)))
    labeling.apply(project, gestures.review(labeling.page(project, image_id)))


def places(project: Project, image_id: int) -> list[Rect]:
    return [Rect(s.x, s.y, s.w, s.h) for s in labeling.page(project, image_id).suggestions]


def as_seen() -> list[Rect]:
    return [Rect(d.x, d.y, d.w, d.h) for d in SEEN]


def approx(rects: list[Rect]) -> list[object]:
    return [pytest.approx((r.x, r.y, r.w, r.h)) for r in rects]


def corners(rects: list[Rect]) -> list[tuple[float, ...]]:
    return [(r.x, r.y, r.w, r.h) for r in rects]


def test_one_page_is_no_habit_and_two_are(project: Project, ids: list[int]) -> None:
    review(project, ids[0])
    fitting.fit(project, ids[2])
    assert places(project, ids[2]) == as_seen()
    review(project, ids[1])
    fitting.fit(project, ids[2])
    assert corners(places(project, ids[2])) == approx([looser(d) for d in SEEN])


def test_fitting_again_changes_nothing(project: Project, ids: list[int]) -> None:
    review(project, ids[0])
    review(project, ids[1])
    fitting.fit(project, ids[2])
    before = project.data_version(), places(project, ids[2])
    fitting.fit(project, ids[2])
    assert (project.data_version(), places(project, ids[2])) == before


def test_boxes_accepted_at_their_new_size_keep_the_habit(project: Project, ids: list[int]) -> None:
    review(project, ids[0])
    review(project, ids[1])
    for image_id in ids[2:5]:
        fitting.fit(project, image_id)
        labeling.apply(project, gestures.review(labeling.page(project, image_id), accept_rest=True))
    fitting.fit(project, ids[5])
    assert corners(places(project, ids[5])) == approx([looser(d) for d in SEEN])
    assert [line.effort.moved for line in ledger.ledger(project) if line.model == "old"] == [8]


def test_a_page_that_a_person_has_touched_stays(project: Project, ids: list[int]) -> None:
    page = labeling.page(project, ids[2])
    labeling.apply(project, gestures.accept(page, {page.suggestions[0].id}))
    labeling.undo(project)
    review(project, ids[0])
    review(project, ids[1])
    fitting.fit(project, ids[2])
    assert places(project, ids[2]) == as_seen()
    assert labeling.redo(project) is None  # the reviews came after it


def test_new_suggestions_come_fitted_and_another_model_starts_anew(project: Project, ids: list[int]) -> None:
    review(project, ids[0])
    review(project, ids[1])
    suggesting.suggest(project, image_ids=[ids[3]])
    assert corners(places(project, ids[3])) == approx([looser(d) for d in SEEN])
    suggesting.suggest(project, image_ids=[ids[3]], model="new")
    assert places(project, ids[3]) == as_seen()


def test_where_fitting_is_not_wanted_pages_show_what_the_model_saw(project: Project, ids: list[int]) -> None:
    review(project, ids[0])
    review(project, ids[1])
    fitting.fit(project, ids[2])
    fitting.want(project, False)
    fitting.fit(project, ids[2])
    suggesting.suggest(project, image_ids=[ids[3]])
    assert corners(places(project, ids[2])) == approx(as_seen())
    assert places(project, ids[3]) == as_seen()
    fitting.want(project, True)
    fitting.fit(project, ids[3])
    assert corners(places(project, ids[3])) == approx([looser(d) for d in SEEN])


def test_each_source_has_its_own_habit(project: Project, ids: list[int]) -> None:
    with project.write() as session:
        session.get_one(ImageRow, ids[2]).source = "elsewhere"
    review(project, ids[0])
    review(project, ids[1])
    fitting.fit(project, ids[2])
    fitting.fit(project, ids[3])
    assert places(project, ids[2]) == as_seen()
    assert places(project, ids[3]) != as_seen()


def test_images_of_another_size_have_theirs(project: Project, ids: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    (strip,) = add_pages(project, 1, width=560, height=100, first=50)
    script(monkeypatch, project, {"old": {strip: SEEN}})
    suggesting.suggest(project, image_ids=[strip])
    review(project, ids[0])
    review(project, ids[1])
    fitting.fit(project, strip)
    assert places(project, strip) == as_seen()


def test_a_reopened_page_teaches_nothing(project: Project, ids: list[int]) -> None:
    review(project, ids[0])
    review(project, ids[1])
    labeling.apply(project, gestures.reopen(labeling.page(project, ids[1])))
    fitting.fit(project, ids[2])
    assert places(project, ids[2]) == as_seen()


def test_bulk_acceptance_takes_fitted_suggestions(project: Project, ids: list[int]) -> None:
    review(project, ids[0])
    review(project, ids[1])
    suggesting.accept_all(project, min_score=0.9, image_id=ids[4])
    boxes = labeling.page(project, ids[4]).boxes
    assert corners([Rect(b.x, b.y, b.w, b.h) for b in boxes]) == approx([looser(d) for d in SEEN])


def test_the_latest_boxes_count(project: Project, ids: list[int]) -> None:
    """Who draws tighter from some day on is followed."""
    review(project, ids[0])
    review(project, ids[1])
    for image_id in ids[2:5]:
        review(project, image_id, lambda seen: seen)
    with project.read() as session:
        found = fitting.habit_of(session, session.get_one(ImageRow, ids[5]), models.find(project, "old").id)
    assert found == pytest.approx(LOOSE * 2 / 5)
