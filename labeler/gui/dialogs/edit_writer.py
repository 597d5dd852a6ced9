"""Asks for a writer's code and note. Another writer's code means that the two are one hand. Does nothing by itself."""

from collections.abc import Collection

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from labeler.core.i18n import tr
from labeler.gui.widgets.pieces import button, card, column, form, label, row
from labeler.services.images import Writer


class EditWriterDialog(QDialog):
    """`chosen` carries code and note. `merge_wanted` asks what merging into another code would do; `show_harms` answers."""

    chosen = Signal(str, str)
    merge_wanted = Signal(str)

    def __init__(self, writer: Writer, others: Collection[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        heading = tr("Writer {code}", code=writer.code)
        self.setWindowTitle(heading)
        self.setMinimumWidth(480)
        self._others = frozenset(others) - {writer.code}
        self.code = QLineEdit(writer.code)
        self.note = QLineEdit(writer.note)
        self.note.setPlaceholderText(tr("Left-handed, writes 7 with a bar … and no name"))
        self._merging = label("", wrap=True)
        self.warning = card(self._merging, kind="warning")
        self.go = button(tr("Save"), self._accept, kind="primary")
        self.go.setDefault(True)
        words = tr("Another writer's code makes the two one: all images are that writer's then.")
        self.setLayout(
            column(
                label(heading, "heading"),
                label(words, "muted", wrap=True),
                4,
                form((tr("Code"), self.code), (tr("Note"), self.note)),
                self.warning,
                8,
                row(None, button(tr("Cancel"), self.reject), self.go),
                margins=(20, 18, 20, 16),
                gap=10,
            )
        )
        self.warning.hide()
        self.code.textChanged.connect(self._changed)
        self.code.selectAll()

    @property
    def merges(self) -> bool:
        """Whether the code in the field is another writer's."""
        return self.code.text().strip() in self._others

    def show_harms(self, code: str, harms: tuple[str, ...]) -> None:
        """Tell what merging into `code` would do to figures."""
        if self.merges and self.code.text().strip() == code:
            heading = tr("{code} is a writer already: the two become one.", code=code)
            self._merging.setText("\n".join((heading, *harms)))
            self.warning.show()
            self.go.setText(tr("Merge anyway") if harms else tr("Merge"))
            self.go.setEnabled(True)

    def _changed(self) -> None:
        self.warning.hide()
        self.go.setText(tr("Save"))
        self.go.setEnabled(bool(self.code.text().strip()) and not self.merges)
        if self.merges:
            self.merge_wanted.emit(self.code.text().strip())

    def _accept(self) -> None:
        self.accept()
        self.chosen.emit(self.code.text().strip(), self.note.text().strip())
