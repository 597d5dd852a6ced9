"""The stage: a widget that shows a scene and keeps view, selection and what is painted in step. Hears no pointer and no key."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from labeler.core.boxes import Rect
from labeler.core.i18n import ntr, tr
from labeler.core.pages import Page
from labeler.gui.canvas.items import Key, items_after, items_of
from labeler.gui.canvas.paint import LIVE, live_areas, paint
from labeler.gui.canvas.picture import Picture
from labeler.gui.canvas.rest import RestLayer
from labeler.gui.canvas.scene import Scene
from labeler.gui.canvas.view import View, aligned, bounded, fitted, revealing

STEP = 1.25
"""One press of a zoom key."""
PATCHES = 400
"""With more changed items than this, painting everything again is quicker than patching."""


class Stage(QWidget):
    """Lives on the GUI thread. Everything it paints is in `scene`; whoever changes the scene goes through these methods."""

    selection_changed = Signal()
    view_changed = Signal()

    def __init__(self, class_names: Iterable[str] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene = Scene(class_names=tuple(class_names))
        self._rest = RestLayer()
        self._live: list[Rect] = []
        self._fits = True
        self.setAccessibleName(tr("Page"))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 180)

    # What is shown

    def show_page(self, page: Page | None, picture: Picture | None) -> None:
        """Another page, fitted to the widget, with nothing selected. Without a picture only its boxes show until `set_picture`."""
        self.finish_gesture()
        scene = self.scene
        scene.items, scene.selected, scene.hovered = items_of(page), [], None
        scene.page = Rect(0.0, 0.0, page.image.width, page.image.height) if page is not None else None
        scene.picture = picture
        self._describe()
        self.fit()
        self._repaint_all()
        self.selection_changed.emit()

    def set_picture(self, picture: Picture | None) -> None:
        """The picture of the page that is shown already."""
        self.scene.picture = picture
        self._repaint_all()

    def set_page(self, page: Page) -> None:
        """The same page after an edit: repaints what differs, keeps the view and what is still there of the selection."""
        self.finish_gesture()
        scene, old, chosen = self.scene, self.scene.items, self.selection
        (scene.items, gone, come), scene.hovered = items_after(old, page), None
        scene.selected = scene.items.where(chosen)
        self._forget([_rect(old.things[i]) for i in gone] + [scene.where(i) for i in come])
        self._describe()
        self._refresh_live()
        if self.selection != chosen:
            self.selection_changed.emit()

    @property
    def selection(self) -> tuple[Key, ...]:
        """Ids of what is selected, in the order of selecting."""
        return tuple(self.scene.items.keys[i] for i in self.scene.selected)

    def select(self, keys: Iterable[Key], *, reveal: bool = False) -> None:
        """Select these; `reveal` pans to them where they are out of sight."""
        self.select_items(self.scene.items.where(keys))
        if reveal and self.scene.selected:
            self.reveal(self.scene.where(self.scene.selected[-1]))

    def set_next_class(self, class_id: int) -> None:
        """The class that the next box will have."""
        self.scene.next_class = class_id
        self._refresh_live()

    def set_hidden(self, hidden: bool) -> None:
        """Hide everything but the picture, or show it again."""
        if hidden != self.scene.hide_boxes:
            self.scene.hide_boxes = hidden
            self._repaint_all()

    # The view

    @property
    def view(self) -> View:
        return self.scene.view

    def zoom(self, factor: float, at: tuple[float, float] | None = None) -> None:
        """Zoom by a factor at a point of the widget, else at its middle."""
        if self.scene.page is not None:
            least = min(fitted(self.scene.page, self.width(), self.height()).scale / 4, 1.0)
            self._set_view(self.view.zoomed(factor, at or (self.width() / 2, self.height() / 2), least=least))

    def fit(self) -> None:
        """Show the whole page."""
        if self.scene.page is not None:
            self._set_view(fitted(self.scene.page, self.width(), self.height()))
            self._fits = True

    def actual_size(self) -> None:
        """One pixel of the picture to one pixel of the screen."""
        self.zoom(1.0 / (self.scene.ratio * self.view.scale))

    def reveal(self, rect: Rect) -> None:
        """Pan as far as needed to show a part of the page."""
        view = revealing(self.view, rect, self.width(), self.height())
        if view != self.view:
            self._set_view(view)

    def pan_by(self, dx: float, dy: float) -> None:
        """Shift the page by screen pixels."""
        self._set_view(self.view.panned(dx, dy))

    # What is in the middle of happening

    def select_items(self, indices: list[int]) -> None:
        if indices == self.scene.selected:
            return
        differ = set(indices) ^ set(self.scene.selected)
        self.scene.selected = indices
        self._forget([self.scene.where(i) for i in differ])
        self._refresh_live()
        self.selection_changed.emit()

    def lift(self, where: dict[int, Rect]) -> None:
        differ = where.keys() ^ self.scene.lifted.keys()
        self.scene.lifted = {}
        self._forget([self.scene.where(i) for i in differ])
        self.scene.lifted = where
        self._refresh_live()

    def show_drawn(self, rect: Rect | None) -> None:
        self.scene.drawn = rect
        self._refresh_live()

    def show_band(self, band: Rect | None) -> None:
        self.scene.band = band
        self._refresh_live()

    def finish_gesture(self) -> None:
        """Called before another state of the page is shown: nothing may be half done then."""

    # Inside

    def _set_view(self, view: View) -> None:
        if self.scene.page is None:
            return
        view = aligned(bounded(view, self.scene.page, self.width(), self.height()), self.scene.ratio)
        self._fits = False
        if view != self.view:
            self.scene.view = view
            self._live = live_areas(self.scene)
            self.update()
            self.view_changed.emit()

    def _repaint_all(self) -> None:
        self._rest.forget()
        self._live = live_areas(self.scene)
        self.update()

    def _forget(self, rects: list[Rect]) -> None:
        """Items at these places of the image look different now."""
        if len(rects) > PATCHES:
            self._repaint_all()
            return
        areas = [self.scene.bounds(r) for r in rects]
        self._rest.forget_areas(areas, self.view)
        self._update_areas(areas)

    def _refresh_live(self) -> None:
        before, self._live = self._live, live_areas(self.scene)
        if before != self._live or self._live:
            self._update_areas(before + self._live)

    def _update_areas(self, areas: list[Rect]) -> None:
        region = QRegion()
        for area in areas:
            region += _pixels(area)
        self.update(region)

    def _describe(self) -> None:
        items = self.scene.items
        suggestions = len(items) - items.boxes
        self.setAccessibleDescription(
            ntr("{count} box", "{count} boxes", items.boxes)
            + ", "
            + ntr("{count} suggestion", "{count} suggestions", suggestions)
        )

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.scene.width, self.scene.height, self.scene.ratio = self.width(), self.height(), self.devicePixelRatioF()
        if self._fits:
            self.fit()
        elif self.scene.page is not None:
            self.scene.view = aligned(
                bounded(self.view, self.scene.page, self.width(), self.height()), self.scene.ratio
            )
        self._repaint_all()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._repaint_all()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.scene.ratio != self.devicePixelRatioF():
            self.scene.ratio = self.devicePixelRatioF()
            self.scene.view = aligned(self.view, self.scene.ratio)
        at_rest = self._rest.refreshed(self.scene)
        painter = QPainter(self)
        painter.setClipRegion(event.region())
        painter.drawPixmap(0, 0, at_rest)
        paint(LIVE, painter, self.scene, Rect(0, 0, self.width(), self.height()))
        painter.end()


def _rect(thing: Rect) -> Rect:
    return Rect(thing.x, thing.y, thing.w, thing.h)


def _pixels(area: Rect) -> QRect:
    return QRectF(area.x, area.y, area.w, area.h).toAlignedRect()
