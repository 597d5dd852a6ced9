"""The models page with real models on drawn pages: evaluate, judge, promote with and without a reason, roll back, in and out."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from labeler.core import assets
from labeler.core.boxes import Box, Origin, new_id
from labeler.core.edits import change_boxes
from labeler.gui.main_window import MainWindow
from labeler.gui.pages.models import ModelsPage
from labeler.services import importing, labeling, models, writers
from labeler.services.project import Project
from tests.gui.conftest import OpenWindow
from tests.helpers import handwriting


@pytest.fixture
def judged(new_project: Callable[[str], Project], tmp_path: Path) -> Path:
    """A project with labelled pages of a test writer, and a second model that is the shipped one under another name."""
    project = new_project("модели")
    drawn = [handwriting.page(seed=n, writer=1, digits=8) for n in range(5)]
    for n, page in enumerate(drawn):
        file = tmp_path / "w1" / f"{n}.png"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(page.png())
    report = importing.import_paths(project, [tmp_path / "w1"], writer="w1")
    for image_id, page in zip(report.image_ids, drawn, strict=True):
        boxes = [Box(r.x, r.y, r.w, r.h, digit, new_id(), Origin.PERSON) for digit, r in page.boxes]
        labeling.apply(project, change_boxes(image_id, "Draw", (), boxes))
    writers.set_split(project, "w1", "test", allow_harm=True)
    models.import_model(project, assets.weights() / "digits.onnx", name="twin")
    project.close()
    return project.folder


def models_page(window: MainWindow) -> ModelsPage:
    assert window.workspace is not None
    page = window.workspace.pages["models"]
    assert isinstance(page, ModelsPage)
    return page


def choose(qtbot: QtBot, page: ModelsPage, name: str) -> None:
    qtbot.waitUntil(lambda: name in [m.name for m in page.table.rows])
    page.table.choose([m.name for m in page.table.rows].index(name))


def current(window: MainWindow) -> str:
    assert window.session is not None
    return models.current(window.session.project).name


def test_the_current_model_is_shown_first_and_marked(qtbot: QtBot, open_window: OpenWindow, folder: Path) -> None:
    page = models_page(open_window(folder, page="models"))
    qtbot.waitUntil(lambda: page.detail.model is not None)
    assert page.detail.title.text() == "shipped"
    assert page.detail.mark.text() == "current"
    assert not page.detail.promote.isEnabled()
    assert not page.rollback_button.isEnabled()


def test_evaluating_keeps_the_figures_with_the_model(qtbot: QtBot, open_window: OpenWindow, judged: Path) -> None:
    window = open_window(judged, page="models")
    page = models_page(window)
    choose(qtbot, page, "twin")
    page.detail.evaluate.click()
    qtbot.waitUntil(lambda: "test writers" in window.frame.strip.text, timeout=60_000)
    assert window.session is not None
    figures = models.find(window.session.project, "twin").metrics["test"]
    assert figures["images"] == 5
    qtbot.waitUntil(lambda: page.detail._figures["map50"].text() == f"{figures['map50']:.3f}")
    assert len(page.detail.confusion._matrix) == 11


def test_a_model_that_is_no_worse_is_promoted_and_rolled_back(
    qtbot: QtBot, open_window: OpenWindow, judged: Path
) -> None:
    window = open_window(judged, page="models")
    page = models_page(window)
    choose(qtbot, page, "twin")
    page.detail.promote.click()
    qtbot.waitUntil(lambda: page.dialog is not None, timeout=60_000)
    dialog = page.dialog
    assert dialog is not None
    assert not dialog.reason.isVisible()
    dialog.go.click()
    qtbot.waitUntil(lambda: current(window) == "twin")
    qtbot.waitUntil(lambda: page.rollback_button.isEnabled())
    page.rollback_button.click()
    qtbot.waitUntil(lambda: current(window) == "shipped")


def test_a_model_that_cannot_be_judged_needs_a_reason(qtbot: QtBot, open_window: OpenWindow, folder: Path) -> None:
    with Project.open(folder) as project:
        models.import_model(project, assets.weights() / "digits.onnx", name="twin")
    window = open_window(folder, page="models")
    page = models_page(window)
    choose(qtbot, page, "twin")
    page.detail.promote.click()
    qtbot.waitUntil(lambda: page.dialog is not None, timeout=60_000)
    dialog = page.dialog
    assert dialog is not None
    assert dialog.reason.isVisible()
    assert not dialog.go.isEnabled()
    dialog.reason.setText("I know it")
    dialog.go.click()
    qtbot.waitUntil(lambda: current(window) == "twin")
    assert window.session is not None
    assert "I know it" in models.promotions(window.session.project)[0].reason


def test_a_pickle_from_outside_is_refused_in_words(
    qtbot: QtBot, open_window: OpenWindow, folder: Path, tmp_path: Path
) -> None:
    evil = tmp_path / "gift.pt"
    evil.write_bytes(b"\x80\x04cos\nsystem\n(S'touch owned'\ntR.")
    window = open_window(folder, page="models")
    models_page(window).import_file(evil)
    qtbot.waitUntil(lambda: window.frame.strip.level == "error")
    assert not Path("owned").exists()


def test_a_model_comes_in_and_goes_out(qtbot: QtBot, open_window: OpenWindow, folder: Path, tmp_path: Path) -> None:
    window = open_window(folder, page="models")
    page = models_page(window)
    file = tmp_path / "模型.onnx"
    file.write_bytes((assets.weights() / "digits.onnx").read_bytes())
    page.import_file(file)
    qtbot.waitUntil(lambda: page.detail.model is not None and page.detail.model.name == "模型", timeout=30_000)
    page.save("模型", tmp_path / "out" / "copy.onnx")
    qtbot.waitUntil(lambda: "Saved to" in window.frame.strip.text)
    assert (tmp_path / "out" / "copy.onnx").read_bytes() == file.read_bytes()
