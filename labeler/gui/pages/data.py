"""The data page: what is in the project, whose hand it is and in which split, its versions; importing, exporting, backing up."""

from dataclasses import dataclass

from PySide6.QtWidgets import QMenu, QStackedWidget, QTabBar, QWidget

from labeler.core.changes import Changes
from labeler.core.coverage import Coverage
from labeler.core.filters import ImageFilter
from labeler.core.i18n import tr
from labeler.gui import actions
from labeler.gui.dialogs.export import ExportChoice, ExportDialog
from labeler.gui.import_flow import ImportFlow
from labeler.gui.pages.data_images import ImagesSection
from labeler.gui.pages.data_overview import Overview
from labeler.gui.pages.data_splits import SplitsCard
from labeler.gui.pages.data_statistics import StatisticsSection
from labeler.gui.pages.data_versions import VersionsSection
from labeler.gui.pages.data_writers import WritersCard
from labeler.gui.pages.page import BasePage
from labeler.gui.session import Session
from labeler.gui.widgets.pieces import button, column, empty_state, holder, page_header, row, scroller
from labeler.gui.writer_flow import WriterFlow
from labeler.services import coverage, exporting, images, versions
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
    coverage: Coverage


class DataPage(BasePage):
    """Reads the project off the GUI thread whenever it changes while the page is in front. Its parts are sections behind tabs."""

    def __init__(self, session: Session, imports: ImportFlow) -> None:
        super().__init__(session)
        self._imports = imports
        self.dialog: ExportDialog | None = None
        self.flow = WriterFlow(session, self)
        self.overview = Overview(session)
        self.images = ImagesSection(session, self.flow)
        self.writers = WritersCard(session, self.flow)
        self.splits = SplitsCard()
        self.versions = VersionsSection(session, export=self.ask_export)
        self.statistics = StatisticsSection(session)
        self.export = button(tr("Export …"), self.ask_export, icon="export")
        backup = _backup_button(session)
        self.tabs = QTabBar()
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setAccessibleName(tr("Parts of the data page"))
        self._sections = QStackedWidget()
        self._names: list[str] = []
        for name, title, section in self._parts():
            self._names.append(name)
            self.tabs.addTab(title)
            self._sections.addWidget(section)
        self.tabs.currentChanged.connect(self._section_changed)
        self._stack = QStackedWidget()
        self._empty = empty_state(
            "image",
            tr("No images yet"),
            tr("Drop pictures, folders or a data set onto this window, or choose them here."),
            _import_button(imports, kind="primary"),
        )
        filled = column(row(self.tabs, None, margins=(12, 0, 24, 0)), self._sections, gap=6)
        filled.setStretch(1, 1)
        for part in (QWidget(), self._empty, holder(filled)):
            self._stack.addWidget(part)
        header = page_header(tr("Data"), backup, self.export, _import_button(imports, kind="primary"))
        layout = column(header, self._stack, gap=0)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        session.changed.connect(self._changed)
        actions.bind(self, {"data.undo": self.flow.take_back})

    @property
    def section(self) -> str:
        """The name of the section in front."""
        return self._names[self.tabs.currentIndex()]

    def show_section(self, name: str) -> None:
        """Bring a section to the front: overview, images, writers, versions, statistics."""
        self.tabs.setCurrentIndex(self._names.index(name))

    def show_item(self, what: object) -> None:
        """Show a section by its name, or the images that pass an `ImageFilter`."""
        if isinstance(what, ImageFilter):
            self.show_section("images")
            self.images.show_filter(what)
        elif isinstance(what, str):
            self.show_section(what)

    def shutdown(self) -> None:
        """Stop waiting for anything."""
        self.images.stop()
        self.versions.stop()

    def activated(self) -> None:
        """Show the newest counts."""
        self.refresh()

    def refresh(self) -> None:
        """Read the project again."""
        project = self.session.project
        self.session.tasks.read(lambda: _read(project), self._show, key=self)
        self._refresh_section()

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
                project,
                choice.folder,
                format=choice.format,
                version=choice.version,
                variants=choice.variants,
                progress=progress,
            ),
            done=self._exported,
        )

    def _exported(self, report: ExportReport) -> None:
        images_count = sum(report.by_split.values()) + len(report.variants.images)
        self.session.say(
            tr(
                "Exported {version}: {images} images, {boxes} boxes.",
                version=report.version,
                images=f"{images_count:,}",
                boxes=f"{report.boxes:,}",
            ),
            tr("Read back and found equal. It lies in {path}", path=report.path),
        )

    def _parts(self) -> list[tuple[str, str, QWidget]]:
        return [
            ("overview", tr("Overview"), _scrolled(self.overview)),
            ("images", tr("Images"), self.images),
            ("writers", tr("Writers and splits"), _scrolled(self.splits, self.writers)),
            ("versions", tr("Versions"), self.versions),
            ("statistics", tr("Statistics"), self.statistics),
        ]

    def _section_changed(self, place: int) -> None:
        self._sections.setCurrentIndex(place)
        self._refresh_section()

    def _refresh_section(self) -> None:
        """These two read by themselves, and only while they are looked at."""
        if self.section == "images":
            self.images.refresh()
        elif self.section == "statistics":
            self.statistics.refresh()

    def _changed(self, changes: Changes) -> None:
        if self.isVisible() and (changes.library or changes.versions or changes.images):
            self.refresh()

    def _show(self, found: Contents) -> None:
        self._stack.setCurrentIndex(2 if found.stats.images else 1)
        self.export.setEnabled(bool(found.stats.images))
        self.overview.show_stats(found.stats)
        self.writers.show_writers(found.writers)
        self.splits.show_coverage(found.coverage)
        self.versions.show_versions(found.versions)


def _scrolled(*parts: QWidget) -> QWidget:
    body = QWidget()
    body.setLayout(column(*parts, None, gap=16, margins=(24, 8, 24, 24)))
    return scroller(body)


def _backup_button(session: Session) -> QWidget:
    result = button(tr("Backups"), icon="backup")
    menu = QMenu(result)
    menu.addAction(tr("Back up …")).triggered.connect(lambda: session.do("backup"))
    menu.addAction(tr("Restore from a backup …")).triggered.connect(lambda: session.do("restore"))
    result.setMenu(menu)
    return holder(row(result))


def _import_button(imports: ImportFlow, *, kind: str = "") -> QWidget:
    result = button(tr("Import …"), icon="import", kind=kind)
    menu = QMenu(result)
    menu.addAction(tr("Files …")).triggered.connect(lambda: imports.choose_files())
    menu.addAction(tr("Folder …")).triggered.connect(lambda: imports.choose_folder())
    menu.addAction(tr("Data set with its splits …")).triggered.connect(lambda: imports.choose_folder(keep_splits=True))
    result.setMenu(menu)
    return holder(row(result))


def _read(project: Project) -> Contents:
    return Contents(
        images.stats(project),
        tuple(images.writers(project)),
        tuple(versions.versions(project)),
        coverage.coverage(project),
    )
