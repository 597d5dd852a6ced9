"""The image size of a training is the one at which the model that is trained further reads its pages best."""

from collections.abc import Mapping

import pytest

from labeler.core.boxes import ClassRect, Detection
from labeler.core.versions import FrozenImage
from labeler.services import models, versions
from labeler.services._image_size import image_size, sizes_for
from labeler.services.models import Model
from labeler.services.project import Project
from tests.helpers.fake_detector import FakeDetector, add_model, add_pages, review_with_boxes

BOXES = [ClassRect(100.0 * n, 100.0, 60.0, 120.0, n) for n in range(10)]
WIDTH, HEIGHT = 1000, 400


class Sized:
    """Makes detectors that find so many of the ten digits at each size, and counts them."""

    def __init__(self, right: Mapping[int, int]) -> None:
        self.right = right
        self.made: list[int] = []

    def __call__(self, _project: Project, _name: str, *, imgsz: int) -> FakeDetector:
        self.made.append(imgsz)
        found = [Detection(b.x, b.y, b.w, b.h, b.class_id, 0.9) for b in BOXES[: self.right[imgsz]]]
        return _Everywhere(found)


class _Everywhere(FakeDetector):
    def __init__(self, found: list[Detection]) -> None:
        super().__init__({})
        self._found = found

    def detect(self, pictures: object, **_: float) -> list[list[Detection]]:
        return [self._found]


@pytest.fixture
def pages(project: Project) -> list[FrozenImage]:
    for image_id in add_pages(project, 3, width=WIDTH, height=HEIGHT, writer="w"):
        review_with_boxes(project, image_id, *BOXES)
    return frozen(project)


def frozen(project: Project) -> list[FrozenImage]:
    return versions.images_of(project, versions.freeze(project).id)


@pytest.fixture
def parent(project: Project) -> Model:
    return add_model(project, "fine")


def reads(monkeypatch: pytest.MonkeyPatch, *right: int) -> Sized:
    sized = Sized(dict(zip((320, 416, 512, 640), right, strict=True)))
    monkeypatch.setattr(models, "detector", sized)
    return sized


@pytest.mark.parametrize(
    ("right", "size"),
    [((5, 6, 9, 8), 512), ((9, 6, 5, 8), 320), ((7, 7, 7, 7), 320), ((0, 0, 0, 1), 640), ((10, 10, 10, 10), 320)],
)
def test_it_is_the_size_that_leaves_least_to_correct_and_of_equals_the_smallest(
    project: Project, pages: list[FrozenImage], parent: Model, monkeypatch: pytest.MonkeyPatch,
    right: tuple[int, ...], size: int,
) -> None:  # fmt: skip
    reads(monkeypatch, *right)
    assert image_size(project, pages, parent) == size


def test_it_is_measured_once_for_a_model_and_its_pages(
    project: Project, pages: list[FrozenImage], parent: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    sized = reads(monkeypatch, 5, 6, 9, 8)
    assert [image_size(project, pages, parent) for _ in range(2)] == [512, 512]
    assert sized.made == [320, 416, 512, 640]
    (more,) = add_pages(project, 1, width=WIDTH, height=HEIGHT, writer="w", first=9)
    review_with_boxes(project, more, *BOXES)
    sized.right = {**sized.right, 416: 10}
    assert image_size(project, frozen(project), parent) == 416
    assert len(sized.made) == 8


def test_a_training_that_goes_on_from_no_model_takes_the_least_legible_size(
    project: Project, pages: list[FrozenImage]
) -> None:
    assert image_size(project, pages, None) == 320


@pytest.mark.parametrize(
    ("page", "digit", "sizes"),
    [
        (1600, 200, [320, 416, 512, 640]),
        (1600, 70, [512, 640]),
        (1600, 30, [640]),
        (200, 40, [320]),
        (400, 90, [320, 416]),
    ],
)
def test_sizes_in_question_keep_digits_legible_and_enlarge_no_page_for_nothing(
    page: int, digit: int, sizes: list[int]
) -> None:
    assert sizes_for([FrozenImage("a", "png", page, page // 2, "train", (ClassRect(5, 5, 9, digit, 1),))]) == sizes


def test_pages_without_a_digit_take_the_largest(project: Project, parent: Model) -> None:
    assert image_size(project, [FrozenImage("a", "png", 900, 600, "train", ())], parent) == 640
