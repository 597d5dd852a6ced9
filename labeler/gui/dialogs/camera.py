"""Takes a picture with a camera, where the system has one and Qt's multimedia is installed. Owns the camera while it is open."""

import tempfile
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QIODevice, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QDialog, QWidget

from labeler.core.i18n import tr
from labeler.gui.widgets.pieces import button, column, row

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
    """A picture as a JPEG in `folder`, under a name of its own."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPEG", QUALITY)  # type: ignore[call-overload]  # the stubs want bytes, Qt takes text
    with tempfile.NamedTemporaryFile(prefix="camera-", suffix=".jpg", dir=folder, delete=False) as file:
        file.write(bytes(buffer.data().data()))
    return Path(file.name)


class CameraDialog(QDialog):
    """Shows what the camera sees; `taken` carries each picture. Make one only where `why_not()` is empty."""

    taken = Signal(QImage)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        found = multimedia()
        assert found is not None, "why_not() says so first"
        media, widgets = found
        self.setWindowTitle(tr("Camera"))
        self._camera = media.QCamera(media.QMediaDevices.defaultVideoInput())
        self._capture = media.QImageCapture()
        self._session = media.QMediaCaptureSession()
        view = widgets.QVideoWidget()
        view.setMinimumSize(640, 480)
        self._session.setCamera(self._camera)
        self._session.setImageCapture(self._capture)
        self._session.setVideoOutput(view)
        self._capture.imageCaptured.connect(lambda _, image: self.taken.emit(image))
        take = button(tr("Take the picture"), self._capture.capture, kind="primary")
        take.setDefault(True)
        self.setLayout(column(view, row(None, button(tr("Close"), self.reject), take), margins=(16, 16, 16, 16)))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.finished.connect(lambda _: self._camera.stop())
        self._camera.start()
