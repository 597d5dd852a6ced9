"""Garbage is collected in the window's thread and in no other."""

import gc
import threading

from pytestqt.qtbot import QtBot

from labeler.gui import collector


class Cycle:
    """Garbage that only a collection takes away; says in which thread it went."""

    def __init__(self, gone: list[int]) -> None:
        self.itself, self.gone = self, gone

    def __del__(self) -> None:
        self.gone.append(threading.get_ident())


def leave_garbage(gone: list[int]) -> None:
    for _ in range(3 * gc.get_threshold()[0]):
        Cycle(gone)


def test_another_thread_leaves_its_garbage_to_the_windows_thread(qtbot: QtBot) -> None:
    gone: list[int] = []
    other = threading.Thread(target=leave_garbage, args=(gone,))
    other.start()
    other.join()
    assert not gone
    qtbot.waitUntil(lambda: len(gone) == 3 * gc.get_threshold()[0])
    assert set(gone) == {threading.get_ident()}


def test_nothing_is_collected_before_it_is_due(qtbot: QtBot) -> None:
    gone: list[int] = []
    gc.collect()
    Cycle(gone)
    collector.collect_what_is_due()
    assert not gone
    gc.collect()
    assert len(gone) == 1
