"""SIGKILL in the middle of labelling: whatever was on the screen as done is there, the file is whole, undo works."""

from pathlib import Path

import pytest

from labeler.core import gestures
from labeler.core.boxes import Rect
from labeler.core.edits import side_to_json
from labeler.services import labeling
from labeler.services.project import Project
from tests.helpers import killing
from tests.helpers.fake_detector import add_pages, bare_copy

TRIALS = 20


def test_killing_the_program_while_labelling_loses_nothing(template: Path, tmp_path: Path) -> None:
    folder = bare_copy(template, tmp_path / "数据集é")
    with Project.open(folder) as project:
        add_pages(project, 3)
        start = killing.state(project)
    edits = 0
    for seed in range(TRIALS):
        acknowledged = killing.kill_while_editing(folder, seed)
        start = killing.look(folder, acknowledged, start)
        edits += len(acknowledged)
    assert edits > TRIALS


def test_the_check_itself_notices_what_is_lost(template: Path, tmp_path: Path) -> None:
    folder = bare_copy(template, tmp_path / "p")
    with Project.open(folder) as project:
        (image_id,) = add_pages(project, 1)
        start = killing.state(project)
        edit = gestures.draw(labeling.page(project, image_id), Rect(5, 5, 9, 9), 1)
    line = {
        "what": "edit",
        "image": image_id,
        "before": side_to_json(edit.before),
        "after": side_to_json(edit.after),
    }
    with pytest.raises(AssertionError, match="an edit is lost"):
        killing.look(folder, [line], start)
