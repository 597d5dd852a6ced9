"""What the window asks of a page."""

from typing import Protocol

from PySide6.QtWidgets import QWidget

from labeler.gui.session import Session


class Page(Protocol):
    """A page lives as long as its session is open; the window calls these, on the GUI thread."""

    def activated(self) -> None:
        """The page has come to the front: show the newest state, take the focus."""

    def shutdown(self) -> None:
        """The project is about to be closed: stop timers, write what is pending."""


class Showing(Protocol):
    """A page that can be asked to show one thing."""

    def show_item(self, what: object) -> None:
        """Show it."""


class BasePage(QWidget):
    """A page that does nothing special at either time."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def activated(self) -> None:
        """Nothing to do."""

    def shutdown(self) -> None:
        """Nothing to do."""
