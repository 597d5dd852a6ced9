"""Two models on the same pages: figures with intervals, digits won and lost, the gate's verdict with its rules, the pages that changed."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QLabel, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from labeler.core.gate import Check
from labeler.core.i18n import tr
from labeler.gui.gallery_feed import GalleryFeed
from labeler.gui.pages import models_differences
from labeler.gui.pages.models_differences import DigitRow, FigureRow
from labeler.gui.pages.models_evaluation import legend
from labeler.gui.session import Session
from labeler.gui.widgets.gallery import Gallery
from labeler.gui.widgets.pieces import button, column, empty_state, label, row, scroller, set_role, tool
from labeler.gui.widgets.table import Column, Table
from labeler.services.evaluating import OPERATING_SCORE, left_out_words
from labeler.services.judging import Judgement
from labeler.services.models import Model

MOST_PAGES = 60


class CompareView(QWidget):
    """`wanted` carries the names of the model before and the model after; `promote` and `rules` are the buttons' words."""

    back = Signal()
    wanted = Signal(str, str)
    promote = Signal(object)  # Judgement
    rules = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.judgement: Judgement | None = None
        self.before, self.after = QComboBox(), QComboBox()
        self.before.setAccessibleName(tr("Model before"))
        self.after.setAccessibleName(tr("Model after"))
        self.go = button(tr("Compare"), self._go, icon="evaluate", kind="primary")
        self.go.setAutoDefault(True)  # it has the focus when the view opens: Enter compares
        self.verdict = label("", "title")
        self.reasons = label("", wrap=True)
        self.checks = QVBoxLayout()
        self.figures: Table[FigureRow] = Table(_figure_columns())
        self.digits: Table[DigitRow] = Table(_digit_columns())
        self.filter = QComboBox()
        self.gallery = Gallery(session.project.classes, panes=2)
        self.gallery.setAccessibleName(tr("Pages that changed"))
        self._feed = GalleryFeed(session, self.gallery)
        self._classes = tuple(session.project.classes)
        self._promote = button(tr("Promote"), self._ask_promote, icon="promote")
        self._body = QStackedWidget()
        self.tabs = QTabWidget()
        self._lay_out()
        self.filter.activated.connect(lambda _: self._fill_gallery())
        self.tabs.currentChanged.connect(lambda _: self._fill_gallery())

    def offer(self, models: Sequence[Model], *, after: str) -> None:
        """Offer these models to choose from; the current one before, `after` after."""
        names = [model.name for model in reversed(models)]
        current = next((model.name for model in models if model.is_current), "")
        for combo, chosen in ((self.before, current), (self.after, after)):
            combo.clear()
            combo.addItems(names)
            combo.setCurrentText(chosen)
        if after == current and len(names) > 1:
            self.after.setCurrentText(next(name for name in names if name != current))
        self._body.setCurrentIndex(0)
        self.judgement = None
        self._promote.hide()
        self._feed.clear()

    def show_current(self, models: Sequence[Model]) -> None:
        """Offer the promotion only while the model before is the one of `models` that suggests."""
        current = next((model.name for model in models if model.is_current), "")
        self._promote.setVisible(self.judgement is not None and self.judgement.current == current)

    def show_judgement(self, judgement: Judgement) -> None:
        """Show what came of a comparison."""
        self.judgement = judgement
        decision = judgement.decision
        self.verdict.setText(models_differences.verdict(judgement))
        set_role(self.verdict, "title")
        reasons = filter(None, (*decision.reasons, left_out_words(judgement.left_out)))
        self.reasons.setText("\n".join(f"•  {reason}" for reason in reasons))
        _clear(self.checks)
        for check in decision.checks:
            self.checks.addWidget(_check(check))
        self.figures.set_rows(models_differences.figures(judgement))
        self.figures.fit_height(most=8)
        self.digits.set_rows(models_differences.digits(judgement, self._classes))
        self._promote.setText(tr("Promote") if decision.passes else tr("Promote anyway …"))
        self._offer_pages(judgement)
        self._body.setCurrentIndex(1)
        self._fill_gallery()

    def _offer_pages(self, judgement: Judgement) -> None:
        self.filter.clear()
        for text, pages in models_differences.page_lists(judgement, self._classes):
            self.filter.addItem(text, pages)

    def _fill_gallery(self) -> None:
        if self.judgement is None or self.tabs.currentIndex() != self.tabs.count() - 1:
            return
        pages = self.filter.currentData() or ()
        ids = [self.judgement.image_ids[n] for n in pages[:MOST_PAGES]]
        names = [self.judgement.current, self.judgement.candidate]
        self._feed.show(ids, names, min_score=OPERATING_SCORE)

    def _go(self) -> None:
        self.wanted.emit(self.before.currentText(), self.after.currentText())

    def _ask_promote(self) -> None:
        if self.judgement is not None:
            self.promote.emit(self.judgement)

    def _lay_out(self) -> None:
        head = row(
            tool("left", tr("Back to the models"), self.back.emit), label(tr("Compare"), "title"), 12, self.before,
            label("→", "muted"), self.after, self.go, None, button(tr("Rules …"), self.rules.emit, icon="settings"), self._promote,
            margins=(16, 18, 24, 10),
        )  # fmt: skip
        for combo in (self.before, self.after):
            combo.setMinimumWidth(170)
        self.tabs.addTab(self._verdict_tab(), tr("Verdict"))
        self.tabs.addTab(self._digits_tab(), tr("Digit by digit"))
        self.tabs.addTab(self._pages_tab(), tr("Pages that changed"))
        self._body.addWidget(
            empty_state(
                "evaluate",
                tr("Two models on the same pages"),
                tr(
                    "Both look at the labelled pages of the test writers; each difference comes with its 95 % interval."
                ),
            )
        )
        self._body.addWidget(self.tabs)
        self._promote.hide()
        layout = column(head, self._body, gap=0)
        layout.setStretch(1, 1)
        self.setLayout(layout)

    def _verdict_tab(self) -> QWidget:
        said = _framed(self.verdict, self.reasons, 6, label(tr("The gate's rules"), "muted"), self.checks)
        figures = _framed(label(tr("Figures"), "heading"), self.figures)
        return scroller(_tab(column(said, figures, None, gap=16)))

    def _digits_tab(self) -> QWidget:
        note = label(
            tr("Found with the right class, before and after; lost and gained compare digit with digit."), "muted"
        )
        frame = _framed(note, self.digits)
        return _tab(column(frame))

    def _pages_tab(self) -> QWidget:
        self.filter.setAccessibleName(tr("Which pages"))
        self.filter.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        frame = _framed(row(self.filter, label(legend(), "muted", wrap=True), gap=16), self.gallery)
        layout = frame.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.setStretch(1, 1)
        return _tab(column(frame))


def _framed(*parts: object) -> QFrame:
    frame = QFrame()
    frame.setProperty("card", True)
    frame.setLayout(column(*parts, gap=8, margins=(16, 12, 14, 14)))  # type: ignore[arg-type]  # as `column` takes them
    return frame


def _tab(layout: QVBoxLayout) -> QWidget:
    layout.setContentsMargins(24, 12, 24, 24)
    result = QWidget()
    result.setLayout(layout)
    return result


def _check(check: Check) -> QLabel:
    if check.against:
        mark, role, name = "✗", "bad", tr("Broken: {rule}", rule=check.rule)
    elif check.sure:
        mark, role, name = "✓", "good", tr("Kept: {rule}", rule=check.rule)
    else:
        mark, role, name = "?", "muted", tr("Cannot be told: {rule}", rule=check.rule)
    result = label(f"{mark}  {check.rule}", role, wrap=True)
    result.setToolTip("" if check.sure else "\n".join(check.notes) or tr("These pages are too few to tell."))
    result.setAccessibleName(name)
    result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return result


def _clear(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


def _figure_columns() -> list[Column[FigureRow]]:
    return [
        Column(tr("Figure"), lambda r: r.name, wide=True),
        Column(tr("Before"), lambda r: r.before, right=True),
        Column(tr("After"), lambda r: r.after, right=True),
        Column(tr("Difference"), lambda r: r.difference, right=True, strong=lambda r: r.is_sure),
        Column(tr("95 % interval"), lambda r: r.between, right=True, muted=True),
    ]


def _digit_columns() -> list[Column[DigitRow]]:
    return [
        Column(tr("Digit"), lambda r: r.name, wide=True, strong=lambda r: r.is_sure),
        Column(tr("Written"), lambda r: str(r.written), right=True),
        Column(tr("Before"), lambda r: str(r.before), right=True),
        Column(tr("After"), lambda r: str(r.after), right=True),
        Column(tr("Lost"), lambda r: str(r.lost), right=True),
        Column(tr("Gained"), lambda r: str(r.gained), right=True),
        Column(tr("Recall"), lambda r: r.recall, right=True, strong=lambda r: r.is_sure),
        Column(tr("95 % interval"), lambda r: r.between, right=True, muted=True),
    ]
