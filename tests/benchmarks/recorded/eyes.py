"""The real window with eyes on it: every line on standard input is answered with what is on the screen, as one line of JSON.

Run as `python -m tests.benchmarks.recorded.eyes PROJECT`. It changes nothing: hands are somebody else's (see `desk`). It also
counts the key presses, button presses and wheel steps that reach the window from the display, so that both sides can be compared.
"""

import json
import os
import sys
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, QSocketNotifier, Qt
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication

from labeler.gui import app, memory
from labeler.gui.main_window import MainWindow
from labeler.gui.pages.desk import DeskPage
from labeler.services import models
from labeler.services.project import Project

MODIFIERS = {Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta}


class Arrivals(QObject):
    """Counts what comes from the display. Every key press is offered as a shortcut first, to one widget after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.keys = self.buttons = self.wheel = 0
        self._last = (0, 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not event.spontaneous():
            return False
        kind = event.type()
        if isinstance(event, QKeyEvent) and kind is QEvent.Type.ShortcutOverride and not event.isAutoRepeat():
            press = event.timestamp(), event.key()
            self.keys += press != self._last and event.key() not in MODIFIERS
            self._last = press
        elif isinstance(watched, QWindow):
            self.buttons += kind is QEvent.Type.MouseButtonRelease
            self.wheel += kind is QEvent.Type.Wheel
        return False


def look(window: MainWindow, arrivals: Arrivals) -> dict[str, object]:
    """What a person in front of the screen sees, with the counts of what has arrived."""
    seen: dict[str, object] = {
        "arrived": [arrivals.keys, arrivals.buttons, arrivals.wheel],
        "dialog": type(QApplication.activeModalWidget()).__name__ if QApplication.activeModalWidget() else "",
        "busy": window.tasks.busy,
        "image": None,
    }
    pages = window.workspace.pages if window.workspace is not None else {}
    desk = pages.get("desk")
    page = desk.editor.page if isinstance(desk, DeskPage) else None
    if not isinstance(desk, DeskPage) or page is None:
        return seen
    canvas, scene = desk.canvas, desk.canvas.scene
    corner = canvas.mapToGlobal(QPoint(0, 0))
    return seen | {
        "image": page.image.name,
        "state": str(page.image.state),
        "painted": scene.picture is not None,
        "view": [corner.x() + scene.view.x, corner.y() + scene.view.y, scene.view.scale],
        "canvas": [corner.x(), corner.y(), canvas.width(), canvas.height()],
        "drawing": canvas.drawing,
        "next_class": desk.commands.next_class,
        "selected": list(canvas.selection),
        "boxes": [[b.id, b.class_id, b.x, b.y, b.w, b.h, b.suggestion_id] for b in page.boxes],
        "suggestions": [[s.id, s.class_id, s.x, s.y, s.w, s.h, s.score] for s in page.suggestions],
        "pages": len(desk.images.ids),
    }


def main(project: Path) -> int:
    """Opens the window and answers until it is closed."""
    qt = app.application()
    memory.save_page("desk")
    window = app.build(project)
    arrivals = Arrivals()
    qt.installEventFilter(arrivals)
    asked = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)

    def answer() -> None:
        lines = os.read(sys.stdin.fileno(), 4096).count(b"\n")
        if not lines:
            window.close()
        for _ in range(lines):
            print(json.dumps(look(window, arrivals)), flush=True)

    asked.activated.connect(answer)
    window.showMaximized()
    return qt.exec()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    if not folder.exists():
        with Project.create(folder) as made:
            models.current(made)
    sys.exit(main(folder))
