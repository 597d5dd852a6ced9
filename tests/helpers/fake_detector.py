"""A detector whose finds are scripted page by page, and projects with pages that cost next to nothing to make."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from labeler.core import gestures
from labeler.core.boxes import ClassRect, Detection
from labeler.formats import pixels
from labeler.services import _store, images, labeling, models
from labeler.services.models import Model, NewModel
from labeler.services.project import Project
from tests.helpers.pictures import encoded
from tests.helpers.pictures import pixels as gradient

DIGITS = tuple(str(n) for n in range(10))


class FakeDetector:
    """Finds on each picture what the script says; pictures are told apart by their pixels."""

    def __init__(self, finds: Mapping[bytes, Sequence[Detection]], classes: Sequence[str] = DIGITS) -> None:
        self._finds = finds
        self.classes = tuple(classes)

    def detect(
        self, pictures: Sequence[np.ndarray], *, min_score: float = 0.25, iou: float = 0.45
    ) -> list[list[Detection]]:
        return [[d for d in self._finds.get(p.tobytes(), ()) if d.score >= min_score] for p in pictures]


def script(
    monkeypatch: pytest.MonkeyPatch, project: Project, finds: Mapping[str, Mapping[int, Sequence[Detection]]]
) -> None:
    """From now on each model by name finds what `finds` says, by image id."""
    by_model = {
        name: FakeDetector({pixels.decode(images.picture(project, i)).tobytes(): found for i, found in pages.items()})
        for name, pages in finds.items()
    }
    monkeypatch.setattr(models, "detector", lambda _project, name=None, **_: by_model[name])


def add_model(project: Project, name: str, *, classes: Sequence[str] = DIGITS, **values: int) -> Model:
    """A registered model whose file is no network; for tests in which it is never run."""
    file = project.folder / f"{name}.onnx"
    file.write_bytes(name.encode())
    return models.add(project, NewModel(name, "trained", "yolov5n", 320, tuple(classes), file, **values))


def add_pages(
    project: Project, count: int, *, width: int = 64, height: int = 48, writer: str | None = None, first: int = 0
) -> list[int]:
    """Images of soft gradients, all different, without going through files."""
    import hashlib

    ids = []
    with project.write() as session:
        for n in range(first, first + count):
            data = encoded(gradient(width, height, seed=n))
            new = _store.NewImage(
                hashlib.sha256(data).hexdigest(), data, pixels.normalise(data), f"page-{n}.png", "pages", writer
            )
            ids.append(_store.add_image(session, new).image_id)
    return ids


def bare_copy(template: Path, folder: Path) -> Path:
    """A project like `template`, without the weights, which most tests never load."""
    folder.mkdir(parents=True)
    shutil.copyfile(template / "labeler.db", folder / "labeler.db")
    return folder


def review_with_boxes(project: Project, image_id: int, *boxes: ClassRect) -> None:
    """Draw `boxes` on a page and mark it reviewed, as a person would."""
    page = labeling.page(project, image_id)
    for box in boxes:
        labeling.apply(project, gestures.draw(page, box, box.class_id))
    labeling.apply(project, gestures.review(labeling.page(project, image_id)))


def add_labelled(project: Project, *, writers: int, pages: int = 2) -> dict[int, tuple[ClassRect, ...]]:
    """Reviewed pages by several writers, each with two digits; returns the truth by image id."""
    truth: dict[int, tuple[ClassRect, ...]] = {}
    for w in range(writers):
        for n, image_id in enumerate(add_pages(project, pages, writer=f"w{w}", first=100 * (w + 1))):
            truth[image_id] = (
                ClassRect(5.0 + w, 6.0, 10.0, 14.0, (w + n) % 10),
                ClassRect(30.0, 20.5, 12.25, 16.0, n % 10),
            )
            review_with_boxes(project, image_id, *truth[image_id])
    return truth
