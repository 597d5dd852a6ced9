"""Decoded pictures of the page in front and its neighbours, so that the next page shows at once. Bounded in bytes."""

from collections import OrderedDict
from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from labeler.core.errors import UserError
from labeler.core.pages import Image
from labeler.gui.canvas.picture import Picture, decode
from labeler.gui.session import Session
from labeler.services import images

ROOM = 160 * 2**20
"""Bytes that pictures may take."""
KEPT = 8
"""Pictures kept, however small they are."""
AT_ONCE = 1_000_000
"""Pictures of up to so many pixels decode faster than a thread answers, so they are decoded on the spot."""
SOON_MS = 20
"""The page in front is painted first; decoding threads would take their turns from it."""
BYTES_PER_PIXEL = 4 * 4 / 3
"""What a decoded picture with its halvings takes."""


class Pictures(QObject):
    """The pictures of one session. Lives on the GUI thread."""

    arrived = Signal(int, object)  # image id, Picture
    failed = Signal(int, object)  # image id, UserError

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._kept: OrderedDict[int, Picture] = OrderedDict()
        self._awaited: set[int] = set()
        self._soon_wanted: list[int] = []
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self._prefetch)

    def get(self, image: Image) -> Picture | None:
        """The picture now, or None and `arrived` later."""
        found = self._kept.get(image.id)
        if found is not None:
            self._kept.move_to_end(image.id)
            return found
        if image.width * image.height <= AT_ONCE:
            try:
                self._keep(image.id, decode(images.picture(self._session.project, image.id)))
            except UserError as error:
                self.failed.emit(image.id, error)
            return self._kept.get(image.id)
        self._fetch(image.id)
        return None

    def prefetch(self, near: Sequence[int], *, beside: Image) -> None:
        """Have these ready soon, the first ones first: as many as fit beside the picture in front if all are of its size."""
        size = beside.width * beside.height * BYTES_PER_PIXEL
        self._soon_wanted = [i for i in near[: int(ROOM / size) - 1 if size < ROOM else 0] if i not in self._kept]
        self._soon.start()

    def stop(self) -> None:
        """Fetch nothing more."""
        self._soon.stop()

    def forget(self) -> None:
        """Let go of everything."""
        self._kept.clear()
        self._awaited.clear()

    def _prefetch(self) -> None:
        for image_id in self._soon_wanted:
            self._fetch(image_id)

    def _fetch(self, image_id: int) -> None:
        if image_id in self._awaited:
            return
        self._awaited.add(image_id)
        project = self._session.project
        self._session.tasks.read(
            lambda: decode(images.picture(project, image_id)),
            lambda picture: self._arrive(image_id, picture),
            failed=lambda error: self._fail(image_id, error),
        )

    def _arrive(self, image_id: int, picture: Picture) -> None:
        self._awaited.discard(image_id)
        self._keep(image_id, picture)
        self.arrived.emit(image_id, picture)

    def _fail(self, image_id: int, error: Exception) -> None:
        self._awaited.discard(image_id)
        self.failed.emit(image_id, error)

    def _keep(self, image_id: int, picture: Picture) -> None:
        self._kept[image_id] = picture
        self._kept.move_to_end(image_id)
        while len(self._kept) > 1 and (len(self._kept) > KEPT or sum(p.bytes for p in self._kept.values()) > ROOM):
            self._kept.popitem(last=False)
