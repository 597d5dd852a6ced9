"""Weights files that hide a program which would write a file, were it ever run."""

import shlex
import zipfile
from pathlib import Path


def bare(path: Path, trace: Path) -> Path:
    """A pickle of the oldest kind, as torch wrote before it had archives."""
    path.write_bytes(_old("os system", trace))
    return path


def archive(path: Path, trace: Path) -> Path:
    """As torch.save writes it."""
    return _zipped(path, _old("os system", trace))


def modern(path: Path, trace: Path) -> Path:
    """In a newer pickle, where the name of the function is put together from texts."""
    command = f"touch {shlex.quote(str(trace))}".encode()
    text = b"X" + len(command).to_bytes(4, "little") + command
    program = b"\x80\x04\x8c\x05posix\x94\x8c\x06system\x94\x93\x94" + text + b"\x85R."
    return _zipped(path, program)


def disguised(path: Path, trace: Path) -> Path:
    """Through a function of torch itself that runs a command: only what builds nothing but networks refuses it."""
    return _zipped(path, _old("torch.utils.collect_env run", trace))


def _old(name: str, trace: Path) -> bytes:
    module, function = name.split()
    command = f"touch {shlex.quote(str(trace))}".encode("raw_unicode_escape")
    return b"c" + module.encode() + b"\n" + function.encode() + b"\n(V" + command + b"\ntR."


def _zipped(path: Path, program: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(f"{path.stem}/data.pkl", program)
        file.writestr(f"{path.stem}/byteorder", "little")
        file.writestr(f"{path.stem}/version", "3\n")
    return path
