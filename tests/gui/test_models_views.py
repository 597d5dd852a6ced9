"""Behind the list of models: one model in depth, two models side by side, the gate's rules, the history, plots as files."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtSvg import QSvgRenderer
from pytestqt.qtbot import QtBot

from labeler.core import assets
from labeler.core.boxes import Box, Origin, new_id
from labeler.core.edits import change_boxes
from labeler.core.gate import Rules
from labeler.gui.dialogs.gate_rules import RulesDialog
from labeler.gui.dialogs.promotions import PromotionsDialog
from labeler.gui.main_window import MainWindow
from labeler.gui.pages.desk import DeskPage
from labeler.gui.pages.models import ModelsPage
from labeler.services import importing, judging, labeling, models, writers
from labeler.services.project import Project
from tests.gui.conftest import OpenWindow
from tests.helpers import handwriting

LOOK = 60_000


@pytest.fixture
def judged(new_project: Callable[[str], Project], tmp_path: Path) -> Path:
    """Labelled pages of two test writers; one page is labelled with what is not there, so that every model is wrong on it."""
    project = new_project("模型é")
    for w in range(2):
        drawn = [handwriting.page(seed=n, writer=w, digits=8) for n in range(3)]
        for n, page in enumerate(drawn):
            file = tmp_path / f"w{w}" / f"{n}.png"
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(page.png())
        report = importing.import_paths(project, [tmp_path / f"w{w}"], writer=f"w{w}")
        for n, (image_id, page) in enumerate(zip(report.image_ids, drawn, strict=True)):
            shift = 3 if (w, n) == (1, 0) else 0
            boxes = [
                Box(r.x, r.y, r.w, r.h, (d + shift) % 10, new_id(), Origin.PERSON) for d, r in page.boxes
            ]  # fmt: skip
            labeling.apply(project, change_boxes(image_id, "Draw", (), boxes))
        writers.set_split(project, f"w{w}", "test", allow_harm=True)
    models.import_model(project, assets.weights() / "digits.onnx", name="twin")
    project.close()
    return project.folder


@pytest.fixture
def page(open_window: OpenWindow, judged: Path, qtbot: QtBot) -> ModelsPage:
    found = models_page(open_window(judged, page="models"))
    qtbot.waitUntil(lambda: "twin" in [m.name for m in found.table.rows] and found.detail.model is not None)
    return found


def models_page(window: MainWindow) -> ModelsPage:
    assert window.workspace is not None
    found = window.workspace.pages["models"]
    assert isinstance(found, ModelsPage)
    return found


def evaluate(qtbot: QtBot, page: ModelsPage) -> None:
    page.detail.deeper.click()
    assert page.stack.currentWidget() is page.evaluation
    assert page.evaluation._body.currentIndex() == 0
    page.evaluation.again.emit()
    qtbot.waitUntil(lambda: page.evaluation._body.currentIndex() == 1, timeout=LOOK)


def test_a_model_is_evaluated_in_depth_and_its_worst_page_leads_to_the_desk(qtbot: QtBot, page: ModelsPage) -> None:
    evaluate(qtbot, page)
    view = page.evaluation
    assert [s.name for s in view.by_score.series] == ["precision", "recall", "F1"]
    assert view.recall_precision.series[-1].name == "all digits"
    assert {g.name for g in view.writers.rows} == {"w0", "w1"}
    assert [g.name for g in view.digits.rows] == list("0123456789")
    assert "48 digits" in view.facts.text()
    view.tabs.setCurrentIndex(view.tabs.count() - 1)
    kept = models.find(page.session.project, "shipped").metrics["test"]
    qtbot.waitUntil(lambda: len(view.gallery.cards) == len(kept["worst"]), timeout=LOOK)
    worst = view.gallery.cards[0]
    assert worst.image_id == kept["worst"][0]["image"]
    assert worst.panes[0].view.corrections == kept["worst"][0]["corrections"] > 0
    assert not worst.panes[0].picture.isNull()
    assert view.gallery.grab().toImage().size().width() > 100
    view.gallery.setCurrentIndex(view.gallery.model().index(0, 0))
    qtbot.keyClick(view.gallery, Qt.Key.Key_Return)
    window = page.window()
    assert isinstance(window, MainWindow)
    assert window.workspace is not None
    desk = window.workspace.pages["desk"]
    assert isinstance(desk, DeskPage)
    qtbot.waitUntil(lambda: desk._shown == worst.image_id, timeout=LOOK)


def test_every_plot_can_be_kept_as_picture_drawing_and_numbers(qtbot: QtBot, page: ModelsPage, tmp_path: Path) -> None:
    evaluate(qtbot, page)
    folder = tmp_path / "图 é"
    page.save_plots(folder)
    names = {f.name for f in folder.iterdir()}
    stems = {"precision-recall", "by-score", "corrections", "calibration", "digits", "confusion", "writers", "sources"}
    assert names == {f"{stem}{ending}" for stem in stems for ending in (".png", ".svg", ".csv")}
    for stem in stems:
        assert not QImage(str(folder / f"{stem}.png")).isNull()
        assert QSvgRenderer(str(folder / f"{stem}.svg")).isValid()
    rows = list(csv.reader((folder / "by-score.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0][1:] == ["precision", "recall", "F1"]
    assert len(rows) == 102
    matrix = list(csv.reader((folder / "confusion.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert matrix[0] == ["", *"0123456789", "missed"]
    assert sum(int(n) for row in matrix[1:11] for n in row[1:]) == 48
    window = page.window()
    assert isinstance(window, MainWindow)
    assert "24 files" in window.frame.strip.text
    page.evaluation._save(page.evaluation._cards["digits"], folder / "digits.pdf")
    assert window.frame.strip.level == "error"


def test_the_page_fits_a_small_window_with_a_message_below_it(page: ModelsPage) -> None:
    heights = {type(view).__name__: view.minimumSizeHint().height() for view in map(page.stack.widget, range(3))}
    assert max(heights.values()) < 600, heights


def test_two_models_are_compared_and_the_rules_can_be_changed(qtbot: QtBot, page: ModelsPage) -> None:
    page.ask_compare()
    view = page.comparison
    assert (view.before.currentText(), view.after.currentText()) == ("shipped", "twin")
    view.go.click()
    qtbot.waitUntil(lambda: view.judgement is not None, timeout=LOOK)
    assert view.verdict.text() == "twin is the same as shipped."
    assert [r.name for r in view.figures.rows][:2] == ["mAP50", "mAP50-95"]
    assert [r.difference for r in view.figures.rows][:2] == ["+0.000", "+0.000"]
    assert sum(r.written for r in view.digits.rows) == 48
    qtbot.waitUntil(lambda: not view._promote.isHidden())
    tall = view.minimumSizeHint().height()
    view.reasons.setText("\n".join("The 4s got worse." for _ in range(40)))
    assert view.minimumSizeHint().height() == tall, "a long verdict is scrolled to; it makes the window no taller"
    page.ask_rules()
    qtbot.waitUntil(lambda: bool(page.findChildren(RulesDialog)))
    (dialog,) = page.findChildren(RulesDialog)
    assert dialog.rules == Rules()
    dialog.fields["recall_drop"].setValue(12.5)
    dialog._keep()
    qtbot.waitUntil(lambda: judging.rules(page.session.project).recall_drop == 0.125)
    page.promote("twin", view.judgement, "")
    qtbot.waitUntil(view._promote.isHidden)
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert page.stack.currentIndex() == 0


def test_the_pages_that_got_worse_are_shown_with_both_models(
    qtbot: QtBot, page: ModelsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = models.detector

    class Blind:
        def __init__(self, project: Project) -> None:
            self.classes = real(project, "shipped").classes

        def detect(self, images: list[object], **_: float) -> list[list[object]]:
            return [[] for _ in images]

    monkeypatch.setattr(models, "detector", lambda p, name=None, **_: Blind(p) if name == "twin" else real(p, name))
    page.compare("shipped", "twin")
    view = page.comparison
    qtbot.waitUntil(lambda: view.judgement is not None, timeout=LOOK)
    assert view.verdict.text() == "twin is worse than shipped."
    assert "✗" in "".join(view.checks.itemAt(n).widget().text() for n in range(view.checks.count()))
    page.show()
    page.stack.setCurrentWidget(view)
    view.tabs.setCurrentIndex(2)
    assert view.filter.count() >= 3
    qtbot.waitUntil(lambda: bool(view.gallery.cards), timeout=LOOK)
    card = view.gallery.cards[0]
    assert [p.caption for p in card.panes] == ["shipped", "twin"]
    assert card.panes[1].view.found == ()
    assert view.gallery.grab().toImage().width() > 100
    view._promote.click()
    assert page.dialog is not None
    assert page.dialog.reason.isVisible()
    page.dialog.reject()


def test_the_history_tells_who_promoted_what_and_why(qtbot: QtBot, page: ModelsPage) -> None:
    models.promote(page.session.project, "twin", reason="Grüße", by="林")
    page.show_history()
    qtbot.waitUntil(lambda: bool(page.findChildren(PromotionsDialog)))
    (dialog,) = page.findChildren(PromotionsDialog)
    newest = dialog.table.rows[0]
    assert (newest.model, newest.previous, newest.reason, newest.by) == ("twin", "shipped", "Grüße", "林")
    assert len(dialog.table.rows) == 2
    dialog.accept()
