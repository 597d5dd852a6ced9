"""A page as a model sees it: every find is right, badly placed or wrong, every true box is met or missed."""

import pytest

from labeler.core.boxes import ClassRect, Detection
from labeler.services import viewing, writers
from labeler.services.project import Project
from labeler.services.viewing import Mark
from tests.helpers.fake_detector import add_pages, review_with_boxes, script

TRUTH = (
    ClassRect(2, 2, 10, 10, 1),
    ClassRect(20, 2, 10, 10, 2),
    ClassRect(40, 2, 10, 10, 3),
    ClassRect(2, 30, 10, 10, 4),
)
FINDS = [
    Detection(2, 2, 10, 10, 1, 0.9),
    Detection(22, 2, 10, 10, 2, 0.8),
    Detection(40, 2, 10, 10, 7, 0.7),
    Detection(40, 30, 10, 10, 5, 0.6),
]


def test_every_find_and_every_true_box_is_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = add_pages(project, 2, writer="w")
    review_with_boxes(project, first, *TRUTH)
    writers.set_split(project, "w", "test", allow_harm=True)
    script(monkeypatch, project, {"shipped": {first: FINDS}})
    look = viewing.viewer(project, "shipped")
    page, blank = look([first, second, 999])
    assert (page.image.id, blank.image.id) == (first, second)
    assert page.marks == (Mark.RIGHT, Mark.MOVED, Mark.WRONG, Mark.WRONG)
    assert [(m.class_id, m.x) for m in page.missed] == [(4, 2)]
    assert page.corrections == 4
    assert len(page.truth) == 4
    assert (blank.truth, blank.found, blank.corrections) == ((), (), 0)
    (surer,) = viewing.viewer(project, "shipped", min_score=0.85)([first])
    assert len(surer.found) == 1
