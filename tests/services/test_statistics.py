"""Statistics count what is in the project: by class, writer, split, source; sizes and places; days."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from labeler.core import gestures
from labeler.core.boxes import ClassRect, Detection
from labeler.services import labeling, statistics, suggesting, writers
from labeler.services.project import Project
from labeler.services.statistics import Count
from labeler_db.models import EditRow, ImageRow
from tests.helpers.fake_detector import add_model, add_pages, review_with_boxes


def test_boxes_are_counted_by_class_writer_split_and_source(project: Project) -> None:
    mine, loose = add_pages(project, 2, writer="anna"), add_pages(project, 1, first=9)
    for image_id in (*mine, *loose):
        review_with_boxes(project, image_id, ClassRect(5, 5, 10, 10, 7), ClassRect(30, 5, 10, 10, 2))
    writers.set_split(project, "anna", "val", allow_harm=True)
    found = statistics.counts(project)
    assert set(found) == {
        Count(2, "anna", "val", "pages", 2), Count(7, "anna", "val", "pages", 2),
        Count(2, None, None, "pages", 1), Count(7, None, None, "pages", 1),
    }  # fmt: skip
    by_writer = statistics.by_class(found, lambda line: line.writer or "?", 10)
    assert list(by_writer) == ["anna", "?"]
    assert by_writer["anna"] == (0, 0, 2, 0, 0, 0, 0, 2, 0, 0)


def test_sizes_and_places_are_shares_of_the_page(project: Project) -> None:
    (image_id,) = add_pages(project, 1, width=64, height=48)
    review_with_boxes(project, image_id, ClassRect(16, 12, 32, 24, 3), ClassRect(0, 0, 4, 9, 1))
    found = statistics.geometry(project)
    order = np.argsort(found.class_ids)
    assert found.class_ids[order].tolist() == [1, 3]
    assert found.sides[order] == pytest.approx([6.0, np.sqrt(32 * 24)])
    assert found.heights[order] == pytest.approx([9 / 48, 0.5])
    assert found.centres[order] == pytest.approx(np.array([[2 / 64, 4.5 / 48], [0.5, 0.5]]))


def test_an_empty_project_has_no_statistics(project: Project) -> None:
    assert statistics.counts(project) == []
    assert statistics.days(project) == []
    assert statistics.geometry(project).centres.shape == (0, 2)


def test_days_hold_what_was_done_on_them(project: Project) -> None:
    first, second = add_pages(project, 2)
    model = add_model(project, "m").id
    suggesting._write(
        project, model, [(i, [Detection(2, 2, 9, 9, 1, 0.9), Detection(20, 2, 9, 9, 2, 0.9)]) for i in (first, second)]
    )
    for image_id in (first, second):
        page = labeling.page(project, image_id)
        labeling.apply(project, gestures.reject(page, {page.suggestions[0].id}), seconds=2)
        labeling.apply(project, gestures.review(labeling.page(project, image_id), accept_rest=True), seconds=3)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    with project.write() as session:
        session.get_one(ImageRow, first).reviewed_at = yesterday
        for edit in session.query(EditRow).filter(EditRow.image_id == first):
            edit.at = yesterday
    before, today = statistics.days(project)
    assert today.day - before.day == timedelta(days=1)
    for day in (before, today):
        assert (day.reviewed, day.edits, day.seconds) == (1, 2, 5.0)
        assert day.agreement == 0.5
