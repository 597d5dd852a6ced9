"""One model's evaluation in depth: curves, digits, writers and sources, the worst pages. Shows figures; the page has them made."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from labeler.core.filters import ImageFilter
from labeler.core.i18n import ntr, tr
from labeler.gui.gallery_feed import GalleryFeed
from labeler.gui.pages import models_curves, models_figures
from labeler.gui.pages.models_curves import Group
from labeler.gui.session import Session
from labeler.gui.widgets.chart import Chart
from labeler.gui.widgets.confusion import Confusion
from labeler.gui.widgets.gallery import Gallery
from labeler.gui.widgets.pieces import button, column, empty_state, label, row, tool
from labeler.gui.widgets.plot_card import PlotCard
from labeler.gui.widgets.table import Column, Table
from labeler.gui.widgets.words import rate
from labeler.services.evaluating import left_out_words
from labeler.services.models import Model

SHARE = (0.0, 1.0)


class EvaluationView(QWidget):
    """Shows what is kept with a model. `back` and `again` are the buttons' words."""

    back = Signal()
    again = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._pages_shown: tuple[object, ...] = ()
        self.model: Model | None = None
        self.title = label("", "title")
        self.facts = label("", "muted", wrap=True)
        self.recall_precision = Chart(top=1.0, across=SHARE, x_name=tr("recall"))
        self.by_score = Chart(top=1.0, across=SHARE, x_name=tr("score from which finds count"))
        self.corrections = Chart(across=SHARE, x_name=tr("score from which finds are shown"))
        self.calibration = Chart(top=1.0, across=SHARE, x_name=tr("score"))
        self.confusion = Confusion()
        self.digits: Table[Group] = Table(_digit_columns())
        self.writers: Table[Group] = Table(_group_columns(tr("Writer")))
        self.sources: Table[Group] = Table(_group_columns(tr("Source")))
        self.gallery = Gallery(session.project.classes)
        self.gallery.setAccessibleName(tr("Worst pages"))
        self._feed = GalleryFeed(session, self.gallery)
        self.tabs = QTabWidget()
        self._body = QStackedWidget()
        self._cards: dict[str, PlotCard] = {}
        self._lay_out()
        self.writers.opened.connect(lambda g: session.show("desk", ImageFilter(writer=g.name)) if g.name else None)
        self.sources.opened.connect(lambda g: session.show("desk", ImageFilter(source=g.name)) if g.name else None)
        self.tabs.currentChanged.connect(lambda _: self._fill_gallery())

    def show_model(self, model: Model) -> None:
        """Show this model's figures."""
        if model == self.model:
            return
        self.model = model
        split, figures = models_figures.figures(model)
        names = {
            "test": tr("the test writers"),
            "val": tr("the validation writers"),
            "train": tr("the training writers"),
        }
        self.title.setText(tr("{model} on {writers}", model=model.name, writers=names.get(split, names["test"])))
        deep = models_curves.is_deep(figures)
        self._body.setCurrentIndex(1 if deep else 0)
        self.facts.setText(_facts(figures) if deep else "")
        self._pages_shown = ()
        self._feed.clear()
        if deep:
            self._show(figures)
            self._fill_gallery()

    def save_all(self, folder: Path) -> list[Path]:
        """Write every plot into a folder, as picture, drawing and numbers. Raises `UserError`."""
        return [
            card.write(folder / f"{name}{ending}")
            for name, card in self._cards.items()
            for ending in (".png", ".svg", ".csv")
        ]

    def _show(self, figures: Mapping[str, Any]) -> None:
        self.recall_precision.set_series(models_curves.precision_recall(figures))
        self.by_score.set_series(models_curves.by_score(figures))
        self.by_score.set_mark(figures["best_score"])
        self.corrections.set_series(models_curves.corrections(figures))
        self.corrections.set_mark(figures["suggested_score"])
        self.calibration.set_series(models_curves.calibration(figures))
        self.confusion.set_matrix(self._session.project.classes, figures["confusion"])
        self.digits.set_rows(models_curves.groups(figures, "per_class"))
        self.writers.set_rows(models_curves.groups(figures, "per_writer"))
        self.sources.set_rows(models_curves.groups(figures, "per_source"))
        best, error = figures["suggested_corrections_per_100"], figures["calibration"]["error"]
        self._cards["corrections"].set_note(
            "" if best is None else tr("Fewest, {count} per 100 digits, where suggestions from a score of {score} on are shown.",
                                       count=f"{best:.1f}", score=f"{figures['suggested_score']:g}")
        )  # fmt: skip
        self._cards["calibration"].set_note(
            "" if error is None else tr("Scores are off by {points} points on average. A dot stands for {few} finds or more.",
                                        points=f"{100 * error:.1f}", few=models_curves.FEW)
        )  # fmt: skip

    def _fill_gallery(self) -> None:
        """Models look at pages only once somebody looks at the gallery."""
        model = self.model
        if model is None or self.tabs.currentIndex() != self.tabs.count() - 1:
            return
        figures = models_figures.figures(model)[1]
        if models_curves.is_deep(figures):
            pages = models_curves.worst_pages(figures)
            wanted = (model.name, tuple(pages))
            if wanted != self._pages_shown:
                self._pages_shown = wanted
                self._feed.show(pages, [model.name], min_score=figures["at_score"])

    def _lay_out(self) -> None:
        self.evaluate_again = button(tr("Evaluate again"), self.again.emit, icon="evaluate")
        self.save_plots = button(tr("Save all plots …"), icon="save")
        head = row(
            tool("left", tr("Back to the models"), self.back.emit), self.title, None, self.save_plots, self.evaluate_again,
            margins=(16, 18, 24, 6),
        )  # fmt: skip
        self.tabs.addTab(self._curves_tab(), tr("Curves"))
        self.tabs.addTab(self._digits_tab(), tr("Digits"))
        self.tabs.addTab(self._groups_tab(), tr("Writers and sources"))
        self.tabs.addTab(self._gallery_tab(), tr("Worst pages"))
        self._body.addWidget(
            empty_state(
                "evaluate",
                tr("Not judged in depth yet"),
                tr("Evaluate runs it over the labelled pages of the test writers, whom no model has learnt from."),
                button(tr("Evaluate"), self.again.emit, icon="evaluate", kind="primary"),
            )
        )
        self._body.addWidget(self.tabs)
        layout = column(head, row(self.facts, margins=(24, 0, 24, 4)), self._body, gap=0)
        layout.setStretch(2, 1)
        self.setLayout(layout)

    def _card(self, name: str, heading: str, plot: QWidget) -> PlotCard:
        self._cards[name] = PlotCard(heading, plot, save=self._save)
        return self._cards[name]

    def _save(self, card: PlotCard, file: Path) -> None:
        with self._session.guard():
            self._session.say(tr("Saved to {path}", path=card.write(file)))

    def _curves_tab(self) -> QWidget:
        grid = QGridLayout()
        grid.setContentsMargins(24, 12, 24, 24)
        grid.setSpacing(16)
        grid.addWidget(self._card("precision-recall", tr("Precision over recall"), self.recall_precision), 0, 0)
        grid.addWidget(self._card("by-score", tr("Precision, recall and F1 by score"), self.by_score), 0, 1)
        grid.addWidget(self._card("corrections", tr("What there is to correct, by score"), self.corrections), 1, 0)
        grid.addWidget(self._card("calibration", tr("Do the scores mean what they say?"), self.calibration), 1, 1)
        result = QWidget()
        result.setLayout(grid)
        return result

    def _digits_tab(self) -> QWidget:
        heading = tr("What was written (rows) and what it saw (columns)")
        table = self._card("digits", tr("Digit by digit"), self.digits)
        both = row(table, self._card("confusion", heading, self.confusion), gap=16, margins=(24, 12, 24, 24))
        both.setStretch(0, 1)
        both.setStretch(1, 1)
        result = QWidget()
        result.setLayout(both)
        return result

    def _groups_tab(self) -> QWidget:
        writers = self._card("writers", tr("Writer by writer"), self.writers)
        sources = self._card("sources", tr("Source by source"), self.sources)
        for card in (writers, sources):
            card.set_note(tr("Most to correct first. Enter shows the pages on the desk."))
        both = row(writers, sources, gap=16, margins=(24, 12, 24, 24))
        both.setStretch(0, 1)
        both.setStretch(1, 1)
        result = QWidget()
        result.setLayout(both)
        return result

    def _gallery_tab(self) -> QWidget:
        frame = QFrame()
        frame.setProperty("card", True)
        layout = QVBoxLayout(frame)
        layout.setContentsMargins(14, 10, 10, 10)
        layout.addWidget(label(legend(), "muted", wrap=True))
        layout.addWidget(self.gallery, 1)
        result = QWidget()
        result.setLayout(column(frame, margins=(24, 12, 24, 24)))
        return result


def legend() -> str:
    """What the colours of a gallery mean."""
    return tr(
        "Green is right, amber right but badly placed, red wrong, dashed red missed; thin lines are the true boxes. "
        "A click opens the page on the desk."
    )


def _facts(figures: Mapping[str, Any]) -> str:
    """The figures in one line."""
    corrections = figures["corrections_per_100"]
    parts = [
        ntr("{count} page", "{count} pages", figures["images"]),
        ntr("{count} digit", "{count} digits", figures["boxes"]),
        f"mAP50 {rate(figures['map50'])}",
        f"mAP50-95 {rate(figures['map50_95'])}",
        "" if corrections is None else tr("{count} corrections per 100 digits", count=f"{corrections:.1f}"),
        tr("{seconds} ms a page", seconds=f"{1000 * figures['seconds_per_page']:.0f}"),
    ]
    if figures.get("left_out"):
        parts.append(left_out_words(figures["left_out"]).rstrip(".。"))
    if figures["blank_pages"]:
        parts.append(
            ntr("false alarms on {count} blank page: {alarms}", "false alarms on {count} blank pages: {alarms}",
                figures["blank_pages"], alarms=figures["blank_false_alarms"])
        )  # fmt: skip
    return "  ·  ".join(filter(None, parts))


def _digit_columns() -> list[Column[Group]]:
    def figure(key: str, name: str) -> Column[Group]:
        return Column(name, lambda g: rate(g.figures.get(key)), right=True)

    return [
        Column(tr("Digit"), lambda g: g.name, wide=True),
        Column(tr("Digits"), lambda g: str(g.boxes), right=True),
        figure("precision", tr("Precision")),
        figure("recall", tr("Recall")),
        figure("f1", "F1"),
        figure("ap50", "AP50"),
        figure("ap50_95", "AP50-95"),
    ]


def _group_columns(name: str) -> list[Column[Group]]:
    return [
        Column(name, lambda g: g.name or tr("not known"), wide=True),
        Column(tr("Pages"), lambda g: str(g.images), right=True),
        Column(tr("Digits"), lambda g: str(g.boxes), right=True),
        Column("mAP50", lambda g: rate(g.figures.get("map50")), right=True),
        Column("mAP50-95", lambda g: rate(g.figures.get("map50_95")), right=True),
        Column(tr("Corrections / 100"), _corrections, right=True),
    ]


def _corrections(group: Group) -> str:
    found = group.figures.get("corrections_per_100")
    return "–" if found is None else f"{found:.1f}"
