"""The versions of the data set, newest first; freezing one, exporting one, and beside the list what is in the one that is chosen."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget

from labeler.core.i18n import tr
from labeler.gui.dialogs.version import VersionDialog
from labeler.gui.pages.data_version_view import VersionView
from labeler.gui.session import Session
from labeler.gui.widgets.pieces import button, label, row
from labeler.gui.widgets.states import split_text
from labeler.gui.widgets.table import Column, Table
from labeler.gui.widgets.words import when
from labeler.services import versions
from labeler.services.versions import Version

LIST_WIDTH = 420


class VersionsSection(QWidget):
    """A table of versions and a view into one. `export` is called with the name of one."""

    def __init__(self, session: Session, *, export: Callable[[str | None], None]) -> None:
        super().__init__()
        self._session = session
        self._export = export
        self.versions: tuple[Version, ...] = ()
        self.dialog: VersionDialog | None = None
        self._just_frozen: int | None = None
        self.table: Table[Version] = Table(
            [
                Column(tr("Version"), lambda v: v.name, wide=True, tip=lambda v: f"{v.note}\n{v.hash}".strip()),
                Column(tr("Images"), lambda v: f"{v.images:,}", right=True, tip=_splits),
                Column(tr("Digits"), lambda v: f"{v.boxes:,}", right=True),
                Column(tr("Frozen"), lambda v: when(v.created_at), muted=True),
            ]
        )
        self.table.setAccessibleName(tr("Versions"))
        self.view = VersionView(session)
        self.freeze_button = button(tr("Freeze …"), self.ask_freeze, icon="version")
        self.export_button = button(tr("Export …"), self._export_chosen, icon="export")
        self._none = label(
            tr("A version is the data set as it was at one moment. Exporting and training freeze one by themselves."),
            "muted",
            wrap=True,
        )
        self._beside = QStackedWidget()
        for part in (QWidget(), self.view):
            self._beside.addWidget(part)
        both = row(self._list(), self._beside, gap=16, margins=(24, 8, 24, 20))
        both.setStretch(1, 1)
        self.setLayout(both)
        self.table.chosen.connect(self._chosen)

    def show_versions(self, found: Sequence[Version]) -> None:
        """Show these versions, which come oldest first."""
        self.versions = tuple(found)
        self.table.set_rows(tuple(reversed(found)), key=lambda v: v.id)
        for part in (self.table, self.export_button):
            part.setVisible(bool(found))
        self._beside.setCurrentIndex(1 if found else 0)
        self._none.setVisible(not found)
        if found and (self.table.current() is None or found[-1].id == self._just_frozen):
            self._just_frozen = None
            self.table.choose(0)

    def ask_freeze(self) -> None:
        """Ask for a name and a note."""
        self.dialog = VersionDialog([v.name for v in self.versions], self)
        self.dialog.chosen.connect(lambda name, note: self.freeze(name, note))
        self.dialog.open()

    def freeze(self, name: str = "", note: str = "") -> None:
        """Freeze the data as they are now."""
        project, known = self._session.project, {v.id for v in self.versions}
        self._session.tasks.run(
            tr("Freezing"),
            lambda progress: versions.freeze(project, name=name or None, note=note, progress=progress),
            done=lambda version: self._frozen(version, is_new=version.id not in known),
        )

    def stop(self) -> None:
        """Read nothing more."""
        self.view.stop()

    def _list(self) -> QFrame:
        frame = QFrame()
        frame.setProperty("card", True)
        frame.setFixedWidth(LIST_WIDTH)
        layout = QVBoxLayout(frame)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        layout.addLayout(row(label(tr("Versions"), "heading"), None, self.export_button, self.freeze_button))
        layout.addWidget(self._none)
        layout.addWidget(self.table, 1)
        layout.addStretch(0)
        return frame

    def _chosen(self, version: Version | None) -> None:
        self.export_button.setEnabled(version is not None)
        if version is not None:
            self.view.show_version(version, self.versions)

    def _frozen(self, version: Version, *, is_new: bool) -> None:
        words = tr(
            "{name} holds {images} images with {boxes} digits.",
            name=version.name,
            images=f"{version.images:,}",
            boxes=f"{version.boxes:,}",
        )
        if is_new:
            self._just_frozen = version.id
            self.show_versions(self.versions)
        self._session.say(words, "" if is_new else tr("Nothing has changed since, so there is no second one."))

    def _export_chosen(self) -> None:
        version = self.table.current()
        self._export(version.name if version else None)


def _splits(version: Version) -> str:
    return ", ".join(f"{split_text(split)} {n}" for split, n in version.by_split.items())
