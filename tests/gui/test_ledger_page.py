"""The effort page on real projects: says what to do while it is empty, counts what was done, saves its plots."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from labeler.core import gestures
from labeler.core.boxes import Detection, Rect
from labeler.core.ledger import Effort
from labeler.gui.main_window import MainWindow
from labeler.gui.pages.ledger import LedgerPage, summary
from labeler.services import labeling, suggesting
from labeler.services.ledger import LedgerLine
from labeler.services.project import Project
from tests.gui.conftest import OpenWindow
from tests.helpers.fake_detector import add_model, add_pages


def ledger_page(window: MainWindow) -> LedgerPage:
    assert window.workspace is not None
    page = window.workspace.pages["ledger"]
    assert isinstance(page, LedgerPage)
    return page


@pytest.fixture
def worked(new_project: Callable[[str], Project]) -> Path:
    """Two models with a page each: four of five digits corrected with the first, none of two with the second."""
    project = new_project("мука")
    ids = add_pages(project, 2, writer="anna")
    for image_id, name, digits in zip(ids, ("old", "new"), ((1, 2, 3, 4), (5, 6)), strict=True):
        found = [Detection(2 + 14 * n, 5, 10, 12, d, 0.9) for n, d in enumerate(digits)]
        suggesting._write(project, add_model(project, name).id, [(image_id, found)])
    one, two, three, _four = labeling.page(project, ids[0]).suggestions
    for edit in (
        lambda page: gestures.correct(page, one, rect=Rect(3, 5, 10, 12)),
        lambda page: gestures.correct(page, two, class_id=7),
        lambda page: gestures.reject(page, {three.id}),
        lambda page: gestures.draw(page, Rect(40, 30, 8, 8), 9),
        lambda page: gestures.review(page, accept_rest=True),
    ):
        labeling.apply(project, edit(labeling.page(project, ids[0])), seconds=2)
    labeling.apply(project, gestures.review(labeling.page(project, ids[1]), accept_rest=True), seconds=3)
    project.close()
    return project.folder


def test_without_images_it_says_to_import(qtbot: QtBot, open_window: OpenWindow, folder: Path) -> None:
    page = ledger_page(open_window(folder, page="ledger"))
    qtbot.waitUntil(lambda: page._stack.currentIndex() == 1)


def test_without_reviewed_pages_it_says_to_suggest_and_leads_to_the_desk(
    qtbot: QtBot, open_window: OpenWindow, new_project: Callable[[str], Project]
) -> None:
    project = new_project("leer")
    add_pages(project, 1)
    project.close()
    window = open_window(project.folder, page="ledger")
    page = ledger_page(window)
    qtbot.waitUntil(lambda: page._stack.currentIndex() == 2)
    assert window.session is not None
    window.session.show("desk")
    assert window.page == "desk"


def test_it_counts_model_by_model_and_in_parts(qtbot: QtBot, open_window: OpenWindow, worked: Path) -> None:
    page = ledger_page(open_window(worked, page="ledger"))
    qtbot.waitUntil(lambda: [m.model for m in page.models.rows] == ["old", "new"])
    assert [round(s.total, 6) for s in page.chart.stacks] == [100.0, 0.0]
    assert page.summary.text() == "Corrections per 100 digits: 100.0 with old, 0.0 with new."
    assert [(w.name, w.effort.corrections, w.seconds) for w in page.writers.rows] == [("anna", 4, 13.0)]
    assert {d.name: d.effort.corrections for d in page.digits.rows if d.effort.corrections} == {
        "1": 1, "7": 1, "3": 1, "9": 1,
    }  # fmt: skip
    assert [p.effort.corrections for p in page.pages.rows] == [4, 0]


def test_the_parts_follow_the_model_that_is_chosen(qtbot: QtBot, open_window: OpenWindow, worked: Path) -> None:
    page = ledger_page(open_window(worked, page="ledger"))
    qtbot.waitUntil(lambda: len(page.pages.rows) == 2)
    page.which.setCurrentIndex(page.which.findData("new"))
    page.which.activated.emit(page.which.currentIndex())
    qtbot.waitUntil(lambda: [p.model for p in page.pages.rows] == ["new"])
    assert page.which.currentData() == "new"
    page.models.setFocus()
    page.models.choose(0)
    qtbot.waitUntil(lambda: [p.model for p in page.pages.rows] == ["old"])


def test_every_part_is_saved_as_picture_drawing_and_numbers(
    qtbot: QtBot, open_window: OpenWindow, worked: Path, tmp_path: Path
) -> None:
    window = open_window(worked, page="ledger")
    page = ledger_page(window)
    qtbot.waitUntil(lambda: len(page.models.rows) == 2)
    for name, card in page.cards.items():
        for ending in (".png", ".svg", ".csv"):
            file = card.write(tmp_path / f"{name}{ending}")
            assert file.stat().st_size > 100 or ending == ".csv"
    text = (tmp_path / "models.csv").read_text(encoding="utf-8-sig").splitlines()
    assert text[0].startswith("Model,Pages,Shown")
    assert text[1].startswith("old,1,4,1,1,1,1,1")
    page._save(page.cards["effort"], tmp_path / "effort.png")
    qtbot.waitUntil(lambda: "Saved to" in window.frame.strip.text)


def test_a_page_is_opened_on_the_desk(qtbot: QtBot, open_window: OpenWindow, worked: Path) -> None:
    window = open_window(worked, page="ledger")
    page = ledger_page(window)
    qtbot.waitUntil(lambda: len(page.pages.rows) == 2)
    page.pages.opened.emit(page.pages.rows[1])
    assert window.page == "desk"


def test_the_summary_speaks_of_models_with_digits_only() -> None:
    def line(name: str, accepted: int, added: int) -> LedgerLine:
        return LedgerLine(name, 1, Effort(shown=accepted, accepted=accepted, added=added), 0.0)

    assert summary([]) == ""
    assert summary([line("blank", 0, 0)]) == ""
    assert summary([line("a", 3, 1), line("blank", 0, 0)]) == "a: 25.0 corrections per 100 digits."
