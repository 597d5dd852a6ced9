"""How far the class is: the chosen writer's digits, every writer's counts, and what this session has brought. Shows what it is given."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from labeler.core.i18n import ntr, tr
from labeler.gui import theme
from labeler.gui.widgets.bars import Bar, Columns
from labeler.gui.widgets.pieces import button, card, column, label
from labeler.gui.widgets.table import Column, Table
from labeler.services.collecting import Summary, WriterProgress


class ProgressPanel(QWidget):
    """Two cards; `chosen` names a writer picked in the table."""

    chosen = Signal(str)
    waiting_wanted = Signal()  # the pages that wait for a person

    def __init__(self) -> None:
        super().__init__()
        self.digits = Columns()
        self.digits.setAccessibleName(tr("Digits of the chosen writer"))
        self.digits.setMinimumHeight(120)
        self.table: Table[WriterProgress] = Table(
            [
                Column(tr("Writer"), lambda w: w.writer, wide=True),
                Column(tr("Pages"), lambda w: str(w.pages), right=True, muted=True),
                Column(tr("Digits"), lambda w: str(w.boxes), right=True),
                Column(tr("Wait"), lambda w: str(w.waiting or ""), right=True, strong=lambda w: w.waiting > 0),
            ]
        )
        self.table.setAccessibleName(tr("Writers"))
        self.table.clicked.connect(self._clicked)
        self.told = label("", wrap=True)
        self.wait = button("", self.waiting_wanted.emit, kind="link")
        self.setLayout(
            column(
                card(self.digits, self.table, heading=tr("Progress")),
                card(self.told, self.wait, heading=tr("This session")),
                gap=16,
            )
        )
        self.tell(None)

    def show_progress(self, writers: Sequence[WriterProgress], chosen: str, names: Sequence[str]) -> None:
        """Show every writer's counts and the digits of the chosen one."""
        self.table.set_rows(writers, key=lambda w: w.writer)
        self.table.fit_height(most=6)
        place = next((n for n, w in enumerate(writers) if w.writer == chosen), None)
        mine = None if place is None else writers[place]
        if place is None:
            self.table.clearSelection()
        else:
            self.table.choose(place)
        counts = mine.digits if mine is not None else {}
        dark = theme.current().dark
        self.digits.set_bars(
            [Bar(name, counts.get(c, 0), theme.class_colour(c, dark=dark)) for c, name in enumerate(names)]
        )

    def tell(self, summary: Summary | None) -> None:
        """Show what this session has brought."""
        if summary is None or not summary.pages:
            self.told.setText(tr("Nothing is written yet."))
            self.wait.hide()
            return
        parts = (
            ntr("{count} page", "{count} pages", summary.pages),
            ntr("{count} box", "{count} boxes", summary.boxes),
            ntr("{count} writer", "{count} writers", len(summary.writers)),
            ntr("{count} minute", "{count} minutes", max(1, round(summary.minutes))),
        )
        self.told.setText(" · ".join(parts))
        self.wait.setVisible(summary.waiting > 0)
        self.wait.setText(ntr("{count} page waits for a person", "{count} pages wait for a person", summary.waiting))

    def _clicked(self) -> None:
        row = self.table.current()
        if row is not None:
            self.chosen.emit(row.writer)
