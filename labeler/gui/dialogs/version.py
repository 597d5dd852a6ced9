"""Asks for the name and note of a version: one to be frozen, or one that there is. Changes nothing."""

from collections.abc import Collection

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from labeler.core.i18n import tr
from labeler.gui.widgets.pieces import button, column, form, label, row
from labeler.services.versions import Version


class VersionDialog(QDialog):
    """`chosen` carries name and note. Without a `version` it asks for a new one, of which an empty name takes the next number; `taken`
    are the names of the versions there are.
    """

    chosen = Signal(str, str)

    def __init__(
        self, taken: Collection[str], parent: QWidget | None = None, *, version: Version | None = None
    ) -> None:
        super().__init__(parent)
        heading = tr("Freeze a version") if version is None else tr("Name and note of {version}", version=version.name)
        self.setWindowTitle(heading)
        self.setMinimumWidth(480)
        self._taken = frozenset(taken) - {version.name if version else ""}
        self._needs_name = version is not None
        self.name = QLineEdit(version.name if version else "")
        self.name.setPlaceholderText(tr("The next number"))
        self.name.setMaxLength(60)
        self.note = QLineEdit(version.note if version else "")
        self.note.setPlaceholderText(tr("What is worth knowing later"))
        self._problem = label("", "bad", wrap=True)
        freeze = button(tr("Freeze"), self._accept, icon="version", kind="primary")
        self.go = freeze if version is None else button(tr("Save"), self._accept, kind="primary")
        self.go.setDefault(True)
        words = tr(
            "A version is every labelled image with its boxes and split as they are at this moment. It never changes; models and "
            "exports point at it."
        )
        self.setLayout(
            column(
                label(heading, "heading"),
                *((label(words, "muted", wrap=True),) if version is None else ()),
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
        name = text.strip()
        is_taken = name in self._taken
        self._problem.setText(tr("There is a version called {name} already.", name=name))
        self._problem.setVisible(is_taken)
        self.go.setEnabled(not is_taken and (bool(name) or not self._needs_name))

    def _accept(self) -> None:
        self.accept()
        self.chosen.emit(self.name.text().strip(), self.note.text().strip())
