"""The menu behind the mark at the top left: making, opening, backing up and closing projects."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QMenu, QWidget

from labeler.core.i18n import tr
from labeler.gui import actions, icons, recent

Commands = Mapping[str, Callable[[], object]]


def build(
    parent: QWidget, commands: Commands, *, open_project: Callable[[Path], object], has_project: Callable[[], bool]
) -> QMenu:
    """A menu of `commands`; what needs a project sleeps without one, and the recent projects are looked up when it opens."""
    menu = QMenu(parent)
    _entry(menu, "plus", tr("New project …"), "window.new", commands)
    _entry(menu, "folder", tr("Open a project …"), "window.open", commands)
    lately = menu.addMenu(tr("Recent projects"))
    lately.aboutToShow.connect(lambda: _fill(lately, open_project))
    _entry(menu, "sample", tr("Try the sample project"), "sample", commands)
    menu.addSeparator()
    inside = [
        _entry(menu, "import", tr("Import files …"), "window.import", commands),
        _entry(menu, "import", tr("Import a folder …"), "import_folder", commands),
        _entry(menu, "backup", tr("Back up …"), "backup", commands),
        _entry(menu, "history", tr("Restore from a backup …"), "restore", commands),
        _entry(menu, "folder", tr("Show the folder"), "reveal", commands),
        _entry(menu, "close", tr("Close the project"), "close_project", commands),
    ]
    menu.aboutToShow.connect(lambda: _enable(inside, on=has_project()))
    menu.addSeparator()
    _entry(menu, "", tr("Quit"), "window.close", commands)
    return menu


def reveal(folder: Path) -> None:
    """Show a folder in the system's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _entry(menu: QMenu, icon: str, text: str, name: str, commands: Commands) -> QAction:
    key = actions.hint(name) if name.startswith("window.") else ""
    result = menu.addAction(f"{text}\t{key}" if key else text)
    if icon:
        icons.put(result, icon)
    command = commands[name]
    result.triggered.connect(lambda: command())
    return result


def _enable(entries: Iterable[QAction], *, on: bool) -> None:
    for entry in entries:
        entry.setEnabled(on)


def _fill(menu: QMenu, open_project: Callable[[Path], object]) -> None:
    menu.clear()
    for folder in recent.projects():
        menu.addAction(str(folder)).triggered.connect(lambda _=False, f=folder: open_project(f))
    if menu.isEmpty():
        menu.addAction(tr("None yet")).setEnabled(False)
