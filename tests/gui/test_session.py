"""A session tells of every change on the GUI thread, whoever made it, and turns user errors into words."""

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from labeler.core.changes import Changes
from labeler.core.errors import UserError
from labeler.gui.session import Session
from labeler.services.project import Project


@pytest.fixture
def session(qtbot: QtBot, project: Project) -> Iterator[Session]:
    made = Session(project)
    yield made
    made.close()


def test_changes_arrive_on_the_gui_thread_after_the_call_that_made_them(qtbot: QtBot, session: Session) -> None:
    got: list[tuple[Changes, threading.Thread]] = []
    session.changed.connect(lambda changes: got.append((changes, threading.current_thread())))
    worker = threading.Thread(target=lambda: session.project.changes.publish(Changes(models=True)))
    worker.start()
    worker.join()
    session.project.changes.publish(Changes(runs=True))
    assert got == []
    qtbot.waitUntil(lambda: len(got) == 2)
    assert [changes for changes, _ in got] == [Changes(models=True), Changes(runs=True)]
    assert {thread for _, thread in got} == {threading.main_thread()}


def test_another_programs_change_is_noticed_and_our_own_is_not(qtbot: QtBot, session: Session) -> None:
    got: list[Changes] = []
    session.changed.connect(got.append)
    session.project.set_setting("mine", 1)
    session.look_for_foreign_changes()
    assert got == []
    with Project.open(session.project.folder) as other:
        other.set_setting("theirs", 1)
    session.look_for_foreign_changes()
    session.look_for_foreign_changes()
    assert got == [Changes(library=True, models=True, runs=True, versions=True)]


def test_a_guarded_user_error_is_said(session: Session) -> None:
    said: list[tuple[object, ...]] = []
    session.said.connect(lambda *message: said.append(message))
    with session.guard():
        raise UserError("No.", "Try yes.")
    assert said == [("No.", "Try yes.", "error", None)]


def test_a_guarded_bug_gets_out(session: Session) -> None:
    with pytest.raises(ZeroDivisionError), session.guard():
        raise ZeroDivisionError


def test_a_closed_session_hears_no_more(qtbot: QtBot, project: Project) -> None:
    session = Session(project)
    got: list[Changes] = []
    session.changed.connect(got.append)
    session.close()
    project.changes.publish(Changes(library=True))
    assert got == []
