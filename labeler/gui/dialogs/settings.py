"""Language, theme and the annotator's name. Each choice counts at once; the dialog only says what was chosen."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QWidget

from labeler.core.i18n import LANGUAGES, tr
from labeler.gui.settings import LANGUAGE_SYSTEM, Preferences
from labeler.gui.widgets.pieces import button, column, form, label, row


class SettingsDialog(QDialog):
    """Emits what changed."""

    language_chosen = Signal(str)
    theme_chosen = Signal(str)
    annotator_chosen = Signal(str)
    keys_wanted = Signal()

    def __init__(self, now: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Settings"))
        self.setMinimumWidth(440)
        self.language = _choices({LANGUAGE_SYSTEM: tr("As the system"), **LANGUAGES}, now.language)
        self.theme = _choices({"system": tr("As the system"), "light": tr("Light"), "dark": tr("Dark")}, now.theme)
        self.annotator = QLineEdit(now.annotator)
        self.annotator.setPlaceholderText(tr("Who labels; a code will do"))
        fields = form(
            (tr("Language"), self.language),
            (tr("Appearance"), self.theme),
            (tr("Annotator"), self.annotator),
        )
        close = button(tr("Close"), self.accept, kind="primary")
        close.setDefault(True)
        self.setLayout(
            column(
                label(tr("Settings"), "heading"),
                4,
                fields,
                12,
                row(button(tr("Keys …"), self.keys_wanted.emit, icon="keys"), None, close),
                margins=(20, 18, 20, 16),
                gap=8,
            )
        )
        self.language.activated.connect(lambda: self.language_chosen.emit(self.language.currentData()))
        self.theme.activated.connect(lambda: self.theme_chosen.emit(self.theme.currentData()))
        self.annotator.editingFinished.connect(self._named)
        self.finished.connect(self._named)

    def _named(self) -> None:
        self.annotator_chosen.emit(self.annotator.text().strip())


def _choices(names: dict[str, str], now: str) -> QComboBox:
    field = QComboBox()
    for value, text in names.items():
        field.addItem(text, value)
    field.setCurrentIndex(max(0, field.findData(now)))
    return field
