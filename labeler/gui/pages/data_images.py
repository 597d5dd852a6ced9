"""The images of the project as a grid, filtered; those chosen get a writer, or are looked at on the desk."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QWidget

from labeler.core.filters import ImageFilter
from labeler.core.i18n import ntr, tr
from labeler.gui.pages.desk_queue import Listing, Queue
from labeler.gui.session import Session
from labeler.gui.widgets.filter_bar import FilterBar
from labeler.gui.widgets.image_grid import SIDE, ImageGrid
from labeler.gui.widgets.image_model import ImageModel
from labeler.gui.widgets.pieces import button, column, label, row
from labeler.gui.writer_flow import WriterFlow
from labeler.services import images

FILTER_WIDTH = 236


class ImagesSection(QWidget):
    """Attributes: `grid`, `filters`, `give_button`; `flow` asks for the writer."""

    def __init__(self, session: Session, flow: WriterFlow) -> None:
        super().__init__()
        self._session = session
        self._flow = flow
        self._model = ImageModel(session, side=SIDE)
        self._queue = Queue(session, self._model)
        self.grid = ImageGrid(self._model)
        self.filters = FilterBar(session.project.classes)
        self.filters.setFixedWidth(FILTER_WIDTH)
        self.count = label("", "muted")
        self.all_button = button(tr("Select all"), self.grid.selectAll, icon="select")
        self.open_button = button(tr("Open on the desk"), self.open_chosen, icon="desk")
        self.give_button = button(tr("Give a writer …"), self.give_writer, icon="writer", kind="primary")
        self.give_button.setToolTip(tr("Say whose hand wrote the selected images."))
        self._stack = QStackedWidget()
        none = label(tr("No image passes the filter."), "muted")
        empty = QWidget()
        empty.setLayout(column(None, row(None, none, None), None))
        self._stack.addWidget(self.grid)
        self._stack.addWidget(empty)
        bar = row(self.count, None, self.all_button, self.open_button, self.give_button, margins=(0, 10, 0, 8))
        frame = QFrame()
        frame.setProperty("card", True)
        frame.setLayout(column(self._stack, margins=(6, 6, 6, 6)))
        right = column(bar, frame, gap=0)
        right.setStretch(1, 1)
        left = column(self.filters, None, gap=0)
        whole: QHBoxLayout = row(left, right, gap=16, margins=(14, 0, 24, 20))
        whole.setStretch(1, 1)
        self.setLayout(whole)
        self.grid.picked.connect(self._show_chosen)
        self.grid.opened.connect(lambda image_id: session.show("desk", image_id))
        self.filters.changed.connect(self._filter)
        self.filters.menu_wanted.connect(self._offer)
        self._queue.listed.connect(self._listed)
        self._show_chosen()

    def refresh(self) -> None:
        """Read which images there are, and what is known of them, again."""
        self._model.forget()
        self._queue.refresh()

    def show_filter(self, filters: ImageFilter) -> None:
        """Show the images that pass."""
        self.filters.show_filters(filters)

    def give_writer(self) -> None:
        """Ask whose hand the chosen images are."""
        self._flow.ask(self.grid.chosen)

    def open_chosen(self) -> None:
        """Show the first chosen image on the desk."""
        if chosen := self.grid.chosen:
            self._session.show("desk", chosen[0])

    def stop(self) -> None:
        """Wait for nothing more."""
        self._model.stop()
        self.filters.stop()

    def _listed(self, listing: Listing) -> None:
        self._stack.setCurrentIndex(0 if listing.ids else 1)
        self._show_chosen()

    def _show_chosen(self) -> None:
        chosen, shown = len(self.grid.selectionModel().selectedIndexes()), len(self._model.ids)
        words = ntr("{count} image", "{count} images", shown)
        self.count.setText(tr("{chosen} of {images} selected", chosen=chosen, images=words) if chosen else words)
        self.give_button.setEnabled(chosen > 0)
        self.open_button.setEnabled(chosen > 0)
        self.all_button.setEnabled(shown > 0)

    def _filter(self) -> None:
        self._queue.filters, self._queue.order = self.filters.filters, self.filters.order
        self._queue.refresh()

    def _offer(self) -> None:
        project = self._session.project
        self.filters.offer([w.code for w in images.writers(project)], images.sources(project))
