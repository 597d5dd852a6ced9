"""The versions of the data set, newest first; freezing one, and exporting one."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QFrame, QVBoxLayout

from labeler.core.i18n import tr
from labeler.gui.session import Session
from labeler.gui.widgets.pieces import button, label, row
from labeler.gui.widgets.table import Column, Table
from labeler.gui.widgets.words import when
from labeler.services import versions
from labeler.services.versions import Version


class VersionsCard(QFrame):
    """A table of versions. `export` is called with the name of one."""

    def __init__(self, session: Session, *, export: Callable[[str | None], None]) -> None:
        super().__init__()
        self.setProperty("card", True)
        self._session = session
        self._export = export
        self.versions: tuple[Version, ...] = ()
        self.table: Table[Version] = Table(
            [
                Column(tr("Version"), lambda v: v.name, wide=True, tip=lambda v: f"{v.note}\n{v.hash}".strip()),
                Column(tr("Images"), lambda v: f"{v.images:,}", right=True, tip=_splits),
                Column(tr("Digits"), lambda v: f"{v.boxes:,}", right=True),
                Column(tr("Frozen"), lambda v: when(v.created_at), muted=True),
            ]
        )
        self.freeze_button = button(tr("Freeze now"), self.freeze, icon="version")
        self.export_button = button(tr("Export …"), self._export_chosen, icon="export")
        self._none = label(
            tr("A version is the data set as it was at one moment. Exporting and training freeze one by themselves."),
            "muted",
            wrap=True,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        layout.addLayout(row(label(tr("Versions"), "heading"), None, self.export_button, self.freeze_button))
        layout.addWidget(self._none)
        layout.addWidget(self.table)
        layout.addStretch(1)
        self.table.chosen.connect(lambda version: self.export_button.setEnabled(version is not None))

    def show_versions(self, found: Sequence[Version]) -> None:
        """Show these versions, which come oldest first."""
        self.versions = tuple(found)
        self.table.set_rows(tuple(reversed(found)), key=lambda v: v.id)
        self.table.fit_height(most=10)
        self.table.setVisible(bool(found))
        self.export_button.setVisible(bool(found))
        self._none.setVisible(not found)

    def freeze(self) -> None:
        """Freeze the data as they are now."""
        project = self._session.project
        self._session.tasks.run(
            tr("Freezing"), lambda _progress: versions.freeze(project), done=self._frozen, cancellable=False
        )

    def _frozen(self, version: Version) -> None:
        self._session.say(
            tr(
                "{name} holds {images} images with {boxes} digits.",
                name=version.name,
                images=version.images,
                boxes=version.boxes,
            )
        )

    def _export_chosen(self) -> None:
        version = self.table.current()
        self._export(version.name if version else None)


def _splits(version: Version) -> str:
    return ", ".join(f"{split} {n}" for split, n in version.by_split.items())
