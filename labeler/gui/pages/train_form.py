"""The training form: one button with sensible defaults, everything else folded away under Advanced. Starts nothing by itself."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QFrame, QSpinBox, QVBoxLayout, QWidget

from labeler.core import shipped
from labeler.core.i18n import tr
from labeler.core.shipped import Shipped
from labeler.gui import icons
from labeler.gui.widgets.fields import number_field, variants_field
from labeler.gui.widgets.pieces import button, column, form, holder, label
from labeler.services import training
from labeler.services.training import Settled, TrainOptions
from labeler.training.archs import ARCHS

FILE = "file"
SIZES = (160, 224, 320, 416, 512, 640, 800, 960, 1280)
DEFAULTS = TrainOptions()


class TrainForm(QFrame):
    """`wanted` carries the `TrainOptions` that the fields say; `preview` asks to see pages as a training with them would."""

    wanted = Signal(object)
    preview = Signal(object)
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("card", True)
        self.arch = _combo([(None, tr("Automatic")), *((a.name, a.label) for a in ARCHS.values())])
        self.start_from = _combo(
            [
                (training.CURRENT, tr("The current model")),
                *((one.name, _shipped_label(one)) for one in shipped.detectors()),
                (training.SCRATCH, tr("Nothing: from scratch")),
                (training.HUB, tr("Published weights (needs the internet)")),
                (FILE, tr("A .pt file …")),
            ]
        )
        self.epochs = _open_number(2000)
        self.imgsz = _combo([(None, tr("Fits the digits")), *((n, f"{n} px") for n in SIZES)])
        self.batch = _open_number(512)
        self.device = _combo(
            [
                ("auto", tr("Automatic")),
                ("cpu", tr("Processor")),
                ("0", tr("First NVIDIA card")),
                ("mps", tr("Apple graphics")),
            ]
        )
        self.device.setEditable(True)
        self.device.setToolTip(tr("Several NVIDIA cards by their numbers: 0,1"))
        self.variety = _combo(
            [
                ("usual", tr("Usual")),
                ("gentle", tr("Gentle, for neat scans")),
                ("strong", tr("Strong, for photos")),
                ("none", tr("None")),
            ]
        )
        self.patience = number_field(DEFAULTS.patience, 0, 1000)
        self.variants = variants_field()
        self.summary = label("", "muted", wrap=True)
        self.time = label("", "muted", wrap=True)
        self.go = button(tr("Train a better model"), self._start, icon="play", kind="primary")
        self.go.setMinimumHeight(38)
        self.fold = button("", self._toggle, icon="right", kind="link")
        self._advanced = self._fields()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        for part in (label(tr("New training"), "heading"), self.summary, self.go, self.time, self.fold, self._advanced):
            layout.addWidget(part)
        self._file: Path | None = None
        self.start_from.activated.connect(self._start_chosen)
        self.show_advanced(shown=False)
        for combo in (self.arch, self.start_from, self.imgsz, self.device):
            combo.currentIndexChanged.connect(lambda _: self.changed.emit())
        for field in (self.epochs, self.batch, self.variants):
            field.valueChanged.connect(lambda _: self.changed.emit())
        self.time.hide()

    @property
    def options(self) -> TrainOptions:
        """What the fields say."""
        source = str(self.start_from.currentData())
        found = self.device.findText(self.device.currentText())
        device = self.device.itemData(found) if found >= 0 else self.device.currentText().strip()
        return TrainOptions(
            arch=self.arch.currentData(),
            start=str(self._file) if source == FILE and self._file else source,
            epochs=self.epochs.value() or None,
            imgsz=self.imgsz.currentData(),
            batch=self.batch.value() or None,
            device=str(device) or "auto",
            patience=self.patience.value(),
            variants=self.variants.value(),
            variety=self.variety.currentData(),
        )

    def show_state(self, summary: str, *, ready: bool, waits: bool = False) -> None:
        """Say what would be trained on, whether it can begin, and whether it would have to wait for another."""
        self.summary.setText(summary)
        self.go.setEnabled(ready)
        self.go.setText(tr("Train next, after this one") if waits else tr("Train a better model"))

    def show_settled(self, found: Settled) -> None:
        """Say what the fields that are left open come to."""
        for field, number in ((self.epochs, found.epochs), (self.batch, found.batch)):
            field.setSpecialValueText(tr("Suits the pages: {number}", number=number))
        if self.arch.currentData() is None:
            self.arch.setItemText(0, tr("Auto: {network}", network=ARCHS[found.arch].label))
        if self.imgsz.currentData() is None:
            self.imgsz.setItemText(0, tr("Fits the digits: {size} px", size=found.imgsz))

    def show_time(self, text: str) -> None:
        """Say how long it will take; nothing where nobody knows."""
        self.time.setText(text)
        self.time.setVisible(bool(text))

    def show_advanced(self, *, shown: bool) -> None:
        """Fold the fields out or away."""
        self._advanced.setVisible(shown)
        self.fold.setText(tr("Fewer settings") if shown else tr("Advanced"))
        icons.put(self.fold, "down" if shown else "right")

    def _fields(self) -> QWidget:
        self.variety.setToolTip(
            tr("How far pages are scaled, moved and recoloured while it trains. Digits are never mirrored.")
        )
        self.patience.setToolTip(tr("Stops early after this many epochs without a better result."))
        self.see = button(
            tr("See what it will see …"), lambda: self.preview.emit(self.options), icon="eye", kind="link",
            tip=tr("Real augmented pages with their boxes, as the training will get them."),
        )  # fmt: skip
        fields = holder(
            form(
                (tr("Network"), self.arch),
                (tr("Start from"), self.start_from),
                (tr("Epochs"), self.epochs),
                (tr("Image size"), self.imgsz),
                (tr("Batch"), self.batch),
                (tr("Device"), self.device),
                (tr("Patience"), self.patience),
                (tr("Augmentation"), self.variety),
                (tr("Ink drawn again"), self.variants),
                gap=8,
            )
        )
        return holder(column(fields, self.see, gap=6))

    def _toggle(self) -> None:
        self.show_advanced(shown=self._advanced.isHidden())

    def _start_chosen(self) -> None:
        if self.start_from.currentData() != FILE:
            return
        dialog = QFileDialog(self, tr("Start from these weights"), "", tr("Weights (*.pt)"))
        dialog.fileSelected.connect(self._file_chosen)
        dialog.rejected.connect(lambda: self.start_from.setCurrentIndex(0))
        dialog.open()

    def _file_chosen(self, file: str) -> None:
        self._file = Path(file)
        self.start_from.setItemText(self.start_from.currentIndex(), self._file.name)

    def _start(self) -> None:
        self.wanted.emit(self.options)


def _shipped_label(one: Shipped) -> str:
    network = ARCHS[one.arch].label if one.arch in ARCHS else one.arch
    return tr("Shipped: {network}", network=network)


def _combo(entries: list[tuple[object, str]]) -> QComboBox:
    field = QComboBox()
    for value, text in entries:
        field.addItem(text, value)
    field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    field.setMinimumContentsLength(14)
    return field


def _open_number(most: int) -> QSpinBox:
    """A number that may be left open."""
    field = number_field(0, 0, most)
    field.setSpecialValueText(tr("Suits the pages"))
    return field
