"""Looks at a watched folder every few seconds, off the GUI thread, and says which files are new. Lives as long as its session."""

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from labeler.gui.session import Session
from labeler.services.watching import SETTING, Watch

LOOK_MS = 2000


class FolderWatch(QObject):
    """Attributes: `folder` (None while none is watched). The folder is remembered with the project."""

    found = Signal(object)  # list[Path], complete and new

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._watch: Watch | None = None
        self._looking = False
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        kept = session.project.setting(SETTING, "")
        if kept:
            self._begin(Path(str(kept)))

    @property
    def folder(self) -> Path | None:
        """The folder watched."""
        return self._watch.folder if self._watch is not None else None

    def watch(self, folder: Path | None) -> None:
        """Watch this folder from now on, or none; what lies in it already is left alone."""
        self._session.project.set_setting(SETTING, str(folder) if folder is not None else "")
        self.stop()
        if folder is not None:
            self._begin(folder)

    def stop(self) -> None:
        """Look no more; what is remembered stays."""
        self._timer.stop()
        self._watch = None

    def look(self) -> None:
        """Look once; a look that is still under way is not overtaken."""
        watch = self._watch
        if watch is not None and not self._looking:
            self._looking = True
            self._session.tasks.read(
                watch.fresh, lambda fresh: self._looked(watch, fresh), failed=lambda _: self._looked(watch, [])
            )

    def _begin(self, folder: Path) -> None:
        self._watch = Watch(folder)
        self._timer.start()

    def _looked(self, watch: Watch, fresh: list[Path]) -> None:
        self._looking = False
        if fresh and watch is self._watch:
            self.found.emit(fresh)
