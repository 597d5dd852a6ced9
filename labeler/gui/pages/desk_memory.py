"""What the desk is as a person left it: the image in front, the order of the list, whether the history is open."""

from typing import TYPE_CHECKING

from labeler.gui import memory
from labeler.gui.session import Session

if TYPE_CHECKING:
    from labeler.gui.pages.desk import DeskPage

ORDER, HISTORY = "desk.order", "desk.history"
OPEN = "open"


def last_image(session: Session) -> int | None:
    """The image of this project that was in front."""
    return memory.last_image(session.project.folder)


def bring_back(page: "DeskPage") -> None:
    """Arrange the desk as it was."""
    page.right.history_button.setChecked(memory.choice(HISTORY) == OPEN)
    page.left.filters.choose_order(memory.choice(ORDER))


def keep(page: "DeskPage") -> None:
    """Remember how the desk is arranged."""
    memory.save_image(page.session.project.folder, page.editor.image_id)
    memory.save_choice(ORDER, page.left.filters.order)
    memory.save_choice(HISTORY, OPEN if page.right.history_button.isChecked() else "")
