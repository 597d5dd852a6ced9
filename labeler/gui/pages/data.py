"""The data page: what is in the project, whose hand it is and in which split, its versions; importing, exporting, backing up."""

from dataclasses import dataclass

from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from labeler.core.changes import Changes
from labeler.core.i18n import tr
from labeler.gui.dialogs.export import ExportChoice, ExportDialog
from labeler.gui.import_flow import ImportFlow
from labeler.gui.pages.data_overview import Overview
from labeler.gui.pages.data_versions import VersionsCard
from labeler.gui.pages.data_writers import WritersCard
from labeler.gui.pages.page import BasePage
from labeler.gui.session import Session
from labeler.gui.widgets.pieces import button, column, empty_state, holder, page_header, row, scroller
from labeler.services import exporting, images, versions
from labeler.services.exporting import ExportReport
from labeler.services.images import Stats, Writer
from labeler.services.project import Project
from labeler.services.versions import Version


@dataclass(frozen=True, slots=True)
class Contents:
    """What the page shows."""

    stats: Stats
    writers: tuple[Writer, ...]
    versions: tuple[Version, ...]


class DataPage(BasePage):
    """Reads the project off the GUI thread whenever it changes while the page is in front."""

    def __init__(self, session: Session, imports: ImportFlow) -> None:
        super().__init__(session)
        self._imports = imports
        self.dialog: ExportDialog | None = None
        self.overview = Overview(session)
        self.writers = WritersCard(session)
        self.versions = VersionsCard(session, export=self.ask_export)
        self.export = button(tr("Export …"), self.ask_export, icon="export")
        backup = button(tr("Back up …"), lambda: session.do("backup"), icon="backup")
        lists = row(self.writers, self.versions, gap=16)
        lists.setStretch(0, 1)
        lists.setStretch(1, 1)
        body = QWidget()
        body.setLayout(column(self.overview, lists, None, gap=16, margins=(24, 6, 24, 24)))
        self._stack = QStackedWidget()
        self._empty = empty_state(
            "image",
            tr("No images yet"),
            tr("Drop pictures, folders or a YOLO data set onto this window, or choose them here."),
            _import_button(imports, kind="primary"),
        )
        for part in (QWidget(), self._empty, scroller(body)):
            self._stack.addWidget(part)
        header = page_header(tr("Data"), backup, self.export, _import_button(imports, kind="primary"))
        layout = column(header, self._stack, gap=0)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        session.changed.connect(self._changed)

    def activated(self) -> None:
        """Show the newest counts."""
        self.refresh()

    def refresh(self) -> None:
        """Read the project again."""
        project = self.session.project
        self.session.tasks.read(lambda: _read(project), self._show, key=self)

    def ask_export(self, version: str | None = None) -> None:
        """Ask where to export to; a version, or the data as they are now."""
        project = self.session.project
        names = [v.name for v in reversed(self.versions.versions)]
        place = project.folder / "exports" / (version or "latest")
        self.dialog = ExportDialog(place, names, self, version=version)
        self.dialog.chosen.connect(self.start_export)
        self.dialog.open()

    def start_export(self, choice: ExportChoice) -> None:
        """Export off the GUI thread."""
        project = self.session.project
        self.session.tasks.run(
            tr("Exporting"),
            lambda progress: exporting.export(
                project, choice.folder, format=choice.format, version=choice.version, progress=progress
            ),
            done=self._exported,
        )

    def _exported(self, report: ExportReport) -> None:
        images_count = sum(report.by_split.values())
        self.session.say(
            tr("Exported {version}: {images} images, {boxes} boxes.", version=report.version, images=images_count, boxes=report.boxes),
            tr("Read back and found equal. It lies in {path}", path=report.path),
        )  # fmt: skip

    def _changed(self, changes: Changes) -> None:
        if self.isVisible() and (changes.library or changes.versions or changes.images):
            self.refresh()

    def _show(self, found: Contents) -> None:
        self._stack.setCurrentIndex(2 if found.stats.images else 1)
        self.export.setEnabled(bool(found.stats.images))
        self.overview.show_stats(found.stats)
        self.writers.show_writers(found.writers)
        self.versions.show_versions(found.versions)


def _import_button(imports: ImportFlow, *, kind: str = "") -> QWidget:
    result = button(tr("Import …"), icon="import", kind=kind)
    menu = QMenu(result)
    menu.addAction(tr("Files …")).triggered.connect(lambda: imports.choose_files())
    menu.addAction(tr("Folder …")).triggered.connect(lambda: imports.choose_folder())
    menu.addAction(tr("YOLO data set …")).triggered.connect(lambda: imports.choose_folder(keep_splits=True))
    result.setMenu(menu)
    return holder(row(result))


def _read(project: Project) -> Contents:
    return Contents(images.stats(project), tuple(images.writers(project)), tuple(versions.versions(project)))
