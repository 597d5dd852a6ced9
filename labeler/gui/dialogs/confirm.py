"""Asks before something that a person may regret, or for the reason of it. Does nothing by itself."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from labeler.core.i18n import tr
from labeler.gui.widgets.pieces import button, column, label, row


class ConfirmDialog(QDialog):
    """`confirmed` carries the reason, empty where none was asked for. Esc and Cancel do nothing.

    What is `final` cannot be taken back: Enter cancels it, and only its own button does it.
    """

    confirmed = Signal(str)

    def __init__(
        self, heading: str, text: str, go: str, parent: QWidget | None = None, *, needs_reason: bool = False, final: bool = False
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setWindowTitle(heading)
        self.setMinimumWidth(460)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.reason = QLineEdit()
        self.reason.setPlaceholderText(tr("Reason; it is kept with the model"))
        self.go = button(go, self._accept, kind="danger" if final else "primary")
        cancel = button(tr("Cancel"), self.reject)
        (cancel if final else self.go).setDefault(True)
        self.go.setEnabled(not needs_reason)
        self.reason.textChanged.connect(lambda told: self.go.setEnabled(bool(told.strip()) or not needs_reason))
        self.setLayout(
            column(
                label(heading, "heading", wrap=True),
                label(text, wrap=True),
                self.reason,
                10,
                row(None, cancel, self.go),
                margins=(20, 18, 20, 16),
                gap=10,
            )
        )
        self.reason.setVisible(needs_reason)

    def _accept(self) -> None:
        self.accept()
        self.confirmed.emit(self.reason.text().strip())
