"""Statistics as plots: digits by split, source or writer, box sizes and places, progress and agreement over time; each can be saved."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from PySide6.QtCore import QDate, QLocale
from PySide6.QtWidgets import QComboBox, QGridLayout, QWidget

from labeler.core.distributions import density, histogram, running
from labeler.core.i18n import ntr, tr
from labeler.core.splits import SPLITS
from labeler.gui.session import Session
from labeler.gui.widgets.chart import Chart, Series
from labeler.gui.widgets.pieces import column, label, row, scroller
from labeler.gui.widgets.plot_card import PlotCard
from labeler.gui.widgets.spreads import HistogramPlot, PlaceMap, described
from labeler.gui.widgets.stacks import Stack, Stacks
from labeler.gui.widgets.states import COLOURS, split_text
from labeler.services import statistics
from labeler.services.project import Project
from labeler.services.statistics import Count, Day, Geometry

MOST_PARTS = 9
"""Parts of a column that can be told apart; what is less is one part together."""
COLUMNS, ROWS = 32, 24


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """What the plots show."""

    counts: tuple[Count, ...]
    geometry: Geometry
    days: tuple[Day, ...]


class StatisticsSection(QWidget):
    """Attributes: `digits`, `sizes`, `places`, `progress`, `agreement` (plots), `part` (what the digits are cut by), `cards`."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._figures: Figures | None = None
        self.digits = Stacks(unit=tr("Class"), decimals=0)
        self.sizes = HistogramPlot(unit=tr("size of a box in pixels (square root of its area)"))
        self.places = PlaceMap()
        self.progress = Chart(empty=tr("Nothing is reviewed yet."), x_text=_date)
        self.agreement = Chart(top=1.0, empty=tr("No suggestion was judged yet."), x_text=_date)
        self.part = QComboBox()
        self.part.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.part.setAccessibleName(tr("Digits cut by"))
        for name, part in _parts():
            self.part.addItem(name, part)
        self.cards: dict[str, PlotCard] = {}
        grid = QGridLayout()
        grid.setSpacing(16)
        for name, heading, plot, place in (
            ("digits", tr("Digits by class"), self.digits, (0, 0, 1, 2)),
            ("sizes", tr("How large boxes are"), self.sizes, (1, 0, 1, 1)),
            ("places", tr("Where on the page boxes lie"), self.places, (1, 1, 1, 1)),
            ("progress", tr("Pages reviewed, in all"), self.progress, (2, 0, 1, 1)),
            ("agreement", tr("Share of suggestions accepted as they were"), self.agreement, (2, 1, 1, 1)),
        ):
            card = self.cards[name] = PlotCard(heading, plot, save=self._save)
            card.setMinimumHeight(290)
            grid.addWidget(card, *place)
        cut = row(None, label(tr("Digits cut by"), "muted"), self.part)
        body = QWidget()
        body.setLayout(column(cut, grid, None, gap=10, margins=(24, 8, 24, 24)))
        self.setLayout(column(scroller(body)))
        self.part.currentIndexChanged.connect(lambda _index: self._show_digits())

    def refresh(self) -> None:
        """Count again."""
        project = self._session.project
        self._session.tasks.read(lambda: _read(project), self.show_figures, key=self)

    def show_figures(self, figures: Figures) -> None:
        """Show these."""
        self._figures = figures
        self._show_digits()
        geometry = figures.geometry
        self.sizes.set_histogram(histogram(geometry.sides))
        self.cards["sizes"].set_note(described(geometry.sides.tolist()))
        self.places.set_density(density(geometry.centres, columns=COLUMNS, rows=ROWS))
        self._show_days(figures.days)

    def save_all(self, folder: Path) -> list[Path]:
        """Write every plot into a folder, as picture, drawing and numbers. Raises `UserError`."""
        return [
            card.write(folder / f"{name}{ending}")
            for name, card in self.cards.items()
            for ending in (".png", ".svg", ".csv")
        ]

    def _show_digits(self) -> None:
        if self._figures is None:
            return
        classes = self._session.project.classes
        found = statistics.by_class(self._figures.counts, self.part.currentData(), len(classes))
        parts = _fewer(_splits_in_order(found))
        stacks = [Stack(name, tuple(float(n[c]) for n in parts.values())) for c, name in enumerate(classes)]
        is_by_split = self.part.currentIndex() == 0
        self.digits.set_stacks(list(parts), stacks, colours=_split_colours() if is_by_split else None)

    def _show_days(self, days: Sequence[Day]) -> None:
        xs = [float(d.day.toordinal()) for d in days]
        reviewed = running([d.reviewed for d in days])
        done = [(x, float(n)) for x, n in zip(xs, reviewed, strict=True)] if any(reviewed) else []
        self.progress.set_series([Series(tr("pages reviewed"), tuple(done), 5, dots=True)])
        agreed = [(x, d.agreement) for x, d in zip(xs, days, strict=True) if d.agreement is not None]
        self.agreement.set_series([Series(tr("accepted as they were"), tuple(agreed), 2, dots=True)])
        minutes = round(sum(d.seconds for d in days) / 60)
        edits = sum(d.edits for d in days)
        words = tr(
            "{edits} on {days}, {minutes} of work.",
            edits=ntr("{number} edit", "{number} edits", edits, number=f"{edits:,}"),
            days=ntr("{count} day", "{count} days", len(days)),
            minutes=ntr("{count} minute", "{count} minutes", minutes),
        )
        self.cards["progress"].set_note(words if edits else "")

    def _save(self, card: PlotCard, file: Path) -> None:
        with self._session.guard():
            self._session.say(tr("Saved to {path}", path=card.write(file)))


def _parts() -> list[tuple[str, Callable[[Count], str]]]:
    return [
        (tr("split"), lambda line: split_text(line.split)),
        (tr("source"), lambda line: line.source or tr("(none)")),
        (tr("writer"), lambda line: line.writer or tr("no writer")),
    ]


def _split_colours() -> dict[str, str]:
    """The splits' colours, as everywhere."""
    return {split_text(split): COLOURS.get(split or "", "strong_line") for split in (*SPLITS, None)}


def _splits_in_order(found: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Splits in their own order, whatever their size."""
    known = [name for split in (*SPLITS, None) if (name := split_text(split)) in found]
    return {name: found[name] for name in dict.fromkeys((*known, *found))}


def _fewer(found: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """The largest parts, and the rest as one."""
    if len(found) <= MOST_PARTS:
        return found
    names = list(found)
    kept = {name: found[name] for name in names[: MOST_PARTS - 1]}
    rest = [found[name] for name in names[MOST_PARTS - 1 :]]
    return {**kept, tr("{count} others", count=len(rest)): tuple(sum(column) for column in zip(*rest, strict=True))}


def _date(x: float) -> str:
    day = date.fromordinal(int(x))
    return QLocale().toString(QDate(day.year, day.month, day.day), QLocale.FormatType.ShortFormat)


def _read(project: Project) -> Figures:
    return Figures(tuple(statistics.counts(project)), statistics.geometry(project), tuple(statistics.days(project)))
