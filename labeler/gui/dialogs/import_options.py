"""Asks how to import: whose hand it is, what format, whether to keep a data set's splits. Reads nothing, imports nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QComboBox, QDialog, QLineEdit, QRadioButton, QWidget

from labeler.core.i18n import ntr, tr
from labeler.gui.widgets.pieces import button, card, column, label, row
from labeler.gui.widgets.words import format_names

FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class ImportChoice:
    """What was chosen, as `importing.import_paths` takes it."""

    paths: tuple[Path, ...]
    format: str = "auto"
    writer: str | None = None
    writer_from: str | None = None
    use_splits: bool = False


class ImportDialog(QDialog):
    """`choice` is what the fields say now; `accepted` means go."""

    def __init__(
        self, paths: Sequence[Path], writers: Sequence[str], parent: QWidget | None = None, *, keep_splits: bool = False
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Import"))
        self.setMinimumWidth(520)
        self._paths = tuple(paths)
        self._group = QButtonGroup(self)
        self.unknown = self._option(tr("Not known"))
        self.one = self._option(tr("All by one writer"))
        self.by_folder = self._option(tr("Each folder is one writer"))
        self.by_pattern = self._option(tr("A part of the path names the writer"))
        self.unknown.setChecked(True)
        self.writer = _writer_field(writers)
        self.pattern = QLineEdit()
        self.pattern.setPlaceholderText(tr("Pattern, such as (writer\\d+)_"))
        self.splits = QCheckBox(tr("Keep the splits that a data set brings"))
        self.splits.setChecked(keep_splits)
        self.format = _format_field()
        self._go = button(tr("Import"), self.accept, icon="import", kind="primary")
        self._go.setDefault(True)
        self._build()
        self._group.buttonToggled.connect(self._changed)
        self.writer.currentTextChanged.connect(self._changed)
        self.pattern.textChanged.connect(self._changed)
        self._changed()

    @property
    def choice(self) -> ImportChoice:
        """What the fields say."""
        writer = self.writer.currentText().strip() if self.one.isChecked() else ""
        source: str | None = None
        if self.by_folder.isChecked():
            source = FOLDER
        elif self.by_pattern.isChecked():
            source = self.pattern.text().strip() or None
        return ImportChoice(
            self._paths, str(self.format.currentData()), writer or None, source, self.splits.isChecked()
        )

    def _option(self, text: str) -> QRadioButton:
        result = QRadioButton(text)
        self._group.addButton(result)
        return result

    def _build(self) -> None:
        whose = card(
            self.unknown,
            row(self.one, self.writer),
            self.by_folder,
            row(self.by_pattern, self.pattern),
            label(
                tr("A writer belongs to training, validation or test as a whole. That keeps the figures honest."),
                "muted",
                wrap=True,
            ),
            heading=tr("Whose handwriting is it?"),
        )
        form = row(label(tr("Format")), self.format, 16, self.splits, None)
        buttons = row(None, button(tr("Cancel"), self.reject), self._go)
        self.setLayout(
            column(
                label(_what(self._paths), "heading"),
                label(_where(self._paths), "muted", wrap=True),
                4,
                whose,
                form,
                8,
                buttons,
                margins=(20, 18, 20, 16),
                gap=10,
            )
        )

    def _changed(self, *_: object) -> None:
        self.writer.setEnabled(self.one.isChecked())
        self.pattern.setEnabled(self.by_pattern.isChecked())
        named = not self.one.isChecked() or bool(self.writer.currentText().strip())
        told = not self.by_pattern.isChecked() or bool(self.pattern.text().strip())
        self._go.setEnabled(named and told)


def _writer_field(writers: Sequence[str]) -> QComboBox:
    field = QComboBox()
    field.setEditable(True)
    field.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    field.addItems(list(writers))
    field.setCurrentText("")
    field.setMinimumWidth(200)
    line = field.lineEdit()
    if line is not None:
        line.setPlaceholderText(tr("Code, such as s17"))
    return field


def _format_field() -> QComboBox:
    field = QComboBox()
    for name, text in {"auto": tr("Automatic"), "images": tr("Pictures only"), **format_names()}.items():
        field.addItem(text, name)
    return field


def _what(paths: Sequence[Path]) -> str:
    folders = sum(p.is_dir() for p in paths)
    if len(paths) == 1:
        return tr("Import “{name}”", name=paths[0].name)
    if folders == len(paths):
        return ntr("Import {count} folder", "Import {count} folders", folders)
    if not folders:
        return ntr("Import {count} file", "Import {count} files", len(paths))
    return ntr("Import {count} file or folder", "Import {count} files and folders", len(paths))


def _where(paths: Sequence[Path]) -> str:
    return str(paths[0].parent) if paths else ""


def ask(paths: Sequence[Path], writers: Sequence[str], parent: QWidget, *, keep_splits: bool = False) -> ImportDialog:
    """Open the dialog over `parent` without waiting for it."""
    dialog = ImportDialog(paths, writers, parent, keep_splits=keep_splits)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog
