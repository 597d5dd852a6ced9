"""What happens on a bug: it is written to the log, and one dialog shows it with a way to copy it. Never hides a second one."""

import logging
import logging.handlers
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType

import platformdirs
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit, QWidget

from labeler.core.i18n import tr
from labeler.gui.widgets.pieces import button, column, label, row

_log = logging.getLogger("labeler.gui")


def log_file() -> Path:
    """Where the log lies."""
    return Path(platformdirs.user_log_dir("labeler", appauthor=False)) / "labeler.log"


def start_log() -> Path | None:
    """Write the log from now on; None where that cannot be."""
    file = log_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(file, maxBytes=1_000_000, backupCount=2, encoding="utf-8")
    except OSError:
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    return file


class CrashDialog(QDialog):
    """Shows a bug."""

    def __init__(self, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Something went wrong"))
        self.resize(680, 420)
        self.report = report
        words = tr("This is a bug in Labeler. Your work is safe: every edit was written when you made it.")
        where = tr("The report is also in {path}", path=log_file())
        text = QPlainTextEdit(report)
        text.setReadOnly(True)
        text.setProperty("log", True)
        text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        close = button(tr("Go on"), self.accept, kind="primary")
        self.setLayout(
            column(
                label(tr("Something went wrong"), "heading"),
                label(words, wrap=True),
                text,
                label(where, "muted", wrap=True),
                row(button(tr("Copy"), self.copy, icon="copy"), None, close),
                margins=(20, 18, 20, 16),
                gap=10,
            )
        )

    def copy(self) -> None:
        """The report to the clipboard."""
        QApplication.clipboard().setText(self.report)


class CrashHook(QObject):
    """Stands in for `sys.excepthook` and `threading.excepthook`. While its dialog is open, further bugs only go to the log."""

    _caught = Signal(str)  # queued, so that the dialog opens on the GUI thread and after the event that failed

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.dialog: CrashDialog | None = None
        self._caught.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Catch everything from now on."""
        sys.excepthook = self.caught
        threading.excepthook = self._in_thread

    def caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """One exception that nobody handled."""
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        report = "".join(traceback.format_exception(kind, error, trace))
        _log.error("unhandled exception\n%s", report)
        self._caught.emit(report)

    def _in_thread(self, found: threading.ExceptHookArgs) -> None:
        if found.exc_value is not None:
            self.caught(found.exc_type, found.exc_value, found.exc_traceback)

    def _show(self, report: str) -> None:
        if self.dialog is not None:
            return
        self.dialog = CrashDialog(report, QApplication.activeWindow())
        self.dialog.finished.connect(self._closed)
        self.dialog.open()

    def _closed(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None
