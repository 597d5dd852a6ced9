"""Asks whose hand wrote some images, and shows what follows for splits and figures before it is done. Does nothing by itself."""

from collections.abc import Sequence, Set

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialog, QFrame, QWidget

from labeler.core.i18n import ntr, tr
from labeler.gui.widgets.pieces import button, card, column, form, label, row
from labeler.gui.widgets.states import split_text
from labeler.services.images import Writer
from labeler.services.writers import Plan


class WriterDialog(QDialog):
    """`now` are the writers that the images have, None among them where some have none.

    `code_changed` asks for the plan of a code; until `show_plan` tells what would follow, nothing can be confirmed. `chosen` carries
    the code (None: no writer) and whether harm was accepted.
    """

    code_changed = Signal(object)  # str | None
    chosen = Signal(object, bool)

    def __init__(
        self,
        count: int,
        writers: Sequence[Writer],
        suggestion: str,
        parent: QWidget | None = None,
        *,
        now: Set[str | None],
    ) -> None:
        super().__init__(parent)
        heading = ntr("Whose hand is this image?", "Whose hand are these {count} images?", count)
        self.setWindowTitle(heading)
        self.setMinimumWidth(480)
        self._plan: Plan | None = None
        only = next(iter(now)) if len(now) == 1 else None
        self.code = _field(writers, only or suggestion)
        self._follows = label("", "muted", wrap=True)
        self._harm = label("", wrap=True)
        self.warning: QFrame = card(self._harm, kind="warning")
        self.nobody = button(tr("No writer"), self._give_none, kind="link")
        self.nobody.setToolTip(tr("Nobody knows whose hand it is; the images keep their split."))
        self.go = button(tr("Give"), self._give, icon="writer", kind="primary")
        self.go.setDefault(True)
        words = tr("A code and no name: it goes wherever the data goes. A new code makes a new writer.")
        self.setLayout(
            column(
                label(heading, "heading"),
                label(words, "muted", wrap=True),
                4,
                form((tr("Writer"), self.code)),
                self._follows,
                self.warning,
                8,
                row(self.nobody, None, button(tr("Cancel"), self.reject), self.go),
                margins=(20, 18, 20, 16),
                gap=10,
            )
        )
        self.nobody.setVisible(bool(now - {None}))
        self.code.currentTextChanged.connect(self._changed)
        edit = self.code.lineEdit()
        assert edit is not None
        edit.selectAll()
        self.code.setFocus()
        self._wait()

    @property
    def wanted(self) -> str:
        """The code in the field."""
        return self.code.currentText().strip()

    def show_plan(self, plan: Plan) -> None:
        """Tell what giving the images to the code in the field would do."""
        self._plan = plan
        self._follows.setText(_words(plan))
        self._harm.setText("\n".join(plan.harms))
        self.warning.setVisible(bool(plan.harms))
        self.go.setText(tr("Give anyway") if plan.harms else tr("Give"))
        self.go.setEnabled(True)

    def _changed(self) -> None:
        self._wait()
        if self.wanted:
            self.code_changed.emit(self.wanted)

    def _wait(self) -> None:
        self._plan = None
        self.go.setEnabled(False)
        self.warning.hide()

    def _give(self) -> None:
        if self._plan is not None:
            harm = bool(self._plan.harms)
            self.accept()
            self.chosen.emit(self.wanted, harm)

    def _give_none(self) -> None:
        self.accept()
        self.chosen.emit(None, False)


def _field(writers: Sequence[Writer], suggestion: str) -> QComboBox:
    field = QComboBox()
    field.setEditable(True)
    field.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    field.setAccessibleName(tr("Writer"))
    for writer in writers:
        field.addItem(writer.code)
    field.setCurrentText(suggestion)
    return field


def _words(plan: Plan) -> str:
    where = (
        tr("They will be in {split}.", split=split_text(plan.split))
        if plan.split
        else tr("Their split is assigned later, to the writer as a whole.")
    )
    twins = (
        ntr(
            "{count} near-duplicate comes along: it shows the same page.",
            "{count} near-duplicates come along: they show the same pages.",
            plan.twins,
        )
        if plan.twins
        else ""
    )
    return " ".join(part for part in (where, twins) if part)
