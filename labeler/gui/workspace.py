"""One open project in the window: its session, its pages, the watch over its trainings. Made when a project opens, closed with it."""

from typing import cast

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from labeler.gui import memory, page_table, settings, training_news
from labeler.gui.frame import Frame
from labeler.gui.import_flow import ImportFlow
from labeler.gui.pages.page import Page, Showing
from labeler.gui.run_watch import RunWatch
from labeler.gui.session import Session
from labeler.gui.tasks import Tasks
from labeler.services.project import Project


class Workspace(QObject):
    """Owns the project. Attributes: `session`, `watch`, `imports`, `pages` (those made so far, by name), `page` (the one in front)."""

    def __init__(self, project: Project, tasks: Tasks, window: QWidget) -> None:
        super().__init__(window)
        self.session = Session(project, tasks=tasks, annotator=settings.load().annotator)
        self.watch = RunWatch(self.session)
        self.imports = ImportFlow(self.session, window)
        self.pages: dict[str, QWidget] = {}
        self.page = memory.last_page()
        self.session.page_wanted.connect(self.show_page)

    def attach(self, frame: Frame) -> None:
        """Live in this frame from now on, with the page in front that was in front."""
        self._frame = frame
        self.session.said.connect(frame.strip.say)
        self._stop_news = training_news.tell(self.watch, self.session, frame.jobs)
        frame.rail.wanted.connect(self.show_page)
        frame.set_project_open(is_open=True)
        self.watch.refresh()
        self.show_page(self.page if self.page in frame.rail.buttons else "desk")

    def detach(self) -> None:
        """Let go of the frame; the pages go with it."""
        memory.save_page(self.page)
        self.session.said.disconnect(self._frame.strip.say)
        self._stop_news()
        self._frame.rail.wanted.disconnect(self.show_page)
        for page in self.pages.values():
            memory.save_splitters(page)
            cast(Page, page).shutdown()
            self._frame.stack.removeWidget(page)
            page.hide()
            page.deleteLater()
        self.pages.clear()
        self._frame.set_project_open(is_open=False)

    def show_page(self, name: str, what: object = None) -> None:
        """Bring a page to the front; `what` is handed to it."""
        page = self.pages.get(name)
        if page is None:
            page = page_table.make(name, page_table.Around(self.session, self.watch, self.imports))
            self.pages[name] = page
            self._frame.stack.addWidget(page)
            memory.restore_splitters(page)
        self.page = name
        self._frame.stack.setCurrentWidget(page)
        self._frame.rail.show_page(name)
        cast(Page, page).activated()
        focus = QApplication.focusWidget()
        if focus is None or not page.isAncestorOf(focus):
            page.setFocus()
        if what is not None:
            cast(Showing, page).show_item(what)

    def close(self) -> None:
        """Close the project: running jobs are cancelled and joined, trainings go on."""
        self.watch.stop()
        self.session.tasks.cancel_all()
        self.detach()
        self.session.close()
        self.session.deleteLater()
        self.deleteLater()
