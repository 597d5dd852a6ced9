"""Takes a picture with a camera, where the system has one and Qt's multimedia is installed. Owns the camera while it is open."""

import tempfile
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QIODevice, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QDialog, QWidget

from labeler.core.i18n import tr
from labeler.gui.widgets.pieces import button, column, label, row

QUALITY = 94


def multimedia() -> Any | None:
    """Qt's multimedia modules; None where they are not installed or lack a library of the system."""
    try:
        from PySide6 import QtMultimedia, QtMultimediaWidgets
    except ImportError:
        return None
    return QtMultimedia, QtMultimediaWidgets


def why_not() -> str:
    """Why no picture can be taken here, in words; empty where one can."""
    found = multimedia()
    if found is None:
        return tr("This system cannot use a camera: a part of Qt’s multimedia is missing.")
    if not found[0].QMediaDevices.videoInputs():
        return tr("No camera is connected.")
    return ""


def as_file(image: QImage, folder: Path) -> Path:
    """A camera's picture as a JPEG in `folder`, under a name of its own."""
    return write(image, folder, prefix="camera-", suffix=".jpg")


def write(image: QImage, folder: Path, *, prefix: str, suffix: str) -> Path:
    """A picture as a file of the suffix's kind in `folder`, under a new name that begins with `prefix`."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    kind, quality = ("JPEG", QUALITY) if suffix == ".jpg" else ("PNG", -1)
    image.save(buffer, kind, quality)  # type: ignore[call-overload]  # the stubs want bytes, Qt takes text
    with tempfile.NamedTemporaryFile(prefix=prefix, suffix=suffix, dir=folder, delete=False) as file:
        file.write(bytes(buffer.data().data()))
    return Path(file.name)


class CameraDialog(QDialog):
    """Shows what the camera sees; `taken` carries each picture. Make one only where `why_not()` is empty.

    `frames`, a `QVideoFrameInput`, stands in for the camera. Attributes: `take` (the button, which waits until there is something to
    take) and `trouble` (what the camera complains of, hidden while there is nothing).
    """

    taken = Signal(QImage)

    def __init__(self, parent: QWidget | None = None, *, frames: Any | None = None) -> None:
        super().__init__(parent)
        found = multimedia()
        assert found is not None, "why_not() says so first"
        media, widgets = found
        self.setWindowTitle(tr("Camera"))
        self._frames = frames
        self._capture = media.QImageCapture()
        self._session = media.QMediaCaptureSession()
        view = widgets.QVideoWidget()
        view.setMinimumSize(640, 480)
        self.trouble = label("", "bad", wrap=True)
        self.trouble.hide()
        self.take = button(tr("Take the picture"), self._capture.capture, kind="primary")
        self.take.setDefault(True)
        self._session.setImageCapture(self._capture)
        self._session.setVideoOutput(view)
        self._capture.imageCaptured.connect(lambda _, image: self.taken.emit(image))
        self._capture.errorOccurred.connect(lambda _id, _error, text: self.complain(text))
        buttons = row(None, button(tr("Close"), self.reject), self.take)
        self.setLayout(column(view, self.trouble, buttons, margins=(16, 16, 16, 16)))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._connect_source(media)
        self.finished.connect(self._let_go)

    def complain(self, text: str) -> None:
        """Say what the camera, or taking a picture, complains of."""
        self.trouble.setText(tr("The camera does not work: {reason}", reason=text))
        self.trouble.show()

    def _connect_source(self, media: Any) -> None:
        if self._frames is not None:
            self._session.setVideoFrameInput(self._frames)
            return
        camera = media.QCamera(media.QMediaDevices.defaultVideoInput(), self)
        camera.errorOccurred.connect(lambda _error, text: self.complain(text))
        self._session.setCamera(camera)
        self.take.setEnabled(False)
        self._capture.readyForCaptureChanged.connect(self.take.setEnabled)
        camera.start()

    def _let_go(self) -> None:
        """Take the pieces apart while all of them are there: Qt destroys them in no order that could be relied on."""
        camera = self._session.camera()
        if camera is not None:
            camera.stop()
        self._session.setVideoFrameInput(None)
        self._session.setCamera(None)
        self._session.setImageCapture(None)
        self._session.setVideoOutput(None)
