"""What the desk remembers from one opening of a project to the next."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from labeler.core.filters import Order
from labeler.gui.pages.desk import DeskPage
from labeler.services.project import Project
from tests.gui.desk_window import Desk, OpenWindow, fill, open_desk


def reopen(desk: Desk, open_window: OpenWindow, qtbot: QtBot) -> Desk:
    folder = desk.project.folder
    desk.window.close()
    window = open_window(folder, page="desk")
    assert window.workspace is not None
    page = window.workspace.pages["desk"]
    assert isinstance(page, DeskPage)
    qtbot.waitUntil(lambda: page.editor.image_id is not None, timeout=10_000)
    return Desk(window, page, desk.ids, qtbot)


def test_the_desk_goes_on_where_it_was_left(
    project: Project, tmp_path: Path, open_window: OpenWindow, qtbot: QtBot
) -> None:
    desk = open_desk(open_window, project, fill(project, tmp_path / "pages"), qtbot)
    desk.page.left.filters.choose_order(Order.NAME)
    desk.page.right.history_button.click()
    desk.page.show_image(desk.ids[2])
    again = reopen(desk, open_window, qtbot)
    assert again.page.editor.image_id == desk.ids[2]
    assert again.page.left.filters.order is Order.NAME
    assert again.page.right.history.isVisible()


def test_an_image_that_is_gone_is_no_trap(
    project: Project, tmp_path: Path, open_window: OpenWindow, qtbot: QtBot
) -> None:
    ids = fill(project, tmp_path / "pages")
    desk = open_desk(open_window, project, ids, qtbot)
    desk.page.show_image(ids[1])
    desk.page.editor.page = None  # another project, as it were: nothing is in front
    desk.window.close()
    window = open_window(project.folder, page="desk")
    assert window.workspace is not None
    page = window.workspace.pages["desk"]
    assert isinstance(page, DeskPage)
    qtbot.waitUntil(lambda: page.editor.image_id == ids[0], timeout=10_000)
