"""A read-only table of values: columns say how a row shows itself. Owns no data but the rows it was given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from labeler.gui import theme

R = TypeVar("R")
Index = QModelIndex | QPersistentModelIndex
ROW_HEIGHT = 34


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column. `strong` says which rows are bold there, `tip` what a cell says on hover; `wide` takes the free room."""

    title: str
    text: Callable[[R], str]
    right: bool = False
    wide: bool = False
    strong: Callable[[R], bool] | None = None
    tip: Callable[[R], str] | None = None
    muted: bool = False


class Rows(QAbstractTableModel, Generic[R]):
    """The rows of a table as Qt wants them."""

    def __init__(self, columns: Sequence[Column[R]]) -> None:
        super().__init__()
        self.columns = tuple(columns)
        self.rows: tuple[R, ...] = ()

    def set_rows(self, rows: Sequence[R]) -> None:
        """Show these rows in place of the old ones."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], self.columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.text(row)
            case Qt.ItemDataRole.ToolTipRole:
                return column.tip(row) if column.tip else None
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column.right)
            case Qt.ItemDataRole.FontRole if column.strong is not None and column.strong(row):
                font = QFont(theme.font())
                font.setWeight(QFont.Weight.DemiBold)
                return font
            case Qt.ItemDataRole.ForegroundRole if column.muted:
                return QColor(theme.current().muted)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(self.columns[section].right)
        return self.columns[section].title if role == Qt.ItemDataRole.DisplayRole else None


class Table(QTableView, Generic[R]):
    """A table of values of which one can be chosen."""

    chosen = Signal(object)  # the row, or None
    opened = Signal(object)  # the row, by double click or Enter

    def __init__(self, columns: Sequence[Column[R]]) -> None:
        super().__init__()
        self._rows: Rows[R] = Rows(columns)
        self._rows.setParent(self)
        self.setModel(self._rows)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # codes and names differ at their ends
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        for n, column in enumerate(columns):
            mode = QHeaderView.ResizeMode.Stretch if column.wide else QHeaderView.ResizeMode.ResizeToContents
            header.setSectionResizeMode(n, mode)
        self.selectionModel().selectionChanged.connect(lambda *_: self.chosen.emit(self.current()))
        self.activated.connect(lambda index: self.opened.emit(self._rows.rows[index.row()]))

    @property
    def rows(self) -> tuple[R, ...]:
        """The rows shown."""
        return self._rows.rows

    def set_rows(self, rows: Sequence[R], *, key: Callable[[R], object] | None = None) -> None:
        """Show these rows; the row with the same `key` stays chosen."""
        before = self.current()
        self._rows.set_rows(rows)
        if key is not None and before is not None:
            wanted = key(before)
            place = next((n for n, row in enumerate(rows) if key(row) == wanted), None)
            if place is not None:
                self.selectRow(place)
        self.chosen.emit(self.current())

    def numbers(self) -> list[list[object]]:
        """What is shown, with its heading."""
        columns = self._rows.columns
        rows: list[list[object]] = [[column.text(row) for column in columns] for row in self._rows.rows]
        return [[column.title for column in columns], *rows]

    def current(self) -> R | None:
        """The chosen row."""
        chosen = self.selectionModel().selectedRows()
        return self._rows.rows[chosen[0].row()] if chosen else None

    def choose(self, place: int) -> None:
        """Choose a row by its place."""
        self.selectRow(place)

    def fit_height(self, *, most: int = 8) -> None:
        """Be as high as the rows need, up to `most` of them."""
        shown = max(1, min(most, len(self._rows.rows)))
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + shown * ROW_HEIGHT + 4)


def _alignment(right: bool) -> int:
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
