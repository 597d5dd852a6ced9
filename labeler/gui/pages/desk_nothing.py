"""The desk of a project without images: what comes first, what comes then, and where to begin. Layout only."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from labeler.core.i18n import tr
from labeler.gui import actions
from labeler.gui.session import Session
from labeler.gui.widgets.pieces import button, card, column, empty_state, label, row

WIDTH = 600


class NothingYet(QWidget):
    """`first` is the button that has the focus."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.first = button(tr("Import files …"), lambda: session.do("window.import"), icon="import", kind="primary")
        folder = button(tr("Import a folder …"), lambda: session.do("import_folder"), icon="folder")
        pad = button(tr("Write on the pad"), lambda: session.show("collect"), icon="collect")
        begin = empty_state(
            "image",
            tr("No images yet"),
            tr("Drop pictures, folders or a data set onto this window, or choose them here."),
            self.first, folder, pad,
        )  # fmt: skip
        self._steps = card(*(_step(n, words) for n, words in enumerate(_steps(), 1)), heading=tr("How it goes on"))
        self._steps.setFixedWidth(WIDTH)
        self.setLayout(column(None, begin, row(None, self._steps, None), None, margins=(24, 24, 24, 48)))


def _step(n: int, words: str) -> QWidget:
    number, text = label(str(n), "key"), label(words, wrap=True)
    number.setAlignment(Qt.AlignmentFlag.AlignCenter)
    number.setFixedWidth(26)
    line = QWidget()
    layout = row(number, text, gap=12)
    layout.setStretch(1, 1)
    layout.setAlignment(number, Qt.AlignmentFlag.AlignTop)
    line.setLayout(layout)
    return line


def _steps() -> list[str]:
    return [
        tr("{key} lets the model suggest a box for every digit.", key=actions.hint("desk.suggest_all")),
        tr(
            "{next} goes through them, least certain first: {accept} accepts, {reject} rejects, a digit key corrects.",
            next=actions.hint("desk.next_box"),
            accept=actions.hint("desk.accept"),
            reject=actions.hint("desk.reject"),
        ),
        tr("{key} accepts what is left and brings the next page.", key=actions.hint("desk.accept_next")),
        tr("Then train on what you corrected: the next pages meet a better model."),
    ]
