"""What is known of the page in front: name, state, size, writer, split, source, prompt, and why a person must look at it."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from labeler.core import doubts
from labeler.core.boxes import ReviewState
from labeler.core.i18n import tr
from labeler.core.pages import Image
from labeler.gui import actions
from labeler.gui.widgets.elided import Elided
from labeler.gui.widgets.pieces import button, column, label, row
from labeler.gui.widgets.states import draw_state, split_text, state_text

MARGIN = 14


class PageFacts(QWidget):
    """A few lines of text. `writer_wanted` asks to say who wrote the page."""

    writer_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = Elided("heading")
        self._mark = _Mark()
        self.state = label("", "muted")
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self.values = {key: self._line(n, name) for n, (key, name) in enumerate(_lines())}
        self.writer_button = button("", self.writer_wanted.emit, kind="inline")
        self.writer_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.writer_button.setToolTip(tr("Say whose hand wrote this page."))
        self._grid.addWidget(self.writer_button, 0, 2)
        self.doubts = Doubts()
        head = column(self.name, row(self._mark, self.state, None, gap=6), gap=3)
        self.setLayout(column(head, self._grid, self.doubts, gap=10, margins=(MARGIN, 12, MARGIN, 12)))
        self.show_image(None)

    def show_image(self, image: Image | None, *, margin: float = 0.0) -> None:
        """The facts of an image, and by how much its suggestions were made larger; see `core.habit`."""
        self.setVisible(image is not None)
        if image is None:
            return
        self.name.show_text(image.name)
        self._mark.show_state(image.state)
        self.state.setText(f"{state_text(image.state)} · {image.width} × {image.height}")
        facts = {
            "writer": image.writer or tr("not known"),
            "split": split_text(image.split),
            "source": tr("the pad") if image.kind == "ink" else image.source,
            "prompt": image.prompt or "",
            "fitted": _fitted_text(margin),
        }
        for key, (title, value) in self.values.items():
            value.show_text(facts[key])
            for part in (title, value):
                part.setVisible(bool(facts[key]))
        self.writer_button.setText(tr("Change …") if image.writer else tr("Say who …"))
        self.doubts.show_doubts(image.doubts if image.state is not ReviewState.REVIEWED else ())

    def _line(self, row: int, name: str) -> tuple[QLabel, Elided]:
        title, value = label(name, "muted"), Elided()
        self._grid.addWidget(title, row, 0)
        self._grid.addWidget(value, row, 1, 1, 1 if row == 0 else 2)
        return title, value


class Doubts(QFrame):
    """Why a page that was labelled without a person waits for one, and what to do. Hidden where there is nothing to doubt."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("card", "warning")
        self._why = label("", wrap=True)
        self._what = label("", "muted", wrap=True)
        heading = label(tr("Please look at this page"), "strong", wrap=True)
        self.setLayout(column(heading, self._why, self._what, gap=4, margins=(10, 8, 10, 9)))

    def show_doubts(self, found: tuple[doubts.Doubt, ...]) -> None:
        """Say why, and what to do."""
        self.setVisible(bool(found))
        self._why.setText("\n".join(doubts.text(doubt) for doubt in found))
        self._what.setText(
            tr(
                "Put right what is wrong; {finish} then marks the page reviewed, and it counts.",
                finish=actions.hint("desk.accept_next"),
            )
        )


class _Mark(QWidget):
    """The mark of a review state, as in the list of images."""

    def __init__(self) -> None:
        super().__init__()
        self._state = ReviewState.NEW
        self.setFixedSize(QSize(14, 14))

    def show_state(self, state: ReviewState) -> None:
        """Another state."""
        self._state = state
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_state(painter, QRectF(0, 0, 14, 14), self._state)
        painter.end()


def _lines() -> list[tuple[str, str]]:
    return [
        ("writer", tr("Writer")), ("split", tr("Split")), ("source", tr("Source")), ("prompt", tr("Prompt")),
        ("fitted", tr("Fitted")),
    ]  # fmt: skip


def _fitted_text(margin: float) -> str:
    """A margin goes on both ends of the longer side."""
    longer = round(200 * margin)
    return tr("{percent} %, like yours", percent=f"{longer:+d}".replace("-", "−")) if longer else ""
