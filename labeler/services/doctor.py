"""Examines the installation: each check says what it found and what to do. Works, and says so, where packages are missing.

Torch and Qt are tried in a process of their own: a broken one may end the process that loads it.
"""

import hashlib
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from labeler import __version__
from labeler.core import assets, shipped
from labeler.core.errors import UserError
from labeler.core.i18n import tr
from labeler.services import system_libraries

NEEDED_GB = 2.0
"""Free space that a training and its exports may need."""

PACKAGES = (
    "numpy", "opencv-python", "pillow", "pillow-heif", "sqlalchemy", "alembic", "PyYAML", "onnxruntime", "psutil", "platformdirs", "rich",
)  # fmt: skip
"""What labelling, suggesting and predicting stand on."""


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. Where `ok` is false, `hint` says what it costs and what to do."""

    name: str
    ok: bool
    detail: str
    hint: str = ""
    required: bool = False


Finding = tuple[bool, str, str]
"""Whether it works, what was found, and what to do where it does not."""


def examine() -> list[Check]:
    """All checks, in the order a person wants to read them. Takes seconds where torch is installed."""
    return [Check(name, *_found(look), required=name in REQUIRED) for name, look in _CHECKS.items()]


def _found(look: Callable[[], Finding]) -> Finding:
    """A check that itself fails is a finding, not the end."""
    try:
        return look()
    except UserError as error:
        return False, error.message, error.hint
    except Exception as error:  # noqa: BLE001 - whatever is broken here is what we were asked to find
        return False, f"{type(error).__name__}: {error}", tr("Install Labeler again.")


def _labeler() -> Finding:
    return True, f"{__version__}, {Path(assets.__file__).parents[2]}", ""


def _python() -> Finding:
    detail = f"{platform.python_version()}, {sys.executable}, {platform.platform()}"
    return sys.version_info >= (3, 11), detail, tr("Use Python 3.11 or newer.")


def _packages() -> Finding:
    versions = {package: _version(package) for package in PACKAGES}
    missing = [package for package, version in versions.items() if version is None]
    if missing:
        return False, tr("missing: {names}", names=", ".join(missing)), _install_hint(*missing)
    return True, ", ".join(f"{package} {version}" for package, version in versions.items()), ""


def _runtime() -> Finding:
    import onnxruntime

    return True, f"onnxruntime {onnxruntime.__version__}: {', '.join(onnxruntime.get_available_providers())}", ""


def _detector() -> Finding:
    """The shipped weights are what they should be, and run."""
    import numpy as np

    from labeler.detect.load import load

    shipped.detector()  # there is at least the first
    found = []
    for one in shipped.detectors():
        for file, expected in one.sha256.items():
            with (assets.weights() / file).open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() != expected:
                    return False, tr("{file} is damaged", file=file), tr("Install Labeler again.")
        detector = load(one.onnx, threads=1)
        detector.detect([np.full((64, 64, 3), 255, dtype=np.uint8)])
        found.append(f"{one.name} ({one.arch}, {detector.provider})")
    return True, ", ".join(found), ""


def _qt() -> Finding:
    libraries = system_libraries.missing()
    if libraries:
        return False, tr("missing: {names}", names=", ".join(libraries)), system_libraries.advice(libraries)
    code = (
        "import json; from PySide6.QtWidgets import QApplication; from PySide6.QtCore import qVersion; app = QApplication([]); "
        "print(json.dumps([qVersion(), app.platformName()]))"
    )
    shown = any(os.environ.get(key) for key in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    headless = sys.platform.startswith("linux") and not shown
    found, problem = _try(code, {"QT_QPA_PLATFORM": "offscreen"} if headless else {})
    if not found:
        needed_for = tr("The window needs it; all commands work without.")
        return False, problem, f"{needed_for} {_install_hint('PySide6')}"
    return True, f"PySide6 {_version('PySide6')}, Qt {found[0]}, {found[1]}", ""


def _torch() -> Finding:
    code = (
        "import json, torch, torchvision; boxes = torch.tensor([[0., 0., 2., 2.], [0., 0., 2., 2.]]); "
        "kept = torchvision.ops.nms(boxes, torch.tensor([.9, .8]), .5); assert kept.tolist() == [0]; "
        "gpus = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]; "
        "gpus += ['mps'] if torch.backends.mps.is_available() else []; "
        "print(json.dumps([torch.__version__, torchvision.__version__, torch.get_num_threads(), *gpus]))"
    )
    needed_for = tr("Training needs it; all else works without.")
    absent = [package for package in ("torch", "torchvision", "ultralytics") if _version(package) is None]
    if absent:
        return False, tr("missing: {names}", names=", ".join(absent)), f"{needed_for} {_install_hint(*absent)}"
    found, problem = _try(code, {})
    if not found:
        matching = tr("Install torch and torchvision from the same place, in matching versions.")
        return False, problem, f"{needed_for} {matching}"
    torch, torchvision, threads, *gpus = found
    device = ", ".join(map(str, gpus)) or tr("CPU, {threads} threads", threads=threads)
    return True, f"torch {torch}, torchvision {torchvision}, ultralytics {_version('ultralytics')}; {device}", ""


def _folder() -> Finding:
    folder = platformdirs.user_data_path("labeler", appauthor=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        hint = tr("Settings and the sample project are kept there; let your account write to it.")
        return False, f"{folder}: {error.strerror or error}", hint
    return True, str(folder), ""


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    detail = tr("{free} GB free in {folder}", free=f"{free:.1f}", folder=Path.cwd())
    return free >= NEEDED_GB, detail, tr("A training may need {size} GB.", size=f"{NEEDED_GB:.0f}")


def _machine() -> Finding:
    import psutil

    memory = psutil.virtual_memory()
    detail = tr(
        "{cores} cores, {total} GB of memory, {free} GB free",
        cores=os.cpu_count(), total=f"{memory.total / 1e9:.0f}", free=f"{memory.available / 1e9:.0f}",
    )  # fmt: skip
    return True, detail, ""


def _try(code: str, environment: dict[str, str]) -> tuple[list[Any], str]:
    """What `code` printed as JSON in a Python of its own, or nothing and the last thing it said."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, errors="replace", timeout=180, check=False,
        stdin=subprocess.DEVNULL, env={**os.environ, **environment},
    )  # fmt: skip
    if done.returncode == 0:
        return list(json.loads(done.stdout.strip().splitlines()[-1])), ""
    said = done.stderr.strip().splitlines()
    return [], said[-1] if said else tr("it ended with code {code}", code=done.returncode)


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _install_hint(*packages: str) -> str:
    return tr("Install it with: {command}", command=f"{sys.executable} -m pip install {' '.join(packages)}")


_CHECKS: dict[str, Callable[[], Finding]] = {
    "labeler": _labeler, "python": _python, "packages": _packages, "onnxruntime": _runtime, "detector": _detector, "qt": _qt,
    "torch": _torch, "folder": _folder, "disk": _disk, "machine": _machine,
}  # fmt: skip

REQUIRED = ("labeler", "python", "packages", "onnxruntime", "detector")
"""Without these nothing works; the others cost a part, which their hints name."""
