"""The `labeler` command: the table of commands, and the one place where exceptions become exit codes.

0 done; 2 the user's or the environment's problem (one sentence and a hint); 130 interrupted; 1 a bug. Heavy modules are imported
by the commands that need them, so that `labeler --help` is quick and the command line works without Qt.
"""

import argparse
import contextlib
import logging
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, Protocol

from labeler import __version__
from labeler.cli import (
    accept,
    app,
    backup,
    cancel,
    check,
    demo,
    doctor,
    evaluate,
    export,
    forget,
    importing,
    init,
    ledger,
    models,
    predict,
    restore,
    resume,
    runs,
    sheet,
    split,
    stats,
    suggest,
    train,
)
from labeler.cli.output import Answer, complain, show
from labeler.core.environment import as_user_error
from labeler.core.errors import Cancelled, UserError
from labeler.core.i18n import LANGUAGES, set_language, tr

OK, BUG, USER, INTERRUPTED = 0, 1, 2, 130


class Command(Protocol):
    """A module of a command."""

    def summary(self) -> str:
        """One line for the list of commands."""
        ...

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declares the command's arguments."""
        ...

    def run(self, args: argparse.Namespace) -> Answer:
        """Does it."""
        ...


COMMANDS: dict[str, Command] = {
    "open": app, "init": init, "import": importing, "stats": stats, "suggest": suggest, "accept": accept, "split": split,
    "check": check, "export": export, "train": train, "runs": runs, "cancel": cancel, "resume": resume, "evaluate": evaluate,
    "predict": predict,
    "models": models, "ledger": ledger, "sheet": sheet, "forget": forget, "backup": backup,
    "restore": restore, "doctor": doctor, "demo": demo,
}  # fmt: skip


class Parser(argparse.ArgumentParser):
    """A parser whose errors are the user's, said like all others."""

    def error(self, message: str) -> NoReturn:
        raise UserError(message, tr("{command} --help shows what it takes.", command=self.prog))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line `arguments` (the process's own when None); returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    set_language(_wanted_language(given))
    if arguments is None:
        _prepare_process()
    try:
        args = parser().parse_args(with_command(given))
        answer = COMMANDS[args.command].run(args)
        show(answer, as_json=args.json)
        sys.stdout.flush()
        if answer.problem is not None:
            raise answer.problem
    except SystemExit as ended:  # --help and --version
        return int(ended.code or 0)
    except (KeyboardInterrupt, Cancelled):
        complain(tr("Interrupted."))
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for the interpreter's last flush
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last door
        return _explain(error)
    return OK


def parser() -> Parser:
    """The whole command line."""
    top = Parser(prog="labeler", description=tr("Turns handwriting into a better digit detector."))
    top.add_argument("--version", action="version", version=f"labeler {__version__}")
    top.add_argument("--language", choices=sorted(LANGUAGES), help=tr("language of what is said"))
    commands = top.add_subparsers(dest="command", metavar=tr("COMMAND"))
    for name, command in COMMANDS.items():
        sub = commands.add_parser(name, help=command.summary(), description=command.summary())
        sub.add_argument("--json", action="store_true", help=tr("print one JSON object instead of a summary"))
        sub.add_argument("--language", choices=sorted(LANGUAGES), default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        command.arguments(sub)
    return top


def with_command(given: Sequence[str]) -> list[str]:
    """`labeler` and `labeler PROJECT` open the app: puts `open` where no command is named."""
    words = list(given)
    at = 0
    while at < len(words) and words[at].startswith("-"):
        if words[at] in ("-h", "--help", "--version"):
            return words
        at += 2 if words[at] == "--language" else 1
    if at < len(words) and words[at] in COMMANDS:
        return words
    return [*words[:at], "open", *words[at:]]


def _wanted_language(given: Sequence[str]) -> str | None:
    """The value of --language, looked for before parsing, since help and errors are said in it."""
    for at, word in enumerate(given):
        if word.startswith("--language="):
            return word.partition("=")[2]
        if word == "--language" and at + 1 < len(given):
            return given[at + 1]
    return None


def _prepare_process() -> None:
    """Ask to end like Ctrl+C, keep libraries' warnings to themselves, and escape what the terminal's encoding cannot show."""
    logging.captureWarnings(capture=True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    with contextlib.suppress(AttributeError, ValueError):  # not on Windows, not outside the main thread
        signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _explain(error: Exception) -> int:
    known = as_user_error(error)
    if known is not None:
        complain(known.message, known.hint)
        return USER
    details = "".join(traceback.format_exception(error))
    complain(tr("This is a bug in Labeler: {error}", error=f"{type(error).__name__}: {error}"))
    try:
        complain(tr("Details are in {path}.", path=_write_log(details)))
    except OSError:
        complain(details)
    return BUG


def _write_log(details: str) -> Path:
    import platformdirs

    file = platformdirs.user_log_path("labeler", appauthor=False, ensure_exists=True) / "labeler.log"
    with file.open("a", encoding="utf-8", errors="backslashreplace") as log:
        log.write(f"labeler {__version__}, Python {sys.version}\n{details}\n")
    return file


if __name__ == "__main__":
    sys.exit(main())
