"""The two sides of the desk: left the images with their filters, right what is on the page and what was done. Layout only."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from labeler.core.boxes import ReviewState
from labeler.core.i18n import ntr, tr
from labeler.core.pages import Page
from labeler.gui import icons
from labeler.gui.widgets.box_list import BoxList
from labeler.gui.widgets.filter_bar import FilterBar
from labeler.gui.widgets.history_panel import HistoryList
from labeler.gui.widgets.image_list import ImageList
from labeler.gui.widgets.image_model import ImageModel
from labeler.gui.widgets.page_facts import PageFacts
from labeler.gui.widgets.pieces import button, column, label, row, rule


class LeftSide(QFrame):
    """Filters, the list, and how far the whole has come."""

    def __init__(self, model: ImageModel, class_names: tuple[str, ...]) -> None:
        super().__init__()
        self.filters = FilterBar(class_names)
        self.images = ImageList(model)
        self.counts = label("", "muted")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Reviewed"))
        self._stack = QStackedWidget()
        nothing = label(tr("No image passes the filter."), "muted", wrap=True)
        nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        show_all = button(tr("Show all"), self.filters.clear)
        empty = QWidget()
        empty.setLayout(column(None, nothing, row(None, show_all, None), None, margins=(12, 12, 12, 12)))
        self._stack.addWidget(self.images)
        self._stack.addWidget(empty)
        layout = column(
            self.filters,
            rule(),
            self._stack,
            rule(),
            column(self._bar, self.counts, gap=6, margins=(14, 10, 14, 10)),
            gap=0,
        )
        layout.setStretch(2, 1)
        self.setLayout(layout)
        self.setMinimumWidth(180)

    def show_count(self, shown: int) -> None:
        """How many images the list shows."""
        self._stack.setCurrentIndex(0 if shown else 1)

    def show_progress(self, by_state: dict[str, int]) -> None:
        """How many images of the project are reviewed."""
        reviewed, total = by_state[ReviewState.REVIEWED], sum(by_state.values())
        self.counts.setText(tr("{reviewed} of {total} reviewed", reviewed=reviewed, total=total))
        self._bar.setMaximum(max(total, 1))
        self._bar.setValue(reviewed)
        self.filters.show_counts(by_state)


class RightSide(QFrame):
    """Facts, boxes, history."""

    def __init__(self, class_names: tuple[str, ...]) -> None:
        super().__init__()
        self.facts = PageFacts()
        self.boxes = BoxList(class_names)
        self.history = HistoryList()
        self._boxes_title = label("", "heading")
        self.history_button = _fold(tr("History"))
        self.history_button.toggled.connect(self.history.setVisible)
        self.history.setVisible(False)
        self.history.setMinimumHeight(120)
        layout = column(
            self.facts, rule(), _padded(self._boxes_title), self.boxes, rule(), self.history_button, self.history, gap=0
        )
        layout.setStretch(3, 3)
        layout.setStretch(6, 2)
        self.setLayout(layout)
        self.setMinimumWidth(180)
        self.show_counts(None)

    def show_counts(self, page: Page | None) -> None:
        """How many boxes and suggestions there are."""
        boxes, open_ones = (len(page.boxes), len(page.suggestions)) if page is not None else (0, 0)
        words = [ntr("{count} box", "{count} boxes", boxes)]
        if open_ones:
            words.append(ntr("{count} suggestion", "{count} suggestions", open_ones))
        self._boxes_title.setText(" · ".join(words))


def _padded(words: QLabel) -> QVBoxLayout:
    return column(words, margins=(14, 10, 14, 8))


def _fold(text: str) -> QToolButton:
    result = QToolButton()
    result.setText(text)
    result.setProperty("fold", True)
    result.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    icons.put(result, "history")
    result.setIconSize(QSize(22, 16))
    result.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    result.setCheckable(True)
    result.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    result.setToolTip(tr("Show or hide the history"))
    return result
