"""A person's hands at a display: real key and mouse events by xdotool, counted, each waited for until the window has heard it."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 120.0


@dataclass
class Count:
    """What the hands did. A chord such as Ctrl+Enter is one key press; a drag is one press of the button, counted apart from clicks."""

    keys: int = 0
    clicks: int = 0
    drags: int = 0
    wheel: int = 0

    @property
    def total(self) -> int:
        """Key presses and button presses; turns of the wheel are reported beside them."""
        return self.keys + self.clicks + self.drags

    def __sub__(self, other: "Count") -> "Count":
        return Count(
            self.keys - other.keys, self.clicks - other.clicks, self.drags - other.drags, self.wheel - other.wheel
        )

    def copy(self) -> "Count":
        return self - Count()


class Hands:
    """One window on one display. `log` gets a line of JSON for each thing that is done."""

    def __init__(self, display: str, app: "subprocess.Popen[str]", log: TextIO | None = None) -> None:
        self.count = Count()
        self._environment = os.environ | {"DISPLAY": display}
        self._app = app
        self._log = log
        self._started = time.monotonic()

    def look(self) -> dict[str, Any]:
        """What is on the screen now."""
        assert self._app.stdin is not None
        assert self._app.stdout is not None
        self._app.stdin.write("look\n")
        self._app.stdin.flush()
        line = self._app.stdout.readline()
        if not line:
            raise RuntimeError("the window is gone")
        return dict(json.loads(line))

    def see(self, *, until: str = "") -> dict[str, Any]:
        """What is on the screen once everything that was done has arrived, and `until` is true of it."""
        wanted = [self.count.keys, self.count.clicks + self.count.drags, self.count.wheel]
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            seen = self.look()
            if seen["arrived"] == wanted and (not until or _holds(until, seen)):
                return seen
            time.sleep(0.01)
        raise RuntimeError(f"waited for {until or 'the events'} in vain: {wanted} sent, the window shows {seen}")

    def key(self, *chords: str) -> None:
        """Press keys one after the other, in xdotool's spelling."""
        for chord in chords:
            self._do("key", "--clearmodifiers", chord)
            self.count.keys += 1
            self._note(key=chord)

    def click(self, x: float, y: float, *, shift: bool = False) -> None:
        """Click at a place of the screen."""
        held = ("keydown", "shift"), ("keyup", "shift")
        before, after = held if shift else ((), ())
        self._do(*before, "mousemove", str(round(x)), str(round(y)), "click", "1", *after)
        self.count.clicks += 1
        self._note(click=[round(x), round(y)], shift=shift)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Drag from one place of the screen to another."""
        (x1, y1), (x2, y2) = ((round(x), round(y)) for x, y in (start, end))
        middle = str((x1 + x2) // 2), str((y1 + y2) // 2)
        self._do(
            "mousemove", str(x1), str(y1), "sleep", "0.02", "mousedown", "1", "sleep", "0.02", "mousemove", *middle,
            "sleep", "0.02", "mousemove", str(x2), str(y2), "sleep", "0.02", "mouseup", "1",
        )  # fmt: skip
        self.count.drags += 1
        self._note(drag=[x1, y1, x2, y2])

    def turn(self, x: float, y: float, *, inwards: bool) -> None:
        """One step of the wheel with Ctrl held, at a place of the screen."""
        button = "4" if inwards else "5"
        self._do("mousemove", str(round(x)), str(round(y)), "keydown", "ctrl", "click", button, "keyup", "ctrl")
        self.count.wheel += 1
        self._note(wheel=button)

    def _do(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=self._environment, check=True, timeout=PATIENCE_S)

    def _note(self, **what: Any) -> None:
        if self._log is not None:
            print(json.dumps({"t": round(time.monotonic() - self._started, 3), **what}), file=self._log)


def _holds(what: str, seen: dict[str, Any]) -> bool:
    if what == "calm":
        return not seen["busy"] and seen.get("painted", True)
    if what.startswith("dialog "):
        return bool(seen["dialog"] == what.removeprefix("dialog "))
    if what == "no dialog":
        return not seen["dialog"]
    return bool(seen["image"] not in (None, what.removeprefix("not ")))


@contextmanager
def display(size: str = "1280x800") -> Iterator[str]:
    """A display of its own, with a window manager."""
    for program in ("Xvfb", "openbox", "xdotool"):
        if shutil.which(program) is None:
            raise SystemExit(f"This needs {program}.")
    reads, writes = os.pipe()
    server = subprocess.Popen(
        # -r: where the machine is slow, a key must not repeat itself between its press and its release.
        ["Xvfb", "-displayfd", str(writes), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-r"],
        pass_fds=[writes], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writes)
    with os.fdopen(reads) as told:
        name = f":{told.readline().strip()}"
    manager = subprocess.Popen(["openbox"], env=os.environ | {"DISPLAY": name}, stderr=subprocess.DEVNULL)
    try:
        yield name
    finally:
        for process in (manager, server):
            process.terminate()
            process.wait()


@contextmanager
def window(name: str, project: Path, pages: Path, settings: Path, log: TextIO | None = None) -> Iterator[Hands]:
    """The app on a project, started in the folder of the pages; closed at the end."""
    places = {"DISPLAY": name, "LABELER_CONFIG_DIR": str(settings), "LABELER_LANGUAGE": "en", "QT_SCALE_FACTOR": "1"}
    environment = os.environ | places | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'db'}", "QT_QPA_PLATFORM": "xcb"}
    app = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.recorded.eyes", str(project)],
        env=environment, cwd=pages, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield Hands(name, app, log)
    finally:
        assert app.stdin is not None
        app.stdin.close()
        app.wait(timeout=PATIENCE_S)
