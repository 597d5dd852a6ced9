"""Fills a gallery little by little: models look at the pages off the GUI thread, and what is ready is shown at once."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from labeler.core.i18n import ntr
from labeler.gui.canvas.picture import decode_small
from labeler.gui.session import Session
from labeler.gui.widgets.gallery import SIDE, Card, Gallery, Pane
from labeler.services import images, viewing
from labeler.services.project import Project
from labeler.services.viewing import PageView

CHUNK = 4
View = Callable[[Sequence[int]], list[PageView]]


class GalleryFeed(QObject):
    """Feeds one gallery. A new order drops what is left of the one before."""

    def __init__(self, session: Session, gallery: Gallery) -> None:
        super().__init__(gallery)
        self._session = session
        self._gallery = gallery
        self._order = 0
        gallery.opened.connect(lambda image_id: session.show("desk", image_id))

    def show(self, image_ids: Sequence[int], models: Sequence[str], *, min_score: float) -> None:
        """Show these pages as these models see them."""
        self.clear()
        if image_ids:
            project, order = self._session.project, self._order

            def load() -> list[View]:
                return [viewing.viewer(project, name, min_score=min_score) for name in models]

            self._session.tasks.read(load, lambda views: self._next(order, list(image_ids), models, views))

    def clear(self) -> None:
        """Show nothing."""
        self._order += 1
        self._gallery.set_cards(())

    def _next(self, order: int, ids: list[int], names: Sequence[str], views: list[View]) -> None:
        if order != self._order or not ids:
            return
        now, later = ids[:CHUNK], ids[CHUNK:]
        project = self._session.project

        def shown(cards: list[Card]) -> None:
            if order == self._order:
                self._gallery.add_cards(cards)
                self._next(order, later, names, views)

        self._session.tasks.read(lambda: _cards(project, now, names, views), shown)


def _cards(project: Project, ids: Sequence[int], names: Sequence[str], views: Sequence[View]) -> list[Card]:
    seen = [view(ids) for view in views]
    return [_card(project, names, pages) for pages in zip(*seen, strict=True)]


def _card(project: Project, names: Sequence[str], pages: Sequence[PageView]) -> Card:
    image = pages[0].image
    picture = decode_small(images.picture(project, image.id), SIDE)
    work = "  →  ".join(ntr("{count} correction", "{count} corrections", page.corrections) for page in pages)
    title = "  ·  ".join(filter(None, (image.name, image.writer)))
    return Card(title, work, tuple(Pane(name, picture, page) for name, page in zip(names, pages, strict=True)))
