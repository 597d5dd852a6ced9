"""How the list of images can be ordered by what a look is worth."""

from labeler.core import gestures
from labeler.core.boxes import ClassRect, Detection
from labeler.core.filters import ImageFilter, Order
from labeler.services import images, labeling, suggesting
from labeler.services.project import Project
from tests.helpers.fake_detector import add_model, add_pages, review_with_boxes


def digit(class_id: int, x: float = 2.0, score: float = 0.9) -> Detection:
    return Detection(x, 2, 10, 10, class_id, score)


def test_pages_where_model_and_boxes_differ_most_come_first_and_pages_without_boxes_last(project: Project) -> None:
    agreed, relabelled, beside, unboxed = add_pages(project, 4)
    model = add_model(project, "new").id
    review_with_boxes(project, beside, ClassRect(2, 2, 10, 10, 1))
    suggesting.keep(project, model, beside, [digit(1), digit(2, 20), digit(3, 34)])
    for image in (agreed, relabelled, unboxed):
        suggesting.keep(project, model, image, [digit(5)])
    page = labeling.page(project, agreed)
    labeling.apply(project, gestures.accept(page, {page.suggestions[0].id}))
    page = labeling.page(project, relabelled)
    labeling.apply(project, gestures.correct(page, page.suggestions[0], class_id=6))
    assert images.image_ids(project, order=Order.DISAGREES) == [beside, relabelled, agreed, unboxed]
    assert images.image_ids(project, ImageFilter(text="no such name"), Order.DISAGREES) == []


def test_coverage_takes_turns_among_writers_and_the_rarest_digit_first(project: Project) -> None:
    often = add_pages(project, 3, writer="often")
    once = add_pages(project, 2, writer="once", first=3)
    never = add_pages(project, 2, writer="never", first=5)
    (unknown,) = add_pages(project, 1, first=7)
    for image in often[:2]:
        review_with_boxes(project, image, ClassRect(2, 2, 10, 10, 1), ClassRect(20, 2, 10, 10, 2))
    review_with_boxes(project, once[0], ClassRect(2, 2, 10, 10, 1))
    model = add_model(project, "new").id
    suggesting.keep(project, model, never[0], [digit(1)])
    suggesting.keep(project, model, unknown, [digit(1), digit(7, 20)])
    order = images.image_ids(project, order=Order.COVERAGE)
    assert order[:2] == [unknown, never[0]], (
        "the first page of each, the digit that no box has yet before one that three have"
    )
    assert order[2:5] == [once[1], never[1], often[2]]
    assert sorted(order[5:]) == sorted([*often[:2], once[0]]), "what is reviewed comes last"
