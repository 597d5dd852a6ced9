"""The application's language and theme: read from the preferences at the start, changed from the settings."""

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from labeler.core import i18n
from labeler.gui import icons, settings, theme

_TRANSLATOR = "labeler_qt_translator"


def dress(app: QApplication) -> None:
    """Use the preferred language and theme, and follow the system's theme."""
    preferences = settings.load()
    _use_language(app, preferences.language)
    theme.apply(app, preferences.theme)
    app.styleHints().colorSchemeChanged.connect(lambda _scheme: _follow(app))


def set_theme(choice: str) -> None:
    """ "system", "light" or "dark" from now on."""
    settings.change(theme=choice)
    app = _application()
    theme.apply(app, choice)
    _retint(app)


def set_language(code: str) -> None:
    """Another language from now on, empty for the system's. What is on the screen already must be built anew."""
    settings.change(language=code)
    _use_language(_application(), code)


def _follow(app: QApplication) -> None:
    if theme.follow(app):
        _retint(app)


def _retint(app: QApplication) -> None:
    for widget in app.topLevelWidgets():
        icons.retint(widget)


def _use_language(app: QApplication, code: str) -> None:
    """Ours through gettext, Qt's own strings (dialogs, context menus) through Qt's catalogue."""
    used = i18n.set_language(code or None)
    system = QLocale.system()
    QLocale.setDefault(system if system.name().startswith(used[:2]) else QLocale(used))
    for old in app.findChildren(QTranslator, _TRANSLATOR):
        app.removeTranslator(old)
        old.setParent(None)
    translator = QTranslator(app)
    translator.setObjectName(_TRANSLATOR)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(f"qtbase_{used}", folder):
        app.installTranslator(translator)


def _application() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app
