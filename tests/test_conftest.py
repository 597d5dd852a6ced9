"""The watch itself: each kind of thing left behind fails the test that left it, and tidy tests pass."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.helpers import handwriting

UNTIDY = """
import logging, subprocess, sys, threading, warnings
import pytest
from labeler.services.project import Project

kept = []

def test_thread():
    threading.Thread(target=threading.Event().wait, args=(60,), daemon=True).start()

def test_process():
    kept.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]))

def test_stray():
    stray = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True)"
    subprocess.run([sys.executable, "-c", stray], check=True)

def test_timer(qapp):
    from PySide6.QtCore import QTimer
    kept.append(QTimer())
    kept[-1].start(1000)

def test_qt_thread(qapp):
    from PySide6.QtCore import QThread
    kept.append(QThread())
    kept[-1].start()

def test_project(tmp_path):
    kept.append(Project.create(tmp_path / "p"))

def test_log():
    logging.getLogger("labeler.x").warning("odd")

def test_qt_warning(qapp):
    from PySide6.QtCore import qWarning
    qWarning("odd")

@pytest.mark.expected_log("^odd")
def test_tidy_log():
    logging.getLogger("labeler.x").warning("odd but announced")

def test_tidy(project, png, handwritten, qtbot):
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QWidget
    widget = QWidget()
    qtbot.addWidget(widget)
    QTimer(widget).start(1000)
    thread = threading.Thread(target=int)
    thread.start()
    png(), handwritten()
"""


def test_every_kind_of_leak_fails_the_test_that_left_it(tmp_path: Path) -> None:
    (tmp_path / "test_untidy.py").write_text(UNTIDY, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "patience.py").write_text(
        "from tests.helpers import leaks\nleaks.PATIENCE = leaks.LAST_PATIENCE = 0.2\n", encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "patience", "-p", "no:randomly", "test_untidy.py", "-q", "-rEfp"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    told = done.stdout
    for name in ("thread", "process", "timer", "qt_thread", "project", "log"):
        assert f"ERROR test_untidy.py::test_{name} " in told, told + done.stderr
    assert "FAILED test_untidy.py::test_qt_warning" in told, told
    assert "processes outlived the test run: " in told, told
    assert "ERROR test_untidy.py::test_tidy - " in told, "a stray is told when the run ends"
    assert "9 passed, 7 errors" in told, told
    assert "1 failed" in told, told


def test_a_page_of_handwriting_has_ink_in_every_true_box_and_none_outside() -> None:
    made = handwriting.page(3, writer=5, digits=9)
    ink = made.picture.min(axis=2) < 128
    for _, box in made.boxes:
        rows = slice(int(box.y), int(box.bottom))
        columns = slice(int(box.x), int(box.right))
        assert ink[rows, columns].any()
        ink[rows, columns] = False
    assert not ink.any()
    assert (handwriting.page(3, writer=5, digits=9).picture == made.picture).all()
