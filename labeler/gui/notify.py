"""Tells the desktop that something ended while nobody looked at the window; where it has no place for that, the window blinks."""

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from labeler.gui import icons

SHOWN_MS = 10_000


def notify(title: str, text: str, *, parent: QObject) -> bool:
    """Show a notification, unless the person is looking at the window anyway; returns whether one was shown."""
    if QApplication.activeWindow() is not None:
        return False
    for window in QApplication.topLevelWidgets():
        if window.isVisible():
            QApplication.alert(window)
    if not (QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()):
        return False
    tray = QSystemTrayIcon(icons.icon("app"), parent)
    tray.show()
    tray.showMessage(title, text, QSystemTrayIcon.MessageIcon.Information, SHOWN_MS)
    QTimer.singleShot(SHOWN_MS, tray, tray.deleteLater)
    return True
