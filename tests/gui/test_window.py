"""The real window, driven as a person drives it: opening, dropping, importing, messages, themes, languages, closing."""

import shutil
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from labeler.core.errors import NotFound
from labeler.core.progress import Progress
from labeler.gui import app, memory, recent, settings, theme
from labeler.gui.dialogs.confirm import ConfirmDialog
from labeler.gui.main_window import MainWindow
from labeler.services import images
from labeler.services.project import Project
from tests.gui.conftest import OpenWindow
from tests.helpers.pictures import PictureFile


def drop(window: MainWindow, *paths: Path) -> None:
    """Drag files over the window and let them go."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(p)) for p in paths])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(40, 40), copy, data, left, none))
    QApplication.sendEvent(window, QDropEvent(QPointF(40, 40), copy, data, left, none))


def texts(window: QWidget) -> set[str]:
    """Every text on the screen."""
    widgets = [*window.findChildren(QLabel), *window.findChildren(QPushButton)]
    return {w.text() for w in widgets if w.isVisible()}


def stats_of(window: MainWindow) -> images.Stats:
    assert window.session is not None
    return images.stats(window.session.project)


def test_without_a_project_it_welcomes(open_window: OpenWindow) -> None:
    window = open_window()
    assert window.page == "welcome"
    assert {"New project …", "Open a project …", "Try the sample project"} <= texts(window)
    assert not any(b.isVisible() for b in window.frame.rail.buttons.values())


def test_a_project_opens_on_the_page_that_was_in_front(open_window: OpenWindow, folder: Path) -> None:
    window = open_window(folder, page="models")
    assert window.page == "models"
    assert window.frame.rail.buttons["models"].isChecked()
    assert folder.name in window.windowTitle()
    window.show_page("train")
    window.close()
    assert memory.last_page() == "train"


def test_a_folder_without_a_project_is_the_users_error() -> None:
    with pytest.raises(NotFound):
        app.build(Path("/nowhere/at/all"))


def test_opening_what_is_gone_says_so_and_stays(qtbot: QtBot, open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window()
    window.files.open(tmp_path / "gone")
    qtbot.waitUntil(lambda: window.frame.strip.level == "error" and bool(window.frame.strip.text))
    assert "gone" in window.frame.strip.text
    assert window.page == "welcome"


def test_a_new_project_is_made_and_opened(qtbot: QtBot, open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window()
    window.commands["window.new"]()
    dialog = window.files.dialog
    assert dialog is not None
    dialog.place.setText(str(tmp_path))
    dialog.name.setText("课堂 7b")
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.session is not None)
    assert window.session is not None
    assert window.session.project.folder == tmp_path / "课堂 7b"
    assert recent.projects()[0] == (tmp_path / "课堂 7b").resolve()


def test_a_place_that_holds_a_project_cannot_be_chosen_for_a_new_one(open_window: OpenWindow, folder: Path) -> None:
    window = open_window()
    window.files.ask_new()
    dialog = window.files.dialog
    assert dialog is not None
    dialog.place.setText(str(folder.parent))
    dialog.name.setText(folder.name)
    assert not dialog._go.isEnabled()
    dialog.name.setText("another")
    assert dialog._go.isEnabled()
    dialog.reject()


def test_a_recent_project_opens_with_one_click(qtbot: QtBot, open_window: OpenWindow, folder: Path) -> None:
    recent.add(folder)
    window = open_window()
    row = next(b for b in window.findChildren(QPushButton) if b.text() == folder.name)
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session is not None)


def test_a_recent_project_that_is_gone_is_no_trap(open_window: OpenWindow, folder: Path) -> None:
    recent.add(folder)
    shutil.rmtree(folder)
    window = open_window()
    row = next(b for b in window.findChildren(QPushButton) if b.text() == folder.name)
    assert not row.isEnabled()


def test_dropped_pictures_are_imported_once_it_is_said_whose_hand_it_is(
    qtbot: QtBot, open_window: OpenWindow, folder: Path, png: PictureFile
) -> None:
    window = open_window(folder)
    assert window.workspace is not None
    drop(window, png("学生/a.png", seed=1), png("学生/b.png", seed=2))
    qtbot.waitUntil(lambda: window.workspace.imports.dialog is not None)
    dialog = window.workspace.imports.dialog
    assert dialog is not None
    dialog.one.setChecked(True)
    assert not dialog._go.isEnabled()
    dialog.writer.setCurrentText("s17")
    dialog._go.click()
    qtbot.waitUntil(lambda: stats_of(window).images == 2)
    qtbot.waitUntil(lambda: "2 images added" in window.frame.strip.text)
    assert stats_of(window).writers == 1


def test_a_drag_shows_where_to_drop_and_leaving_takes_it_away(open_window: OpenWindow, png: PictureFile) -> None:
    window = open_window()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(png()))])
    event = QDragEnterEvent(
        QPoint(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(window, event)
    assert window._drop.isVisible()
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not window._drop.isVisible()


def test_dropping_without_a_project_says_what_to_do(open_window: OpenWindow, png: PictureFile) -> None:
    window = open_window()
    drop(window, png())
    assert window.frame.strip.level == "error"
    assert "project" in window.frame.strip.text


def test_a_dropped_project_is_opened(qtbot: QtBot, open_window: OpenWindow, folder: Path) -> None:
    window = open_window()
    drop(window, folder)
    qtbot.waitUntil(lambda: window.session is not None)


def test_a_folder_for_each_student_names_the_writers(
    qtbot: QtBot, open_window: OpenWindow, folder: Path, png: PictureFile, tmp_path: Path
) -> None:
    window = open_window(folder)
    assert window.workspace is not None
    for n, student in enumerate(("анна", "bo")):
        png(f"class/{student}/1.png", seed=n)
    window.import_paths([tmp_path / "class"])
    qtbot.waitUntil(lambda: window.workspace.imports.dialog is not None)
    assert window.workspace.imports.dialog is not None
    assert window.workspace.imports.dialog.choice.writer_from == "folder"
    window.workspace.imports.dialog.accept()
    qtbot.waitUntil(lambda: stats_of(window).writers == 2)


def test_what_is_not_taken_is_listed_with_the_reason(
    qtbot: QtBot, open_window: OpenWindow, folder: Path, png: PictureFile, tmp_path: Path
) -> None:
    window = open_window(folder)
    assert window.workspace is not None
    png("pages/good.png", seed=5)
    (tmp_path / "pages" / "bad.jpg").write_bytes(b"these are words")
    (tmp_path / "pages" / "empty.png").write_bytes(b"")
    window.import_paths([tmp_path / "pages"])
    qtbot.waitUntil(lambda: window.workspace.imports.dialog is not None)
    assert window.workspace.imports.dialog is not None
    window.workspace.imports.dialog.accept()
    qtbot.waitUntil(lambda: window.workspace.imports.result is not None)
    result = window.workspace.imports.result
    assert result is not None
    assert {Path(r.path).name for r in result.table.rows} == {"bad.jpg", "empty.png"}
    assert all(r.reason for r in result.table.rows)
    result.copy()
    assert "bad.jpg" in QApplication.clipboard().text()
    result.accept()
    assert stats_of(window).images == 1


def test_a_running_job_shows_and_can_be_stopped(qtbot: QtBot, open_window: OpenWindow, folder: Path) -> None:
    window = open_window(folder)
    stopped = threading.Event()

    def work(progress: Progress) -> None:
        try:
            while True:
                progress(3, 10, "")
        finally:
            stopped.set()

    window.tasks.run("Counting", work)
    qtbot.waitUntil(lambda: window.frame.jobs.texts == ["Counting"])
    assert window.frame.jobs.isVisible()
    window.frame.jobs._rows[next(iter(window.frame.jobs._rows))]._stop.click()
    assert stopped.wait(10)
    qtbot.waitUntil(lambda: not window.frame.jobs.isVisible())
    assert window.frame.jobs.texts == []


def test_a_job_that_ends_at_once_never_shows(qtbot: QtBot, open_window: OpenWindow, folder: Path) -> None:
    window = open_window(folder)
    with qtbot.waitSignal(window.tasks.job_ended):
        window.tasks.run("Blink", lambda _: None)
    assert window.frame.jobs.texts == []


def test_closing_asks_once_then_stops_what_runs_and_keeps_what_was_done(
    qtbot: QtBot, open_window: OpenWindow, folder: Path
) -> None:
    window = open_window(folder)
    assert window.session is not None
    project, going = window.session.project, threading.Event()

    def work(progress: Progress) -> None:
        n = 0
        while True:
            project.set_setting("reached", n := n + 1)
            going.set()
            progress(n, 100_000_000)

    window.tasks.run("Counting", work)
    assert going.wait(10)
    qtbot.waitUntil(lambda: next(iter(window.tasks.jobs.values())).total > 0)
    window.close()
    assert window.isVisible()
    assert window.tasks.busy
    dialog = window.dialog
    assert isinstance(dialog, ConfirmDialog)
    assert dialog.windowTitle() == "1 job is not finished"
    assert any("Counting, " in text and "of 100,000,000" in text for text in texts(dialog))
    dialog.go.click()
    assert not window.isVisible()
    assert not [t for t in threading.enumerate() if t.name.startswith(("bulk", "quick"))]
    with Project.open(folder) as again:
        assert again.setting("reached") >= 1


def test_who_thinks_better_of_closing_goes_on(qtbot: QtBot, open_window: OpenWindow, folder: Path) -> None:
    window = open_window(folder)
    go_on = threading.Event()
    window.tasks.run("Counting", lambda _: go_on.wait(60))
    for ask in (window.close, window.commands["close_project"]):
        ask()
        dialog = window.dialog
        assert isinstance(dialog, ConfirmDialog)
        dialog.reject()
        assert window.session is not None
        assert window.tasks.busy
    go_on.set()
    qtbot.waitUntil(lambda: not window.tasks.busy)
    window.close()
    assert not window.isVisible()


def test_another_project_waits_for_the_answer(
    qtbot: QtBot, open_window: OpenWindow, folder: Path, tmp_path: Path
) -> None:
    window = open_window(folder)
    Project.create(tmp_path / "other").close()
    stop = threading.Event()

    def work(progress: Progress) -> None:
        while not stop.is_set():
            progress(0, 0)

    window.tasks.run("Counting", work)
    window.files.open(tmp_path / "other")
    qtbot.waitUntil(lambda: isinstance(window.dialog, ConfirmDialog))
    assert window.session is not None
    assert window.session.project.folder == folder
    assert isinstance(window.dialog, ConfirmDialog)
    window.dialog.go.click()
    assert window.session.project.folder == tmp_path / "other"


def test_closing_the_project_goes_back_to_the_welcome(qtbot: QtBot, open_window: OpenWindow, folder: Path) -> None:
    window = open_window(folder)
    window.commands["close_project"]()
    assert window.page == "welcome"
    assert window.session is None
    qtbot.waitUntil(lambda: folder.name in texts(window))


def test_ctrl_s_says_that_everything_is_saved(qtbot: QtBot, open_window: OpenWindow, folder: Path) -> None:
    window = open_window(folder)
    qtbot.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert window.frame.strip.text == "Everything is saved."


def test_f1_shows_the_keys(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert window.dialog is not None
    assert window.dialog.windowTitle() == "Keys"
    window.dialog.close()
    assert window.dialog is None


def test_alt_numbers_walk_the_pages(qtbot: QtBot, open_window: OpenWindow, folder: Path) -> None:
    window = open_window(folder, page="data")
    for key, page in ((Qt.Key.Key_4, "models"), (Qt.Key.Key_3, "train"), (Qt.Key.Key_2, "data")):
        qtbot.keyClick(window, key, Qt.KeyboardModifier.AltModifier)
        assert window.page == page


def test_the_theme_changes_at_once_and_is_remembered(open_window: OpenWindow, folder: Path) -> None:
    window = open_window(folder)
    light = window.grab().toImage()
    window.show_settings()
    window.dialog.theme_chosen.emit("dark")
    window.dialog.close()
    dark = window.grab().toImage()
    assert theme.current().dark
    middle = (light.width() - 20, light.height() // 2)
    assert light.pixelColor(*middle).lightness() > 200
    assert dark.pixelColor(*middle).lightness() < 60
    assert settings.load().theme == "dark"


def test_the_language_changes_at_once_and_the_work_goes_on(qtbot: QtBot, open_window: OpenWindow, folder: Path) -> None:
    window = open_window(folder, page="models")
    session = window.session
    window.set_language("zh_CN")
    assert settings.load().language == "zh_CN"
    assert window.session is session
    assert window.page == "models"
    session.say("到了")
    assert window.frame.strip.text == "到了"
    window.show_page("data")
    assert window.page == "data"
    assert QApplication.translate("QPlatformTheme", "Cancel") == "取消"
    window.set_language("en")
    assert QApplication.translate("QPlatformTheme", "Cancel") == "Cancel"


def test_an_annotators_name_counts_at_once(open_window: OpenWindow, folder: Path) -> None:
    window = open_window(folder)
    window.show_settings()
    window.dialog.annotator.setText("  anna ")
    window.dialog.accept()
    assert window.session is not None
    assert window.session.annotator == "anna"
    assert settings.load().annotator == "anna"


def test_the_window_comes_back_as_large_as_it_was(open_window: OpenWindow) -> None:
    first = open_window()
    first.resize(800, 611)
    first.close()
    assert open_window().height() == 611


def test_backing_up_says_where(qtbot: QtBot, open_window: OpenWindow, folder: Path, tmp_path: Path) -> None:
    window = open_window(folder)
    assert window.session is not None
    window.files.back_up(window.session, tmp_path / "备份.db")
    qtbot.waitUntil(lambda: "备份.db" in window.frame.strip.text)
    assert (tmp_path / "备份.db").stat().st_size > 0


def test_news_goes_by_itself_and_a_problem_stays(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.say("News")
    assert window.frame.strip._timer.isActive()
    window.say("It is done", level="lasting")
    assert not window.frame.strip._timer.isActive()
    window.say("Trouble", "Do this", level="error")
    assert not window.frame.strip._timer.isActive()
    assert (window.frame.strip.text, window.frame.strip.hint) == ("Trouble", "Do this")
    window.frame.strip.dismiss()
    assert window.frame.strip.text == ""
