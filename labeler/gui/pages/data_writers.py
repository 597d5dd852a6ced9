"""The writers with their split, and moving one by hand, with a warning where that makes figures less honest."""

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QMenu, QVBoxLayout

from labeler.core.i18n import tr
from labeler.gui.dialogs.confirm import ConfirmDialog
from labeler.gui.pages.data_overview import split_name
from labeler.gui.session import Session
from labeler.gui.widgets.pieces import button, label, row
from labeler.gui.widgets.table import Column, Table
from labeler.services import splitting
from labeler.services.images import Writer

SPLITS = ("train", "val", "test")


class WritersCard(QFrame):
    """A table of writers."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setProperty("card", True)
        self._session = session
        self.dialog: ConfirmDialog | None = None
        self.table: Table[Writer] = Table(
            [
                Column(tr("Writer"), lambda w: w.code, wide=True, tip=lambda w: w.note),
                Column(tr("Images"), lambda w: f"{w.images:,}", right=True),
                Column(tr("Split"), lambda w: split_name(w.split or "none")),
            ]
        )
        self.move_button = button(tr("Move to"), icon="split")
        menu = QMenu(self.move_button)
        for split in SPLITS:
            menu.addAction(split_name(split)).triggered.connect(lambda _=False, s=split: self.ask_move(s))
        self.move_button.setMenu(menu)
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
        layout.addLayout(row(label(tr("Writers"), "heading"), None, self.move_button))
        layout.addWidget(self._none)
        layout.addWidget(self.table)
        layout.addStretch(1)
        self.table.chosen.connect(lambda writer: self.move_button.setEnabled(writer is not None))

    def show_writers(self, writers: Sequence[Writer]) -> None:
        """Show these writers."""
        self.table.set_rows(writers, key=lambda w: w.code)
        self.table.fit_height(most=10)
        self.table.setVisible(bool(writers))
        self.move_button.setVisible(bool(writers))
        self._none.setVisible(not writers)

    def ask_move(self, split: str) -> None:
        """Move the chosen writer; asks first where the writer has a split already."""
        writer = self.table.current()
        if writer is None or writer.split == split:
            return
        if writer.split is None:
            self._move(writer, split)
            return
        self.dialog = ConfirmDialog(
            tr(
                "Move {code} from {old} to {new}?",
                code=writer.code,
                old=split_name(writer.split),
                new=split_name(split),
            ),
            tr(
                "Models trained before may have learnt from this writer. Judged on the same hand they look better than they are; "
                "train again before you compare figures."
            ),
            tr("Move"),
            self,
        )
        self.dialog.confirmed.connect(lambda _reason: self._move(writer, split))
        self.dialog.open()

    def _move(self, writer: Writer, split: str) -> None:
        project = self._session.project
        self._session.tasks.run(
            tr("Moving a writer"),
            lambda _progress: splitting.set_writer_split(project, writer.code, split),
            done=lambda _: self._session.say(
                tr("{code} is in {split} now.", code=writer.code, split=split_name(split))
            ),
            cancellable=False,
            alone=False,
        )
