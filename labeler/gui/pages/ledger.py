"""The effort page: how much correcting each model's suggestions took, model by model, by writer, digit and page."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QStackedWidget, QWidget

from labeler.core.changes import Changes
from labeler.core.i18n import ntr, tr
from labeler.core.ledger import Effort
from labeler.gui import actions
from labeler.gui.pages.page import BasePage
from labeler.gui.session import Session
from labeler.gui.widgets.pieces import button, column, empty_state, label, page_header, row, scroller
from labeler.gui.widgets.plot_card import PlotCard
from labeler.gui.widgets.stacks import Stack, Stacks
from labeler.gui.widgets.table import Column, Table
from labeler.services import images, ledger
from labeler.services.ledger import ImageLine, LedgerLine, PartLine
from labeler.services.project import Project

PAGES_SHOWN = 100
Line = LedgerLine | PartLine | ImageLine
C = TypeVar("C", LedgerLine, ImageLine)


@dataclass(frozen=True, slots=True)
class Contents:
    """What the page shows; `pages` are those with most to correct first."""

    has_images: bool
    models: tuple[LedgerLine, ...]
    writers: tuple[PartLine, ...]
    digits: tuple[PartLine, ...]
    pages: tuple[ImageLine, ...]


class LedgerPage(BasePage):
    """Attributes: `chart`, `models`, `writers`, `digits`, `pages` (tables), `which` (whose pages the parts are of)."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.chart = Stacks(unit=tr("Corrections per 100 digits"))
        self.models: Table[LedgerLine] = Table(_model_columns())
        self.writers: Table[PartLine] = Table(_part_columns(tr("Writer"), per_page=True))
        self.digits: Table[PartLine] = Table(_part_columns(tr("Digit"), per_page=False))
        self.pages: Table[ImageLine] = Table(_page_columns())
        self.summary = label("", "heading", wrap=True)
        self.which = QComboBox()
        self.which.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.which.setAccessibleName(tr("Whose suggestions"))
        self.cards: dict[str, PlotCard] = {}
        self._stack = QStackedWidget()
        for part in (QWidget(), *self._empty_states(), scroller(self._body())):
            self._stack.addWidget(part)
        layout = column(page_header(tr("Effort")), self._stack, gap=0)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.which.activated.connect(lambda _index: self.refresh())
        self.models.chosen.connect(self._model_chosen)
        self.pages.opened.connect(lambda line: session.show("desk", line.image_id))
        session.changed.connect(self._changed)

    def activated(self) -> None:
        """Show the newest counts."""
        self.refresh()

    def refresh(self) -> None:
        """Count again."""
        project, model = self.session.project, self.which.currentData()
        self.session.tasks.read(lambda: _read(project, model), self._show, key=self)

    def _show(self, found: Contents) -> None:
        self._stack.setCurrentIndex(3 if found.models else 2 if found.has_images else 1)
        self.chart.set_stacks(_parts(), [_stack(line) for line in found.models])
        self.summary.setText(summary(found.models))
        self.models.set_rows(found.models, key=lambda m: m.model)
        self.models.fit_height(most=8)
        self._offer([line.model for line in found.models])
        for table in (self.writers, self.digits):
            table.set_rows(found.writers if table is self.writers else found.digits, key=lambda p: p.name)
            table.fit_height(most=10)
        self.pages.set_rows(found.pages, key=lambda p: p.image_id)
        self.pages.fit_height(most=8)

    def _offer(self, models: Sequence[str]) -> None:
        now = self.which.currentData()
        self.which.clear()
        self.which.addItem(tr("All models"), None)
        for name in models:
            self.which.addItem(name, name)
        self.which.setCurrentIndex(max(0, self.which.findData(now)))

    def _model_chosen(self, line: LedgerLine | None) -> None:
        """The parts follow the model that is chosen in the table."""
        if line is not None and self.models.hasFocus() and line.model != self.which.currentData():
            self.which.setCurrentIndex(self.which.findData(line.model))
            self.refresh()

    def _changed(self, changes: Changes) -> None:
        if self.isVisible() and (changes.images or changes.library or changes.models):
            self.refresh()

    def _empty_states(self) -> tuple[QWidget, QWidget]:
        no_images = empty_state(
            "effort",
            tr("Nothing to count yet"),
            tr("Import images first; then a model suggests, you correct, and here it says whether retraining paid."),
            button(tr("Import files …"), lambda: self.session.do("window.import"), icon="import", kind="primary"),
        )
        nothing_reviewed = empty_state(
            "effort",
            tr("No page with suggestions was reviewed yet"),
            tr(
                "On the desk, {key} has the current model suggest. Correct a page and mark it reviewed: what you accepted, moved, "
                "relabelled, deleted and added is counted here, model by model.",
                key=actions.hint("desk.suggest_all"),
            ),
            button(tr("Go to the desk"), lambda: self.session.show("desk"), icon="desk", kind="primary"),
        )
        return no_images, nothing_reviewed

    def _body(self) -> QWidget:
        chart = self._card("effort", tr("Corrections per 100 digits, model by model"), self.chart)
        chart.setMinimumHeight(300)
        models = self._card("models", tr("What became of each model's suggestions"), self.models)
        models.set_note(
            tr("Shown = accepted + moved + relabelled + deleted. Added are digits that no suggestion was on.")
        )
        parts = QGridLayout()
        parts.setSpacing(16)
        top = Qt.AlignmentFlag.AlignTop
        parts.addWidget(self._card("writers", tr("By writer"), self.writers), 0, 0, top)
        parts.addWidget(self._card("digits", tr("By digit"), self.digits), 0, 1, top)
        parts.addWidget(self._card("pages", tr("Pages that took most"), self.pages), 1, 0, 1, 2)
        self.cards["pages"].set_note(tr("Enter shows a page on the desk."))
        whose = row(label(tr("In parts"), "heading"), None, label(tr("Suggestions of"), "muted"), self.which)
        body = QWidget()
        body.setLayout(column(self.summary, chart, models, 4, whose, parts, None, gap=12, margins=(24, 6, 24, 24)))
        return body

    def _card(self, name: str, heading: str, plot: QWidget) -> PlotCard:
        self.cards[name] = PlotCard(heading, plot, save=self._save)
        return self.cards[name]

    def _save(self, card: PlotCard, file: Path) -> None:
        with self.session.guard():
            self.session.say(tr("Saved to {path}", path=card.write(file)))


def summary(lines: Sequence[LedgerLine]) -> str:
    """What the newest model with pages took beside the first, in one sentence."""
    counted = [line for line in lines if line.effort.corrections_per_100 is not None]
    if not counted:
        return ""
    first, last = counted[0], counted[-1]
    after = f"{last.effort.corrections_per_100:.1f}"
    if first is last:
        return tr("{model}: {count} corrections per 100 digits.", model=last.model, count=after)
    return tr(
        "Corrections per 100 digits: {before} with {first}, {after} with {last}.",
        before=f"{first.effort.corrections_per_100:.1f}", first=first.model, after=after, last=last.model,
    )  # fmt: skip


def _parts() -> tuple[str, ...]:
    return tr("moved"), tr("relabelled"), tr("deleted"), tr("added")


def _stack(line: LedgerLine) -> Stack:
    e = line.effort
    digits = e.kept + e.added
    share = 100.0 / digits if digits else 0.0
    return Stack(line.model, tuple(share * n for n in (e.moved, e.relabelled, e.deleted, e.added)))


def _counts(_of: type[C]) -> list[Column[C]]:
    return [
        Column(tr("Shown"), lambda m: f"{m.effort.shown:,}", right=True),
        Column(tr("Accepted"), lambda m: f"{m.effort.accepted:,}", right=True),
        Column(tr("Moved"), lambda m: f"{m.effort.moved:,}", right=True),
        Column(tr("Relabelled"), lambda m: f"{m.effort.relabelled:,}", right=True),
        Column(tr("Deleted"), lambda m: f"{m.effort.deleted:,}", right=True),
        Column(tr("Added"), lambda m: f"{m.effort.added:,}", right=True),
    ]


def _model_columns() -> list[Column[LedgerLine]]:
    return [
        Column(tr("Model"), lambda m: m.model, wide=True),
        Column(tr("Pages"), lambda m: f"{m.images:,}", right=True),
        *_counts(LedgerLine),
        Column(tr("Per 100"), lambda m: _per_100(m.effort), right=True, strong=lambda _m: True, tip=_tip),
        Column(tr("Seconds / page"), lambda m: _mean(m.seconds, m.timed), right=True),
    ]


def _part_columns(name: str, *, per_page: bool) -> list[Column[PartLine]]:
    each = tr("Seconds / page") if per_page else tr("Seconds / digit")
    return [
        Column(name, lambda p: p.name or tr("not known"), wide=True),
        Column(tr("Pages"), lambda p: f"{p.images:,}", right=True),
        Column(tr("Digits"), lambda p: f"{_digits(p.effort):,}", right=True),
        Column(tr("Corrections"), lambda p: f"{p.effort.corrections:,}", right=True),
        Column(tr("Per 100"), lambda p: _per_100(p.effort), right=True, strong=lambda _p: True, tip=_tip),
        Column(each, lambda p: _mean(p.seconds, p.timed), right=True),
    ]


def _page_columns() -> list[Column[ImageLine]]:
    return [
        Column(tr("Page"), lambda p: p.name, wide=True),
        Column(tr("Writer"), lambda p: p.writer or "–", muted=True),
        Column(tr("Model"), lambda p: p.model, muted=True),
        *_counts(ImageLine),
        Column(tr("Seconds"), lambda p: _mean(p.seconds, 1), right=True),
    ]


def _digits(effort: Effort) -> int:
    return effort.kept + effort.added


def _per_100(effort: Effort) -> str:
    found = effort.corrections_per_100
    return "–" if found is None else f"{found:.1f}"


def _mean(seconds: float, count: int) -> str:
    """Nothing is shown where no time was taken down, as for edits made by a program."""
    return f"{seconds / count:.1f}" if seconds and count else "–"


def _tip(line: Line) -> str:
    e = line.effort
    return ntr(
        "{corrections} corrections on {count} digit", "{corrections} corrections on {count} digits", _digits(e),
        corrections=e.corrections,
    )  # fmt: skip


def _read(project: Project, model: str | None) -> Contents:
    lines = tuple(ledger.ledger(project))
    wanted = model if any(line.model == model for line in lines) else None
    pages = ledger.by_image(project, model=wanted)
    worst = sorted(pages, key=lambda p: (-p.effort.corrections, -p.seconds, p.image_id))
    return Contents(
        bool(images.stats(project).images), lines, tuple(ledger.by_writer(pages)),
        tuple(ledger.by_digit(project, model=wanted)), tuple(worst[:PAGES_SHOWN]),
    )  # fmt: skip
