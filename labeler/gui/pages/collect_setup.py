"""What is chosen before writing: the writer, the plan, pen and paper. Small cards that say what changed; they know no project."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QFrame, QLineEdit, QSlider, QSpinBox, QWidget

from labeler.core.i18n import tr
from labeler.core.ink import Pen
from labeler.core.ink_render import Look, Paper
from labeler.core.plans import Kind, Plan
from labeler.gui import actions
from labeler.gui.widgets.fields import number_field
from labeler.gui.widgets.pieces import card, column, label, row, tool
from labeler.services.collecting import Standing

FREE = "free"
SIZES = ((960, 420), (1280, 560), (1600, 700), (1000, 1000), (1240, 1754))
SCALES = (1.0, 1.5, 2.0)


@dataclass(frozen=True, slots=True)
class PadSettings:
    """Pen, paper and picture of the pad; kept with the project."""

    width: int = 1280
    height: int = 560
    paper: str = Paper.PLAIN
    pen: float = 5.0
    scale: float = 1.0

    @property
    def size(self) -> QSize:
        return QSize(self.width, self.height)

    @property
    def look(self) -> Look:
        return Look(Paper(self.paper))

    @property
    def as_pen(self) -> Pen:
        return Pen(self.pen)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: object) -> "PadSettings":
        """The inverse; what makes no sense is as usual."""
        usual = cls()
        if not isinstance(value, dict):
            return usual
        try:
            made = cls(**{**asdict(usual), **{k: v for k, v in value.items() if k in asdict(usual)}})
            Paper(made.paper)
        except (TypeError, ValueError):
            return usual
        return made


class WriterCard(QWidget):
    """Chooses the writer, or takes a new one's code."""

    chosen = Signal(str)  # the code, empty for nobody
    added = Signal(str)  # the code typed for a new writer
    closed = Signal()  # the field for a new code is gone

    def __init__(self) -> None:
        super().__init__()
        self.box = QComboBox()
        self.box.setAccessibleName(tr("Writer"))
        self.new = QLineEdit()
        self.new.setAccessibleName(tr("Code of the new writer"))
        self.new.setPlaceholderText(tr("Code of the new writer"))
        self.new.hide()
        self.new.returnPressed.connect(lambda: self.added.emit(self.new.text()))
        self.new.installEventFilter(self)
        self.add = tool("plus", actions.tip("collect.new_writer"))
        self.done = label("", "muted")
        self.setLayout(column(card(row(self.box, self.add), self.new, self.done, heading=tr("Writer")), gap=0))
        self.box.currentIndexChanged.connect(lambda _: self.chosen.emit(self.code))

    @property
    def code(self) -> str:
        """The chosen writer's code, empty for nobody."""
        return str(self.box.currentData() or "")

    def set_writers(self, codes: Sequence[str], chosen: str) -> None:
        """Show these writers, this one chosen; says nothing."""
        with QSignalBlocker(self.box):
            self.box.clear()
            self.box.addItem(tr("Nobody chosen"), "")
            for code in codes:
                self.box.addItem(code, code)
            self.box.setCurrentIndex(max(0, self.box.findData(chosen)))

    def step(self, by: int) -> None:
        """The next or previous writer."""
        place = self.box.currentIndex() + by
        if 1 <= place < self.box.count():
            self.box.setCurrentIndex(place)

    def ask_new(self, suggestion: str) -> None:
        """Open the field for a new code, with one filled in: Enter takes it."""
        self.new.setText(suggestion)
        self.new.show()
        self.new.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.new.selectAll()

    def close_new(self) -> None:
        """Hide the field."""
        self.new.hide()
        self.closed.emit()

    def say_done(self, pages: int, prompts: int | None) -> None:
        """How far the writer is in the plan."""
        self.done.setText(tr("{done} of {all} written", done=pages, all=prompts) if prompts is not None else "")
        self.done.setVisible(prompts is not None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            self.close_new()
            return True
        return super().eventFilter(watched, event)


class PlanCard(QWidget):
    """Chooses the plan; `plan` is None for free writing."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.kind = QComboBox()
        self.kind.setAccessibleName(tr("Plan"))
        for name, text in (
            (Kind.EQUAL, tr("Every digit equally often")),
            (Kind.RANDOM, tr("Random digits")),
            (Kind.PAIRS, tr("Digits that are mixed up")),
            (Kind.WEAKEST, tr("Digits the model misreads")),
            (FREE, tr("Free writing")),
        ):
            self.kind.addItem(text, str(name))
        self.length = _number(tr("Digits in a prompt"), 1, 12, 5)
        self.prompts = _number(tr("Prompts for each writer"), 1, 500, 20)
        numbers = row(label(tr("Digits"), "muted"), self.length, None, label(tr("Prompts"), "muted"), self.prompts)
        self.setLayout(column(card(self.kind, numbers, heading=tr("Plan")), gap=0))
        self.kind.currentIndexChanged.connect(self._changed)
        self.length.valueChanged.connect(self._changed)
        self.prompts.valueChanged.connect(self._changed)

    @property
    def plan(self) -> Plan | None:
        """The plan chosen."""
        name = str(self.kind.currentData())
        return None if name == FREE else Plan(Kind(name), self.length.value(), self.prompts.value())

    def set_plan(self, plan: Plan | None) -> None:
        """Show a plan; says nothing."""
        with QSignalBlocker(self.kind), QSignalBlocker(self.length), QSignalBlocker(self.prompts):
            self.kind.setCurrentIndex(max(0, self.kind.findData(str(plan.kind) if plan else FREE)))
            if plan is not None:
                self.length.setValue(plan.length)
                self.prompts.setValue(plan.prompts)
        self._enable()

    def _changed(self, _: int) -> None:
        self._enable()
        self.changed.emit()

    def _enable(self) -> None:
        self.length.setEnabled(self.plan is not None)
        self.prompts.setEnabled(self.plan is not None)


class PaperCard(QWidget):
    """Chooses pen, paper and the size of page and picture."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.settings = PadSettings()
        self.paper = _choice(
            tr("Paper"), [(Paper.PLAIN, tr("Plain")), (Paper.RULED, tr("Ruled")), (Paper.SQUARED, tr("Squared"))]
        )
        self.page_size = _choice(tr("Page"), [((w, h), f"{w} × {h}") for w, h in SIZES])
        self.scale = _choice(tr("Picture"), [(s, f"{s:g} ×") for s in SCALES])
        self.pen = QSlider(Qt.Orientation.Horizontal)
        self.pen.setRange(2, 16)
        self.pen.setAccessibleName(tr("Width of the pen"))
        parts = (
            _field(tr("Pen"), self.pen),
            _field(tr("Paper"), self.paper),
            _field(tr("Page"), self.page_size),
            _field(tr("Picture"), self.scale),
        )
        self.setLayout(column(card(*parts, heading=tr("Pen and paper")), gap=0))
        self.show_settings(self.settings)
        for box in (self.paper, self.page_size, self.scale):
            box.currentIndexChanged.connect(self._changed)
        self.pen.valueChanged.connect(self._changed)

    def show_settings(self, settings: PadSettings) -> None:
        """Show these; says nothing."""
        self.settings = settings
        with (
            QSignalBlocker(self.paper),
            QSignalBlocker(self.page_size),
            QSignalBlocker(self.scale),
            QSignalBlocker(self.pen),
        ):
            self.paper.setCurrentIndex(max(0, self.paper.findData(settings.paper)))
            place = next((n for n, (w, h) in enumerate(SIZES) if (w, h) == (settings.width, settings.height)), 1)
            self.page_size.setCurrentIndex(place)
            self.scale.setCurrentIndex(next((n for n, s in enumerate(SCALES) if s == settings.scale), 0))
            self.pen.setValue(round(settings.pen))

    def _changed(self, _: int) -> None:
        width, height = SIZES[self.page_size.currentIndex()]
        self.settings = replace(
            self.settings, width=width, height=height, paper=str(self.paper.currentData()), pen=float(self.pen.value()),
            scale=SCALES[self.scale.currentIndex()],
        )  # fmt: skip
        self.changed.emit()


def hint(plan: Plan | None, standing: Standing | None) -> str:
    """What to do next, in words."""
    if plan is None:
        return tr("The model suggests boxes; they wait on the desk.")
    if standing is None:
        return tr("Choose a writer, or press {key} and Enter to add one.", key=actions.hint("collect.new_writer"))
    if standing.pages >= plan.prompts:
        return tr("{writer} has written everything. Go on with the next writer, or write more.", writer=standing.writer)
    return tr("{writer}, write these digits from left to right.", writer=standing.writer)


def _choice(name: str, options: Sequence[tuple[object, str]]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    for value, text in options:
        box.addItem(text, str(value) if isinstance(value, Paper) else value)
    return box


def _field(name: str, widget: QWidget) -> QFrame:
    frame = QFrame()
    text = label(name, "muted")
    text.setMinimumWidth(64)
    layout = row(text, widget)
    layout.setStretch(1, 1)
    frame.setLayout(layout)
    return frame


def _number(name: str, low: int, high: int, value: int) -> QSpinBox:
    box = number_field(value, low, high)
    box.setAccessibleName(name)
    return box
