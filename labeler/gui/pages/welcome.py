"""What the window shows while no project is open: the projects of late, and how to make, open or try one."""

from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QIcon, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from labeler.core.assets import resources
from labeler.core.i18n import tr
from labeler.gui import icons, recent
from labeler.gui.widgets.pieces import button, card, clear, column, label, row, tool
from labeler.services.project import DATABASE

MARK = 64
WIDTH = 720


class WelcomePage(QWidget):
    """Asks; the window acts."""

    open_wanted = Signal()
    new_wanted = Signal()
    sample_wanted = Signal()
    project_wanted = Signal(object)  # Path

    def __init__(self) -> None:
        super().__init__()
        self._list = QVBoxLayout()
        self._list.setSpacing(2)
        mark = QLabel()
        mark.setPixmap(
            QIcon(str(resources() / "icons" / "app.svg")).pixmap(QSize(MARK, MARK), self.devicePixelRatioF())
        )
        words = label(tr("Better digits from your students' handwriting, with as little work as possible."), "muted")
        self.new = button(tr("New project …"), self.new_wanted.emit, icon="plus", kind="primary")
        self.open = button(tr("Open a project …"), self.open_wanted.emit, icon="folder")
        self.sample = button(tr("Try the sample project"), self.sample_wanted.emit, icon="sample")
        head = row(mark, 8, column(label("Labeler", "title"), words, gap=2), None)
        self._recent = card(self._list, heading=tr("Recent projects"))
        actions = row(self.new, self.open, self.sample, None)
        middle = column(None, head, 16, actions, 8, _steps(), self._recent, None, None, gap=12)
        box = QWidget()
        box.setLayout(middle)
        box.setFixedWidth(WIDTH)
        self.setLayout(row(None, box, None))
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        self.new.setFocus()
        super().showEvent(event)

    def refresh(self) -> None:
        """Read the list of recent projects again."""
        clear(self._list)
        found = recent.projects()
        self._recent.setVisible(bool(found))
        for folder in found:
            self._list.addLayout(self._row(folder))

    def _row(self, folder: Path) -> QHBoxLayout:
        there = (folder / DATABASE).is_file()
        go = button(folder.name, lambda: self.project_wanted.emit(folder), icon="folder", kind="row")
        go.setEnabled(there)
        where = label(str(folder.parent) if there else tr("not there any more"), "muted")
        where.setMinimumWidth(0)
        where.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        where.setToolTip(str(folder))
        away = tool("close", tr("Take off this list"), lambda: self._forget(folder))
        line = row(go, where, away, gap=10)
        line.setStretch(1, 1)
        return line

    def _forget(self, folder: Path) -> None:
        recent.forget(folder)
        self.refresh()


def _steps() -> QFrame:
    """What the work is like, in three steps."""
    steps = (
        _step("import", tr("Bring pages in"), tr("Photos or scans of your students' digits, dropped onto the window.")),
        _step(
            "suggest",
            tr("Correct, not draw"),
            tr("The model draws the boxes first. You accept, move or delete, by key."),
        ),
        _step(
            "train", tr("Train and judge"), tr("It learns these hands in the background; a better model takes over.")
        ),
    )
    return card(row(*steps, gap=24))


def _step(icon: str, heading: str, text: str) -> QWidget:
    picture = QLabel()
    icons.put_picture(picture, icon, 26)
    result = QWidget()
    result.setLayout(column(picture, label(heading, "heading"), label(text, "muted", wrap=True), None, gap=6))
    return result
