"""A page's picture, ready to paint at any zoom: the decoded image and its halvings. Decoding may run on any thread."""

from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from labeler.core.errors import BadInput
from labeler.core.i18n import tr

SMALLEST = 900
"""Halving stops once the longer side is no more than this."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """`levels[0]` is the picture itself, each further level half as wide and high; all in a format that paints fast."""

    levels: tuple[QImage, ...]

    @property
    def width(self) -> int:
        return self.levels[0].width()

    @property
    def height(self) -> int:
        return self.levels[0].height()

    @property
    def bytes(self) -> int:
        """Memory that the levels take."""
        return sum(int(level.sizeInBytes()) for level in self.levels)

    def level(self, scale: float) -> QImage:
        """The smallest level that still has at least one pixel per device pixel at `scale` device pixels per image pixel."""
        chosen = self.levels[0]
        for level in self.levels[1:]:
            if level.width() < self.width * scale:
                break
            chosen = level
        return chosen


def decode(data: bytes) -> Picture:
    """The picture of the upright bytes. Raises `BadInput`."""
    return Picture(_halvings(_read(data)))


def decode_small(data: bytes, side: int) -> QImage:
    """A picture scaled to fit a square of `side` pixels, never enlarged. Raises `BadInput`."""
    return _read(data, side)


def _read(data: bytes, side: int | None = None) -> QImage:
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(False)
    # Asked in any case, and first: Qt chooses the format's plugin under a lock of its own while it calls the device, which needs
    # Python's lock. size() has that one already; read() gives it up, and two threads would wait for each other for ever.
    size = reader.size()
    if not size.isValid():
        raise BadInput(tr("This picture cannot be read: {reason}", reason=reader.errorString()))
    if side is not None and max(size.width(), size.height()) > side:
        reader.setScaledSize(size.scaled(QSize(side, side), Qt.AspectRatioMode.KeepAspectRatio))
    # read() lets other threads run, QImage.fromData() would stop them for the whole decoding.
    image = reader.read()
    if image.isNull():
        raise BadInput(tr("This picture cannot be read: {reason}", reason=reader.errorString()))
    return image.convertToFormat(QImage.Format.Format_RGB32)


def _halvings(image: QImage) -> tuple[QImage, ...]:
    levels = [image]
    while max(levels[-1].width(), levels[-1].height()) > SMALLEST:
        last = levels[-1]
        half = last.scaled(
            max(last.width() // 2, 1),
            max(last.height() // 2, 1),
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        levels.append(half.convertToFormat(QImage.Format.Format_RGB32))
    return tuple(levels)
