"""How a command ends: bugs, interrupts, readers that go away, and what people see of it."""

import errno
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from labeler.cli import output, stats
from labeler.core.environment import as_user_error
from labeler.core.errors import Cancelled, UserError
from labeler.core.i18n import set_language
from tests.conftest import ROOT
from tests.helpers import handwriting
from tests.helpers.command import labeler, labeler_process


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """`labeler stats` raises `error`."""

    def run(_args: object) -> output.Answer:
        raise error

    monkeypatch.setattr(stats, "run", run)


@pytest.fixture
def english() -> Iterator[None]:
    """English again after a test that spoke another language."""
    yield
    set_language("en")


def test_a_bug_is_one_line_and_a_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    failing(monkeypatch, RuntimeError("wires crossed"))
    outcome = labeler("stats", tmp_path)
    assert outcome.code == 1
    assert "RuntimeError: wires crossed" in outcome.err
    assert "Traceback" not in outcome.err
    log = Path(outcome.err.strip().splitlines()[-1].removeprefix("Details are in ").removesuffix("."))
    assert "Traceback" in log.read_text(encoding="utf-8")
    assert "in run" in log.read_text(encoding="utf-8")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Cancelled()])
def test_an_interrupt_is_130(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: BaseException) -> None:
    failing(monkeypatch, error)
    assert (labeler("stats", tmp_path).code, labeler("stats", tmp_path).out) == (130, "")


def test_the_environment_s_problems_are_told_from_bugs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for trouble in (
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "labeler.db"),
        sqlite3.OperationalError("database or disk is full"),
        MemoryError(),
        UserError("One sentence.", "A hint."),
    ):
        failing(monkeypatch, trouble)
        outcome = labeler("stats", tmp_path)
        assert outcome.code == 2
        assert len(outcome.err.strip().splitlines()) == 2
    for bug in (OSError(errno.EBADF, "bad file descriptor"), sqlite3.ProgrammingError("no such thing"), KeyError("x")):
        assert as_user_error(bug) is None


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_during_long_work_ends_with_130_and_keeps_what_was_done(tmp_path: Path, sent: signal.Signals) -> None:
    for n in range(60):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{n}.png").write_bytes(handwriting.page(n, width=200, height=150).png())
    labeler("init", tmp_path / "p").ok()
    program = (
        "import os, sys, labeler.services.importing as importing\n"
        "from labeler.cli.main import main\n"
        "importing.CHUNK = 4\n"
        "real = importing._store_chunk\n"
        "def store(*args):\n"
        "    real(*args)\n"
        f"    os.kill(os.getpid(), {int(sent)})\n"
        "importing._store_chunk = store\n"
        "sys.argv = ['labeler', 'import', *sys.argv[1:]]\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "p"), str(tmp_path / "in")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=_hears_interrupts,
    )
    assert done.returncode == 130, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert labeler("stats", tmp_path / "p", "--json").json["images"] == 4
    again = labeler("import", tmp_path / "p", tmp_path / "in", "--json").ok().json
    assert (again["added"], again["duplicates"]) == (56, 4)


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
def test_a_reader_that_goes_away_is_no_bug(tmp_path: Path) -> None:
    labeler("init", tmp_path / "p").ok()
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        command = [sys.executable, "-m", "labeler", "stats", str(tmp_path / "p")]
        done = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 130
    assert done.stderr == ""


def test_chinese_is_spoken_where_it_is_asked_for(tmp_path: Path, english: None) -> None:
    labeler("init", tmp_path / "项目").ok()
    for arguments in (["--language", "zh_CN", "stats"], ["--language=zh_CN", "stats"]):
        assert "图像" in labeler(*arguments, tmp_path / "项目").ok().out
    assert "图像" in labeler_process("stats", tmp_path / "项目", LABELER_LANGUAGE="zh_CN").ok().out
    assert "没有" in labeler("stats", tmp_path / "nowhere", "--language", "zh_CN").err


def test_a_terminal_that_cannot_show_chinese_still_gets_its_answer(tmp_path: Path) -> None:
    labeler("init", tmp_path / "项目").ok()
    environment = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "LABELER_LANGUAGE": "zh_CN"}
    assert labeler_process("stats", tmp_path / "项目", **environment).ok().out
    answer = labeler_process("backup", tmp_path / "项目", tmp_path / "副本.db", "--json", **environment).ok()
    assert answer.json["path"].endswith("副本.db")


def _hears_interrupts() -> None:
    """A test run in the background ignores Ctrl+C, and its children would too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_cancels_a_training_and_resume_goes_on_with_it(tmp_path: Path) -> None:
    project = tmp_path / "p"
    labeler("init", project).ok()
    for writer in range(3):
        pages = {
            f"w{writer}-{n}": handwriting.page(n, writer=writer, digits=3, width=160, height=120) for n in range(4)
        }
        data = handwriting.write_yolo(tmp_path / f"d{writer}", pages)
        labeler("import", project, data, "--writer", f"w{writer}").ok()
    labeler("split", project, "--val", "0.34", "--test", "0.33").ok()
    options = ["--epochs", "400", "--imgsz", "64", "--batch", "4", "--device", "cpu", "--patience", "400", "--json"]
    command = [sys.executable, "-m", "labeler", "train", str(project), *options]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=_hears_interrupts,
    )  # fmt: skip
    assert process.stderr is not None
    told = []
    for line in process.stderr:
        told.append(line)
        if line.startswith("Epoch 2 "):
            process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert out == ""
    (run,) = labeler("runs", project, "--json").json["runs"]
    assert (run["state"], run["resumable"], run["model"]) == ("cancelled", True, None)
    detached = labeler("resume", project, 1, "--detach", "--json").ok().json
    assert detached["state"] == "running"
    waiting = labeler("train", project, *options, "--detach").ok().json
    assert waiting["state"] == "queued", "one training at a time"
    assert labeler("cancel", project, waiting["run"], "--json").ok().json["state"] == "cancelled"
    stopped = labeler("cancel", project, 1, "--json").ok().json
    assert stopped == {"run": 1, "state": "cancelled"}
    assert not [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
