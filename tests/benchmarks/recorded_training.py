"""A training from start to rollback in the real window, by real clicks.

`python tests/benchmarks/recorded_training.py ../shared/data SHOTS`

On some photographs of sums with people's boxes it starts a training, watches it, stops it, resumes it, compares the candidate with the
model before, promotes it, rolls back, promotes it again and has pages suggested again; each step leaves a screenshot in SHOTS. Ends with
an error where the window does not show in time what it must. Needs Xvfb, openbox, xdotool and ImageMagick.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 900.0
PAGES = 25
SPAN = "1600x1000"


class Person:
    """Someone at a display, who finds things by what is written on them."""

    def __init__(self, display: str, app: "subprocess.Popen[str]", shots: Path) -> None:
        self._environment = os.environ | {"DISPLAY": display}
        self._app = app
        self._shots = shots
        self._began = time.monotonic()
        self._taken = 0

    def ask(self, **what: str) -> Any:
        """What the window answers."""
        assert self._app.stdin is not None
        assert self._app.stdout is not None
        self._app.stdin.write(json.dumps(what) + "\n")
        self._app.stdin.flush()
        line = self._app.stdout.readline()
        if not line:
            raise SystemExit("the window is gone")
        return json.loads(line)

    def wait(self, *texts: str, gone: str = "") -> str:
        """Wait until one of these texts is on the screen, or `gone` is not; returns the one that is."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            shown = self.ask(do="texts")
            for text in texts:
                if any(text in line for line in shown):
                    return text
            if gone and not any(gone in line for line in shown):
                return gone
            time.sleep(0.2)
        self.shot("in vain")
        raise SystemExit(f"waited in vain for {texts or gone}; the window shows {self.ask(do='texts')}")

    def click(self, text: str) -> None:
        """Click on what bears this text, once it can be clicked."""
        end = time.monotonic() + PATIENCE_S
        while not (place := self.ask(do="find", text=text)):
            if time.monotonic() > end:
                self.shot("in vain")
                raise SystemExit(f"looked in vain for {text}; the window shows {self.ask(do='texts')}")
            time.sleep(0.2)
        self._do("mousemove", *map(str, place), "sleep", "0.05", "click", "1")
        time.sleep(0.4)

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self._do("type", "--delay", "5", text)

    def key(self, *chords: str) -> None:
        """Press keys."""
        self._do("key", *chords)
        time.sleep(0.3)

    def shot(self, name: str) -> None:
        """Keep what is on the screen."""
        time.sleep(0.6)
        self._taken += 1
        file = self._shots / f"{self._taken:02d} {name}.png"
        subprocess.run(["import", "-window", "root", str(file)], env=self._environment, check=True)
        print(f"{time.monotonic() - self._began:6.0f} s  {name}", flush=True)

    def _do(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=self._environment, check=True, timeout=60)


def act(person: Person) -> None:
    """The whole of it."""
    begin(person)
    stop_and_resume(person)
    judge(person)
    promote(person, "promoted")
    person.click("Roll back")
    person.wait("is the current model again")
    person.shot("rolled back")
    person.click("History")
    person.shot("history")
    person.key("Escape")
    promote(person, "promoted again")
    person.click("Desk")
    person.key("ctrl+b")
    person.wait("new box")
    person.shot("suggested again")


def begin(person: Person) -> None:
    """What is said before the start, and the start."""
    person.click("Train")
    person.wait("labelled, with")
    person.wait("About ", "Roughly ")
    person.shot("before the start")
    person.click("Advanced")
    person.shot("advanced")
    person.click("See what it will see")
    person.wait("Most epochs")
    person.shot("what it will see")
    person.key("Escape")
    person.click("Train a better model")


def stop_and_resume(person: Person) -> None:
    """Watch, stop, go on, to the end."""
    person.wait("epoch 2", "Epoch 2")
    person.shot("watched")
    person.click("Desk")
    person.shot("job bar on the desk")
    person.click("Train")
    person.click("Stop")
    person.click("Now")
    person.wait("was stopped")
    person.shot("stopped")
    person.click("Resume")
    person.wait("goes on")
    person.shot("resumed")
    person.wait("is a candidate")
    person.shot("done")


def judge(person: Person) -> None:
    """The candidate in depth, then beside the model before."""
    person.click("See the model")
    person.wait("In depth")
    person.shot("the candidate")
    person.click("In depth")
    for tab in ("Curves", "Digits", "Writers and sources", "Worst pages"):
        person.click(tab)
        person.shot(f"in depth, {tab.lower()}")
    person.key("Escape")
    person.click("Compare …")
    person.click("Compare")
    person.wait("between ", "exactly the same")
    for tab in ("Verdict", "Digit by digit", "Pages that changed"):
        person.click(tab)
        person.shot(f"compared, {tab.lower()}")
    person.key("Escape")


def promote(person: Person, name: str) -> None:
    """Promote the chosen model; where the gate is against it, with a reason."""
    person.click("Promote")
    verdict = person.wait("Promote anyway", "Cancel")
    person.shot(f"{name}, the question")
    if verdict == "Promote anyway":
        person.click("Reason; it is kept with the model")
        person.type("for the record")
        person.click("Promote anyway")
    else:
        person.click("Promote")
    person.wait("suggests from now on")
    person.shot(name)


def make(data: Path, folder: Path) -> None:
    """The pages of one hand, labelled by people, and some more that wait for suggestions."""
    from labeler.services import importing, splitting
    from labeler.services.project import Project

    with Project.create(folder) as project, tempfile.TemporaryDirectory() as scratch:
        chosen = Path(scratch) / "sums"
        for kind in ("images", "labels"):
            (chosen / kind).mkdir(parents=True)
        (chosen / "classes.txt").write_text("\n".join("0123456789"), encoding="ascii")
        source = data / "detection" / "hme_vas"
        files = sorted((source / "images").iterdir())
        for file in files[:: len(files) // PAGES][:PAGES]:
            (chosen / "images" / file.name).write_bytes(file.read_bytes())
            (chosen / "labels" / f"{file.stem}.txt").write_bytes((source / "labels" / f"{file.stem}.txt").read_bytes())
        importing.import_paths(project, [chosen])
        splitting.assign(project, val=0.2, test=0.4)
        importing.import_paths(project, sorted((data / "pages_unlabelled").iterdir())[:3])


def eyes(project: Path) -> int:
    """The window, answering questions on standard input; run as a process of its own."""
    from PySide6.QtCore import QSocketNotifier

    from labeler.gui import app, memory
    from tests.benchmarks.recorded.finding import find, texts

    qt = app.application()
    memory.save_page("desk")
    window = app.build(project)
    asked = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)

    def answer() -> None:
        data = os.read(sys.stdin.fileno(), 4096).decode()
        if not data:
            window.close_now()
        for line in data.splitlines():
            what = json.loads(line)
            print(json.dumps(find(what["text"]) if what["do"] == "find" else texts()), flush=True)

    asked.activated.connect(answer)
    window.showMaximized()
    return qt.exec()


def main() -> int:
    """Set the stage, act, take it down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("shots", type=Path, nargs="?")
    parser.add_argument("--eyes", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.eyes:
        return eyes(args.data)
    from tests.benchmarks.recorded.hands import display

    args.shots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch, display(SPAN) as name:
        make(args.data, Path(scratch) / "sums")
        settings = {
            "LABELER_CONFIG_DIR": f"{scratch}/settings",
            "LABELER_LANGUAGE": "en",
            "XDG_STATE_HOME": f"{scratch}/state",
        }
        places = {"DISPLAY": name, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'db'}"}
        app = subprocess.Popen(
            [sys.executable, __file__, "--eyes", str(Path(scratch) / "sums")],
            env=os.environ | places | settings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            act(Person(name, app, args.shots))
        finally:
            assert app.stdin is not None
            app.stdin.close()
            app.wait(60)
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
