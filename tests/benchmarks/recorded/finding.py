"""Finds what a person would find on the screen: the texts that are shown, and where to click for one of them. Changes nothing."""

from collections.abc import Iterator

from PySide6.QtCore import QAbstractListModel, QPoint, QRect
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTabBar,
    QTableView,
    QWidget,
)  # fmt: skip


def texts() -> list[str]:
    """Every text on the screen."""
    return [text for text, *_ in _shown()]


def find(text: str) -> list[int] | None:
    """Where to click for `text`: what bears exactly it before what begins with it, what is in front before what is behind."""
    modal = QApplication.activePopupWidget() or QApplication.activeModalWidget()
    places = [(shown, widget, area) for shown, widget, area in _shown() if widget.isEnabled() and _is_clickable(widget)]
    if modal is not None:
        places = [p for p in places if p[1] is modal or modal.isAncestorOf(p[1])]
    ranked = [p for p in places if p[0] == text] or [p for p in places if p[0].startswith(text)]
    if not ranked:
        return None
    _, widget, area = ranked[0]
    centre = widget.mapToGlobal(area.center()) * widget.devicePixelRatioF()
    return [centre.x(), centre.y()]


def _is_clickable(widget: QWidget) -> bool:
    return not isinstance(widget, QLabel | QPlainTextEdit)


def _shown() -> Iterator[tuple[str, QWidget, QRect]]:
    for widget in QApplication.allWidgets():
        if widget.isVisible() and widget.window().isVisible():
            yield from ((text, widget, area) for text, area in _texts_of(widget) if text and _is_seen(widget, area))


def _is_seen(widget: QWidget, area: QRect) -> bool:
    return widget.visibleRegion().contains(area.center()) or isinstance(widget, QMenu)


def _texts_of(widget: QWidget) -> Iterator[tuple[str, QRect]]:
    whole = QRect(QPoint(0, 0), widget.size())
    if isinstance(widget, QAbstractButton | QLabel):
        yield widget.text(), whole
    elif isinstance(widget, QLineEdit):
        yield widget.text() or widget.placeholderText(), whole
    elif isinstance(widget, QComboBox):
        yield widget.currentText(), whole
    elif isinstance(widget, QPlainTextEdit):
        yield widget.toPlainText(), whole
    elif isinstance(widget, QMenu):
        yield from ((action.text(), widget.actionGeometry(action)) for action in widget.actions())
    elif isinstance(widget, QTabBar):
        yield from ((widget.tabText(n), widget.tabRect(n)) for n in range(widget.count()))
    elif isinstance(widget, QTableView) and not isinstance(widget.model(), QAbstractListModel):
        yield from _cells(widget)


def _cells(table: QTableView) -> Iterator[tuple[str, QRect]]:
    model, root, corner = table.model(), table.rootIndex(), table.viewport().pos()
    for row in range(model.rowCount(root)):
        for column in range(model.columnCount(root)):
            index = model.index(row, column, root)
            yield str(index.data() or ""), table.visualRect(index).translated(corner)
