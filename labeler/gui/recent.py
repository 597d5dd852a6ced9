"""The projects opened lately, newest first, kept with the window's state."""

from pathlib import Path

from labeler.gui import settings

MOST = 8
_KEY = "recent"


def projects() -> list[Path]:
    """Folders that were opened lately, newest first."""
    found = settings.window_state().value(_KEY, [])
    return [Path(str(f)) for f in (found if isinstance(found, list) else [found]) if f]


def add(folder: Path) -> None:
    """This one was opened just now."""
    here = folder.resolve()
    rest = [p for p in projects() if p != here]
    _keep([here, *rest][:MOST])


def forget(folder: Path) -> None:
    """Do not offer this one again."""
    _keep([p for p in projects() if p != folder])


def _keep(folders: list[Path]) -> None:
    state = settings.window_state()
    state.setValue(_KEY, [str(p) for p in folders])
    state.sync()
