"""Versions looked into: differences with the data as they are, pictures of what is gone, boxes restored and that taken back."""

from pathlib import Path

import pytest

from labeler.core import gestures
from labeler.core.boxes import Rect
from labeler.core.errors import Cancelled, Conflict, NotFound
from labeler.core.versions import FrozenImage
from labeler.services import _removal, images, labeling, restoring, versions, writers
from labeler.services.project import Project
from tests.helpers.fake_detector import add_labelled


@pytest.fixture
def frozen(project: Project) -> Project:
    """Six labelled pages by three writers, frozen as v1."""
    add_labelled(project, writers=3)
    versions.freeze(project)
    return project


def contents(project: Project) -> list[FrozenImage]:
    return sorted(versions.labelled(project), key=lambda i: i.sha256)


def spoil(project: Project) -> None:
    """One box drawn, one deleted, one relabelled, on three pages."""
    ids = images.image_ids(project)
    labeling.apply(project, gestures.draw(labeling.page(project, ids[0]), Rect(3, 30, 9, 9), 5))
    page = labeling.page(project, ids[1])
    labeling.apply(project, gestures.delete(page, {page.boxes[0].id}))
    page = labeling.page(project, ids[2])
    labeling.apply(project, gestures.relabel(page, {page.boxes[0].id}, 9))


def test_nothing_differs_until_something_is_done(frozen: Project) -> None:
    assert restoring.diff(frozen, "v1", None).images == ()
    spoil(frozen)
    found = restoring.diff(frozen, "v1", None)
    assert found.counts() == {
        "images added": 0, "images removed": 0, "images moved": 0, "boxes added": 1, "boxes removed": 1, "boxes changed": 1,
    }  # fmt: skip
    versions.freeze(frozen, name="later")
    assert restoring.diff(frozen, "v1", "later") == found
    back = restoring.diff(frozen, "later", "v1").counts()
    assert (back["boxes added"], back["boxes removed"], back["boxes changed"]) == (1, 1, 1)


def test_moving_a_writer_shows_in_the_difference(frozen: Project) -> None:
    writer = images.writers(frozen)[0]
    writers.set_split(frozen, writer.code, "test" if writer.split != "test" else "train", allow_harm=True)
    found = restoring.diff(frozen, "v1", None)
    assert found.counts()["images moved"] == 2
    assert all(change.is_moved and not change.boxes for change in found.images)


def test_restoring_brings_the_boxes_back_and_can_be_taken_back(frozen: Project) -> None:
    before = contents(frozen)
    spoil(frozen)
    spoilt = contents(frozen)
    done = restoring.restore(frozen, "v1", annotator="ana")
    assert (done.images, done.added, done.removed, done.missing, len(done.edits)) == (3, 2, 2, 0, 3)
    assert contents(frozen) == before
    assert {h.text for h in labeling.history(frozen, limit=3)} == {"Restore the boxes of v1"}
    restoring.take_back(frozen, done)
    assert contents(frozen) == spoilt
    assert restoring.restore(frozen, "v1").images == 3


def test_only_chosen_images_are_restored(frozen: Project) -> None:
    spoil(frozen)
    change = restoring.diff(frozen, "v1", None).images[0]
    done = restoring.restore(frozen, "v1", hashes=[change.image.sha256])
    assert done.images == 1
    assert len(restoring.diff(frozen, "v1", None).images) == 2


def test_what_is_as_it_was_makes_no_step(frozen: Project) -> None:
    steps = len(labeling.history(frozen, limit=1000))
    done = restoring.restore(frozen, "v1")
    assert (done.images, done.edits) == (0, ())
    assert len(labeling.history(frozen, limit=1000)) == steps


def test_images_that_are_gone_are_counted_and_still_have_their_picture(frozen: Project) -> None:
    gone = images.image_ids(frozen)[0]
    data = images.picture(frozen, gone)
    sha = next(i.sha256 for i in versions.labelled(frozen) if i.image_id == gone)
    with frozen.write() as session:
        _removal.remove_images(session, [gone])
    assert restoring.picture(frozen, sha) == data
    assert restoring.thumbnail(frozen, sha) == data
    assert restoring.restore(frozen, "v1").missing == 1
    assert restoring.diff(frozen, "v1", None).counts()["images removed"] == 1
    with pytest.raises(NotFound):
        restoring.picture(frozen, "0" * 64)


def test_once_something_else_was_done_it_is_not_taken_back_as_one(frozen: Project) -> None:
    spoil(frozen)
    done = restoring.restore(frozen, "v1")
    page = labeling.page(frozen, images.image_ids(frozen)[4])
    labeling.apply(frozen, gestures.draw(page, Rect(1, 1, 5, 5), 1))
    now = contents(frozen)
    with pytest.raises(Conflict):
        restoring.take_back(frozen, done)
    assert contents(frozen) == now


def test_a_cancelled_restoring_changes_nothing(frozen: Project) -> None:
    spoil(frozen)
    spoilt = contents(frozen)

    def stop(done: int, total: int, text: str = "") -> None:
        if done >= 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        restoring.restore(frozen, "v1", progress=stop)
    assert contents(frozen) == spoilt


def test_names_and_unknown_versions(frozen: Project, tmp_path: Path) -> None:
    found = versions.labelled(frozen)
    assert set(restoring.names(frozen, found)) == {i.sha256 for i in found}
    with pytest.raises(NotFound):
        restoring.diff(frozen, "v1", "v9")
    with pytest.raises(NotFound):
        restoring.restore(frozen, "v9")
