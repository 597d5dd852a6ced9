"""The boxes and suggestions of the page as a list, in the order in which Tab goes through them: least certain first."""

from collections.abc import Iterable

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from labeler.core.boxes import Box, Origin, Suggestion
from labeler.core.i18n import tr
from labeler.core.pages import Page
from labeler.gui.canvas.chips import box_chip, suggestion_chip
from labeler.gui.canvas.items import Key

Index = QModelIndex | QPersistentModelIndex
Thing = Box | Suggestion


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
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{self._name(thing)}: {_words(thing)}"
            case Qt.ItemDataRole.DecorationRole:
                return self._chip(thing)
            case Qt.ItemDataRole.SizeHintRole:
                return QSize(0, 26)
        return None

    def _name(self, thing: Thing) -> str:
        return self._names[thing.class_id] if thing.class_id < len(self._names) else "?"

    def _chip(self, thing: Thing) -> QIcon:
        if isinstance(thing, Suggestion):
            chip = suggestion_chip(thing.class_id, self._name(thing), int(thing.score * 100), 2.0)
        else:
            chip = box_chip(thing.class_id, self._name(thing), 2.0)
        icon = QIcon(chip)
        icon.addPixmap(chip, QIcon.Mode.Selected)  # or Qt tints it with the selection's colour
        return icon


class BoxList(QListView):
    """Never takes the focus: keys belong to the canvas. `chosen` follows a person's click, not `show_selection`."""

    chosen = Signal(tuple)  # tuple[Key, ...]

    def __init__(self, class_names: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes = BoxModel(class_names)
        self._quiet = False
        self.setModel(self.boxes)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setIconSize(QSize(48, 15))
        self.setAccessibleName(tr("Boxes and suggestions"))
        self.selectionModel().selectionChanged.connect(self._selection_changed)

    def show_page(self, page: Page | None, selection: Iterable[Key] = ()) -> None:
        """Show what is on a page, with this selected."""
        self._quiet = True
        self.boxes.show_page(page)
        self._quiet = False
        self.show_selection(selection)

    def show_selection(self, keys: Iterable[Key]) -> None:
        """Mark what is selected on the canvas."""
        rows = sorted(self.boxes.rows[k] for k in keys if k in self.boxes.rows)
        found = QItemSelection()
        for first, last in _runs(rows):
            found.append(QItemSelectionRange(self.boxes.index(first), self.boxes.index(last)))
        self._quiet = True
        self.selectionModel().select(found, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._quiet = False
        if len(rows) == 1:
            self.scrollTo(self.boxes.index(rows[0]))

    def _selection_changed(self, *_: QItemSelection) -> None:
        if not self._quiet:
            rows = sorted(index.row() for index in self.selectedIndexes())
            self.chosen.emit(tuple(self.boxes.things[row].id for row in rows))


def _runs(rows: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1] = runs[-1][0], row
        else:
            runs.append((row, row))
    return runs


def _words(thing: Thing) -> str:
    size = f"{thing.w:.0f} × {thing.h:.0f}"
    if isinstance(thing, Suggestion):
        return tr("suggested, {n} % · {size}", n=int(thing.score * 100), size=size)
    match thing.origin:
        case Origin.SUGGESTION:
            return tr("from a suggestion · {size}", size=size)
        case Origin.IMPORT:
            return tr("imported · {size}", size=size)
        case Origin.INK:
            return tr("from the pad · {size}", size=size)
        case Origin.PERSON:
            return tr("drawn · {size}", size=size)
