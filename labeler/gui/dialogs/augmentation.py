"""Shows augmented batches as a training will see them. Another batch is somebody else's to make."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QDialog, QLabel, QSizePolicy, QTabWidget, QWidget

from labeler.core.i18n import tr
from labeler.gui.widgets.pieces import button, column, label, row
from labeler.training.previewing import Preview


class AugmentationDialog(QDialog):
    """`another` asks for other pictures."""

    another = Signal()

    def __init__(self, preview: Preview, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("What the training sees"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(1000, 640)
        self.mosaic, self.plain = _Picture(), _Picture()
        self.tabs = QTabWidget()
        self.tabs.addTab(self.mosaic, tr("Most epochs"))
        self.tabs.addTab(self.plain, tr("The last epochs"))
        text = tr(
            "Real batches with their boxes, scaled, moved, lighter or darker; from scratch also turned, and several pages in one. Never "
            "mirrored."
        )
        self._more = button(tr("Another batch"), self._ask, icon="redo")
        close = button(tr("Close"), self.accept, kind="primary")
        layout = column(
            label(self.windowTitle(), "heading"), label(text, "muted", wrap=True), self.tabs, row(self._more, None, close),
            margins=(20, 18, 20, 16), gap=8,
        )  # fmt: skip
        layout.setStretch(2, 1)
        self.setLayout(layout)
        self.show_preview(preview)

    def show_preview(self, preview: Preview) -> None:
        """Show these pictures."""
        for place, data in ((self.mosaic, preview.mosaic), (self.plain, preview.plain)):
            place.show_png(data)
        self._more.setEnabled(True)

    def _ask(self) -> None:
        self._more.setEnabled(False)
        self.another.emit()


class _Picture(QLabel):
    """A picture as large as there is room."""

    def __init__(self) -> None:
        super().__init__()
        self._full = QImage()
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setMinimumSize(QSize(320, 160))
        self.setAccessibleName(tr("Augmented pages with their boxes"))

    def show_png(self, data: bytes) -> None:
        self._full = QImage.fromData(data)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._full.isNull():
            return
        ratio = self.devicePixelRatioF()
        scaled = self._full.scaled(
            self.size() * ratio, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        scaled.setDevicePixelRatio(ratio)
        self.setPixmap(QPixmap.fromImage(scaled))
