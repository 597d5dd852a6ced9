"""Writes a plot to a file: as a picture, as a drawing, or as the numbers behind it, by the file's ending."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QBuffer, QIODevice, QPoint, QRect
from PySide6.QtGui import QColor, QImage, QPainter, QRegion
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from labeler.core.errors import BadInput, UserError
from labeler.core.i18n import tr
from labeler.gui import theme

SCALE = 2
"""Pictures are this many times finer than the screen, for print."""
ENDINGS = (".png", ".svg", ".csv")


class Numbers(Protocol):
    """A plot that can say its numbers."""

    def numbers(self) -> list[list[object]]:
        """A heading, then rows."""


def save(plot: QWidget, numbers: Numbers, file: Path) -> Path:
    """Write `plot` into `file`, as .png, .svg or .csv. GUI thread. Raises `UserError`."""
    match file.suffix.lower():
        case ".png":
            data = _png(plot)
        case ".svg":
            data = _svg(plot)
        case ".csv":
            data = _csv(numbers.numbers())
        case _:
            raise BadInput(
                tr("A plot cannot be saved as {name}.", name=file.name), tr("End the name in .png, .svg or .csv.")
            )
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    except OSError as error:
        raise UserError(tr("{path} cannot be written: {reason}", path=file, reason=error.strerror or error)) from error
    return file


def _png(plot: QWidget) -> bytes:
    picture = QImage(plot.size() * SCALE, QImage.Format.Format_RGB32)
    picture.setDevicePixelRatio(SCALE)
    picture.fill(QColor(theme.current().panel))
    painter = QPainter(picture)
    _paint(plot, painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs want bytes, Qt takes text
    return bytes(buffer.data().data())


def _svg(plot: QWidget) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    drawing = QSvgGenerator()
    drawing.setOutputDevice(buffer)
    drawing.setSize(plot.size())
    drawing.setViewBox(QRect(QPoint(0, 0), plot.size()))
    drawing.setTitle(plot.accessibleName())
    painter = QPainter(drawing)
    painter.fillRect(plot.rect(), QColor(theme.current().panel))
    _paint(plot, painter)
    painter.end()
    return bytes(buffer.data().data())


def _paint(plot: QWidget, painter: QPainter) -> None:
    plot.render(painter, QPoint(0, 0), QRegion(), QWidget.RenderFlag.DrawChildren)


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    """With a byte order mark, or Excel takes the text for another encoding."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")
