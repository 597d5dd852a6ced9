"""What the window is made of: the rail, the stack of pages, the message strip, the jobs bar. Built anew for another language."""

from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from labeler.gui import page_table
from labeler.gui.jobs_bar import JobsBar
from labeler.gui.message_strip import MessageStrip
from labeler.gui.pages.welcome import WelcomePage
from labeler.gui.rail import Rail
from labeler.gui.tasks import Tasks
from labeler.gui.widgets.pieces import column, row


class Frame(QWidget):
    """The window's inside. It begins with the welcome page in front and the rail's pages asleep."""

    def __init__(self, tasks: Tasks, menu: QMenu) -> None:
        super().__init__()
        self.rail = Rail(page_table.entries(), menu)
        self.stack = QStackedWidget()
        self.strip = MessageStrip()
        self.jobs = JobsBar(tasks)
        self.welcome = WelcomePage()
        self.stack.addWidget(self.welcome)
        body = column(self.stack, self.strip, self.jobs, gap=0)
        body.setStretch(0, 1)
        layout = row(self.rail, body, gap=0)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.set_project_open(is_open=False)

    def set_project_open(self, *, is_open: bool) -> None:
        """Wake the rail's pages, or put them to sleep and show the welcome page."""
        for button in self.rail.buttons.values():
            button.setVisible(is_open)
        if not is_open:
            self.welcome.refresh()
            self.stack.setCurrentWidget(self.welcome)
