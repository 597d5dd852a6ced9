"""Giving images a writer, merging, renaming, notes: twins come along, splits stay honest, everything can be taken back."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from labeler.core.boxes import ClassRect
from labeler.core.changes import Changes
from labeler.core.errors import BadInput, Conflict, NotFound, UserError
from labeler.services import _writer_steps, images, versions, writers
from labeler.services.project import Project
from labeler_db.models import GroupRow, ImageRow, WriterRow
from tests.helpers.fake_detector import add_model, add_pages, bare_copy, review_with_boxes


def table(project: Project) -> dict[str, tuple[str | None, int, str]]:
    return {w.code: (w.split, w.images, w.note) for w in images.writers(project)}


def where(project: Project) -> dict[int, tuple[str | None, str | None]]:
    """Each image's writer and split."""
    return {i.id: (i.writer, i.split) for i in images.images(project, images.image_ids(project))}


def groups(project: Project) -> list[list[int]]:
    """Images without a writer as they are grouped; groups without images would be left-overs."""
    with project.read() as session:
        rows = session.execute(
            select(GroupRow.id, ImageRow.id).outerjoin(ImageRow, ImageRow.group_id == GroupRow.id).order_by(ImageRow.id)
        ).all()
    found: dict[int, list[int]] = {}
    for group, image in rows:
        found.setdefault(group, []).append(image)
    return sorted(found.values())


def join(project: Project, image_ids: list[int], *, split: str | None = None) -> None:
    """Make near-duplicates of these images."""
    with project.write() as session:
        first = session.get_one(ImageRow, image_ids[0]).group_id
        session.execute(update(ImageRow).where(ImageRow.id.in_(image_ids)).values(group_id=first))
        session.get_one(GroupRow, first).split = split
        used = select(ImageRow.group_id).where(ImageRow.group_id.is_not(None))
        session.execute(delete(GroupRow).where(GroupRow.id.not_in(used)))


def put(project: Project, image_ids: list[int], split: str) -> None:
    """Put images without a writer into a split."""
    with project.write() as session:
        chosen = select(ImageRow.group_id).where(ImageRow.id.in_(image_ids))
        session.execute(update(GroupRow).where(GroupRow.id.in_(chosen)).values(split=split))


def train(project: Project) -> None:
    """A model that was trained on the data as they are."""
    for image_id in images.image_ids(project):
        if not images.images(project, [image_id])[0].boxes:
            review_with_boxes(project, image_id, ClassRect(5, 5, 10, 10, image_id % 10))
    version = versions.freeze(project)
    add_model(project, f"trained-{version.id}", version_id=version.id)


def test_images_get_a_new_writer(project: Project) -> None:
    ids = add_pages(project, 3)
    done = writers.give(project, ids[:2], " S07 ")
    assert table(project) == {"S07": (None, 2, "")}
    assert where(project) == {ids[0]: ("S07", None), ids[1]: ("S07", None), ids[2]: (None, None)}
    assert groups(project) == [[ids[2]]]
    assert done.text == "2 images are by S07 now."


def test_the_windows_hear_of_it_once(project: Project) -> None:
    ids = add_pages(project, 2)
    heard: list[Changes] = []
    project.changes.subscribe(heard.append)
    writers.give(project, ids, "S07")
    assert [(c.library, c.images) for c in heard] == [(True, frozenset(ids))]


def test_near_duplicates_come_along(project: Project) -> None:
    ids = add_pages(project, 4)
    join(project, ids[:3], split="val")
    planned = writers.plan(project, [ids[1]], "S07")
    assert (set(planned.image_ids), planned.twins, planned.split) == (set(ids[:3]), 2, "val")
    writers.give(project, [ids[1]], "S07")
    assert table(project) == {"S07": ("val", 3, "")}


def test_a_writer_without_a_split_takes_the_images(project: Project) -> None:
    ids = add_pages(project, 3)
    put(project, ids[:2], "test")
    put(project, ids[2:], "val")
    writers.give(project, ids, "S07")
    assert table(project) == {"S07": ("test", 3, "")}


def test_a_writer_with_a_split_keeps_it(project: Project) -> None:
    add_pages(project, 1, writer="S07")
    writers.set_split(project, "S07", "val", allow_harm=True)
    fresh = add_pages(project, 2, first=5)
    put(project, fresh, "train")
    writers.give(project, fresh, "S07")
    assert table(project) == {"S07": ("val", 3, "")}


def test_what_was_learnt_from_does_not_become_test_data(project: Project) -> None:
    ids = add_pages(project, 2)
    put(project, ids, "train")
    add_pages(project, 1, writer="judge", first=9)
    writers.set_split(project, "judge", "test", allow_harm=True)
    train(project)
    planned = writers.plan(project, ids, "judge")
    assert planned.harms
    assert "learnt from" in planned.harms[0]
    before = where(project)
    with pytest.raises(UserError, match="2 images were learnt from"):
        writers.give(project, ids, "judge")
    assert where(project) == before
    writers.give(project, ids, "judge", allow_harm=True)
    assert table(project) == {"judge": ("test", 3, "")}


def test_what_judged_is_not_learnt_from_unnoticed(project: Project) -> None:
    ids = add_pages(project, 1)
    put(project, ids, "test")
    add_pages(project, 1, writer="pupil", first=9)
    writers.set_split(project, "pupil", "train", allow_harm=True)
    train(project)
    with pytest.raises(UserError, match="1 image was a test image"):
        writers.give(project, ids, "pupil")
    assert writers.split_harms(project, "pupil", "train") == ()
    assert len(writers.split_harms(project, "pupil", "test")) == 1


def test_images_that_were_learnt_from_keep_a_new_writer_in_train(project: Project) -> None:
    learnt, other = add_pages(project, 1), add_pages(project, 3, first=5)
    put(project, learnt, "train")
    put(project, other, "test")
    train(project)
    planned = writers.plan(project, [*learnt, *other], "S07")
    assert planned.split == "train"
    assert len(planned.harms) == 1
    assert "3 images were test images" in planned.harms[0]


def test_an_honest_move_needs_no_permission_after_a_training(project: Project) -> None:
    ids = add_pages(project, 2)
    put(project, ids, "test")
    train(project)
    writers.give(project, ids, "S07")
    assert table(project) == {"S07": ("test", 2, "")}


def test_taking_the_writer_away_keeps_the_split(project: Project) -> None:
    ids = add_pages(project, 2, writer="S07")
    writers.set_split(project, "S07", "test", allow_harm=True)
    done = writers.give(project, ids, None)
    assert where(project) == dict.fromkeys(ids, (None, "test"))
    assert groups(project) == [[i] for i in ids]
    writers.take_back(project, done)
    assert where(project) == dict.fromkeys(ids, ("S07", "test"))
    assert groups(project) == []


def test_merging_makes_one_hand_of_two_and_can_be_taken_back(project: Project) -> None:
    a, b = add_pages(project, 2, writer="anna"), add_pages(project, 1, writer="S02", first=5)
    writers.change(project, "anna", note="left-handed")
    writers.set_split(project, "anna", "train", allow_harm=True)
    before, places = table(project), where(project)
    done = writers.merge(project, "anna", "S02")
    assert table(project) == {"S02": ("train", 3, "left-handed")}
    assert where(project) == dict.fromkeys([*a, *b], ("S02", "train"))
    writers.take_back(project, done)
    assert table(project) == before
    assert where(project) == places


def test_merging_across_splits_after_a_training_is_refused(project: Project) -> None:
    add_pages(project, 1, writer="a")
    add_pages(project, 1, writer="b", first=5)
    writers.set_split(project, "a", "train", allow_harm=True)
    writers.set_split(project, "b", "test", allow_harm=True)
    train(project)
    assert len(writers.merge_harms(project, "a", "b")) == 1
    with pytest.raises(UserError, match="learnt from"):
        writers.merge(project, "a", "b")
    writers.merge(project, "a", "b", allow_harm=True)
    assert table(project) == {"b": ("test", 2, "")}


def test_renaming_notes_and_removing_can_be_taken_back(project: Project) -> None:
    add_pages(project, 1, writer="anna")
    done = [
        writers.change(project, "anna", code_now="S01"),
        writers.change(project, "S01", note=" writes 7 with a bar "),
    ]
    assert table(project) == {"S01": (None, 1, "writes 7 with a bar")}
    writers.take_back(project, done[1])
    writers.take_back(project, done[0])
    assert table(project) == {"anna": (None, 1, "")}
    with project.write() as session:
        session.add(WriterRow(code="empty"))
    gone = writers.remove_unused(project, "empty")
    assert "empty" not in table(project)
    writers.take_back(project, gone)
    assert table(project)["empty"] == (None, 0, "")


@pytest.mark.parametrize("code", ["", "   ", "x" * 41, "a\nb"])
def test_bad_codes_are_refused(project: Project, code: str) -> None:
    ids = add_pages(project, 1, writer="S01")
    with pytest.raises(BadInput):
        writers.give(project, ids, code)
    with pytest.raises(BadInput):
        writers.change(project, "S01", code_now=code)


def test_what_cannot_be_is_said(project: Project) -> None:
    add_pages(project, 1, writer="a")
    add_pages(project, 1, writer="b", first=5)
    calls: list[tuple[type[UserError], Callable[[], Any]]] = [
        (BadInput, lambda: writers.change(project, "a", code_now="b")),
        (BadInput, lambda: writers.merge(project, "a", "a")),
        (NotFound, lambda: writers.merge(project, "a", "nobody")),
        (NotFound, lambda: writers.change(project, "nobody", note="?")),
        (NotFound, lambda: writers.give(project, [4711], "a")),
        (NotFound, lambda: writers.give(project, [4711], None)),
        (UserError, lambda: writers.remove_unused(project, "a")),
    ]
    before = table(project)
    for kind, call in calls:
        with pytest.raises(kind):
            call()
    assert table(project) == before


def test_taking_back_is_refused_once_something_else_has_changed(project: Project) -> None:
    ids = add_pages(project, 2)
    done = writers.give(project, ids, "S07")
    writers.give(project, ids[:1], "S08")
    with pytest.raises(Conflict):
        writers.take_back(project, done)
    renamed = writers.change(project, "S07", code_now="S09")
    with project.write() as session:
        session.add(WriterRow(code="S07"))
    with pytest.raises(Conflict):
        writers.take_back(project, renamed)


def test_taking_back_is_refused_where_it_would_free_what_was_learnt_from(project: Project) -> None:
    ids = add_pages(project, 1)
    add_pages(project, 1, writer="S07", first=5)
    writers.set_split(project, "S07", "train", allow_harm=True)
    done = writers.give(project, ids, "S07")
    train(project)
    with pytest.raises(UserError, match="learnt from"):
        writers.take_back(project, done)


def act(project: Project, what: str, image_id: int, n: int) -> writers.Done:
    match what:
        case "give":
            return writers.give(project, [image_id], f"w{n}")
        case "free":
            return writers.give(project, [image_id], None)
        case "merge":
            return writers.merge(project, f"w{image_id % 4}", f"w{n}")
        case _:
            return writers.change(project, f"w{image_id % 4}", code_now=f"w{n}")


STEPS = st.lists(
    st.tuples(st.sampled_from(["give", "free", "merge", "rename"]), st.integers(0, 5), st.integers(0, 3)), max_size=8
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_all_that_was_done_can_be_taken_back_in_turn(
    steps: list[tuple[str, int, int]], template: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = bare_copy(template, tmp_path_factory.mktemp("writers") / "p")
    with Project.open(folder) as project:
        ids = add_pages(project, 4) + add_pages(project, 2, writer="w0", first=10)
        join(project, ids[:2], split="test")
        states = [(table(project), where(project), groups(project))]
        done: list[writers.Done] = []
        for what, n, m in steps:
            try:
                done.append(act(project, what, ids[n], m))
            except UserError:
                assert (table(project), where(project), groups(project)) == states[-1]
                continue
            states.append((table(project), where(project), groups(project)))
        while done:
            assert (table(project), where(project), groups(project)) == states.pop()
            writers.take_back(project, done.pop())
        assert (table(project), where(project), groups(project)) == states.pop()


def test_what_was_done_can_be_taken_back_after_a_restart(project: Project) -> None:
    ids = add_pages(project, 3)
    writers.give(project, ids[:2], "S01")
    given = where(project)
    writers.give(project, ids[2:], "S02")
    writers.merge(project, "S01", "S02")
    project.close()
    with Project.open(project.folder) as again:
        for _ in range(2):
            done = writers.last(again)
            assert done is not None
            writers.take_back(again, done)
        assert where(again) == given
        given_anew = writers.give(again, ids[2:], "S03")
        assert writers.last(again) == given_anew


def test_only_the_newest_steps_are_kept(project: Project) -> None:
    (image,) = add_pages(project, 1)
    done = [writers.give(project, [image], f"S{n}") for n in range(_writer_steps.MOST + 2)]
    for step in reversed(done[2:]):
        assert writers.last(project) == step
        writers.take_back(project, step)
    assert writers.last(project) is None
