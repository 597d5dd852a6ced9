"""The training page beside a run whose worker is this test: its files say what a worker would say."""

import os
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QApplication, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from labeler.gui import notify, run_watch
from labeler.gui.main_window import MainWindow
from labeler.gui.pages.train import TrainPage
from labeler.services import estimating, splitting, training
from labeler.services.project import Project
from labeler.services.training import TrainOptions
from labeler.training import protocol
from labeler.training.protocol import AnyEvent, Epoch, Failed, Started
from labeler.training.tuning import VARIETIES
from labeler_db.models import RunRow, utcnow
from tests.gui.conftest import OpenWindow
from tests.helpers.fake_detector import add_labelled


@pytest.fixture
def run_folder(new_project: Callable[[str], Project]) -> Path:
    """A project with one run that seems to be going on: its process is the test's own."""
    project = new_project("训练")
    me = psutil.Process()
    with project.write() as session:
        session.add(
            RunRow(
                state="running", folder="runs/1", pid=os.getpid(), pid_started=me.create_time(),
                request={"arch": "yolov5n", "imgsz": 320, "start_weights": None}, result={"offset": 0},
            )
        )  # fmt: skip
    project.close()
    folder = project.folder / "runs" / "1"
    folder.mkdir(parents=True)
    tell(
        folder,
        Started(
            epoch=1, epochs=4, batches=5, batch=8, train_images=40, val_images=8, imgsz=320, device="cpu", threads=1
        ),
    )
    return folder


def tell(folder: Path, *events: AnyEvent) -> None:
    with (folder / protocol.EVENTS).open("a", encoding="utf-8") as file:
        file.writelines(protocol.encode(event) + "\n" for event in events)


def epoch(n: int) -> Epoch:
    return Epoch(
        epoch=n, epochs=4, loss={"box_loss": 2.0 / n}, val_loss={"box_loss": 2.5 / n}, map50=0.2 * n, map50_95=0.1 * n,
        precision=0.5, recall=0.4, lr=0.01, seconds=10, eta=60,
    )  # fmt: skip


def train_page(window: MainWindow) -> TrainPage:
    assert window.workspace is not None
    page = window.workspace.pages["train"]
    assert isinstance(page, TrainPage)
    return page


def test_without_labels_it_says_what_is_missing(qtbot: QtBot, open_window: OpenWindow, folder: Path) -> None:
    page = train_page(open_window(folder, page="train"))
    qtbot.waitUntil(lambda: "Nothing is labelled yet" in page.form.summary.text())
    assert not page.form.go.isEnabled()


def test_a_running_training_is_shown_live_and_on_every_page(
    qtbot: QtBot, open_window: OpenWindow, run_folder: Path
) -> None:
    (run_folder / protocol.LOG).write_text("\x1b[1mreading\x1b[0m pages\n", encoding="utf-8")
    tell(run_folder, epoch(1))
    window = open_window(run_folder.parent.parent, page="train")
    page = train_page(window)
    qtbot.waitUntil(lambda: [len(s.points) for s in page.detail.rates.series[:1]] == [1])
    tell(run_folder, epoch(2))
    qtbot.waitUntil(lambda: [len(s.points) for s in page.detail.rates.series[:1]] == [2])
    assert page.detail.bar.value() == 500
    assert page.detail.stop.isVisible()
    qtbot.waitUntil(lambda: "reading pages" in page.detail.log.toPlainText())
    window.show_page("data")
    assert ["Training 1" in text for text in window.frame.jobs.texts] == [True]


def test_no_part_of_the_window_flashes_up_as_a_window_of_its_own(
    qtbot: QtBot, open_window: OpenWindow, run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[QWindow] = []
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    window = open_window(run_folder.parent.parent, page="train")
    app.focusWindowChanged.connect(shown.append)
    for name in ("data", "models", "train"):
        window.show_page(name)
        qtbot.waitUntil(lambda: len(window.frame.jobs.texts) == 1)
    app.focusWindowChanged.disconnect(shown.append)
    assert shown == []
    assert [w for w in app.topLevelWidgets() if w.isVisible()] == [window]


def test_what_is_judged_elsewhere_is_told_and_cannot_be_stopped_here(
    qtbot: QtBot, open_window: OpenWindow, run_folder: Path
) -> None:
    tell(run_folder, epoch(4))
    with Project.open(run_folder.parent.parent) as project, project.write() as session:
        session.get_one(RunRow, 1).state = "judging"
    window = open_window(run_folder.parent.parent, page="train")
    page = train_page(window)
    qtbot.waitUntil(lambda: page.detail.left.text() == "Judging the new model …")
    assert not page.detail.stop.isVisible()
    assert ["Training 1" in text for text in window.frame.jobs.texts] == [True]
    assert not [b for b in window.frame.jobs.findChildren(QToolButton) if b.isVisible()]


def test_a_training_can_be_stopped_from_the_jobs_bar_once_it_runs(
    qtbot: QtBot, open_window: OpenWindow, run_folder: Path
) -> None:
    folder = run_folder.parent.parent
    with Project.open(folder) as project, project.write() as session:
        session.get_one(RunRow, 1).state = "preparing"
    window = open_window(folder, page="data")
    qtbot.waitUntil(lambda: len(window.frame.jobs.texts) == 1)
    assert not [b for b in window.frame.jobs.findChildren(QToolButton) if b.isVisible()]
    with Project.open(folder) as project, project.write() as session:
        session.get_one(RunRow, 1).state = "running"
    qtbot.waitUntil(lambda: any(b.isVisible() for b in window.frame.jobs.findChildren(QToolButton)))


def test_a_training_that_fails_says_why_and_what_to_do(qtbot: QtBot, open_window: OpenWindow, run_folder: Path) -> None:
    window = open_window(run_folder.parent.parent, page="train")
    page = train_page(window)
    qtbot.waitUntil(lambda: page.detail.stop.isVisible())
    assert "begin with the first epoch" in page.detail.rates.accessibleDescription()
    tell(run_folder, Failed(reason="disk_full", text="The disk is full.", hint="Make room."))
    qtbot.waitUntil(lambda: page.detail.state.text() == "failed")
    assert "ended before its first epoch" in page.detail.rates.accessibleDescription()
    qtbot.waitUntil(lambda: "The disk is full." in window.frame.strip.hint)
    assert window.frame.strip.level == "error"
    qtbot.waitUntil(lambda: window.frame.jobs.texts == [])
    assert window.workspace is not None
    assert not window.workspace.watch._timer.isActive()


def test_a_training_that_vanished_while_the_window_was_closed_is_told_on_opening(
    qtbot: QtBot, open_window: OpenWindow, run_folder: Path
) -> None:
    with Project.open(run_folder.parent.parent) as project, project.write() as session:
        session.get_one(RunRow, 1).pid_started = 1.0
    window = open_window(run_folder.parent.parent, page="data")
    qtbot.waitUntil(lambda: "training 1 was interrupted" in window.frame.strip.text)
    assert window.frame.strip.text.startswith("While Labeler was closed")


def test_what_another_process_took_in_is_told_once(qtbot: QtBot, open_window: OpenWindow, run_folder: Path) -> None:
    folder = run_folder.parent.parent
    window = open_window(folder, page="data")
    qtbot.waitUntil(lambda: ["Training 1" in text for text in window.frame.jobs.texts] == [True])
    assert [b for b in window.frame.jobs.findChildren(QToolButton) if b.isVisible()], "it can be stopped"
    _end(folder, "interrupted")
    qtbot.waitUntil(lambda: window.frame.strip.text == "Training 1 was interrupted.")
    window.close()
    again = open_window(folder, page="data")
    assert again.workspace is not None
    watch = again.workspace.watch
    qtbot.waitUntil(lambda: watch._told is not None)
    assert "Training" not in again.frame.strip.text


def test_what_ended_while_the_window_was_closed_is_told_on_opening_whoever_took_it_in(
    qtbot: QtBot, open_window: OpenWindow, run_folder: Path
) -> None:
    folder = run_folder.parent.parent
    window = open_window(folder, page="data")
    qtbot.waitUntil(lambda: bool(window.frame.jobs.texts))
    assert window.workspace is not None
    watch = window.workspace.watch
    qtbot.waitUntil(lambda: watch._told is not None)
    qtbot.waitUntil(lambda: watch._session.project.setting(run_watch.TOLD_KEY) == [])
    window.close()
    _end(folder, "cancelled")
    again = open_window(folder, page="data")
    qtbot.waitUntil(lambda: again.frame.strip.text == "While Labeler was closed: training 1 was stopped.")


def _end(folder: Path, state: str) -> None:
    with Project.open(folder) as project, project.write() as session:
        row = session.get_one(RunRow, 1)
        row.state, row.ended_at = state, utcnow()


def test_closing_the_window_leaves_the_training_alone(open_window: OpenWindow, run_folder: Path) -> None:
    window = open_window(run_folder.parent.parent, page="train")
    window.close()
    with Project.open(run_folder.parent.parent) as project:
        assert training.runs(project)[0].state == "running"
    assert not (run_folder / protocol.CANCEL).exists()


def test_stopping_after_the_epoch_asks_the_worker(qtbot: QtBot, open_window: OpenWindow, run_folder: Path) -> None:
    window = open_window(run_folder.parent.parent, page="train")
    page = train_page(window)
    qtbot.waitUntil(lambda: page.detail.stop.isVisible())
    page.detail.stop.menu().actions()[1].trigger()
    qtbot.waitUntil(lambda: (run_folder / protocol.CANCEL_AFTER_EPOCH).exists())
    qtbot.waitUntil(lambda: "stops after this epoch" in window.frame.strip.text)


def test_the_form_says_what_its_fields_say(open_window: OpenWindow, folder: Path) -> None:
    form = train_page(open_window(folder, page="train")).form
    assert form.options == TrainOptions()
    assert not form._advanced.isVisible()
    form.fold.click()
    assert form._advanced.isVisible()
    form.arch.setCurrentIndex(form.arch.findData("yolo11s"))
    form.start_from.setCurrentIndex(form.start_from.findData("scratch"))
    form.imgsz.setCurrentIndex(form.imgsz.findData(416))
    form.epochs.setValue(7)
    form.device.setCurrentText("0,1")
    form.variety.setCurrentIndex(form.variety.findData("strong"))
    assert form.options == TrainOptions(
        arch="yolo11s", start="scratch", epochs=7, imgsz=416, device="0,1", variety="strong"
    )
    assert [form.variety.itemData(n) for n in range(form.variety.count())] == list(VARIETIES)


def test_the_load_of_the_computer_is_shown_while_a_training_runs(
    qtbot: QtBot, open_window: OpenWindow, run_folder: Path
) -> None:
    page = train_page(open_window(run_folder.parent.parent, page="train"))
    qtbot.waitUntil(lambda: "processor" in page.detail.load.text())
    assert "GB" in page.detail.load.text()
    assert page.detail.load.isVisible()


def test_a_second_training_waits_and_can_be_taken_out_of_the_queue(
    qtbot: QtBot, open_window: OpenWindow, run_folder: Path
) -> None:
    folder = run_folder.parent.parent
    with Project.open(folder) as project:
        add_labelled(project, writers=6)
        splitting.assign(project)
    window = open_window(folder, page="train")
    page = train_page(window)
    qtbot.waitUntil(lambda: page.form.go.isEnabled() and page.form.go.text() == "Train next, after this one")
    page.form.go.click()
    qtbot.waitUntil(lambda: "waits for its turn" in window.frame.strip.text, timeout=30_000)
    qtbot.waitUntil(lambda: page.detail.run is not None and page.detail.run.state == "queued")
    assert page.detail.state.text() == "waiting"
    assert page.detail.withdraw.isVisible()
    assert not page.detail.stop.isVisible()
    qtbot.waitUntil(lambda: any("1 more waits" in label.text() for label in window.frame.jobs.findChildren(QLabel)))
    page.detail.withdraw.click()
    qtbot.waitUntil(lambda: page.detail.run is not None and page.detail.run.state == "cancelled")
    assert window.workspace is not None
    assert [r.state for r in window.workspace.watch.latest.runs] == ["cancelled", "running"]


def test_how_long_it_takes_and_what_it_sees_are_told_before_it_begins(
    qtbot: QtBot, open_window: OpenWindow, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimating, "_measured", lambda _: 0.05)
    with Project.open(folder) as project:
        add_labelled(project, writers=6)
        splitting.assign(project)
    page = train_page(open_window(folder, page="train"))
    qtbot.waitUntil(lambda: "Roughly" in page.form.time.text())
    short = page.form.time.text()
    settled = (page.form.epochs.text(), page.form.batch.text(), page.form.imgsz.itemText(0))
    assert settled == ("Suits the pages: 30", "Suits the pages: 4", "Fits the digits: 320 px")
    assert (page.form.options.epochs, page.form.options.batch, page.form.options.imgsz) == (None, None, None)
    page.form.epochs.setValue(900)
    qtbot.waitUntil(lambda: page.form.time.text() != short)
    page.form.imgsz.setCurrentIndex(page.form.imgsz.findData(160))
    page.form.show_advanced(shown=True)
    page.form.see.click()
    qtbot.waitUntil(lambda: page.preview is not None, timeout=120_000)
    dialog = page.preview
    assert dialog is not None
    first = dialog.mosaic._full
    assert first.width() > 300
    dialog._more.click()
    qtbot.waitUntil(lambda: dialog._more.isEnabled(), timeout=120_000)
    assert dialog.mosaic._full != first
    dialog.accept()
    assert page.preview is None


@pytest.mark.qt_log_ignore("systemTrayWindowChanged", extend=True)  # drawing off screen, there is no tray
def test_the_end_of_a_training_is_told_to_the_desktop_when_nobody_looks(
    qtbot: QtBot, open_window: OpenWindow, run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(notify.QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    monkeypatch.setattr(notify.QSystemTrayIcon, "supportsMessages", lambda: True)
    monkeypatch.setattr(
        notify.QSystemTrayIcon, "showMessage", lambda _self, title, text, *_: told.append((title, text))
    )
    monkeypatch.setattr(notify.QApplication, "activeWindow", lambda: None)
    monkeypatch.setattr(notify, "SHOWN_MS", 0)
    window = open_window(run_folder.parent.parent, page="train")
    qtbot.waitUntil(lambda: train_page(window).detail.stop.isVisible())
    tell(run_folder, Failed(reason="disk_full", text="The disk is full.", hint="Make room."))
    qtbot.waitUntil(lambda: bool(told))
    assert told == [("Training 1 failed.", "The disk is full. Make room.")]
    qtbot.waitUntil(lambda: not window.workspace.session.findChildren(notify.QSystemTrayIcon))  # type: ignore[union-attr]
    monkeypatch.undo()
    assert not notify.notify("a", "b", parent=window)


def test_a_finished_training_says_whether_it_paid(
    qtbot: QtBot, open_window: OpenWindow, new_project: Callable[[str], Project]
) -> None:
    project = new_project("训练")
    answer = ["run1 is better than shipped.", "31.0 → 9.0 corrections per 100 digits on test writers."]
    with project.write() as session:
        session.add(RunRow(state="done", folder="runs/1", request={"arch": "yolov5n"}, result={"answer": answer}))
        session.add(RunRow(state="failed", folder="runs/2", request={"arch": "yolov5n"}, result={}, reason="No space."))
    project.close()
    page = train_page(open_window(project.folder, page="train"))
    qtbot.waitUntil(lambda: len(page.runs.table.rows) == 2)
    page.show_item(1)
    qtbot.waitUntil(lambda: page.detail.answer.text() == answer[0])
    assert "31.0 → 9.0" in page.detail.reasons.text()
    tall = page.minimumSizeHint().height()
    page.detail.reasons.setText("\n".join("The 4s got worse." for _ in range(40)))
    assert page.minimumSizeHint().height() == tall, "a long answer is scrolled to; it makes the window no taller"
    page.show_item(2)
    qtbot.waitUntil(page.detail.answer.isHidden)
    assert page.detail.reasons.isHidden()
