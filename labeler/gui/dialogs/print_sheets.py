"""Asks which sheets to print: whose, on which paper, how many. Prints nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QWidget

from labeler.core.i18n import tr
from labeler.core.sheets import DIGITS, Paper, most_rows
from labeler.gui.widgets.fields import number_field
from labeler.gui.widgets.pieces import button, column, form, label, row


@dataclass(frozen=True, slots=True)
class PrintChoice:
    """What was chosen, as `sheets.print_sheets` takes it."""

    writers: tuple[str, ...]
    digits: str
    paper: Paper
    rows: int
    lines: int
    copies: int


class PrintDialog(QDialog):
    """`choice` is what the fields say now; `accepted` means print."""

    def __init__(self, writers: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Print sheets"))
        self.setMinimumWidth(480)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.writers = QLineEdit(", ".join(writers))
        self.writers.setCursorPosition(0)
        self.writers.setPlaceholderText(tr("Codes, such as S01, S02, S03"))
        self.digits = QLineEdit(DIGITS)
        self.paper = QComboBox()
        self.paper.addItem("A4", Paper.A4)
        self.paper.addItem("Letter", Paper.LETTER)
        self.lines, self.rows, self.copies = number_field(2, 0, 9), number_field(8, 0, 10), number_field(1, 1, 50)
        self._go = button(tr("Save as PDF …"), self.accept, kind="primary")
        self._go.setDefault(True)
        fields = form(
            (tr("Writers"), self.writers),
            (tr("Digits"), self.digits),
            (tr("Paper"), self.paper),
            (tr("Rows of boxes"), self.rows),
            (tr("Lines for several digits"), self.lines),
            (tr("Sheets for each writer"), self.copies),
        )
        words = tr(
            "Write on them with any pen. A photo or a scan of a sheet, dropped on the window, comes back with its boxes."
        )
        buttons = row(None, button(tr("Cancel"), self.reject), self._go)
        self.setLayout(
            column(label(words, "muted", wrap=True), 4, fields, 8, buttons, margins=(20, 18, 20, 16), gap=10)
        )
        self.paper.currentIndexChanged.connect(self._changed)
        self.lines.valueChanged.connect(self._changed)
        self.rows.valueChanged.connect(self._changed)
        self.writers.textChanged.connect(self._changed)
        self._changed()

    @property
    def choice(self) -> PrintChoice:
        """What the fields say."""
        codes = tuple(code.strip() for code in self.writers.text().replace(";", ",").split(",") if code.strip())
        paper = Paper(str(self.paper.currentData()))
        return PrintChoice(
            codes, self.digits.text().strip(), paper, self.rows.value(), self.lines.value(), self.copies.value()
        )

    def _changed(self, *_: object) -> None:
        self.rows.setMaximum(most_rows(Paper(str(self.paper.currentData())), self.lines.value()))
        self._go.setEnabled(bool(self.choice.writers) and self.rows.value() + self.lines.value() > 0)
