"""`labeler [PROJECT]`: opens the window. The only place where the command line meets the GUI, which is imported late."""

import argparse
import ctypes
import os
import sys
from pathlib import Path

from labeler.cli.output import Answer
from labeler.core.errors import NotFound, UserError
from labeler.core.i18n import tr


def summary() -> str:
    return tr("open the app; “labeler PROJECT” does the same")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, nargs="?", metavar="PROJECT", help=tr("the project's folder"))


def run(args: argparse.Namespace) -> Answer:
    if args.project is not None and not args.project.exists():
        raise NotFound(
            tr("There is neither a command nor a project called {name}.", name=args.project),
            tr("“labeler --help” lists the commands; “labeler init {name}” makes a project.", name=args.project),
        )
    return open_window(args.project)


def open_window(project: Path | None) -> Answer:
    """Show the window until it is closed. Raises `UserError` where there is no display or Qt is not all there."""
    _check_libraries()
    try:
        from labeler.gui.app import run as run_app
    except ImportError as error:
        raise UserError(
            tr("The window cannot be opened: {reason}", reason=error),
            tr("“labeler doctor” says what is missing. All commands work without the window."),
        ) from error
    code = run_app(project)
    return Answer({"closed": code == 0}, "")


def _check_libraries() -> None:
    """Qt ends the process where its X11 plugin cannot be loaded, so try the library that is most often missing first."""
    if not sys.platform.startswith("linux") or not os.environ.get("DISPLAY") or os.environ.get("QT_QPA_PLATFORM"):
        return
    try:
        ctypes.CDLL("libxcb-cursor.so.0")
    except OSError as error:
        from labeler.services.system_libraries import advice, missing

        lacking = missing() or ["libxcb-cursor.so.0"]
        raise UserError(
            tr("Qt misses libraries of the system: {libraries}.", libraries=", ".join(lacking)), advice(lacking)
        ) from error
