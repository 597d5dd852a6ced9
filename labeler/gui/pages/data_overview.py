"""The top of the data page: the counts as figures and small plots, and the button that assigns splits."""

from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from labeler.core.i18n import tr
from labeler.gui import theme
from labeler.gui.session import Session
from labeler.gui.widgets.bars import Bar, Columns, Shares
from labeler.gui.widgets.pieces import button, card, column, label, row
from labeler.gui.widgets.states import COLOURS
from labeler.services import splitting
from labeler.services.images import Stats
from labeler.services.splitting import SplitReport


class Overview(QWidget):
    """Shows `Stats`."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._stats: Stats | None = None
        self._figures = {name: label("–", "figure") for name in ("images", "boxes", "writers", "reviewed")}
        self.digits = Columns()
        self.splits = Shares()
        self.states = Shares()
        self.assign = button(tr("Assign splits"), self.assign_splits, icon="split")
        self.assign.setToolTip(
            tr("Gives a split to what has none. A writer's pages stay together, and nobody is ever moved.")
        )
        figures = row(
            self._figure("images", tr("images")),
            self._figure("boxes", tr("digits with a box")),
            self._figure("writers", tr("writers")),
            self._figure("reviewed", tr("reviewed")),
            gap=16,
        )
        digits = card(self.digits, heading=tr("Digits"))
        shares = column(
            card(self.splits, heading=tr("Splits"), actions=[self.assign]),
            card(self.states, heading=tr("Review")),
            gap=16,
        )
        plots = row(digits, shares, gap=16)
        plots.setStretch(0, 3)
        plots.setStretch(1, 2)
        self.setLayout(column(figures, plots, gap=16))

    def show_stats(self, stats: Stats) -> None:
        """Show these counts."""
        self._stats = stats
        reviewed = stats.by_state.get("reviewed", 0)
        share = f"{100 * reviewed / stats.images:.0f} %" if stats.images else "–"
        for name, text in {
            "images": f"{stats.images:,}",
            "boxes": f"{stats.boxes:,}",
            "writers": f"{stats.writers:,}",
            "reviewed": share,
        }.items():
            self._figures[name].setText(text)
        dark = theme.current().dark
        self.digits.set_bars(
            [Bar(name, n, theme.class_colour(i, dark=dark)) for i, (name, n) in enumerate(stats.by_class.items())]
        )
        self.splits.set_bars([Bar(split_name(s), n, _colour(s)) for s, n in stats.by_split.items()])
        self.states.set_bars([Bar(state_name(s), n, _colour(s)) for s, n in stats.by_state.items()])
        self.assign.setEnabled(bool(stats.by_split.get("none")))

    def assign_splits(self) -> None:
        """Give a split to what has none."""
        project = self._session.project
        self._session.tasks.run(
            tr("Assigning splits"), lambda progress: splitting.assign(project, progress=progress), done=self._assigned
        )

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and self._stats is not None:
            self.show_stats(self._stats)
        super().changeEvent(event)

    def _assigned(self, report: SplitReport) -> None:
        counts = ", ".join(f"{split_name(s)} {n}" for s, n in report.by_split.items() if s != "none")
        self._session.say(tr("Splits assigned: {counts}.", counts=counts), tr("Writers keep their split for ever."))

    def _figure(self, name: str, words: str) -> QFrame:
        figure: QLabel = self._figures[name]
        return card(column(figure, label(words, "muted"), gap=0))


def split_name(split: str) -> str:
    """A split in words."""
    return {"train": tr("training"), "val": tr("validation"), "test": tr("test"), "none": tr("no split yet")}.get(
        split, split
    )


def state_name(state: str) -> str:
    """A review state in words."""
    return {"new": tr("new"), "suggested": tr("suggested"), "reviewed": tr("reviewed")}.get(state, state)


def _colour(name: str) -> QColor:
    return QColor(getattr(theme.current(), COLOURS.get(name, "strong_line")))
