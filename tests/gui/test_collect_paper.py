"""The ways in beside the pad: sheets printed and read, folders watched, pictures pasted, a camera or why there is none."""

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from labeler.core.sheets import Paper, Sheet, layout
from labeler.formats import pixels
from labeler.gui.dialogs import camera
from labeler.gui.dialogs.print_sheets import PrintChoice, PrintDialog
from labeler.gui.dialogs.which_sheet import WhichSheetDialog
from labeler.gui.main_window import MainWindow
from labeler.gui.pages.collect import CollectPage
from labeler.gui.pages.collect_paper import PaperWays
from labeler.services import images, sheets
from labeler.training.strokes.prompted import drawn
from tests.helpers import sheet_camera
from tests.helpers.pictures import PictureFile

OpenWindow = Callable[..., MainWindow]


@pytest.fixture
def ways(open_window: OpenWindow, folder: Path) -> PaperWays:
    window = open_window(folder, page="collect")
    assert window.workspace is not None
    page = window.workspace.pages["collect"]
    assert isinstance(page, CollectPage)
    return page.ways


def count(ways: PaperWays) -> int:
    return len(images.image_ids(ways._session.project))


def test_sheets_are_printed_as_the_dialog_says(ways: PaperWays, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = PrintDialog(["S01", "S02"], ways)
    qtbot.addWidget(dialog)
    dialog.paper.setCurrentIndex(1)
    assert dialog.rows.maximum() == 7
    dialog.copies.setValue(2)
    choice = dialog.choice
    assert choice == PrintChoice(("S01", "S02"), "0123456789", Paper.LETTER, 7, 2, 2)
    ways.print_to(choice, tmp_path / "out.pdf")
    qtbot.waitUntil(lambda: len(sheets.printed(ways._session.project)) == 4, timeout=10_000)
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF")
    dialog.writers.setText(" , ")
    assert not dialog._go.isEnabled()


def test_whether_sheets_are_cut_is_chosen_on_the_page_and_kept(ways: PaperWays) -> None:
    project = ways._session.project
    assert not ways.cut.isChecked()
    ways.cut.click()
    assert not sheets.keep_whole(project)
    ways.cut.click()
    assert sheets.keep_whole(project)


def test_a_new_file_in_a_watched_folder_comes_in_and_an_old_one_does_not(
    ways: PaperWays, qtbot: QtBot, tmp_path: Path, png: PictureFile
) -> None:
    folder = tmp_path / "扫描仪"
    png("扫描仪/old.png", seed=1)
    ways.watch(folder)
    assert folder.name in ways.watching.text()
    png("扫描仪/new.png", seed=2)
    ways.folders.look()
    qtbot.waitUntil(lambda: not ways.folders._looking)
    ways.folders.look()
    qtbot.waitUntil(lambda: count(ways) == 1, timeout=10_000)
    assert images.images(ways._session.project, images.image_ids(ways._session.project))[0].name == "new.png"
    ways.toggle_watch()
    assert ways.folders.folder is None
    assert not ways.watching.isVisible()


def test_a_watched_folder_is_remembered_with_the_project(open_window: OpenWindow, folder: Path, tmp_path: Path) -> None:
    for n in range(2):
        window = open_window(folder, page="collect")
        assert window.workspace is not None
        page = window.workspace.pages["collect"]
        assert isinstance(page, CollectPage)
        if n == 0:
            page.ways.watch(tmp_path)
        assert page.ways.folders.folder == tmp_path
        window.close()


def test_a_picture_on_the_clipboard_is_asked_about_and_imported(ways: PaperWays, qtbot: QtBot) -> None:
    image = QImage(80, 60, QImage.Format.Format_RGB32)
    image.fill(0xFFEEDDCC)
    QGuiApplication.clipboard().setImage(image)
    ways.paste()
    qtbot.waitUntil(lambda: ways._imports.dialog is not None)
    assert ways._imports.dialog is not None
    ways._imports.dialog.accept()
    qtbot.waitUntil(lambda: count(ways) == 1, timeout=10_000)
    project = ways._session.project
    [row] = images.images(project, images.image_ids(project))
    assert row.name.startswith("clipboard-")
    seen = pixels.decode(images.picture(project, row.id))  # to the last bit: what was copied is not compressed again
    assert np.array_equal(np.unique(seen.reshape(-1, 3), axis=0), [(0xEE, 0xDD, 0xCC)])


def test_files_on_the_clipboard_are_imported_too_and_text_is_none(
    ways: PaperWays, qtbot: QtBot, png: PictureFile
) -> None:
    from PySide6.QtCore import QMimeData, QUrl

    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(png("a.png")))])
    QGuiApplication.clipboard().setMimeData(data)
    ways.paste()
    qtbot.waitUntil(lambda: ways._imports.dialog is not None)
    assert ways._imports.dialog is not None
    ways._imports.dialog.reject()
    QGuiApplication.clipboard().setText("no picture")
    with qtbot.waitSignal(ways._session.said) as said:
        ways.paste()
    assert said.args is not None
    assert "no picture" in said.args[0]


def no_devices() -> tuple[object, object]:
    return SimpleNamespace(QMediaDevices=SimpleNamespace(videoInputs=list)), SimpleNamespace()


@pytest.mark.parametrize(("found", "words"), [(lambda: None, "multimedia"), (no_devices, "No camera")])
def test_without_a_camera_it_is_said_why_and_the_button_rests_until_the_page_is_shown_again(
    ways: PaperWays, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, found: Callable[[], object], words: str
) -> None:
    monkeypatch.setattr(camera, "multimedia", found)
    with qtbot.waitSignal(ways._session.said) as said:
        ways.camera.click()
    assert said.args is not None
    assert words in said.args[0]
    assert ways.dialog is None
    assert not ways.camera.isEnabled()
    assert words in ways.camera.toolTip()
    ways.refresh()
    assert ways.camera.isEnabled()


@pytest.mark.qt_log_ignore("Couldn't (load|resolve)", "No RHI backend", "This plugin does not support", extend=True)
def test_a_frame_of_the_camera_becomes_an_image_of_the_project(ways: PaperWays, qtbot: QtBot) -> None:
    found = camera.multimedia() if "LABELER_TEST_CAMERA" in os.environ else None
    if found is None:
        pytest.skip("LABELER_TEST_CAMERA is not set, or Qt's multimedia lacks a library of this system")
    media = found[0]
    picture = QImage(320, 240, QImage.Format.Format_RGB32)
    picture.fill(0xFF2060A0)
    frames = media.QVideoFrameInput()
    dialog = camera.CameraDialog(ways, frames=frames)
    dialog.taken.connect(ways._take)
    ways._show(dialog)

    taken: list[QImage] = []
    dialog.taken.connect(taken.append)

    def shown() -> bool:
        frames.sendVideoFrame(media.QVideoFrame(picture))
        return bool(taken)

    dialog.take.click()
    qtbot.waitUntil(shown, timeout=10_000)
    qtbot.waitUntil(lambda: ways._imports.dialog is not None)
    ways._imports.dialog.accept()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: count(ways) == 1, timeout=10_000)
    project = ways._session.project
    seen = pixels.decode(images.picture(project, images.image_ids(project)[0]))
    assert seen.shape == (240, 320, 3)
    assert np.abs(seen.reshape(-1, 3).mean(axis=0) - (0x20, 0x60, 0xA0)).max() < 12
    dialog.close()


def test_a_picture_handed_over_by_the_camera_is_imported(ways: PaperWays, qtbot: QtBot) -> None:
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(0xFF204060)
    ways._take(image)
    qtbot.waitUntil(lambda: ways._imports.dialog is not None)
    ways._imports.dialog.accept()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: count(ways) == 1, timeout=10_000)
    [row] = images.images(ways._session.project, images.image_ids(ways._session.project))
    assert (row.width, row.height) == (64, 48)
    assert row.name.startswith("camera-")


def test_a_picture_taken_becomes_a_file_that_can_be_imported(tmp_path: Path) -> None:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(0xFF204060)
    first, second = camera.as_file(image, tmp_path), camera.as_file(image, tmp_path)
    assert first != second
    seen = cv2.imdecode(np.frombuffer(first.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    assert seen.shape == (30, 40, 3)


def test_a_person_says_whose_a_sheet_is_and_nothing_is_chosen_beforehand(
    ways: PaperWays, qtbot: QtBot, tmp_path: Path
) -> None:
    project = ways._session.project
    sheet = Sheet("S01", rows=2, lines=0)
    sheets.print_sheets(project, tmp_path / "s.pdf", writers=["S01", "S02"], rows=2, lines=0)
    page = sheet_camera.filled(sheet, drawn(1, each=2)["drawn-0"], seed=1, odd=0.0)
    code, k = layout(sheet).code, sheet_camera.DENSITY
    page.picture[int(code.y * k) : int(code.bottom * k), int((code.x + 6) * k) : int((code.x + 22) * k)] = 20
    (tmp_path / "scan.jpg").write_bytes(sheet_camera.scanned(page.picture, seed=1).jpeg)
    ways._imports.import_now([tmp_path / "scan.jpg"])
    qtbot.waitUntil(lambda: ways.which.isVisible(), timeout=20_000)
    ways.ask_which()
    dialog = ways.dialog
    assert isinstance(dialog, WhichSheetDialog)
    assert dialog.sheet is None
    assert not dialog._go.isEnabled()
    dialog.box.setCurrentIndex(1)
    dialog.accept()
    qtbot.waitUntil(lambda: sheets.unknown(project) == [], timeout=20_000)
    (image,) = images.images(project, images.image_ids(project))
    assert image.writer == "S01"
    assert image.boxes >= 16
