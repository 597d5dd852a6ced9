"""The page for collecting, driven as a class would: by pen and keys through the real window."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from labeler.core.boxes import Origin, ReviewState
from labeler.core.ink import Stroke
from labeler.core.plans import Kind
from labeler.gui.main_window import MainWindow
from labeler.gui.pages.collect import CollectPage
from labeler.gui.pages.collect_setup import FREE, PadSettings
from labeler.services import collecting, forgetting, images, labeling
from labeler.services.project import Project
from labeler.training.strokes import prompted
from tests.helpers import pen

HANDS = prompted.drawn(3, each=3, seed=5)
OpenWindow = Callable[..., MainWindow]


@pytest.fixture
def collect(open_window: OpenWindow, folder: Path) -> CollectPage:
    window = open_window(folder, page="collect")
    assert window.workspace is not None
    found = window.workspace.pages["collect"]
    assert isinstance(found, CollectPage)
    return found


def project_of(page: CollectPage) -> Project:
    return page.session.project


def press(page: CollectPage, key: Qt.Key) -> None:
    QTest.keyClick(page.pad, key)


def add_writer(page: CollectPage) -> None:
    """Two keys: N and Enter."""
    press(page, Qt.Key.Key_N)
    QTest.keyClick(page.writer.new, Qt.Key.Key_Return)


def write_prompt(page: CollectPage, digits: str | None = None, *, seed: int = 0) -> None:
    """Write what is asked for, or something else, by pen."""
    rng = np.random.default_rng(seed)
    hand = HANDS[sorted(HANDS)[seed % len(HANDS)]]
    glyphs = prompted._placed(rng, hand, [int(c) for c in digits or page.asked], "normal")
    strokes = [Stroke(np.column_stack([s, np.full(len(s), 0.5)])) for glyph in glyphs for s in glyph]
    pen.write(page.pad, strokes)


def kept(qtbot: QtBot, page: CollectPage, count: int) -> None:
    """Wait until so many pages are in the project."""
    qtbot.waitUntil(lambda: len(images.image_ids(project_of(page))) == count and not page._unsaved, timeout=20_000)


def test_a_writer_is_added_with_two_keys_and_asked_for_digits(collect: CollectPage) -> None:
    assert collect.asked == ""
    add_writer(collect)
    assert collect.writer.code == "S01"
    assert len(collect.asked) == 5
    assert collect.prompt.text() == " ".join(collect.asked)
    assert collect.pad.hasFocus()
    assert [w.code for w in images.writers(project_of(collect))] == ["S01"]
    add_writer(collect)
    assert collect.writer.code == "S02"
    press(collect, Qt.Key.Key_PageUp)
    assert collect.writer.code == "S01"


def test_progress_read_before_a_writer_was_added_does_not_take_the_writer_away(collect: CollectPage) -> None:
    add_writer(collect)
    stale = collecting.progress(project_of(collect))
    add_writer(collect)
    asked = collect.asked
    summary = collecting.summary(project_of(collect), collect.started, collect.started)
    collect._refreshed(stale, summary)
    assert collect.writer.code == "S02"
    assert collect.asked == asked


def test_a_writer_who_was_removed_is_no_longer_chosen(collect: CollectPage) -> None:
    add_writer(collect)
    forgetting.forget(project_of(collect), "S01")
    summary = collecting.summary(project_of(collect), collect.started, collect.started)
    collect._refreshed(collecting.progress(project_of(collect)), summary)
    assert collect.writer.code == ""
    assert collect.asked == ""


def test_escape_adds_nobody(collect: CollectPage) -> None:
    press(collect, Qt.Key.Key_N)
    QTest.keyClick(collect.writer.new, Qt.Key.Key_Escape)
    assert images.writers(project_of(collect)) == []
    assert collect.pad.hasFocus()


def test_enter_keeps_the_page_with_its_boxes_and_asks_for_the_next(collect: CollectPage, qtbot: QtBot) -> None:
    add_writer(collect)
    asked = collect.asked
    write_prompt(collect)
    press(collect, Qt.Key.Key_Return)
    assert collect.pad.strokes == ()
    assert collect.asked != asked
    kept(qtbot, collect, 1)
    found = labeling.page(project_of(collect), 1)
    assert found.image.writer == "S01"
    assert found.image.prompt == asked
    if found.image.state is ReviewState.REVIEWED:
        assert [str(b.class_id) for b in found.boxes] == list(asked)
        assert {b.origin for b in found.boxes} == {Origin.INK}
    else:
        assert found.image.doubts
    assert collecting.ink_page(project_of(collect), 1).device == "pen"


def test_ten_prompts_give_every_digit_five_times(collect: CollectPage, qtbot: QtBot) -> None:
    add_writer(collect)
    asked = ""
    for n in range(10):
        asked += collect.asked
        write_prompt(collect, seed=n)
        press(collect, Qt.Key.Key_Return)
    assert all(asked.count(str(d)) == 5 for d in range(10))
    kept(qtbot, collect, 10)
    standing = collecting.standing(project_of(collect), "S01")
    assert standing.pages == 10
    assert sum(standing.written.values()) >= 40
    qtbot.waitUntil(lambda: [r.pages for r in collect.progress.table.rows] == [10])


def test_a_page_that_is_not_what_was_asked_for_waits_and_the_bar_says_why(collect: CollectPage, qtbot: QtBot) -> None:
    add_writer(collect)
    write_prompt(collect, collect.asked[:3])
    press(collect, Qt.Key.Key_Return)
    kept(qtbot, collect, 1)
    assert labeling.page(project_of(collect), 1).boxes == ()
    assert "waits on the desk" in collect.bar.said.text()
    qtbot.waitUntil(collect.progress.wait.isVisible)


def test_the_last_page_comes_back_onto_the_pad(collect: CollectPage, qtbot: QtBot) -> None:
    add_writer(collect)
    asked = collect.asked
    write_prompt(collect)
    count = len(collect.pad.strokes)
    press(collect, Qt.Key.Key_Return)
    kept(qtbot, collect, 1)
    press(collect, Qt.Key.Key_B)
    assert images.image_ids(project_of(collect)) == []
    assert collect.asked == asked
    assert len(collect.pad.strokes) == count
    press(collect, Qt.Key.Key_Return)
    kept(qtbot, collect, 1)


def test_nothing_is_kept_of_an_empty_page_or_for_nobody(collect: CollectPage) -> None:
    press(collect, Qt.Key.Key_Return)
    write_prompt(collect, "12")
    collect.plan.kind.setCurrentIndex(collect.plan.kind.findData(str(Kind.EQUAL)))
    press(collect, Qt.Key.Key_Return)
    assert images.image_ids(project_of(collect)) == [] or not collect.asked


def test_free_writing_needs_no_writer_and_gets_suggestions(collect: CollectPage, qtbot: QtBot) -> None:
    collect.plan.kind.setCurrentIndex(collect.plan.kind.findData(FREE))
    write_prompt(collect, "4071")
    press(collect, Qt.Key.Key_Return)
    kept(qtbot, collect, 1)
    found = labeling.page(project_of(collect), 1)
    assert found.boxes == ()
    assert found.image.prompt is None
    assert found.image.state is ReviewState.SUGGESTED


def test_the_model_reads_along_and_what_it_reads_is_shown(collect: CollectPage, qtbot: QtBot) -> None:
    add_writer(collect)
    with qtbot.waitSignal(collect.live.read, timeout=20_000) as heard:
        write_prompt(collect)
    assert heard.args is not None
    assert heard.args[0].page.strokes == collect.pad.strokes
    shown = [m.text[0] for m in collect.pad.marks]
    assert len(shown) == sum(d.score >= 0.4 for d in heard.args[0].reading.detections)
    press(collect, Qt.Key.Key_L)
    assert collect.pad.marks == ()


def test_undo_and_clear_by_key(collect: CollectPage) -> None:
    add_writer(collect)
    write_prompt(collect)
    count = len(collect.pad.strokes)
    QTest.keyClick(collect.pad, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(collect.pad.strokes) == count - 1
    QTest.keyClick(collect.pad, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    press(collect, Qt.Key.Key_Delete)
    assert collect.pad.strokes == ()
    QTest.keyClick(collect.pad, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(collect.pad.strokes) == count


def test_a_page_entered_just_before_closing_is_kept(open_window: OpenWindow, folder: Path) -> None:
    window = open_window(folder, page="collect")
    assert window.workspace is not None
    page = window.workspace.pages["collect"]
    assert isinstance(page, CollectPage)
    add_writer(page)
    for n in range(4):
        write_prompt(page, seed=n)
        press(page, Qt.Key.Key_Return)
    window.close()
    with Project.open(folder) as project:
        assert len(images.image_ids(project)) == 4


def test_pen_paper_and_plan_are_remembered_with_the_project(open_window: OpenWindow, folder: Path) -> None:
    window = open_window(folder, page="collect")
    assert window.workspace is not None
    page = window.workspace.pages["collect"]
    assert isinstance(page, CollectPage)
    add_writer(page)
    page.paper.paper.setCurrentIndex(2)
    page.paper.page_size.setCurrentIndex(3)
    page.paper.pen.setValue(9)
    page.plan.kind.setCurrentIndex(page.plan.kind.findData(str(Kind.PAIRS)))
    page.plan.length.setValue(3)
    window.close()
    again = open_window(folder, page="collect")
    assert again.workspace is not None
    page = again.workspace.pages["collect"]
    assert isinstance(page, CollectPage)
    assert page.paper.settings == PadSettings(1000, 1000, "squared", 9.0)
    assert (page.pad.pen.width, page.pad.page.height()) == (9.0, 1000)
    assert page.writer.code == "S01"
    assert len(page.asked) == 3


@pytest.mark.parametrize("value", [None, 3, {"paper": "gold"}, {"width": 5, "odd": 1}])
def test_settings_that_make_no_sense_are_as_usual(value: object) -> None:
    assert PadSettings.from_json(value).paper == "plain"


def test_another_language_builds_the_page_anew_and_keeps_what_was_entered(collect: CollectPage, qtbot: QtBot) -> None:
    window = collect.window()
    assert isinstance(window, MainWindow)
    add_writer(collect)
    write_prompt(collect)
    press(collect, Qt.Key.Key_Return)
    window.set_language("zh_CN")
    assert window.workspace is not None
    page = window.workspace.pages["collect"]
    assert isinstance(page, CollectPage)
    assert page is not collect
    qtbot.waitUntil(lambda: len(images.image_ids(page.session.project)) == 1)
    assert page.writer.code == "S01"


def test_a_page_taken_back_is_its_writer_s_again(qtbot: QtBot, collect: CollectPage) -> None:
    add_writer(collect)
    first, asked = collect.writer.code, collect.asked
    write_prompt(collect)
    press(collect, Qt.Key.Key_Return)
    kept(qtbot, collect, 1)
    qtbot.waitUntil(lambda: collect._last is not None)
    add_writer(collect)
    assert collect.writer.code != first
    press(collect, Qt.Key.Key_B)
    assert (collect.writer.code, collect.asked) == (first, asked)
    assert collect.pad.strokes
    assert "0" in collect.writer.done.text()


def test_scrolling_past_the_fields_changes_none(collect: CollectPage) -> None:
    before = (collect.paper.settings, collect.plan.plan, collect.writer.code)
    fields = collect.paper.pen, collect.paper.page_size, collect.plan.kind, collect.plan.prompts
    for field in fields:
        centre = QPointF(field.rect().center())
        turn = QWheelEvent(
            centre, field.mapToGlobal(centre), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QCoreApplication.sendEvent(field, turn)
        assert not turn.isAccepted()
    assert (collect.paper.settings, collect.plan.plan, collect.writer.code) == before


def test_ink_keeps_its_prompt_when_another_writer_is_chosen(qtbot: QtBot, collect: CollectPage) -> None:
    add_writer(collect)
    asked = collect.asked
    write_prompt(collect)
    press(collect, Qt.Key.Key_Return)
    kept(qtbot, collect, 1)
    asked_next = collect.asked
    assert asked_next != asked
    write_prompt(collect)
    add_writer(collect)
    assert collect.asked == asked_next
    press(collect, Qt.Key.Key_Return)
    kept(qtbot, collect, 2)
    project = project_of(collect)
    found = {
        labeling.page(project, i).image.prompt: labeling.page(project, i).image.writer
        for i in images.image_ids(project)
    }
    assert found[asked_next] == collect.writer.code != found[asked]
