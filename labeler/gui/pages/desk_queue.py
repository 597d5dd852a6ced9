"""The order in which images come to the desk: which ids the list shows, and what lies before and behind. Queries run off the GUI thread."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal

from labeler.core.boxes import ReviewState
from labeler.core.filters import ImageFilter, Order
from labeler.gui.session import Session
from labeler.gui.widgets.image_model import ImageModel
from labeler.services import images
from labeler.services.project import Project

HEAD = 100
"""Ids that are read before all the others when the desk opens."""
SOON_MS = 25
"""After an edit the canvas is painted first; reading threads would take their turns from it."""
OPEN = frozenset({ReviewState.NEW, ReviewState.SUGGESTED})


@dataclass(frozen=True, slots=True)
class Listing:
    """What a query for the list found: ids in order, and how many images of the project are in each state.

    Where it is not `whole`, more ids follow.
    """

    ids: list[int]
    by_state: dict[str, int]
    whole: bool


class Queue(QObject):
    """Lives on the GUI thread; fills the model."""

    listed = Signal(object)  # Listing, already in the model
    counted = Signal(object)  # dict[str, int]: images of the project by state

    def __init__(self, session: Session, model: ImageModel) -> None:
        super().__init__()
        self.filters = ImageFilter()
        self.order = Order.ADDED
        self._session = session
        self._model = model
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self._count)

    def refresh(self) -> None:
        """Ask again which images there are. An empty list shows its beginning first: the first page should not wait for the last id."""
        project, filters, order = self._session.project, self.filters, self.order
        limit = None if self._model.ids else HEAD
        self._session.tasks.read(lambda: _listing(project, filters, order, limit), self._show, key=self)

    def recount(self) -> None:
        """Ask again how far the project has come, soon."""
        self._soon.start()

    def stop(self) -> None:
        """Ask nothing more."""
        self._soon.stop()

    def beside(self, image_id: int | None, step: int) -> int | None:
        """The image so many places further in the list; None past its ends."""
        row = self._model.row_of(image_id)
        if row is None:
            return self._model.ids[0] if self._model.ids else None
        wanted = row + step
        return self._model.ids[wanted] if 0 <= wanted < len(self._model.ids) else None

    def neighbours(self, image_id: int) -> list[int]:
        """The images that are likely to be wanted next, the likeliest first."""
        near = [self.beside(image_id, step) for step in (1, -1, 2)] if self._model.row_of(image_id) is not None else []
        return [i for i in near if i is not None]

    def find_open(self, image_id: int | None, step: int, found: Callable[[int | None], None]) -> None:
        """Calls `found` with the next image in the list that is not reviewed, going forward (1) or back (-1); None where there is none."""
        beside = self.beside(image_id, step)
        row = self._model.row_of(beside)
        known = self._model.known(row) if row is not None else None
        if known is not None and known.state in OPEN:
            found(known.id)
            return
        project, filters, order = self._session.project, self.filters, self.order
        place = self._model.row_of(image_id)

        def choose(ids: list[int]) -> None:
            rows = {i: r for i in ids if (r := self._model.row_of(i)) is not None and i != image_id}
            start = -1 if place is None else place
            ahead = [i for i, r in rows.items() if (r > start if step > 0 else r < start)]
            rest = ahead or list(rows)
            found((rest[0] if step > 0 else rest[-1]) if rest else None)

        wanted = replace(filters, states=(filters.states & OPEN) if filters.states else OPEN)
        if not wanted.states:
            found(None)
            return
        self._session.tasks.read(lambda: images.image_ids(project, wanted, order), choose, key=(self, "open"))

    def _count(self) -> None:
        project = self._session.project
        self._session.tasks.read(lambda: images.by_state(project), self.counted.emit, key=(self, "count"))

    def _show(self, listing: Listing) -> None:
        self._model.show_ids(listing.ids)
        self.listed.emit(listing)
        self.counted.emit(listing.by_state)
        if not listing.whole:
            self.refresh()


def _listing(project: Project, filters: ImageFilter, order: Order, limit: int | None) -> Listing:
    ids = images.image_ids(project, filters, order, limit=limit)
    return Listing(ids, images.by_state(project), whole=limit is None or len(ids) < limit)
