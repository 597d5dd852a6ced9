"""Finds the system libraries that Qt and OpenCV need and this Linux lacks, and says (or runs) the command that installs them.

Reads what the installed packages link against, so it names exactly what is missing. Standard library only: it has to work where
nothing else does.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from labeler.core.i18n import tr

_LINKED = {
    "PySide6": (
        "QtGui.abi3.so",
        "QtWidgets.abi3.so",
        "Qt/plugins/platforms/libqxcb.so",
        "Qt/plugins/platforms/libqoffscreen.so",
    ),
    "cv2": ("cv2*.so",),
}

_DEBIAN = {
    "libdbus-1.so.3": "libdbus-1-3",
    "libEGL.so.1": "libegl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libICE.so.6": "libice6",
    "libOpenGL.so.0": "libopengl0",
    "libSM.so.6": "libsm6",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libXext.so.6": "libxext6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libXrender.so.1": "libxrender1",
}


def missing() -> list[str]:
    """Names of shared libraries that the loader cannot find, like `libEGL.so.1`. Empty on systems other than Linux."""
    ldd = shutil.which("ldd")
    if ldd is None or not sys.platform.startswith("linux"):
        return []
    env = {**os.environ, "LC_ALL": "C"}
    linked = [str(file) for file in _linked_files()]
    if not linked:
        return []
    told = subprocess.run([ldd, *linked], capture_output=True, text=True, check=False, env=env).stdout
    return sorted(set(re.findall(r"^\s*(\S+) => not found", told, re.MULTILINE)))


def install_command(libraries: Iterable[str]) -> list[str]:
    """The command that brings `libraries` on Debian and its relatives; empty where we know no package for them."""
    packages = sorted({_DEBIAN[library] for library in libraries if library in _DEBIAN})
    return ["apt-get", "install", "--yes", "--no-install-recommends", *packages] if packages else []


def advice(libraries: Iterable[str]) -> str:
    """What the person can type, in words."""
    names = sorted(libraries)
    command = " ".join(install_command(names))
    if command and shutil.which("apt-get"):
        return tr("Install them with: {command}", command=f"sudo {command}")
    return tr("Install the packages of your system that hold: {libraries}", libraries=", ".join(names))


def _linked_files() -> list[Path]:
    found: list[Path] = []
    for package, patterns in _LINKED.items():
        spec = importlib.util.find_spec(package)
        for folder in spec.submodule_search_locations or () if spec else ():
            found += [file for pattern in patterns for file in sorted(Path(folder).glob(pattern))]
    return found


def may_install() -> bool:
    """Whether we are root where apt-get is."""
    return shutil.which("apt-get") is not None and hasattr(os, "geteuid") and os.geteuid() == 0


def install(command: list[str]) -> None:
    """Run what `install_command` gave; what it could not install stays missing."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "--quiet"], check=False, env=env, stdout=subprocess.DEVNULL)
    subprocess.run([*command[:2], "--quiet", *command[2:]], check=False, env=env, stdout=subprocess.DEVNULL)
