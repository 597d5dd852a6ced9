"""Asks a person whose sheet a photo is where its code cannot be read. Decides nothing."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QComboBox, QDialog, QLabel, QWidget

from labeler.core.i18n import tr
from labeler.core.sheets import Sheet
from labeler.gui.widgets.pieces import button, column, label, row


class WhichSheetDialog(QDialog):
    """`sheet` is what is chosen, None while nothing is: nothing is chosen beforehand, so that nobody confirms a guess."""

    def __init__(self, thumbnail: bytes, sheets: Sequence[Sheet], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Whose sheet is this?"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._sheets = tuple(sheets)
        picture, pixmap = QLabel(), QPixmap()
        pixmap.loadFromData(thumbnail)
        picture.setPixmap(pixmap)
        picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.box = QComboBox()
        self.box.setAccessibleName(tr("Sheet"))
        self.box.addItem(tr("Choose …"))
        for sheet in self._sheets:
            self.box.addItem(tr("{writer}, sheet {number}", writer=sheet.writer, number=sheet.seed + 1))
        self._go = button(tr("This one"), self.accept, kind="primary")
        self._go.setEnabled(False)
        self.box.currentIndexChanged.connect(lambda place: self._go.setEnabled(place > 0))
        words = label(
            tr("Its code could not be read. Compare the writer printed on it; a wrong choice gives wrong labels."),
            "muted",
            wrap=True,
        )
        self.setLayout(
            column(
                picture,
                words,
                self.box,
                row(None, button(tr("Later"), self.reject), self._go),
                margins=(20, 18, 20, 16),
                gap=10,
            )
        )

    @property
    def sheet(self) -> Sheet | None:
        """The sheet chosen."""
        place = self.box.currentIndex()
        return self._sheets[place - 1] if place > 0 else None
