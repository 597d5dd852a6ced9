"""What each action of the desk does: the one table that its keys and its buttons share."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from labeler.gui.canvas.stage import STEP

if TYPE_CHECKING:
    from labeler.gui.pages.desk import DeskPage


def slots_of(page: "DeskPage") -> dict[str, Callable[[], object]]:
    """By action id, for keys and buttons alike."""
    canvas, commands, editor = page.canvas, page.commands, page.editor
    digits = {f"desk.class_{n}": lambda n=n: commands.choose_class(n) for n in range(10)}
    return {
        **digits,
        "desk.next": lambda: page.go(1), "desk.previous": lambda: page.go(-1),
        "desk.next_open": lambda: page.go_open(1), "desk.previous_open": lambda: page.go_open(-1),
        "desk.draw": lambda: canvas.set_drawing(True), "desk.select": lambda: canvas.set_drawing(False),
        "desk.next_box": lambda: commands.select_next(1), "desk.previous_box": lambda: commands.select_next(-1),
        "desk.accept": commands.accept, "desk.reject": commands.reject, "desk.accept_all": commands.accept_all,
        "desk.accept_next": page.finish, "desk.toggle_reviewed": commands.toggle_reviewed,
        "desk.tighten": commands.tighten, "desk.delete": commands.delete,
        "desk.undo": editor.undo, "desk.redo": editor.redo,
        "desk.copy": commands.copy, "desk.paste": commands.paste, "desk.duplicate": commands.duplicate,
        "desk.paste_previous": page.paste_previous,
        "desk.select_all": commands.select_all, "desk.deselect": commands.deselect,
        "desk.zoom_in": lambda: canvas.zoom(STEP), "desk.zoom_out": lambda: canvas.zoom(1 / STEP),
        "desk.fit": canvas.fit, "desk.actual": canvas.actual_size,
        "desk.suggest": page.suggesting.here, "desk.suggest_all": page.suggesting.everywhere,
        "desk.fit_suggestions": page.suggesting.switch_fitting,
    }  # fmt: skip
