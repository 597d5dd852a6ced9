"""The check page: a real check finds a doubled box; each kind of doubt is settled with one key and taken back with another."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from labeler.core import gestures
from labeler.core.boxes import Box, ClassRect, Rect
from labeler.core.findings import Finding, Kind
from labeler.gui.main_window import MainWindow
from labeler.gui.pages.check import CheckPage
from labeler.gui.pages.check_view import fix_text, kind_text
from labeler.gui.widgets import marked
from labeler.gui.widgets.marked_picture import around
from labeler.services import images, labeling
from labeler.services.checking import CheckReport
from labeler.services.project import Project
from tests.gui.conftest import OpenWindow
from tests.helpers.fake_detector import add_pages, review_with_boxes

DIGITS = tuple("0123456789")


@pytest.fixture
def labelled(new_project: Callable[[str], Project]) -> Path:
    """Three reviewed pages with two digits each."""
    project = new_project("проверка")
    for n, image_id in enumerate(add_pages(project, 3, writer="anna")):
        review_with_boxes(project, image_id, ClassRect(5, 5, 12, 16, n), ClassRect(35, 8, 12, 16, 7))
    project.close()
    return project.folder


def check_page(window: MainWindow) -> CheckPage:
    assert window.workspace is not None
    page = window.workspace.pages["check"]
    assert isinstance(page, CheckPage)
    return page


def project_of(window: MainWindow) -> Project:
    assert window.session is not None
    return window.session.project


def boxes(window: MainWindow, image_id: int) -> tuple[Box, ...]:
    return labeling.page(project_of(window), image_id).boxes


def doubts(window: MainWindow) -> list[Finding]:
    """One of each kind that can be settled here."""
    first, second, third = images.image_ids(project_of(window))
    a, b = boxes(window, first)
    c, d = boxes(window, second)
    return [
        Finding(Kind.CLASS, first, a.id, 0.95, "Labelled 0, looks like 6.", a, class_id=6, by="a test"),
        Finding(Kind.PLACE, first, b.id, 0.9, "The box does not fit.", b, better=Rect(30, 8, 14, 18), by="a test"),
        Finding(Kind.NOTHING, second, c.id, 0.8, "There is no digit.", c, by="a test"),
        Finding(Kind.MISSED, second, None, 0.7, "No box.", Rect(20, 30, 10, 12), class_id=3, by="a test"),
        Finding(Kind.TWIN, second, d.id, 0.6, "Other labels.", d, other=third, by="a test"),
    ]


@pytest.fixture
def shown(qtbot: QtBot, open_window: OpenWindow, labelled: Path) -> tuple[MainWindow, CheckPage]:
    """The page with those doubts, the first in front."""
    window = open_window(labelled, page="check")
    page = check_page(window)
    qtbot.waitUntil(lambda: page._stack.currentIndex() == 1)
    page._checked(CheckReport(tuple(doubts(window)), 3, 6, (), 0))
    front(qtbot, page, Kind.CLASS)
    return window, page


def front(qtbot: QtBot, page: CheckPage, kind: Kind) -> None:
    qtbot.waitUntil(lambda: page.view.scene is not None and page.view.scene.finding.kind is kind)


def kinds(page: CheckPage) -> list[Kind]:
    return [f.kind for f in page.table.rows]


def press(page: CheckPage, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    page.table.setFocus()
    QTest.keyClick(page.table, key, modifier)


def test_without_boxes_it_leads_to_the_desk(qtbot: QtBot, open_window: OpenWindow, folder: Path) -> None:
    window = open_window(folder, page="check")
    page = check_page(window)
    qtbot.waitUntil(lambda: page._stack.currentIndex() == 0 and not page.run_button.isEnabled())


def test_a_real_check_finds_the_doubled_box_and_enter_deletes_it(
    qtbot: QtBot, open_window: OpenWindow, labelled: Path
) -> None:
    with Project.open(labelled) as project:
        first = images.image_ids(project)[0]
        labeling.apply(project, gestures.draw(labeling.page(project, first), Rect(6, 5, 12, 16), 4))
    window = open_window(labelled, page="check")
    page = check_page(window)
    page.models.setChecked(False)
    qtbot.waitUntil(page.run_button.isEnabled)
    qtbot.mouseClick(page.run_button, Qt.MouseButton.LeftButton)
    assert not page.run_button.isEnabled()
    assert not page._start.isEnabled()
    qtbot.waitUntil(lambda: Kind.DOUBLED in kinds(page), timeout=60_000)
    assert "No model was asked." in page.words.text()
    page.table.choose(kinds(page).index(Kind.DOUBLED))
    front(qtbot, page, Kind.DOUBLED)
    assert page.view.fix_button.text() == "Delete the box"
    press(page, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: [b.class_id for b in boxes(window, first)] == [0, 7])
    assert Kind.DOUBLED not in kinds(page)


def test_enter_corrects_and_goes_on_until_all_is_settled(qtbot: QtBot, shown: tuple[MainWindow, CheckPage]) -> None:
    window, page = shown
    first, second, _ = images.image_ids(project_of(window))
    assert page.view.fix_button.text() == "Make it 6"
    press(page, Qt.Key.Key_Return)
    front(qtbot, page, Kind.PLACE)
    assert [b.class_id for b in boxes(window, first)] == [6, 7]
    assert {m.kind for m in page.view.picture.marks} == {marked.Kind.PLAIN, marked.Kind.WAS, marked.Kind.NOW}
    press(page, Qt.Key.Key_Return)
    front(qtbot, page, Kind.NOTHING)
    assert boxes(window, first)[1].x == 30
    press(page, Qt.Key.Key_Return)
    front(qtbot, page, Kind.MISSED)
    assert marked.Kind.ADDED in {m.kind for m in page.view.picture.marks}
    press(page, Qt.Key.Key_Return)
    front(qtbot, page, Kind.TWIN)
    assert sorted(b.class_id for b in boxes(window, second)) == [3, 7]
    assert page.view.other.isVisible()
    assert not page.view.fix_button.isVisible()
    press(page, Qt.Key.Key_X)
    qtbot.waitUntil(lambda: page._stack.currentIndex() == 2)
    assert len(page.done) == 5


def test_everything_is_taken_back_step_by_step(qtbot: QtBot, shown: tuple[MainWindow, CheckPage]) -> None:
    window, page = shown
    project = project_of(window)
    before = {i: boxes(window, i) for i in images.image_ids(project)}
    press(page, Qt.Key.Key_5)  # another class than the one proposed
    front(qtbot, page, Kind.PLACE)
    assert boxes(window, images.image_ids(project)[0])[0].class_id == 5
    press(page, Qt.Key.Key_Delete)
    front(qtbot, page, Kind.NOTHING)
    press(page, Qt.Key.Key_X)
    front(qtbot, page, Kind.MISSED)
    qtbot.waitUntil(lambda: project.setting("checks.aside") != [] and not page.session.tasks.busy)
    for kind in (Kind.NOTHING, Kind.PLACE, Kind.CLASS):
        press(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        front(qtbot, page, kind)
    assert len(page.table.rows) == 5
    assert project.setting("checks.aside") == []
    assert {i: set(b) for i, b in before.items()} == {i: set(boxes(window, i)) for i in before}
    press(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.frame.strip.text == "There is nothing to take back here.")


def test_it_is_not_taken_back_once_something_else_was_done(qtbot: QtBot, shown: tuple[MainWindow, CheckPage]) -> None:
    window, page = shown
    press(page, Qt.Key.Key_Return)
    front(qtbot, page, Kind.PLACE)
    third = images.image_ids(project_of(window))[2]
    labeling.apply(project_of(window), gestures.draw(labeling.page(project_of(window), third), Rect(1, 1, 9, 9), 1))
    press(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.frame.strip.level == "error")
    assert len(page.done) == 1


def test_a_digit_draws_the_missed_box_with_that_class(qtbot: QtBot, shown: tuple[MainWindow, CheckPage]) -> None:
    window, page = shown
    page.table.choose(kinds(page).index(Kind.MISSED))
    front(qtbot, page, Kind.MISSED)
    press(page, Qt.Key.Key_8)
    second = images.image_ids(project_of(window))[1]
    qtbot.waitUntil(lambda: 8 in [b.class_id for b in boxes(window, second)])


def test_a_doubt_whose_box_went_meanwhile_goes_by_itself(qtbot: QtBot, shown: tuple[MainWindow, CheckPage]) -> None:
    window, page = shown
    second = images.image_ids(project_of(window))[1]
    now = labeling.page(project_of(window), second)
    labeling.apply(project_of(window), gestures.delete(now, {now.boxes[0].id}))
    page.table.choose(kinds(page).index(Kind.NOTHING))
    qtbot.waitUntil(lambda: Kind.NOTHING not in kinds(page))
    front(qtbot, page, Kind.MISSED)


def test_kinds_are_filtered_and_the_list_is_walked_by_keys(qtbot: QtBot, shown: tuple[MainWindow, CheckPage]) -> None:
    window, page = shown
    press(page, Qt.Key.Key_N)
    front(qtbot, page, Kind.PLACE)
    press(page, Qt.Key.Key_P)
    front(qtbot, page, Kind.CLASS)
    page.kinds.setCurrentIndex(page.kinds.findData(Kind.MISSED))
    front(qtbot, page, Kind.MISSED)
    assert kinds(page) == [Kind.MISSED]
    press(page, Qt.Key.Key_O)
    assert window.page == "desk"


def test_every_kind_has_words() -> None:
    assert len({kind_text(kind) for kind in Kind}) == len(Kind)
    finding = Finding(Kind.CLASS, 1, "b", 0.9, "?", class_id=4)
    assert fix_text(finding, DIGITS) == "Make it 4"


SIZES: st.SearchStrategy[Sequence[int]] = st.tuples(st.integers(20, 4000), st.integers(20, 4000))


@given(SIZES, st.floats(0.2, 5), st.floats(0.3, 40), st.data())
def test_what_is_shown_holds_what_matters_and_stays_on_the_page(
    size: tuple[int, int], aspect: float, more: float, data: st.DataObject
) -> None:
    width, height = size
    w, h = data.draw(st.floats(1, width)), data.draw(st.floats(1, height))
    focus = Rect(data.draw(st.floats(0, width - w)), data.draw(st.floats(0, height - h)), w, h)
    part = around(focus, size, aspect, more)
    slack = 1e-6 * max(size)
    assert part.x >= -slack
    assert part.y >= -slack
    assert part.right <= width + slack
    assert part.bottom <= height + slack
    assert part.x <= focus.x + slack
    assert part.right >= focus.right - slack
    assert part.y <= focus.y + slack
    assert part.bottom >= focus.bottom - slack
    assert around(None, size, aspect) == Rect(0, 0, width, height)
