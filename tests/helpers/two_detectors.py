"""A folder of shipped detectors with two of them: the plain one, and a second that finds the same under another hash."""

import hashlib
import shutil
from pathlib import Path

from labeler.core import assets

DOC_STRING = b"\x32\x05large"
"""One more field of the ONNX file, which changes nothing but its hash."""


def make(folder: Path, *, arch: str = "yolov5s") -> Path:
    """Write the folder; returns it. `arch` is what the second says it is."""
    folder.mkdir()
    for name in ("digits.pt", "digits.onnx", "manifest.toml"):
        shutil.copyfile(assets.weights() / name, folder / name)
    contents = {
        "digits-large.pt": (folder / "digits.pt").read_bytes(),
        "digits-large.onnx": (folder / "digits.onnx").read_bytes() + DOC_STRING,
    }
    hashes = ""
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        hashes += f'"{name}" = "{hashlib.sha256(content).hexdigest()}"\n'
    classes = ", ".join(f'"{digit}"' for digit in range(10))
    (folder / "digits-large.toml").write_text(
        f'name = "digits-large"\narch = "{arch}"\nclasses = [{classes}]\nimgsz = 512\n\n[sha256]\n{hashes}',
        encoding="utf-8",
    )
    return folder
