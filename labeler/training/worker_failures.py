"""Turns whatever went wrong in a worker into a named end with one sentence and a hint."""

import errno
from collections.abc import Callable, Iterator

from labeler.core.errors import NotFound, UserError
from labeler.core.i18n import tr
from labeler.training.protocol import Failed


class Failure(Exception):
    """A failure that is understood where it happens."""

    def __init__(self, reason: str, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text
        self.hint = hint


_End = tuple[str, str, str]
"""Reason, sentence, hint."""


def went_astray() -> _End:
    """The end of a run whose loss became NaN."""
    return (
        "nan_loss",
        tr("The training went astray: its loss is no number any more."),
        tr("Start again from other weights: the current model, or the shipped one."),
    )


_NO_MEMORY = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "cublas_status_alloc_failed",
    "failed to map segment",
)
_NO_SPACE = ("no space left on device", "disk quota exceeded", "there is not enough space")
_NAN = ("nan persisted", "loss nan/inf", "corrupted with nan/inf")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a smaller batch might have done."""
    return any(isinstance(e, MemoryError) or _says(e, _NO_MEMORY) for e in _chain(error))


def describe(error: BaseException, *, resumable: bool) -> Failed:
    """The end of a run that `error` stopped. The first of the causes that is recognised names it."""
    chain = list(_chain(error))
    understood = next((one for one in chain if isinstance(one, Failure)), None)
    if understood is not None:
        return Failed(understood.reason, understood.text, understood.hint, resumable)
    for one in chain:
        for known, (reason, text, hint) in _known(one):
            if known(one):
                return Failed(reason, text, hint, resumable)
    return Failed(
        "bug",
        tr("The training stopped on an error of its own: {error}", error=_short(error)),
        tr("The whole story is in the run's log.txt."),
        resumable,
    )


_Row = tuple[Callable[[BaseException], bool], _End]


def _known(error: BaseException) -> list[_Row]:
    name = str(getattr(error, "filename", None) or str(error).removeprefix("Image Not Found "))  # as ultralytics has it
    return [
        (
            is_out_of_memory,
            (
                "out_of_memory",
                tr("There is not enough memory for this training."),
                tr("Choose a smaller batch, a smaller image size or a smaller architecture, or close other programs."),
            ),
        ),
        (
            _is_disk_full,
            ("disk_full", tr("The disk is full."), tr("Free some space, then resume.")),
        ),
        (
            lambda e: _says(e, _NAN),
            went_astray(),
        ),
        (
            lambda e: isinstance(e, PermissionError),
            (
                "permission",
                tr("Not allowed to use {name}.", name=name),
                tr("Check the rights of that file or folder, then resume."),
            ),
        ),
        (
            lambda e: isinstance(e, (FileNotFoundError, NotFound)),
            (
                "missing_file",
                tr("A file is missing: {name}", name=name),
                tr("Resume it, or start it anew: its pictures are written again first."),
            ),
        ),
        (
            _is_bad_data,
            ("bad_data", tr("The data set cannot be trained on: {error}", error=_short(error)), ""),
        ),
    ]


def _is_disk_full(error: BaseException) -> bool:
    full = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
    return (isinstance(error, OSError) and error.errno in full) or _says(error, _NO_SPACE)


def _is_bad_data(error: BaseException) -> bool:
    # ultralytics wraps what is wrong with a data set in a RuntimeError that begins like this.
    text = str(error)
    return isinstance(error, UserError) or any(
        mark in text for mark in ("Dataset '", "No valid images found", "No labels found", "No images found")
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The causes of `error`, the first first, then `error` itself: the cause knows best."""
    causes = []
    one: BaseException | None = error
    while one is not None and one not in causes:
        causes.append(one)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    yield from reversed(causes)


def _says(error: BaseException, marks: tuple[str, ...]) -> bool:
    text = str(error).lower()
    return isinstance(error, (RuntimeError, OSError, ValueError, ImportError)) and any(mark in text for mark in marks)


def _short(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 300 else text[:297] + "…"
