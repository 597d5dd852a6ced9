"""The boxes and suggestions of the page as a list, in the order in which Tab goes through them: least certain first."""

from collections.abc import Iterable

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from labeler.core.boxes import Box, Origin, Suggestion
from labeler.core.i18n import tr
from labeler.core.pages import Page
from labeler.gui import theme
from labeler.gui.canvas.chips import box_chip, suggestion_chip
from labeler.gui.canvas.items import Key
from labeler.gui.widgets.lines import Lines

Index = QModelIndex | QPersistentModelIndex
Thing = Box | Suggestion
ROW = 26
LEFT, CHIP = 14, 40
"""Pixels before a line's chip, and those that it may take: what follows stands in one column."""
RATIO = 2.0
"""Chips are drawn finely enough for any screen, and reduced where it is coarser."""
SIZE_ROLE = Qt.ItemDataRole.UserRole + 1


def in_order(page: Page | None) -> list[Thing]:
    """Suggestions, the least certain first, then boxes as they were made."""
    if page is None:
        return []
    return [*sorted(page.suggestions, key=lambda s: s.score), *page.boxes]


class BoxModel(QAbstractListModel):
    """The things of one page."""

    def __init__(self, class_names: tuple[str, ...]) -> None:
        super().__init__()
        self.things: list[Thing] = []
        self.rows: dict[Key, int] = {}
        self._names = class_names

    def show_page(self, page: Page | None) -> None:
        """Show what is on a page."""
        self.beginResetModel()
        self.things = in_order(page)
        self.rows = {thing.id: n for n, thing in enumerate(self.things)}
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.things)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        thing = self.things[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _words(thing)
            case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole:
                return f"{self._name(thing)}: {_told(thing)}"
            case x if x == SIZE_ROLE:
                return _size(thing)
            case Qt.ItemDataRole.DecorationRole:
                return self._chip(thing)
        return None

    def _name(self, thing: Thing) -> str:
        return self._names[thing.class_id] if thing.class_id < len(self._names) else "?"

    def _chip(self, thing: Thing) -> QPixmap:
        dark = theme.current().dark
        if isinstance(thing, Suggestion):
            return suggestion_chip(thing.class_id, self._name(thing), int(thing.score * 100), RATIO, dark=dark)
        return box_chip(thing.class_id, self._name(thing), RATIO, dark=dark)


class BoxList(Lines):
    """Never takes the focus: keys belong to the canvas. `chosen` follows a person's click, not `show_selection`."""

    chosen = Signal(tuple)  # tuple[Key, ...]

    def __init__(self, class_names: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(ROW, parent)
        self.boxes = BoxModel(class_names)
        self._quiet = self._is_stale = False
        self._page: Page | None = None
        self._keys: tuple[Key, ...] = ()
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.show_now)
        self.setModel(self.boxes)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setItemDelegate(_Delegate(self))
        self.setAccessibleName(tr("Boxes and suggestions"))
        self.selectionModel().selectionChanged.connect(self._selection_changed)

    def show_page(self, page: Page | None, selection: Iterable[Key] = ()) -> None:
        """Show what is on a page, with this selected, as soon as the canvas has been painted."""
        self._page, self._is_stale = page, True
        self.show_selection(selection)

    def show_selection(self, keys: Iterable[Key]) -> None:
        """Mark what is selected on the canvas, as soon as that has been painted."""
        self._keys = tuple(keys)
        self._soon.start()

    def show_now(self) -> None:
        """Show at once what was asked for last."""
        self._soon.stop()
        self._quiet = True
        if self._is_stale:
            self.boxes.show_page(self._page)
            self._is_stale = False
        rows = sorted(self.boxes.rows[k] for k in self._keys if k in self.boxes.rows)
        found = QItemSelection()
        for first, last in _runs(rows):
            found.append(QItemSelectionRange(self.boxes.index(first), self.boxes.index(last)))
        self.selectionModel().select(found, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._quiet = False
        if len(rows) == 1:
            self.scrollTo(self.boxes.index(rows[0]))

    def _selection_changed(self, *_: QItemSelection) -> None:
        if not self._quiet:
            rows = sorted(index.row() for index in self.selectedIndexes())
            self.chosen.emit(tuple(self.boxes.things[row].id for row in rows))


class _Delegate(QStyledItemDelegate):
    """Paints one line: the chip as on the canvas, where the box comes from, and its size."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        now, area = theme.current(), option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(now.selection))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(now.hover))
        chip = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(chip, QPixmap):
            height = round(chip.deviceIndependentSize().height())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(area.left() + LEFT, area.top() + (area.height() - height) // 2, chip)
        words = area.adjusted(LEFT + CHIP, 0, -LEFT, 0)
        size = str(index.data(SIZE_ROLE))
        painter.setPen(QColor(now.muted))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, size)
        words.setRight(words.right() - painter.fontMetrics().horizontalAdvance(size) - 8)
        painter.setPen(QColor(now.text))
        text = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.restore()


def _runs(rows: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1] = runs[-1][0], row
        else:
            runs.append((row, row))
    return runs


def _told(thing: Thing) -> str:
    score = f", {int(thing.score * 100)} %" if isinstance(thing, Suggestion) else ""
    return f"{_words(thing)}{score} · {_size(thing)}"


def _size(thing: Thing) -> str:
    return f"{thing.w:.0f} × {thing.h:.0f}"


def _words(thing: Thing) -> str:
    if isinstance(thing, Suggestion):
        return tr("suggested")
    match thing.origin:
        case Origin.SUGGESTION:
            return tr("was suggested")
        case Origin.IMPORT:
            return tr("imported")
        case Origin.INK:
            return tr("from the pad")
        case Origin.PERSON:
            return tr("drawn")
