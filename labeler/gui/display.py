"""Whether a window can be opened here at all: Qt itself ends the process where it cannot, so this is asked first."""

import os
import re
import socket
import sys

from labeler.core.errors import UserError
from labeler.core.i18n import tr

_NO_DISPLAY_NEEDED = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs")


def check() -> None:
    """Raises `UserError` where there is no display to open a window on."""
    if not sys.platform.startswith("linux"):
        return
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if platform.startswith(_NO_DISPLAY_NEEDED) or (os.environ.get("WAYLAND_DISPLAY") and platform != "xcb"):
        return
    display = os.environ.get("DISPLAY", "")
    if display and _answers(display):
        return
    reason = tr("The display {display} does not answer.", display=display) if display else tr("There is no display.")
    raise UserError(
        tr("The window cannot be opened: {reason}", reason=reason),
        tr("Run it where there is a screen, or work without one: labeler --help lists the commands that need none."),
    )


def _answers(display: str) -> bool:
    """Whether an X server listens at `display`, such as ":0" or "host:10.0"."""
    parts = re.fullmatch(r"(?:unix)?(.*?):(\d+)(?:\.\d+)?", display)
    if parts is None:
        return False
    host, number = parts[1], int(parts[2])
    if host:
        return _connects(socket.AF_INET, (host, 6000 + number))
    path = f"/tmp/.X11-unix/X{number}"
    return _connects(socket.AF_UNIX, "\0" + path) or _connects(socket.AF_UNIX, path)


def _connects(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.settimeout(3)
            probe.connect(address)
    except OSError:
        return False
    return True
