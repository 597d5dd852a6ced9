"""The labelling desk: images on the left, the page in the middle, its boxes on the right. Puts the parts together, keeps them in step.

What is done to boxes is in `desk_commands`, what is committed in `desk_editor`, which image comes next in `desk_queue`.
"""

from contextlib import suppress

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from labeler.core.boxes import ReviewState
from labeler.core.changes import Changes
from labeler.core.errors import NotFound
from labeler.core.filters import ImageFilter
from labeler.core.i18n import tr
from labeler.core.pages import Page
from labeler.detect import opencv
from labeler.gui import actions
from labeler.gui.canvas.canvas import Canvas
from labeler.gui.canvas.picture import Picture
from labeler.gui.pages import desk_memory
from labeler.gui.pages.desk_commands import Commands
from labeler.gui.pages.desk_editor import Editor
from labeler.gui.pages.desk_hints import Hints
from labeler.gui.pages.desk_history import History
from labeler.gui.pages.desk_ink import InkFinder
from labeler.gui.pages.desk_keys import HeldKeys, Watchers
from labeler.gui.pages.desk_nothing import NothingYet
from labeler.gui.pages.desk_pictures import Pictures
from labeler.gui.pages.desk_queue import Listing, Queue
from labeler.gui.pages.desk_sides import LeftSide, RightSide
from labeler.gui.pages.desk_slots import slots_of
from labeler.gui.pages.desk_suggest import Suggesting
from labeler.gui.pages.desk_toolbar import DeskToolbar
from labeler.gui.pages.page import BasePage
from labeler.gui.session import Session
from labeler.gui.widgets.class_bar import ClassBar
from labeler.gui.widgets.image_model import ImageModel
from labeler.gui.widgets.pieces import column, label
from labeler.gui.writer_flow import WriterFlow
from labeler.services import images, labeling

LATER_MS = 200
"""A page that changed elsewhere is read again as soon as the pointer is free; it is asked so often."""


class DeskPage(BasePage):
    """Attributes: `canvas`, `editor`, `commands`, `queue`, `left`, `right`, `classes`, `toolbar`; tests drive these as a person does."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        names = session.project.classes
        self.images = ImageModel(session)
        self.queue = Queue(session, self.images)
        self.pictures = Pictures(session, self)
        self.editor = Editor(session, self)
        self.canvas = Canvas(names)
        self.ink = InkFinder(session.tasks.read)
        self.commands = Commands(session, self.editor, self.canvas, self.ink)
        self.suggesting = Suggesting(session, self.editor)
        self.left, self.right = LeftSide(self.images, names), RightSide(names)
        self.history = History(session, self.editor, self.right)
        self.writer_flow = WriterFlow(session, self)
        self.classes = ClassBar(names)
        slots = slots_of(self)
        self.toolbar = DeskToolbar(slots)
        self.hint = label("", "muted")
        self._hints = Hints(self)
        self._later = QTimer(self, singleShot=True, interval=LATER_MS)
        self._later.timeout.connect(self._reload)
        self.keys = HeldKeys(self._watchers(), self)
        self._wanted: int | None = None
        self._left_at = desk_memory.last_image(session)
        self._shown: int | None = None
        self._build()
        self._connect()
        bound = {a.id for a in actions.table()}
        actions.bind(self, {name: slot for name, slot in slots.items() if name in bound})
        self.toolbar.show_drawing(False)
        desk_memory.bring_back(self)
        self.classes.show_next(0)

    # What the window asks

    def activated(self) -> None:
        """Show what is newest, with the keys on the canvas."""
        (self.canvas if self._stack.currentIndex() else self._import).setFocus()
        self.queue.refresh()
        self.history.refresh()
        if self.editor.page is not None:
            self.editor.reload()

    def shutdown(self) -> None:
        """Stop waiting for anything."""
        self.canvas.cancel_gesture()
        desk_memory.keep(self)
        self._later.stop()
        for part in (self.images, self.queue, self.history, self.pictures):
            part.stop()
        self.left.filters.stop()
        self.pictures.forget()

    def show_item(self, what: object) -> None:
        """Show an image by its id, or the images that pass an `ImageFilter`."""
        if isinstance(what, int):
            self.show_image(what)
        elif isinstance(what, ImageFilter):
            self.left.filters.show_filters(what)

    # Going from page to page

    def show_image(self, image_id: int) -> None:
        """Bring an image to the front; where it is gone, the list is read again."""
        self.canvas.cancel_gesture()
        try:
            self.editor.open(image_id)
        except NotFound:
            self.queue.refresh()

    def go(self, step: int) -> None:
        """To the image so many places further in the list."""
        image_id = self.queue.beside(self.editor.image_id, step)
        if image_id is not None:
            self.show_image(image_id)
        elif self.editor.page is not None:
            self.session.say(
                tr("This is the last image of the list.") if step > 0 else tr("This is the first image of the list.")
            )

    def go_open(self, step: int) -> None:
        """To the next image that is not reviewed."""
        self.queue.find_open(self.editor.image_id, step, self._show_open)

    def finish(self) -> None:
        """Accept all, mark reviewed, and on to the next page that is not."""
        if self.commands.finish():
            self.go_open(1)

    def paste_previous(self) -> None:
        """The boxes of the image before this one in the list."""
        other = self.queue.beside(self.editor.image_id, -1)
        if other is None or self.editor.page is None:
            self.session.say(tr("There is no image before this one."))
            return
        with self.session.guard():
            self.commands.paste_from(labeling.page(self.session.project, other))

    def ask_writer(self) -> None:
        """Ask whose hand wrote this page."""
        if self.editor.image_id is not None:
            self.writer_flow.ask([self.editor.image_id])

    # Inside

    def _show_open(self, image_id: int | None) -> None:
        if image_id is None:
            self.session.say(tr("Everything in this list is reviewed."))
        else:
            self.show_image(image_id)

    def _opened(self, page: Page) -> None:
        picture = self.pictures.get(page.image)
        if self._shown == page.image.id:  # read anew: where one looks and what is selected stay
            self.canvas.set_page(page)
        else:
            self.canvas.show_page(page, picture)
        self._shown = page.image.id
        self.ink.show(page, picture)
        self._wanted = page.image.id if picture is None else None
        self._show_desk()
        self.left.images.show_current(page.image.id)
        self.toolbar.show_place(self.images.row_of(page.image.id), len(self.images.ids))
        self._show_facts(page)
        self.pictures.prefetch(self.queue.neighbours(page.image.id), beside=page.image)

    def _edited(self, page: Page) -> None:
        self.canvas.set_page(page)
        self.ink.show_boxes(page)
        self._show_facts(page)

    def _show_facts(self, page: Page) -> None:
        self.images.put(page.image)
        self.right.facts.show_image(page.image, margin=max((s.margin for s in page.suggestions), key=abs, default=0.0))
        self.right.boxes.show_page(page, self.canvas.selection)
        self.right.show_counts(page)
        self.toolbar.show_page(reviewed=page.image.state is ReviewState.REVIEWED, suggestions=len(page.suggestions))
        self._show_selection()

    def _show_selection(self) -> None:
        chosen = self.canvas.scene.selected
        items = self.canvas.scene.items
        self.right.boxes.show_selection(self.canvas.selection)
        self.classes.show_selected({int(c) for c in items.class_ids[chosen]} if chosen else set())
        self._show_hint()

    def _show_hint(self) -> None:
        chosen = len(self.canvas.scene.selected)
        self.hint.setText(self._hints.line(self.editor.page, drawing=self.canvas.drawing, selected=chosen))

    def _picture_came(self, image_id: int, picture: Picture) -> None:
        if image_id == self._wanted:
            self._wanted = None
            self.canvas.set_picture(picture)
            self.ink.show(self.editor.page, picture)

    def _listed(self, listing: Listing) -> None:
        self.left.show_count(len(listing.ids))
        current = self.editor.image_id
        row = self.images.row_of(current)
        self.left.images.show_current(current)
        self.toolbar.show_place(row, len(listing.ids))
        if not sum(listing.by_state.values()):
            self._show_nothing()
        else:
            self._show_desk()
        gone = row is None and listing.whole and not self.isVisible()
        if listing.ids and (current is None or gone):
            self._begin(listing.ids[0])

    def _begin(self, first: int) -> None:
        """Go on with the image that was in front the last time, else with the first of the list."""
        left_at, self._left_at = self._left_at, None
        if left_at is not None:
            with suppress(NotFound):
                self.editor.open(left_at)
                return
        self.show_image(first)

    def _show_desk(self) -> None:
        if self._stack.currentIndex() != 1:
            self._stack.setCurrentIndex(1)
            self.canvas.setFocus()  # until now there was nothing here that could take it

    def _show_nothing(self) -> None:
        self.editor.close()
        self._shown = self._wanted = None
        self._stack.setCurrentIndex(0)
        if self.isVisible():
            self._import.setFocus()
        self.canvas.show_page(None, None)
        self.ink.show(None, None)
        self.right.facts.show_image(None)
        self.right.boxes.show_page(None)
        self.right.show_counts(None)
        self._show_hint()

    def _filter(self) -> None:
        self.queue.filters, self.queue.order = self.left.filters.filters, self.left.filters.order
        self.queue.refresh()

    def _offer_filters(self) -> None:
        project = self.session.project
        self.left.filters.offer([w.code for w in images.writers(project)], images.sources(project))

    def _changed(self, changes: Changes) -> None:
        """A commit of our own is on the screen already; anything else is read again."""
        if changes.initiator is self.editor:
            return
        if changes.library or changes.images:
            self.images.forget(None if changes.library else list(changes.images))
            self.queue.refresh()
            self.history.refresh()
        if self.editor.image_id in changes.images or changes.library:
            self._reload()

    def _reload(self) -> None:
        """Read the page again, but never pull it away from under a gesture."""
        if self.canvas.busy:
            self._later.start()
        else:
            self.editor.reload()

    def _drawing_changed(self, on: bool) -> None:
        self.toolbar.show_drawing(on)
        self._show_hint()
        if on:  # the first click on ink should not wait for OpenCV to be imported
            self.session.tasks.read(opencv.load, lambda _module: None)

    def _build(self) -> None:
        self._stack = QStackedWidget()
        nothing = NothingYet(self.session)
        self._import = nothing.first
        self._stack.addWidget(nothing)
        centre = QWidget()
        middle = column(self.toolbar, self.canvas, self.classes, _padded(self.hint), gap=0)
        middle.setStretch(1, 1)
        centre.setLayout(middle)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setObjectName("desk")
        split.setHandleWidth(1)
        for part, stretch in ((self.left, 0), (centre, 1), (self.right, 0)):
            split.addWidget(part)
            split.setStretchFactor(split.count() - 1, stretch)
        split.setCollapsible(1, False)  # the sides may be pushed away, the page not
        split.setSizes([230, 734, 240])
        self._stack.addWidget(split)
        self.setLayout(column(self._stack, gap=0))
        self.setFocusProxy(self.canvas)

    def _connect(self) -> None:
        self.canvas.find_ink = self.ink.box_at
        self.canvas.selection_changed.connect(self._show_selection)
        self.canvas.view_changed.connect(lambda: self.toolbar.show_zoom(self.canvas.scene.device_scale))
        self.canvas.drawing_changed.connect(self._drawing_changed)
        self.canvas.panned_with_space.connect(self.keys.used_for_panning)
        self.editor.opened.connect(self._opened)
        self.editor.edited.connect(self._edited)
        self.commands.next_class_changed.connect(self.classes.show_next)
        self.classes.chosen.connect(self.commands.choose_class)
        self.pictures.arrived.connect(self._picture_came)
        self.pictures.failed.connect(lambda _id, error: self.session.say_error(error))
        self.left.images.chosen.connect(self.show_image)
        self.left.filters.changed.connect(self._filter)
        self.left.filters.menu_wanted.connect(self._offer_filters)
        self.right.boxes.chosen.connect(lambda keys: self.canvas.select(keys, reveal=True))
        self.right.facts.writer_wanted.connect(self.ask_writer)
        self.queue.listed.connect(self._listed)
        self.queue.counted.connect(self.left.show_progress)
        self.editor.stepped.connect(self.queue.recount)
        self.history.stepped.connect(self.toolbar.show_steps)
        self.toolbar.suggest_menu.aboutToShow.connect(lambda: self.toolbar.show_fitting(self.suggesting.is_fitting()))
        self.session.changed.connect(self._changed)
        self.keys.watch(self.canvas, self.left.images)

    def _watchers(self) -> Watchers:
        return Watchers(
            space=self.canvas.set_space,
            tapped=self.commands.toggle_reviewed,
            hide=self.canvas.set_hidden,
            nudge=self.commands.nudge,
            can_nudge=lambda: self.canvas.hasFocus() and bool(self.canvas.selection),
        )


def _padded(part: QWidget) -> QWidget:
    holder = QWidget()
    holder.setLayout(column(part, margins=(12, 2, 12, 8)))
    return holder
