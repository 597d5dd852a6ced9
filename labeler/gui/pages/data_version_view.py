"""Into one version: its images with their boxes, or what is other than in another version or now; its note, and restoring its boxes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QComboBox, QFrame, QStackedWidget, QVBoxLayout, QWidget

from labeler.core.boxes import ClassRect
from labeler.core.errors import NotFound
from labeler.core.i18n import ntr, tr
from labeler.core.version_diff import BoxChange, ImageChange, VersionDiff, as_one_sided
from labeler.gui.canvas.picture import decode_small
from labeler.gui.dialogs.confirm import ConfirmDialog
from labeler.gui.dialogs.version import VersionDialog
from labeler.gui.session import Session
from labeler.gui.widgets.marked import Kind, Mark
from labeler.gui.widgets.marked_gallery import SIDE, MarkedCard, MarkedGallery
from labeler.gui.widgets.pieces import button, column, label, row, tool
from labeler.gui.widgets.states import split_text
from labeler.services import restoring, versions
from labeler.services.project import Project
from labeler.services.restoring import Restored
from labeler.services.versions import Version


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to compare: versions by name, None for the data as they are now. `until` is "" for one version by itself."""

    since: str | None
    until: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """The images of the gallery, and what is said above them."""

    images: tuple[ImageChange, ...]
    classes: tuple[str, ...]
    names: dict[str, str]
    words: str


class VersionView(QFrame):
    """Attributes: `what` (all its images, or which comparison), `gallery`, `restore_button`."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setProperty("card", True)
        self._session = session
        self._version: Version | None = None
        self._others: tuple[str, ...] = ()
        self._shown = Shown((), (), {}, "")
        self.dialog: ConfirmDialog | None = None
        self.edit_dialog: VersionDialog | None = None
        self.title = label("", "heading")
        self.edit_button = tool("pencil", tr("Change name and note …"), self.ask_edit)
        self.note = label("", "muted", wrap=True)
        self.words = label("", "muted", wrap=True)
        self.what = QComboBox()
        self.what.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.what.setMaximumWidth(300)
        self.what.setAccessibleName(tr("What to show of the version"))
        self.gallery = MarkedGallery(session)
        self.gallery.setAccessibleName(tr("Images of the version"))
        self.restore_button = button(tr("Restore boxes …"), self.ask_restore, icon="history")
        self.restore_button.setToolTip(
            tr("Gives the selected images, or all of the version, their boxes of then again. It can be undone.")
        )
        self._stack = QStackedWidget()
        nothing = label(tr("Nothing differs."), "muted")
        empty = QWidget()
        empty.setLayout(column(None, row(None, nothing, None), None))
        for part in (self.gallery, empty):
            self._stack.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 10, 10)
        layout.setSpacing(8)
        layout.addLayout(row(self.title, self.edit_button, None, self.what, self.restore_button))
        layout.addWidget(self.note)
        layout.addWidget(self.words)
        layout.addWidget(self._stack, 1)
        self.what.activated.connect(lambda _index: self.refresh())
        self.gallery.opened.connect(self._open)

    def show_version(self, version: Version, all_versions: Sequence[Version]) -> None:
        """Show this version; the others can be compared with it."""
        others = tuple(v.name for v in all_versions)
        if version != self._version or others != self._others:
            self._offer(version, all_versions)
        self._version, self._others = version, others
        self.title.setText(version.name)
        self.note.setText(version.note)
        self.note.setVisible(bool(version.note))
        self.refresh()

    def refresh(self) -> None:
        """Read again what is shown."""
        version, project = self._version, self._session.project
        if version is not None:
            wanted = self.what.currentData()
            self._session.tasks.read(lambda: _read(project, version, wanted), self._show, key=self)

    def ask_restore(self) -> None:
        """Ask whether the boxes are to be as they were."""
        version = self._version
        if version is None:
            return
        chosen = [self._shown.images[n].image.sha256 for n in self.gallery.chosen] or None
        count = len(chosen) if chosen else version.images
        self.dialog = ConfirmDialog(
            ntr(
                "Give {count} image its boxes of {version} again?",
                "Give {count} images their boxes of {version} again?",
                count,
                version=version.name,
            ),
            tr(
                "Boxes drawn, moved or deleted on them since are changed back. Images that the version does not know, review states and "
                "splits stay as they are. It can be undone."
            ),
            tr("Restore"),
            self,
        )
        self.dialog.confirmed.connect(lambda _reason: self.restore(version.name, chosen))
        self.dialog.open()

    def restore(self, name: str, hashes: Sequence[str] | None) -> None:
        """Give images their boxes of a version again."""
        project, annotator = self._session.project, self._session.annotator
        self._session.tasks.run(
            tr("Restoring boxes"),
            lambda progress: restoring.restore(project, name, hashes=hashes, annotator=annotator, progress=progress),
            done=self._restored,
        )

    def ask_edit(self) -> None:
        """Ask for another name or note."""
        version = self._version
        if version is None:
            return
        self.edit_dialog = VersionDialog(self._others, self, version=version)
        self.edit_dialog.chosen.connect(lambda name, note: self.edit(version.name, name, note))
        self.edit_dialog.open()

    def edit(self, version: str, name: str, note: str) -> None:
        """Give a version another name and note; what it holds stays."""
        with self._session.guard():
            versions.describe(self._session.project, version, name_now=name, note=note)

    def stop(self) -> None:
        """Read nothing more."""
        self.gallery.stop()

    def _offer(self, version: Version, all_versions: Sequence[Version]) -> None:
        before = self.what.currentIndex() if self._version == version else 0
        self.what.clear()
        self.what.addItem(tr("All its images"), Wanted(version.name, ""))
        for other in reversed(all_versions):
            if other.id < version.id:
                self.what.addItem(tr("Changes since {version}", version=other.name), Wanted(other.name, version.name))
        for other in all_versions:
            if other.id > version.id:
                self.what.addItem(tr("Changes until {version}", version=other.name), Wanted(version.name, other.name))
        self.what.addItem(tr("Changes since, until now"), Wanted(version.name, None))
        self.what.setCurrentIndex(min(max(before, 0), self.what.count() - 1))

    def _show(self, shown: Shown) -> None:
        self._shown = shown
        self.words.setText(shown.words)
        self._stack.setCurrentIndex(0 if shown.images else 1)
        project = self._session.project
        self.gallery.show_cards(
            len(shown.images), lambda places: [_card(project, shown, shown.images[n]) for n in places]
        )

    def _open(self, place: int) -> None:
        image_id = self._shown.images[place].image.image_id
        if image_id is not None:
            self._session.show("desk", image_id)

    def _restored(self, done: Restored) -> None:
        missing = ntr("{count} image is gone.", "{count} images are gone.", done.missing) if done.missing else ""
        if not done.images:
            self._session.say(tr("The boxes are as they were in {version}.", version=done.version), missing)
            return
        words = ntr(
            "{count} image has its boxes of {version} again.", "{count} images have their boxes of {version} again.",
            done.images, version=done.version,
        )  # fmt: skip
        self._session.say(words, missing, undo=lambda: self._take_back(done))

    def _take_back(self, done: Restored) -> None:
        project = self._session.project
        self._session.tasks.run(
            tr("Taking back"),
            lambda _progress: restoring.take_back(project, done),
            done=lambda _nothing: self._session.say(tr("The boxes are as they were before.")),
            cancellable=False,
        )


def _read(project: Project, version: Version, wanted: Wanted) -> Shown:
    if wanted.until == "":
        images = versions.images_of(project, version.id)
        names = restoring.names(project, images)
        ordered = sorted(images, key=lambda i: (names.get(i.sha256, ""), i.writer or "", i.sha256))
        words = ", ".join(f"{split_text(split)} {n}" for split, n in version.by_split.items())
        return Shown(tuple(as_one_sided(i) for i in ordered), version.classes, names, words)
    found = restoring.diff(project, wanted.since or "", wanted.until)
    names = restoring.names(project, [c.image for c in found.images])
    return Shown(found.images, found.classes, names, describe(found))


def describe(found: VersionDiff) -> str:
    """What differs, in one line."""
    counts = found.counts()
    parts = [
        text
        for n, text in (
            (counts["images added"], ntr("{count} image added", "{count} images added", counts["images added"])),
            (counts["images removed"], ntr("{count} image gone", "{count} images gone", counts["images removed"])),
            (
                counts["images moved"],
                ntr("{count} in another split", "{count} in another split", counts["images moved"]),
            ),
            (counts["boxes added"], ntr("{count} box added", "{count} boxes added", counts["boxes added"])),
            (counts["boxes removed"], ntr("{count} box removed", "{count} boxes removed", counts["boxes removed"])),
            (counts["boxes changed"], ntr("{count} box changed", "{count} boxes changed", counts["boxes changed"])),
        )
        if n
    ]
    if found.classes_added:
        parts.append(tr("classes added: {names}", names=", ".join(found.classes_added)))
    if found.classes_removed:
        parts.append(tr("classes gone: {names}", names=", ".join(found.classes_removed)))
    same = ntr("{count} image is the same.", "{count} images are the same.", found.same)
    return tr("{changes}. {same}", changes=", ".join(parts), same=same) if parts else same


def _card(project: Project, shown: Shown, change: ImageChange) -> MarkedCard:
    image = change.image
    try:
        picture = decode_small(restoring.picture(project, image.sha256), SIDE)
    except NotFound:
        picture = QImage()
    title = "  ·  ".join(filter(None, (shown.names.get(image.sha256, image.sha256[:8]), image.writer)))
    return MarkedCard(title, note_of(change), picture, image.width, image.height, tuple(_marks(change, shown.classes)))


def note_of(change: ImageChange) -> str:
    """What is to be said of an image: what changed, or what it holds."""
    image = change.image
    digits = ntr("{count} digit", "{count} digits", len(image.boxes))
    if change.before is None:
        return tr("New: {digits}, {split}", digits=digits, split=split_text(image.split))
    if change.after is None:
        return tr("Gone: {digits}, {split}", digits=digits, split=split_text(image.split))
    parts = _box_words(change.boxes)
    if change.is_moved:
        parts.append(
            tr("{before} → {after}", before=split_text(change.before.split), after=split_text(change.after.split))
        )
    return ", ".join(parts) or f"{digits}, {split_text(image.split)}"


def _box_words(boxes: Sequence[BoxChange]) -> list[str]:
    kinds = Counter("+" if b.before is None else "−" if b.after is None else "~" for b in boxes)
    return [
        text
        for text in (
            ntr("{count} added", "{count} added", kinds["+"]) if kinds["+"] else "",
            ntr("{count} removed", "{count} removed", kinds["−"]) if kinds["−"] else "",
            ntr("{count} changed", "{count} changed", kinds["~"]) if kinds["~"] else "",
        )
        if text
    ]


def _marks(change: ImageChange, classes: Sequence[str]) -> list[Mark]:
    """Boxes of an image that came or went as a whole are plain: the note says so."""
    if change.before is None or change.after is None:
        return [Mark(b, classes[b.class_id]) for b in change.image.boxes]
    marks = [Mark(b, classes[b.class_id]) for b in change.kept]
    for box in change.boxes:
        if box.before is not None:
            kind = Kind.REMOVED if box.after is None else Kind.WAS
            marks.append(Mark(box.before, _name(box.before, classes), kind))
        if box.after is not None:
            kind = Kind.ADDED if box.before is None else Kind.NOW
            marks.append(Mark(box.after, _name(box.after, classes), kind))
    return marks


def _name(box: ClassRect, classes: Sequence[str]) -> str:
    return classes[box.class_id]
