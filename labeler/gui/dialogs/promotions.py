"""Who made which model current, when and why: the registry's memory, to be read."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from labeler.core.i18n import tr
from labeler.gui.widgets.pieces import button, column, label, row
from labeler.gui.widgets.table import Column, Table
from labeler.gui.widgets.words import when
from labeler.services.models import Promotion


class PromotionsDialog(QDialog):
    """A table of promotions, newest first."""

    def __init__(self, promotions: Sequence[Promotion], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("History of the current model"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(880, 420)
        self.table: Table[Promotion] = Table(
            [
                Column(tr("When"), lambda p: when(p.at)),
                Column(tr("What"), lambda p: kind_name(p.kind)),
                Column(tr("Model"), lambda p: p.model, strong=lambda _: True),
                Column(tr("Before"), lambda p: p.previous or "–", muted=True),
                Column(tr("Reason"), lambda p: p.reason, wide=True, tip=lambda p: p.reason),
                Column(tr("By"), lambda p: p.by or "–", muted=True),
            ]
        )
        self.table.setAccessibleName(self.windowTitle())
        self.table.set_rows(promotions)
        self.setLayout(
            column(
                label(tr("History of the current model"), "heading"),
                self.table,
                row(None, button(tr("Close"), self.accept, kind="primary")),
                margins=(20, 18, 20, 16),
                gap=10,
            )
        )


def kind_name(kind: str) -> str:
    """What happened, in words."""
    names = {"start": tr("came with the project"), "promote": tr("promoted"), "rollback": tr("rolled back to")}
    return names.get(kind, kind)
