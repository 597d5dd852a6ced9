"""Which images the list shows, and in which order: a search field, a menu of filters, the order, and what is filtered in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QComboBox, QLineEdit, QMenu, QToolButton, QWidget

from labeler.core.boxes import ReviewState
from labeler.core.filters import ImageFilter, Order
from labeler.core.i18n import tr
from labeler.gui import icons
from labeler.gui.widgets.pieces import button, column, label, row
from labeler.gui.widgets.states import split_text, state_text

TYPING_MS = 150
LOW_SCORE = 0.5
V = TypeVar("V")


class FilterBar(QWidget):
    """Lives on the GUI thread. `changed` says that `filters` or `order` differ; `menu_wanted` comes before the menu opens."""

    changed = Signal()
    menu_wanted = Signal()

    def __init__(self, class_names: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.filters = ImageFilter()
        self._classes = class_names
        self._writers: Sequence[str] = ()
        self._sources: Sequence[str] = ()
        self._counts: Mapping[str, int] = {}
        self.search = QLineEdit(placeholderText=tr("Search"), clearButtonEnabled=True)
        self.search.setToolTip(tr("Search name, writer, source"))
        self.search.setAccessibleName(tr("Search images"))
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self._search)
        self.search.textChanged.connect(lambda _text: self._typing.start())
        self.order_box = QComboBox()
        self.order_box.setAccessibleName(tr("Order of the images"))
        self.order_box.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for name, order in _orders():
            self.order_box.addItem(name, order)
        self.order_box.currentIndexChanged.connect(lambda _index: self.changed.emit())
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._fill)
        self.menu_button = QToolButton()
        self.menu_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.setIconSize(QSize(18, 18))
        self.menu_button.setToolTip(tr("Filter the images"))
        self.menu_button.setAccessibleName(tr("Filter the images"))
        self.menu_button.setMenu(self.menu)
        icons.put(self.menu_button, "filter")
        self.words = label("", "muted", wrap=True)
        self.clear_button = button(tr("Show all"), self.clear, kind="link")
        self.clear_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setLayout(
            column(
                row(self.search, self.menu_button, gap=4),
                self.order_box,
                row(self.words, None, self.clear_button),
                gap=6,
                margins=(10, 10, 10, 6),
            )
        )
        self._say()

    @property
    def order(self) -> Order:
        """The order chosen."""
        return Order(self.order_box.currentData())

    def choose_order(self, name: str) -> None:
        """Order by this from now on, where there is such an order."""
        row = self.order_box.findData(name)
        if row >= 0:
            self.order_box.setCurrentIndex(row)

    def offer(self, writers: Sequence[str], sources: Sequence[str]) -> None:
        """The writers and sources there are to choose from."""
        self._writers, self._sources = writers, sources

    def show_counts(self, by_state: Mapping[str, int]) -> None:
        """How many images there are in each review state."""
        self._counts = by_state

    def show_filters(self, filters: ImageFilter) -> None:
        """Filter by these from now on."""
        if filters == self.filters:
            return
        self.filters = filters
        if filters.text != self.search.text().strip():
            self.search.setText(filters.text)
            self._typing.stop()
        self._say()
        self.changed.emit()

    def clear(self) -> None:
        """Filter nothing."""
        self.show_filters(ImageFilter())

    def stop(self) -> None:
        """Wait for no more typing."""
        self._typing.stop()

    def _search(self) -> None:
        self.show_filters(replace(self.filters, text=self.search.text().strip()))

    def _say(self) -> None:
        words = describe(self.filters, self._classes)
        self.words.setText(words)
        for part in (self.words, self.clear_button):
            part.setVisible(bool(words))
        icons.put(self.menu_button, "filter")
        self.menu_button.setDown(False)

    def _fill(self) -> None:
        self.menu_wanted.emit()
        self.menu.clear()
        self.menu.addAction(tr("State")).setEnabled(False)
        for state in ReviewState:
            words = f"{state_text(state)}\t{self._counts.get(state, 0)}"
            self._check(self.menu, words, state in self.filters.states, partial(self._set_state, state))
        self.menu.addSeparator()
        splits = [
            ("train", split_text("train")),
            ("val", split_text("val")),
            ("test", split_text("test")),
            ("none", split_text(None)),
        ]
        self._one(tr("Split"), splits, self.filters.split, lambda v: replace(self.filters, split=v))
        writers = [("", tr("(none)")), *((w, w) for w in self._writers)]
        self._one(tr("Writer"), writers, self.filters.writer, lambda v: replace(self.filters, writer=v))
        sources = [(s, s or tr("(none)")) for s in self._sources]
        self._one(tr("Source"), sources, self.filters.source, lambda v: replace(self.filters, source=v))
        classes = list(enumerate(self._classes))
        self._one(
            tr("With a box of class"), classes, self.filters.class_id, lambda v: replace(self.filters, class_id=v)
        )
        self.menu.addSeparator()
        self._check(
            self.menu,
            tr("Has suggestions below {n} %", n=int(LOW_SCORE * 100)),
            self.filters.suggestion_below is not None,
            lambda on: self.show_filters(replace(self.filters, suggestion_below=LOW_SCORE if on else None)),
        )
        self.menu.addSeparator()
        self.menu.addAction(tr("Show all")).triggered.connect(lambda: self.clear())

    def _set_state(self, state: ReviewState, on: bool) -> None:
        states = self.filters.states | {state} if on else self.filters.states - {state}
        self.show_filters(replace(self.filters, states=frozenset(states)))

    def _check(self, menu: QMenu, text: str, on: bool, chosen: Callable[[bool], None]) -> QAction:
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setChecked(on)
        action.toggled.connect(chosen)
        return action

    def _one(
        self, title: str, values: Sequence[tuple[V, str]], now: V | None, chosen: Callable[[V | None], ImageFilter]
    ) -> None:
        menu = self.menu.addMenu(title)
        menu.setEnabled(bool(values))
        group = QActionGroup(menu)
        every = self._check(menu, tr("All"), now is None, partial(self._choose, chosen, None))
        group.addAction(every)
        for value, text in values:
            group.addAction(self._check(menu, text, value == now, partial(self._choose, chosen, value)))

    def _choose(self, chosen: Callable[[V | None], ImageFilter], value: V | None, on: bool) -> None:
        if on:
            self.show_filters(chosen(value))


def describe(filters: ImageFilter, class_names: Sequence[str]) -> str:
    """What is filtered, in words; empty where nothing is. The search text speaks for itself."""
    parts = [state_text(s) for s in ReviewState if s in filters.states]
    if filters.split is not None:
        parts.append(split_text(None if filters.split == "none" else filters.split))
    if filters.writer is not None:
        parts.append(tr("writer {code}", code=filters.writer) if filters.writer else tr("no writer"))
    if filters.source is not None:
        parts.append(tr("from {source}", source=filters.source or tr("(none)")))
    if filters.class_id is not None:
        parts.append(tr("with {name}", name=class_names[filters.class_id]))
    if filters.suggestion_below is not None:
        parts.append(tr("below {n} %", n=int(filters.suggestion_below * 100)))
    return tr("Only: {what}", what=", ".join(parts)) if parts else ""


def _orders() -> list[tuple[str, Order]]:
    return [
        (tr("As added"), Order.ADDED),
        (tr("By name"), Order.NAME),
        (tr("Least certain first"), Order.UNCERTAIN),
        (tr("Rare writers and digits first"), Order.COVERAGE),
        (tr("Model and boxes differ"), Order.DISAGREES),
    ]
