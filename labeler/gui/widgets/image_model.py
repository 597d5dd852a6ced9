"""The images of the list as Qt sees them: ids only, with facts and thumbnails read off the GUI thread for the rows that are looked at."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt, QTimer
from PySide6.QtGui import QImage

from labeler.core.errors import NotFound
from labeler.core.i18n import ntr
from labeler.core.pages import Image
from labeler.gui.canvas.picture import decode_small
from labeler.gui.session import Session
from labeler.gui.widgets.states import state_text
from labeler.services import images
from labeler.services.project import Project

Index = QModelIndex | QPersistentModelIndex
THUMBNAIL = 96
KEPT = 300
"""Rows whose facts and thumbnail are kept."""
IMAGE_ROLE = Qt.ItemDataRole.UserRole
"""An `Image`, or None while it is being read."""
THUMBNAIL_ROLE = Qt.ItemDataRole.UserRole + 1
"""A `QImage`, or None while it is being read."""


@dataclass(frozen=True, slots=True)
class _Row:
    image: Image
    thumbnail: QImage


class ImageModel(QAbstractListModel):
    """Lives on the GUI thread. `ids` are the images in order; thumbnails are at most `side` pixels wide and high."""

    def __init__(self, session: Session, *, side: int = THUMBNAIL) -> None:
        super().__init__()
        self.ids: Sequence[int] = ()
        self._side = side
        self._session = session
        self._place: dict[int, int] = {}
        self._rows: OrderedDict[int, _Row] = OrderedDict()
        self._wanted: list[int] = []
        self._reading: set[int] = set()
        self._stale: set[int] = set()
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._read)

    def show_ids(self, ids: Sequence[int]) -> None:
        """Show these images from now on."""
        self.beginResetModel()
        self.ids = ids
        self._place = {image_id: n for n, image_id in enumerate(ids)}
        self.endResetModel()

    def row_of(self, image_id: int | None) -> int | None:
        """Where an image is in the list; None where it is not."""
        return self._place.get(image_id) if image_id is not None else None

    def known(self, row: int) -> Image | None:
        """The facts of a row, where they are here already."""
        if not 0 <= row < len(self.ids):
            return None
        found = self._rows.get(self.ids[row])
        return found.image if found is not None else None

    def put(self, image: Image) -> None:
        """The newest facts of an image."""
        found = self._rows.get(image.id)
        if found is not None and found.image != image:
            self._rows[image.id] = _Row(image, found.thumbnail)
            self._changed(image.id)

    def forget(self, ids: Sequence[int] | None = None) -> None:
        """Read these images again when they are looked at, all without `ids`; until then the old facts stay in sight."""
        stale = self._rows.keys() if ids is None else self._rows.keys() & set(ids)
        self._stale |= stale
        for image_id in stale:
            self._changed(image_id)

    def stop(self) -> None:
        """Read nothing more."""
        self._soon.stop()

    # Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.SizeHintRole:
            return QSize(0, 60)
        if role not in (IMAGE_ROLE, THUMBNAIL_ROLE, *_TEXTS):
            return None
        image_id = self.ids[index.row()]
        row = self._rows.get(image_id)
        if row is None or image_id in self._stale:
            self._want(image_id)
        if row is None:
            return None
        self._rows.move_to_end(image_id)
        if role == THUMBNAIL_ROLE:
            return row.thumbnail
        return row.image if role == IMAGE_ROLE else _text(row.image)

    # Inside

    def _want(self, image_id: int) -> None:
        if image_id not in self._reading:
            self._wanted.append(image_id)
            self._soon.start()

    def _read(self) -> None:
        ids = list(dict.fromkeys(self._wanted))[-KEPT // 2 :]
        self._wanted.clear()
        self._reading.update(ids)
        self._stale.difference_update(ids)
        project, side = self._session.project, self._side
        self._session.tasks.read(lambda: _rows(project, ids, side), lambda rows: self._take(ids, rows))

    def _take(self, ids: list[int], rows: list[_Row]) -> None:
        self._reading.difference_update(ids)
        for row in rows:
            self._rows[row.image.id] = row
            self._changed(row.image.id)
        while len(self._rows) > KEPT:
            self._rows.popitem(last=False)

    def _changed(self, image_id: int) -> None:
        row = self._place.get(image_id)
        if row is not None:
            index = self.index(row)
            self.dataChanged.emit(index, index)


_TEXTS = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.ToolTipRole,
)


def _text(image: Image) -> str:
    count = ntr("{count} box", "{count} boxes", image.boxes)
    parts = (image.name, state_text(image.state), count, image.writer or "")
    return " · ".join(part for part in parts if part)


def _rows(project: Project, ids: list[int], side: int) -> list[_Row]:
    return [_Row(image, _thumbnail(project, image.id, side)) for image in images.images(project, ids)]


def _thumbnail(project: Project, image_id: int, side: int) -> QImage:
    try:
        return decode_small(images.thumbnail(project, image_id), side)
    except NotFound:  # deleted between two reads
        return QImage()
