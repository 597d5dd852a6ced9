"""Looks into a `.pt` file without opening it: which program parts its pickle asks for. Standard library only; runs nothing of the file.

This is for a clear word before anything heavy is loaded. What then loads the file trusts it no more for having passed here: the
worker's unpickler builds nothing but the networks that it knows.
"""

import pickletools
import zipfile
from collections.abc import Iterator
from pathlib import Path

from labeler.core.errors import BadInput, NotFound, UserError
from labeler.core.i18n import tr

PACKAGES = ("torch.", "torchvision.", "ultralytics.", "numpy.", "collections.", "pathlib.")
EXACT = frozenset({"_codecs.encode", "copyreg._reconstructor", "__builtin__.set", "builtins.set", "builtins.object",
                   "__builtin__.object", "builtins.dict", "builtins.list", "builtins.slice", "builtins.frozenset",
                   "builtins.bytearray", "builtins.complex"})  # fmt: skip
"""What weights of a network ask for, by name."""
UNKNOWN = "?"
"""A name that the file computes."""


def look(path: Path) -> frozenset[str]:
    """What the pickles in a `.pt` file ask for, as "module.name". Raises NotFound, or BadInput for what is no such file."""
    try:
        return frozenset(name for pickle in _pickles(path) for name in _asked(pickle))
    except FileNotFoundError as error:
        raise NotFound(tr("There is no file {path}.", path=path)) from error
    except OSError as error:
        raise UserError(tr("{path} cannot be read: {reason}", path=path, reason=error.strerror or error)) from error
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, KeyError, IndexError) as error:
        raise BadInput(
            tr("{name} is no file of PyTorch weights.", name=path.name),
            tr("Use a model that was trained here, or an ultralytics .pt file of a YOLO detector."),
        ) from error


def refuse_programs(path: Path) -> None:
    """Raise BadInput where the file asks for anything that weights have no use for. Raises as `look` does."""
    odd = sorted(name for name in look(path) if not is_harmless(name))
    if odd:
        raise BadInput(
            tr("{name} hides a program ({calls}); it was not opened.", name=path.name, calls=", ".join(odd[:3])),
            tr("Weights need no program. Do not open this file elsewhere, and ask whoever gave it to you."),
        )


def is_harmless(name: str) -> bool:
    """Whether weights may ask for this."""
    return name in EXACT or name.startswith(PACKAGES)


def _pickles(path: Path) -> Iterator[bytes]:
    """Every pickle in the file, however it is wrapped: torch's archive, or bare as before 2020."""
    if not zipfile.is_zipfile(path):
        yield path.read_bytes()
        return
    with zipfile.ZipFile(path) as archive:
        inside = [name for name in archive.namelist() if name.endswith(".pkl")]
        if not inside:
            raise ValueError("no pickle inside")
        for name in inside:
            yield archive.read(name)


def _asked(data: bytes) -> Iterator[str]:
    """Names that loading would look up. A bare file holds several pickles, then raw numbers."""
    at, found = 0, False
    while at < len(data) and data[at : at + 1] in (b"\x80", b"(", b"c", b"]", b"}"):
        end, names = _one(data[at:])
        found = True
        yield from names
        if not end:
            break
        at += end
    if not found:
        raise ValueError("no pickle")


def _one(data: bytes) -> tuple[int, list[str]]:
    """Where the first pickle ends (0: nowhere), and the names it asks for."""
    names: list[str] = []
    texts: list[str] = []
    memo: dict[int, str] = {}
    end = 0
    try:
        for opcode, argument, place in pickletools.genops(data):
            _take(opcode.name, argument, names, texts, memo)
            end = (place or 0) + 1
    except ValueError:  # cut short, or not a pickle from here on: a loader would have done what comes before
        if not names:
            raise
        return 0, names
    return end, names


def _take(code: str, argument: object, names: list[str], texts: list[str], memo: dict[int, str]) -> None:
    """Follow one step: texts pushed lately, names asked for."""
    match code:
        case "GLOBAL" | "INST":
            names.append(str(argument).replace(" ", ".", 1))
        case "STACK_GLOBAL":
            names.append(".".join(texts[-2:]) if len(texts) >= 2 else UNKNOWN)
        case "EXT1" | "EXT2" | "EXT4":
            names.append(UNKNOWN)
        case "MEMOIZE":
            memo[len(memo)] = texts[-1] if texts else UNKNOWN
        case "PUT" | "BINPUT" | "LONG_BINPUT" if isinstance(argument, int):
            memo[argument] = texts[-1] if texts else UNKNOWN
        case "GET" | "BINGET" | "LONG_BINGET" if isinstance(argument, int):
            texts.append(memo.get(argument, UNKNOWN))
        case _ if isinstance(argument, str):
            texts.append(argument)
