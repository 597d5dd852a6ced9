"""Asks for the name and note of a version that is to be frozen. Freezes nothing."""

from collections.abc import Collection

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from labeler.core.i18n import tr
from labeler.gui.widgets.pieces import button, column, form, label, row


class FreezeDialog(QDialog):
    """`chosen` carries name and note; an empty name takes the next number."""

    chosen = Signal(str, str)

    def __init__(self, taken: Collection[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Freeze a version"))
        self.setMinimumWidth(480)
        self._taken = frozenset(taken)
        self.name = QLineEdit()
        self.name.setPlaceholderText(tr("The next number"))
        self.name.setMaxLength(60)
        self.note = QLineEdit()
        self.note.setPlaceholderText(tr("What is worth knowing later"))
        self._problem = label("", "bad", wrap=True)
        self.go = button(tr("Freeze"), self._accept, icon="version", kind="primary")
        self.go.setDefault(True)
        words = tr(
            "A version is every labelled image with its boxes and split as they are at this moment. It never changes; models and "
            "exports point at it."
        )
        self.setLayout(
            column(
                label(tr("Freeze a version"), "heading"),
                label(words, "muted", wrap=True),
                4,
                form((tr("Name"), self.name), (tr("Note"), self.note)),
                self._problem,
                8,
                row(None, button(tr("Cancel"), self.reject), self.go),
                margins=(20, 18, 20, 16),
                gap=10,
            )
        )
        self._problem.hide()
        self.name.textChanged.connect(self._changed)

    def _changed(self, text: str) -> None:
        is_taken = text.strip() in self._taken
        self._problem.setText(tr("There is a version called {name} already.", name=text.strip()))
        self._problem.setVisible(is_taken)
        self.go.setEnabled(not is_taken)

    def _accept(self) -> None:
        self.accept()
        self.chosen.emit(self.name.text().strip(), self.note.text().strip())
