"""What commands say: an answer for people or one JSON object on standard output, progress on standard error."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from labeler.core.errors import UserError
from labeler.core.progress import Progress, Throttled, silent


@dataclass(frozen=True, slots=True)
class Answer:
    """`data` is what `--json` prints, `text` what a person reads. `problem` says why nothing could be done (exit code 2)."""

    data: Mapping[str, Any]
    text: str
    problem: UserError | None = None


def show(answer: Answer, *, as_json: bool) -> None:
    """Print the answer on standard output."""
    if as_json:
        # ASCII only, so that no terminal or pipe encoding can spoil it.
        print(json.dumps(plain(answer.data), indent=2, allow_nan=False))
    elif answer.text:
        print(answer.text)


def complain(message: str, hint: str = "") -> None:
    """One sentence and what to do, on standard error."""
    print(message, file=sys.stderr)
    if hint:
        print(hint, file=sys.stderr)


def plain(value: Any) -> Any:
    """`value` as JSON can say it: dataclasses and mappings as objects, paths and times as text, NaN as null."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(v) for v in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, float) and not abs(value) < float("inf"):
        return None
    return value


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns under their heads; numbers to the right, the rest to the left."""
    cells = [[_cell(value) for value in row] for row in rows]
    lines = [list(head), *cells]
    widths = [max(_width(line[n]) for line in lines) for n in range(len(head))]
    right = [bool(cells) and all(_is_number(row[n]) for row in cells) for n in range(len(head))]
    return "\n".join(
        "  ".join(_pad(text, width, to_right=r) for text, width, r in zip(line, widths, right, strict=True)).rstrip()
        for line in lines
    )


def counts(by_name: Mapping[str, int]) -> str:
    """`train: 40, val: 10`."""
    return ", ".join(f"{name}: {count}" for name, count in by_name.items())


def percent(value: float | None) -> str:
    """A share in 0…1 as a person reads it."""
    return "–" if value is None else f"{100 * value:.1f} %"


@contextmanager
def bar() -> Iterator[Progress]:
    """A progress bar on standard error where a person watches it, else silence."""
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=None)

        def report(done: int, total: int, text: str) -> None:
            shown.update(task, completed=done, total=total or None, description=text)

        yield Throttled(report)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _is_number(text: str) -> bool:
    return text == "–" or text.replace(".", "", 1).removeprefix("-").isdigit()


def _pad(text: str, width: int, *, to_right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if to_right else text + space


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if "\u1100" <= c <= "\u115f" or "\u2e80" <= c <= "\uffe6" else 1 for c in text)
