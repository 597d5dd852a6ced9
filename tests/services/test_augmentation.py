"""The preview shows what ultralytics' own loader makes of the labelled pages, with the settings of the training."""

import os

import numpy as np
import pytest

from labeler.core.errors import Cancelled, UserError
from labeler.services import augmentation, splitting, system_load, training, versions
from labeler.services.project import Project
from labeler.services.training import TrainOptions
from tests.helpers.fake_detector import add_labelled
from tests.helpers.pictures import decoded


@pytest.fixture
def labelled(project: Project) -> Project:
    add_labelled(project, writers=4)
    splitting.assign(project)
    return project


def test_batches_are_drawn_and_nothing_is_frozen(labelled: Project) -> None:
    options = TrainOptions(imgsz=160, epochs=5)
    first = augmentation.show(labelled, options)
    mosaic, plain = decoded(first.mosaic), decoded(first.plain)
    assert mosaic.shape == plain.shape
    assert mosaic.shape[1] > mosaic.shape[0] > 300
    assert not np.array_equal(mosaic, plain)
    assert augmentation.show(labelled, options) == first
    assert augmentation.show(labelled, TrainOptions(imgsz=160, epochs=5, seed=1)) != first
    assert augmentation.show(labelled, TrainOptions(imgsz=160, epochs=5, variety="strong")) != first
    assert versions.versions(labelled) == []
    assert training.runs(labelled) == []


def test_settings_that_cannot_be_used_are_said(labelled: Project) -> None:
    with pytest.raises(UserError, match="no_such_thing"):
        augmentation.show(labelled, TrainOptions(imgsz=160, overrides={"no_such_thing": 1}))


def test_nothing_to_show_is_said(project: Project) -> None:
    with pytest.raises(UserError, match="No labelled page"):
        augmentation.show(project, TrainOptions())


def test_it_can_be_cancelled(labelled: Project) -> None:
    def stop(done: int, total: int, text: str = "") -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        augmentation.show(labelled, TrainOptions(imgsz=160), progress=stop)


def test_the_load_tells_of_a_process_and_survives_its_end() -> None:
    now = system_load.look(os.getpid())
    assert 0 < now.worker_memory < now.memory_total
    assert 0 < now.memory_used <= now.memory_total
    assert 0 <= now.cpu <= 1
    assert system_load.look(2**22 + 9).worker_memory == 0
    assert system_load.look().worker_memory == 0
