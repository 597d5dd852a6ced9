"""One model in full: where it comes from, its figures on the test writers, digit by digit, and what it mixes up."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget

from labeler.core.i18n import ntr, tr
from labeler.gui import theme
from labeler.gui.pages import models_figures
from labeler.gui.widgets.bars import Bar, Columns
from labeler.gui.widgets.confusion import Confusion
from labeler.gui.widgets.pieces import button, column, empty_state, label, row
from labeler.gui.widgets.words import rate, when
from labeler.services.evaluating import left_out_words
from labeler.services.models import Model


class ModelDetail(QFrame):
    """Shows one `Model`. The buttons' actions are the page's."""

    def __init__(self, classes: Sequence[str]) -> None:
        super().__init__()
        self.setProperty("card", True)
        self._classes = tuple(classes)
        self.model: Model | None = None
        self.title = label("", "heading")
        self.mark = label("", "good")
        self.facts = label("", "muted", wrap=True)
        self.promote = button(tr("Promote"), icon="promote", kind="primary")
        self.evaluate = button(tr("Evaluate"), icon="evaluate")
        self.save = button(tr("Save as …"), icon="save")
        self.deeper = button(tr("In depth"), icon="search", tip=tr("Curves, writers, calibration and the worst pages"))
        self._figures = {name: label("–", "figure") for name in ("map50", "map50_95", "corrections_per_100")}
        self._source = label("", "muted", wrap=True)
        self.digits = Columns(top=1.0)
        self.confusion = Confusion()
        self._body = QStackedWidget()
        self._body.addWidget(
            empty_state(
                "evaluate",
                tr("Not judged yet"),
                tr("Evaluate runs it over the labelled pages of the test writers, whom no model has learnt from."),
            )
        )
        self._body.addWidget(self._judged())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        layout.addLayout(row(self.title, self.mark, None, self.save, self.evaluate, self.deeper, self.promote))
        layout.addWidget(self.facts)
        layout.addWidget(self._body, 1)

    def show_model(self, model: Model) -> None:
        """Show this model."""
        self.model = model
        self.title.setText(model.name)
        self.mark.setText(tr("current") if model.is_current else "")
        self.facts.setText(_facts(model))
        self.promote.setEnabled(not model.is_current)
        split, found = models_figures.figures(model)
        self._body.setCurrentIndex(1 if found else 0)
        for name in ("map50", "map50_95"):
            self._figures[name].setText(rate(found.get(name)))
        corrections = models_figures.value(model, "corrections_per_100")
        self._figures["corrections_per_100"].setText("–" if corrections is None else f"{corrections:.1f}")
        source = _source(split, found.get("images"), found.get("boxes"))
        self._source.setText(" ".join(filter(None, (source, left_out_words(found.get("left_out") or 0)))))
        self._show_digits(model)
        self.confusion.set_matrix(self._classes, models_figures.confusion(model))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and self.model is not None:
            self._show_digits(self.model)
        super().changeEvent(event)

    def _show_digits(self, model: Model) -> None:
        dark = theme.current().dark
        self.digits.set_bars(
            [
                Bar(name, value or 0.0, theme.class_colour(n, dark=dark), "–" if value is None else f"{value:.2f}")
                for n, (name, value, _) in enumerate(models_figures.per_digit(model))
            ]
        )

    def _judged(self) -> QWidget:
        words = {
            "map50": "mAP50",
            "map50_95": "mAP50-95",
            "corrections_per_100": tr("corrections per 100 digits"),
        }
        shown = [column(figure, label(words[name], "muted"), gap=0) for name, figure in self._figures.items()]
        left = column(
            row(*shown, None, gap=28), self._source, 6, label(tr("Digit by digit, mAP50-95"), "muted"), self.digits
        )
        left.setStretch(4, 1)
        right = column(label(tr("What was written (rows) and what it saw (columns)"), "muted"), self.confusion)
        right.setStretch(1, 1)
        both = row(left, right, gap=24)
        both.setStretch(0, 3)
        both.setStretch(1, 2)
        result = QWidget()
        both.setContentsMargins(0, 4, 0, 0)
        result.setLayout(both)
        return result


def _facts(model: Model) -> str:
    parts = (
        models_figures.origin_name(model.origin),
        model.arch,
        tr("{size} px", size=model.imgsz),
        tr("from {parent}", parent=model.parent) if model.parent else "",
        tr("on {version}", version=model.version) if model.version else "",
        tr("training {id}", id=model.run) if model.run is not None else "",
        when(model.created_at),
    )
    return ", ".join(filter(None, parts))


def _source(split: str, pages: object, boxes: object) -> str:
    if not isinstance(pages, int) or not isinstance(boxes, int):
        return tr("On the validation writers, at the end of the training.") if split == "val" else ""
    name = tr("test writers") if split == "test" else tr("validation writers")
    return ntr("On {count} page of the {name} with {boxes} digits.", "On {count} pages of the {name} with {boxes} digits.",
               pages, name=name, boxes=boxes)  # fmt: skip
