"""A window on a small project of real handwriting, and a person at its keyboard: what the tests of the desk share."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from labeler.core.boxes import Detection
from labeler.core.pages import Page
from labeler.gui.main_window import MainWindow
from labeler.gui.pages.desk import DeskPage
from labeler.services import importing, labeling, suggesting
from labeler.services.project import Project
from tests.helpers import handwriting
from tests.helpers.fake_detector import add_model

OpenWindow = Callable[..., MainWindow]
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SCORES = (0.95, 0.4, 0.8, 0.6)
"""Of the suggestions on each page, in the order of their making."""


def fill(project: Project, folder: Path, *, pages: int = 4, suggest: bool = True) -> list[int]:
    """Imports pages of four digits each; a model suggests each digit where it is, but the second as one digit too many."""
    made = [handwriting.page(seed, digits=4) for seed in range(pages)]
    folder.mkdir()
    for n, page in enumerate(made):
        (folder / f"page-{n}.png").write_bytes(page.png())
    ids = list(importing.import_paths(project, [folder / f"page-{n}.png" for n in range(pages)], writer="w1").image_ids)
    if suggest:
        model = add_model(project, "fake")
        found = [(i, _detections(page)) for i, page in zip(ids, made, strict=True)]
        for image_id, detections in found:
            suggesting.keep(project, model.id, image_id, detections)
    return ids


def _detections(page: handwriting.Handwriting) -> list[Detection]:
    classes = [digit if n != 1 else (digit + 1) % 10 for n, (digit, _) in enumerate(page.boxes)]
    return [Detection(r.x, r.y, r.w, r.h, c, s) for c, s, (_, r) in zip(classes, SCORES, page.boxes, strict=True)]


@dataclass
class Desk:
    """The desk in its window, used as a person does; `held` is what the project holds, read from the database."""

    window: MainWindow
    page: DeskPage
    ids: list[int]
    qtbot: QtBot

    @property
    def project(self) -> Project:
        return self.page.session.project

    @property
    def shown(self) -> Page:
        page = self.page.editor.page
        assert page is not None
        return page

    def held(self, image_id: int | None = None) -> Page:
        return labeling.page(self.project, image_id or self.shown.image.id)

    def key(self, *keys: str | Qt.Key, shift: bool = False, control: bool = False) -> None:
        """Presses keys where the focus is."""
        modifiers = NONE
        if shift:
            modifiers |= Qt.KeyboardModifier.ShiftModifier
        if control:
            modifiers |= Qt.KeyboardModifier.ControlModifier
        for key in keys:
            target = self.window.focusWidget() or self.window
            QTest.keyClick(target, key, modifiers)

    def at(self, x: float, y: float) -> QPoint:
        return QPointF(*self.page.canvas.view.to_screen(x, y)).toPoint()

    def click(self, x: float, y: float, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseClick(self.page.canvas, LEFT, keys, self.at(x, y))

    def drag(self, start: tuple[float, float], end: tuple[float, float], keys: Qt.KeyboardModifier = NONE) -> None:
        canvas = self.page.canvas
        QTest.mousePress(canvas, LEFT, keys, self.at(*start))
        QTest.mouseMove(canvas, self.at((start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
        QTest.mouseMove(canvas, self.at(*end))
        QTest.mouseRelease(canvas, LEFT, keys, self.at(*end))

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=10_000)


def open_desk(open_window: OpenWindow, project: Project, ids: list[int], qtbot: QtBot) -> Desk:
    """Shows the window on the desk, with the first image in front."""
    project.close()
    window = open_window(project.folder, page="desk")
    page = window.workspace.pages["desk"]  # type: ignore[union-attr]
    assert isinstance(page, DeskPage)
    if ids:
        qtbot.waitUntil(lambda: page.editor.image_id == ids[0], timeout=10_000)
    return Desk(window, page, ids, qtbot)
