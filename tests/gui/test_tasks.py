"""Jobs and reads off the GUI thread: where their results arrive, how they fail, stop and end."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot

from labeler.core.errors import UserError
from labeler.core.progress import Progress
from labeler.gui.tasks import Job, Tasks


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[Tasks]:
    made = Tasks()
    yield made
    made.shutdown()


def test_a_job_works_elsewhere_and_answers_here(qtbot: QtBot, tasks: Tasks) -> None:
    answers: list[tuple[threading.Thread, threading.Thread]] = []
    tasks.run(
        "Look",
        lambda _: threading.current_thread(),
        done=lambda t: answers.append((t, threading.current_thread())),
    )
    qtbot.waitUntil(lambda: bool(answers))
    worker, receiver = answers[0]
    assert worker is not threading.main_thread()
    assert receiver is threading.main_thread()


def test_progress_reaches_the_job(qtbot: QtBot, tasks: Tasks) -> None:
    seen: list[tuple[int, int, str]] = []
    tasks.job_changed.connect(lambda job: seen.append((job.done, job.total, job.detail)))

    def work(progress: Progress) -> None:
        progress(7, 7, "the last is always told")

    with qtbot.waitSignal(tasks.job_ended):
        tasks.run("Count", work)
    assert seen[-1] == (7, 7, "the last is always told")


def test_a_user_error_that_nobody_handles_is_told(qtbot: QtBot, tasks: Tasks) -> None:
    def work(progress: Progress) -> None:
        raise UserError("No room.", "Make some.")

    with qtbot.waitSignal(tasks.failed_job) as told:
        tasks.run("Write", work)
    assert str(told.args[0]) == "No room."


def test_a_handled_user_error_is_not_told_twice(qtbot: QtBot, tasks: Tasks) -> None:
    def work(progress: Progress) -> None:
        raise UserError("No room.")

    handled: list[Exception] = []
    told: list[Any] = []
    tasks.failed_job.connect(told.append)
    with qtbot.waitSignal(tasks.job_ended):
        tasks.run("Write", work, failed=handled.append)
    assert [str(e) for e in handled] == ["No room."]
    assert not told


def test_a_bug_is_raised_on_the_gui_thread_and_the_job_ends(qtbot: QtBot, tasks: Tasks) -> None:
    def work(progress: Progress) -> None:
        raise ZeroDivisionError

    ended: list[bool] = []
    with capture_exceptions() as caught, qtbot.waitSignal(tasks.job_ended):
        tasks.run("Divide", work, ended=lambda: ended.append(True))
    assert [kind for kind, *_ in caught] == [ZeroDivisionError]
    assert ended == [True]
    assert not tasks.busy


def test_cancelling_stops_a_job_without_a_word(qtbot: QtBot, tasks: Tasks) -> None:
    going = threading.Event()
    told: list[Any] = []
    tasks.failed_job.connect(told.append)

    def work(progress: Progress) -> None:
        while True:
            progress(1, 0)
            going.set()

    job = tasks.run("For ever", work, done=told.append)
    assert going.wait(10)
    with qtbot.waitSignal(tasks.job_ended):
        job.cancel()
    assert not told


def test_bulk_jobs_run_one_after_the_other_and_a_waiting_one_can_be_cancelled(qtbot: QtBot, tasks: Tasks) -> None:
    gate = threading.Event()
    order: list[str] = []

    def first(progress: Progress) -> None:
        gate.wait(10)
        order.append("first")

    tasks.run("First", first)
    second = tasks.run("Second", lambda _: order.append("second"))
    third_done: list[bool] = []
    tasks.run("Third", lambda _: order.append("third"), done=lambda _: third_done.append(True))
    second.cancel()
    gate.set()
    qtbot.waitUntil(lambda: bool(third_done))
    assert order == ["first", "third"]


def test_a_small_job_does_not_wait_for_a_bulk_one(qtbot: QtBot, tasks: Tasks) -> None:
    gate = threading.Event()
    done: list[str] = []
    tasks.run("Bulk", lambda _: gate.wait(10), done=lambda _: done.append("bulk"))
    tasks.run("Small", lambda _: None, done=lambda _: done.append("small"), alone=False)
    qtbot.waitUntil(lambda: done == ["small"])
    gate.set()
    qtbot.waitUntil(lambda: done == ["small", "bulk"])


def test_of_reads_with_one_key_only_the_newest_is_delivered(qtbot: QtBot, tasks: Tasks) -> None:
    gate = threading.Event()
    got: list[str] = []

    def slow() -> str:
        gate.wait(10)
        return "old"

    tasks.read(slow, got.append, key="page")
    tasks.read(lambda: "new", got.append, key="page")
    tasks.read(lambda: "other", got.append)
    qtbot.waitUntil(lambda: {"new", "other"} <= set(got))
    gate.set()
    tasks.read(lambda: "last", got.append)
    qtbot.waitUntil(lambda: "last" in got)
    assert "old" not in got


def test_shutdown_joins_the_threads_and_drops_what_was_on_its_way(qtbot: QtBot, tasks: Tasks) -> None:
    got: list[Any] = []
    tasks.read(lambda: 1, got.append)
    tasks.run("Job", lambda _: 2, done=got.append)
    tasks.shutdown()
    assert not [t for t in threading.enumerate() if t.name.startswith(("bulk", "quick"))]
    tasks.read(lambda: 3, got.append)
    qtbot.waitUntil(lambda: bool(got))
    assert got == [3]


def test_shutdown_ends_every_job(qtbot: QtBot, tasks: Tasks) -> None:
    ended: list[Job] = []
    tasks.job_ended.connect(ended.append)

    def work(progress: Progress) -> None:
        while True:
            progress(0, 0)

    jobs = [tasks.run("One", work), tasks.run("Two", work)]
    tasks.shutdown()
    assert set(ended) >= set(jobs)
    assert not tasks.busy
