"""The writers with their split and note: renaming, merging, withdrawing, moving with a warning where that makes figures less honest."""

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QMenu, QVBoxLayout

from labeler.core.filters import ImageFilter
from labeler.core.i18n import ntr, tr
from labeler.core.splits import SPLITS
from labeler.gui.dialogs.confirm import ConfirmDialog
from labeler.gui.dialogs.edit_writer import EditWriterDialog
from labeler.gui.pages.data_overview import split_name
from labeler.gui.session import Session
from labeler.gui.widgets.pieces import button, label, row
from labeler.gui.widgets.table import Column, Table
from labeler.gui.writer_flow import WriterFlow
from labeler.services import forgetting, writers
from labeler.services.forgetting import Forgotten
from labeler.services.images import Writer
from labeler.services.project import Project
from labeler.services.writers import Done


class WritersCard(QFrame):
    """A table of writers; `flow` does what is asked and offers to take it back."""

    def __init__(self, session: Session, flow: WriterFlow) -> None:
        super().__init__()
        self.setProperty("card", True)
        self._session = session
        self._flow = flow
        self.dialog: ConfirmDialog | None = None
        self.edit_dialog: EditWriterDialog | None = None
        self.table: Table[Writer] = Table(
            [
                Column(tr("Writer"), lambda w: w.code),
                Column(tr("Images"), lambda w: f"{w.images:,}", right=True),
                Column(tr("Split"), lambda w: split_name(w.split or "none")),
                Column(tr("Note"), lambda w: w.note, wide=True, muted=True, tip=lambda w: w.note),
            ]
        )
        self.table.setAccessibleName(tr("Writers"))
        self.show_button = button(tr("Show images"), self.show_images, icon="image")
        self.edit_button = button(tr("Edit …"), self.ask_edit, icon="pencil")
        self.edit_button.setToolTip(tr("Another code, a note, or one writer of two."))
        self.move_button = button(tr("Move to"), icon="split")
        self.withdraw_button = button(tr("Withdraw …"), self.ask_withdraw, icon="delete")
        self.withdraw_button.setToolTip(tr("Everything of this writer leaves the project for good."))
        menu = QMenu(self.move_button)
        for split in SPLITS:
            menu.addAction(split_name(split)).triggered.connect(lambda _=False, s=split: self.ask_move(s))
        self.move_button.setMenu(menu)
        self._buttons = (self.show_button, self.edit_button, self.move_button, self.withdraw_button)
        self._none = label(
            tr(
                "No writer is known yet. Say whose handwriting it is when you import; then no writer is both learnt from and judged on."
            ),
            "muted",
            wrap=True,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        layout.addLayout(row(label(tr("Writers"), "heading"), None, *self._buttons))
        layout.addWidget(self._none)
        layout.addWidget(self.table)
        self.table.chosen.connect(self._chosen)
        self.table.opened.connect(lambda _writer: self.ask_edit())

    def show_writers(self, found: Sequence[Writer]) -> None:
        """Show these writers."""
        self.table.set_rows(found, key=lambda w: w.id)
        self.table.fit_height(most=10)
        self.table.setVisible(bool(found))
        for part in self._buttons:
            part.setVisible(bool(found))
        self._none.setVisible(not found)

    def show_images(self) -> None:
        """The chosen writer's images."""
        if (writer := self.table.current()) is not None:
            self._session.show("data", ImageFilter(writer=writer.code))

    def ask_edit(self) -> None:
        """Ask for the chosen writer's code and note."""
        writer, project = self.table.current(), self._session.project
        if writer is None:
            return
        dialog = self.edit_dialog = EditWriterDialog(writer, [w.code for w in self.table.rows], self)
        dialog.merge_wanted.connect(
            lambda code: self._session.tasks.read(
                lambda: writers.merge_harms(project, writer.code, code),
                lambda harms: dialog.show_harms(code, harms) if self.edit_dialog is dialog else None,
            )
        )
        dialog.chosen.connect(lambda code, note: self._edit(writer, code, note))
        dialog.finished.connect(lambda _result: self._edited(dialog))
        dialog.open()

    def ask_move(self, split: str) -> None:
        """Move the chosen writer; asks first where the writer has a split already."""
        writer, project = self.table.current(), self._session.project
        if writer is None or writer.split == split:
            return
        if writer.split is None:
            self._move(writer, split)
            return
        self._session.tasks.read(
            lambda: writers.split_harms(project, writer.code, split),
            lambda harms: self._ask_move(writer, split, harms),
            key=(self, "move"),
        )

    def ask_withdraw(self) -> None:
        """Ask before everything of the chosen writer is deleted: it cannot be taken back."""
        writer = self.table.current()
        if writer is None:
            return
        self.dialog = ConfirmDialog(
            tr("Delete everything of {code}?", code=writer.code),
            ntr(
                "{count} image with its ink, boxes and history leaves the project for good, and so do the backups and exports in its "
                "folder that hold it. Models that learnt from it are marked. This cannot be undone.",
                "{count} images with their ink, boxes and history leave the project for good, and so do the backups and exports in its "
                "folder that hold them. Models that learnt from them are marked. This cannot be undone.",
                writer.images,
            ),
            tr("Delete everything"),
            self,
            final=True,
        )
        self.dialog.confirmed.connect(lambda _reason: self.withdraw(writer.code))
        self.dialog.open()

    def withdraw(self, code: str) -> None:
        """Delete everything of a writer, without asking."""
        project = self._session.project
        self._session.tasks.run(
            tr("Deleting everything of {code}", code=code),
            lambda progress: forgetting.forget(project, code, progress=progress),
            done=self._withdrawn,
            cancellable=False,
        )

    def _withdrawn(self, gone: Forgotten) -> None:
        marked = tr("Marked as trained on a writer who withdrew: {names}", names=", ".join(gone.models))
        self._session.say(
            ntr(
                "Removed {count} image of {writer}",
                "Removed {count} images of {writer}",
                gone.images,
                writer=gone.writer,
            )
            + ".",
            marked
            if gone.models
            else tr(
                "Copies outside the project’s folder are not reached: exports, backups and models saved elsewhere."
            ),
        )

    def _ask_move(self, writer: Writer, split: str, harms: tuple[str, ...]) -> None:
        fine = tr("No training has used these images yet, so no figure is spoilt.")
        self.dialog = ConfirmDialog(
            tr(
                "Move {code} from {old} to {new}?",
                code=writer.code,
                old=split_name(writer.split or "none"),
                new=split_name(split),
            ),
            "\n\n".join((*harms, tr("Train again before you compare figures."))) if harms else fine,
            tr("Move anyway") if harms else tr("Move"),
            self,
        )
        self.dialog.confirmed.connect(lambda _reason: self._move(writer, split))
        self.dialog.open()

    def _move(self, writer: Writer, split: str) -> None:
        project = self._session.project
        self._flow.do(tr("Moving a writer"), lambda: writers.set_split(project, writer.code, split, allow_harm=True))

    def _edit(self, writer: Writer, code: str, note: str) -> None:
        project = self._session.project
        if code != writer.code or note != writer.note:
            self._flow.do(tr("Changing a writer"), lambda: _edited(project, writer, code, note, self._is_known(code)))

    def _is_known(self, code: str) -> bool:
        return any(w.code == code for w in self.table.rows)

    def _edited(self, dialog: EditWriterDialog) -> None:
        if self.edit_dialog is dialog:
            self.edit_dialog = None
        dialog.deleteLater()

    def _chosen(self, writer: Writer | None) -> None:
        for part in self._buttons:
            part.setEnabled(writer is not None)


def _edited(project: Project, writer: Writer, code: str, note: str, merging: bool) -> Done:
    if code != writer.code and merging:
        return writers.merge(project, writer.code, code, allow_harm=True)
    return writers.change(project, writer.code, code_now=code, note=note)
