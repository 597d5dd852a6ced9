"""A bug is logged and shown once, with a way to copy it; a missing display is the user's error."""

import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from labeler.core.errors import UserError
from labeler.gui import crash, display


@pytest.fixture
def hook(qtbot: QtBot) -> Iterator[crash.CrashHook]:
    parent = QObject()
    made = crash.CrashHook(parent)
    yield made
    if made.dialog is not None:
        made.dialog.accept()


def fail(hook: crash.CrashHook, words: str) -> None:
    try:
        raise ZeroDivisionError(words)
    except ZeroDivisionError as error:
        hook.caught(type(error), error, error.__traceback__)


@pytest.mark.expected_log("unhandled exception")
def test_a_bug_is_shown_once_and_can_be_copied(qtbot: QtBot, hook: crash.CrashHook) -> None:
    fail(hook, "the first")
    qtbot.waitUntil(lambda: hook.dialog is not None)
    fail(hook, "the second")
    qtbot.waitUntil(lambda: hook.dialog is not None and hook.dialog.isVisible())
    assert hook.dialog is not None
    hook.dialog.copy()
    told = QApplication.clipboard().text()
    assert "ZeroDivisionError: the first" in told
    assert "test_crash.py" in told
    hook.dialog.accept()
    assert hook.dialog is None


@pytest.mark.expected_log("unhandled exception")
def test_a_bug_in_a_thread_is_shown_too(qtbot: QtBot, hook: crash.CrashHook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    hook.install()
    thread = threading.Thread(target=lambda: fail_in_thread())
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: hook.dialog is not None)
    assert hook.dialog is not None
    assert "in a thread" in hook.dialog.report


def fail_in_thread() -> None:
    raise RuntimeError("in a thread")


@pytest.mark.expected_log("unhandled exception")
def test_a_bug_is_in_the_log_file(qtbot: QtBot, hook: crash.CrashHook) -> None:
    import logging

    before = list(logging.getLogger().handlers)
    file = crash.start_log()
    try:
        fail(hook, "for the log")
        assert file is not None
        assert "ZeroDivisionError: for the log" in file.read_text(encoding="utf-8")
    finally:
        for handler in [h for h in logging.getLogger().handlers if h not in before]:
            logging.getLogger().removeHandler(handler)
            handler.close()
    qtbot.waitUntil(lambda: hook.dialog is not None)


linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X servers are Linux's")


@linux
@pytest.mark.parametrize("shown", ["", ":98765", "nonsense", "127.0.0.1:53001"])
def test_no_display_is_the_users_error_with_a_hint(monkeypatch: pytest.MonkeyPatch, shown: str) -> None:
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", shown)
    with pytest.raises(UserError) as told:
        display.check()
    assert told.value.hint


@linux
def test_a_display_that_answers_is_fine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    number = 54321
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(f"\0/tmp/.X11-unix/X{number}")
        server.listen()
        monkeypatch.setenv("DISPLAY", f":{number}.0")
        display.check()


def test_off_screen_needs_no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.delenv("DISPLAY", raising=False)
    display.check()
