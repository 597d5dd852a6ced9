"""Coverage counts what is in the project: digits by split and class, and the hands that wrote them."""

from labeler.core.boxes import ClassRect
from labeler.core.coverage import Cell
from labeler.services import coverage, writers
from labeler.services.project import Project
from tests.helpers.fake_detector import add_pages, review_with_boxes


def test_digits_and_hands_are_counted_by_split(project: Project) -> None:
    for n, code in enumerate(("a", "b", None)):
        for image_id in add_pages(project, 2, writer=code, first=10 * n):
            review_with_boxes(project, image_id, ClassRect(5, 5, 10, 10, 7), ClassRect(30, 5, 10, 10, n))
    writers.set_split(project, "a", "test", allow_harm=True)
    writers.set_split(project, "b", "test", allow_harm=True)
    found = coverage.coverage(project)
    assert found.cells == {
        ("test", 7): Cell(4, 2), ("test", 0): Cell(2, 1), ("test", 1): Cell(2, 1),
        ("none", 7): Cell(2, 0), ("none", 2): Cell(2, 0),
    }  # fmt: skip
    assert found.writers == {"test": 2}
    assert found.per_writer == {7: 2.0, 0: 1.0, 1: 1.0}


def test_without_writers_a_page_is_the_unit(project: Project) -> None:
    for image_id in add_pages(project, 2):
        review_with_boxes(project, image_id, ClassRect(5, 5, 10, 10, 7), ClassRect(30, 5, 10, 10, 7))
    found = coverage.coverage(project)
    assert found.writers == {}
    assert found.per_writer == {7: 2.0}
