"""Where the files that ship with the app lie: inside the installed package, or beside it in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def _folder(name: str) -> Path:
    installed = _PACKAGE / "_data" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


def weights() -> Path:
    """Folder of the shipped detectors: of each its weights, its ONNX file and its manifest. See `core.shipped`."""
    return _folder("weights")


def resources() -> Path:
    """Folder of icons, stylesheet, translations and the sample project's source."""
    return _folder("resources")
