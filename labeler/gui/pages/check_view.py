"""One doubt close up: the picture with the box in question and the correction that is proposed, and what can be done about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFrame, QWidget

from labeler.core.boxes import Rect
from labeler.core.edits import Edit
from labeler.core.findings import Finding, Kind
from labeler.core.i18n import tr
from labeler.core.pages import Page
from labeler.gui import actions
from labeler.gui.canvas.picture import decode_small
from labeler.gui.widgets import marked
from labeler.gui.widgets.marked import Mark
from labeler.gui.widgets.marked_picture import MarkedPicture
from labeler.gui.widgets.pieces import button, column, label, row
from labeler.gui.widgets.states import split_text
from labeler.services import checking, images, labeling
from labeler.services.project import Project

LARGEST = 6000
"""Pictures with a longer side are read smaller."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A doubt with its page, the edit that would settle it (None: a person must see to it), and the other page where there is one."""

    finding: Finding
    page: Page
    picture: QImage
    edit: Edit | None
    other: Page | None = None
    other_picture: QImage | None = None

    @property
    def is_gone(self) -> bool:
        """Whether its box has gone since."""
        return self.finding.box is not None and self.page.box(self.finding.box) is None


class CheckView(QFrame):
    """`do` are the page's slots by action id. Attributes: `picture`, `other`, `fix_button`, `right_button`, `open_button`."""

    def __init__(self, classes: Sequence[str], do: Callable[[str], Callable[[], object]]) -> None:
        super().__init__()
        self.setProperty("card", True)
        self._classes = tuple(classes)
        self.scene: Scene | None = None
        self.text = label("", "heading", wrap=True)
        self.by = label("", "muted", wrap=True)
        self.picture, self.other = MarkedPicture(), MarkedPicture()
        self.picture.setAccessibleName(tr("The place in question"))
        self.other.setAccessibleName(tr("The other picture"))
        self.fix_button = button("", do("check.fix"), icon="check", kind="primary")
        self.right_button = button(tr("It is right"), do("check.right"), icon="reviewed")
        self.right_button.setToolTip(actions.tip("check.right", tr("Nothing is changed, and it comes up no more.")))
        self.delete_button = button(tr("Delete the box"), do("check.delete"), icon="delete")
        self.delete_button.setToolTip(actions.tip("check.delete"))
        self.open_button = button(tr("Open on the desk"), do("check.open"), icon="desk")
        self.open_button.setToolTip(actions.tip("check.open"))
        self.hint = label("", "faint", wrap=True)
        pictures = row(self.picture, self.other, gap=8)
        pictures.setStretch(0, 1)
        pictures.setStretch(1, 1)
        what = row(self.fix_button, self.right_button, self.delete_button, None, self.open_button)
        layout = column(self.text, self.by, pictures, what, self.hint, gap=8, margins=(16, 14, 16, 12))
        layout.setStretch(2, 1)
        self.setLayout(layout)
        self.clear()

    def show_scene(self, scene: Scene) -> None:
        """Show a doubt."""
        self.scene = scene
        finding, image = scene.finding, scene.page.image
        self.text.setText(finding.text)
        self.by.setText(tr("According to {who} (sure: {score} %).", who=finding.by, score=round(100 * finding.score)))
        self.picture.show_picture(
            scene.picture, (image.width, image.height), marks(scene, self._classes), focus=finding.rect,
            caption=_caption(scene.page),
        )  # fmt: skip
        if scene.other is not None and scene.other_picture is not None:
            other = scene.other.image
            self.other.show_picture(
                scene.other_picture, (other.width, other.height), _plain(scene.other, self._classes), focus=None,
                caption=_caption(scene.other),
            )  # fmt: skip
        self.other.setVisible(scene.other is not None)
        can_fix = scene.edit is not None and not scene.edit.is_empty
        self.fix_button.setVisible(can_fix)
        self.fix_button.setText(fix_text(finding, self._classes))
        self.fix_button.setToolTip(actions.tip("check.fix", fix_text(finding, self._classes)))
        self.delete_button.setVisible(finding.box is not None and finding.kind not in (Kind.NOTHING, Kind.DOUBLED))
        self._say_keys(finding)
        self._enable(on=True)

    def clear(self) -> None:
        """Show no doubt."""
        self.scene = None
        self.picture.clear()
        self.other.hide()
        for words in (self.text, self.by, self.hint):
            words.setText("")
        self.fix_button.setText(tr("Correct"))
        self._enable(on=False)

    def _enable(self, *, on: bool) -> None:
        parts: tuple[QWidget, ...] = (self.fix_button, self.right_button, self.delete_button, self.open_button)
        for part in parts:
            part.setEnabled(on)

    def _say_keys(self, finding: Finding) -> None:
        keys = []
        if self.fix_button.isVisibleTo(self):
            keys.append(tr("{key} corrects", key=actions.hint("check.fix")))
        keys.append(tr("{key} leaves it as it is", key=actions.hint("check.right")))
        if finding.box is not None or finding.kind is Kind.MISSED:
            keys.append(tr("0–9 gives it that class"))
        keys.append(tr("↑ ↓ goes through the list"))
        keys.append(tr("{key} takes back", key=actions.hint("check.undo")))
        self.hint.setText("  ·  ".join(keys))


def load(project: Project, finding: Finding) -> Scene:
    """Read what a doubt is about. Off the GUI thread. Raises `NotFound`."""
    page = labeling.page(project, finding.image)
    picture = decode_small(images.picture(project, finding.image), LARGEST)
    edit = checking.fix(project, finding)
    if finding.other is None:
        return Scene(finding, page, picture, edit)
    other = labeling.page(project, finding.other)
    return Scene(finding, page, picture, edit, other, decode_small(images.picture(project, finding.other), LARGEST))


def fix_text(finding: Finding, classes: Sequence[str]) -> str:
    """What correcting a doubt would do, as a button says it."""
    match finding.kind:
        case Kind.CLASS if finding.class_id is not None:
            return tr("Make it {digit}", digit=classes[finding.class_id])
        case Kind.PLACE:
            return tr("Move the box")
        case Kind.MISSED:
            return tr("Draw the box")
        case Kind.NOTHING | Kind.DOUBLED:
            return tr("Delete the box")
    return tr("Correct")


def kind_text(kind: Kind) -> str:
    """A kind of doubt in words."""
    return {
        Kind.CLASS: tr("other digit"), Kind.PLACE: tr("badly placed"), Kind.MISSED: tr("no box"), Kind.NOTHING: tr("nothing there"),
        Kind.DOUBLED: tr("two boxes"), Kind.TWIN: tr("other labels"), Kind.PROMPT: tr("not as prompted"),
        Kind.WRITER: tr("two writers"), Kind.LEAK: tr("two splits"),
    }[kind]  # fmt: skip


def marks(scene: Scene, classes: Sequence[str]) -> list[Mark]:
    """The page's boxes, the one in question, and what the correction would make of it."""
    finding, edit = scene.finding, scene.edit
    proposed = {b.id: b for b in edit.after.boxes} if edit is not None else {}
    going = {b.id for b in edit.before.boxes if b.id not in proposed} if edit is not None else set()
    found = []
    for box in scene.page.boxes:
        name = classes[box.class_id]
        if box.id in going:
            found.append(Mark(box, name, marked.Kind.REMOVED))
        elif box.id in proposed:
            after = proposed.pop(box.id)
            if _same_place(box, after):
                found.append(Mark(box, f"{name} → {classes[after.class_id]}", marked.Kind.DOUBT))
            else:
                found += [Mark(box, name, marked.Kind.WAS), Mark(after, classes[after.class_id], marked.Kind.NOW)]
        else:
            kind = marked.Kind.DOUBT if box.id == finding.box else marked.Kind.PLAIN
            found.append(Mark(box, name, kind))
    found += [Mark(b, classes[b.class_id], marked.Kind.ADDED) for b in proposed.values()]
    if finding.box is None and finding.rect is not None and not proposed:
        found.append(Mark(finding.rect, "?", marked.Kind.DOUBT))
    return found


def _plain(page: Page, classes: Sequence[str]) -> list[Mark]:
    return [Mark(b, classes[b.class_id]) for b in page.boxes]


def _same_place(a: Rect, b: Rect) -> bool:
    return (a.x, a.y, a.w, a.h) == (b.x, b.y, b.w, b.h)


def _caption(page: Page) -> str:
    image = page.image
    return "  ·  ".join(filter(None, (image.name, image.writer, split_text(image.split) if image.split else "")))
