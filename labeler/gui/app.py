"""Starts the window. Imports nothing heavy: a window that is slow to open feels slow for ever."""

import gc
import signal
import sys
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from labeler.core.assets import resources
from labeler.gui import allocator, appearance, collector, crash, display
from labeler.gui.main_window import MainWindow
from labeler.services.project import Project, needs_update

SIGNAL_MS = 500


def run(project: Path | None) -> int:
    """Open the window, on `project` where one is named, and stay until it is closed. Raises `UserError`."""
    display.check()
    app = application()
    crash.start_log()
    crash.CrashHook(app).install()
    window = build(project)
    spare_collector()
    window.show()
    _let_interrupts_through(app, window)
    return app.exec()


def spare_collector() -> None:
    """Leave what stands from start to end out of Python's garbage collection, a full run of which would stop the window for 80 ms."""
    gc.freeze()


def build(project: Path | None) -> MainWindow:
    """The window, not yet shown. Raises `UserError` where there is no such project."""
    application()
    if project is not None and needs_update(project):  # that takes long, so it is done before the person's eyes
        window = MainWindow()
        window.files.open(project)
        return window
    opened = Project.open(project, check_all=False) if project is not None else None
    window = MainWindow()
    if opened is not None:
        window.enter(opened)
    return window


def application() -> QApplication:
    """The application, set up: name, icon, language and theme."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
        app = QApplication(sys.argv[:1])
    if app.applicationName() != "Labeler":
        app.setApplicationName("Labeler")
        allocator.return_large_blocks()
        collector.install(app)
        app.setDesktopFileName("labeler")
        app.setWindowIcon(QIcon(str(resources() / "icons" / "app.svg")))
        appearance.dress(app)
    return app


def _let_interrupts_through(app: QApplication, window: MainWindow) -> None:
    """Ctrl+C in the terminal closes the window without a question. Python handles signals between byte codes only: a timer gives it
    the chance.
    """
    signal.signal(signal.SIGINT, lambda *_: window.close_now())
    timer = QTimer(app, interval=SIGNAL_MS)
    timer.timeout.connect(lambda: None)
    timer.start()
