"""Kills a working process at a random moment, and looks at what is left in the project."""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from labeler.core.edits import side_from_json
from labeler.services import images, labeling
from labeler.services.project import Project
from labeler_db import migrate
from labeler_db.models import EditRow


def kill_while_editing(folder: Path, seed: int) -> list[dict[str, Any]]:
    """Start the scripted editor, kill it after a random number of acknowledged edits, return those."""
    rng = random.Random(seed)
    editor = subprocess.Popen(
        [sys.executable, "-m", "tests.helpers.scripted_editor", str(folder), str(seed)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert editor.stdout is not None
    lines = []
    for _ in range(rng.randint(1, 30)):
        line = editor.stdout.readline()
        assert line, "the editor ended by itself"
        lines.append(line)
    for _ in range(rng.randint(0, 200_000)):  # somewhere in the middle of the next edit
        pass
    os.kill(editor.pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    lines += editor.stdout.readlines()
    editor.stdout.close()
    editor.wait()
    return [json.loads(line) for line in lines if line.endswith(b"\n")]


def look(
    folder: Path, acknowledged: list[dict[str, Any]], start: dict[int, dict[str, Any]]
) -> dict[int, dict[str, Any]]:
    """Check that every acknowledged edit is there and that the file is whole; takes every step back and
    does all of them again, and returns the state of each page then.

    One edit more than was acknowledged may be there: it was committed, and killed before it could say so.
    """
    migrate.check_integrity(folder / "labeler.db")
    with Project.open(folder) as project:
        now = state(project)
        expected = dict(start)
        for line in acknowledged:
            expected = replayed(expected, line)
        if now != expected:
            with project.read() as session:
                candidates = [row_as_line(r, w) for r in session.query(EditRow) for w in ("edit", "undo", "redo")]
            assert any(replayed(expected, line) == now for line in candidates if fits(expected, line)), (
                "an edit is lost"
            )
        while labeling.undo(project) is not None:
            pass
        assert all(not p["boxes"] and not p["reviewed"] for p in state(project).values()), (
            "undo does not reach the start"
        )
        while labeling.redo(project) is not None:
            pass
        return state(project)


def state(project: Project) -> dict[int, dict[str, Any]]:
    """Boxes by id, and whether it is reviewed, for each image."""
    pages = (labeling.page(project, i) for i in images.image_ids(project))
    return {p.image.id: {"boxes": {b.id: b for b in p.boxes}, "reviewed": p.image.state == "reviewed"} for p in pages}


def replayed(pages: dict[int, dict[str, Any]], line: dict[str, Any]) -> dict[int, dict[str, Any]]:
    before, after = side_from_json(line["before"]), side_from_json(line["after"])
    if line["what"] == "undo":
        before, after = after, before
    page = pages[line["image"]]
    boxes = {i: b for i, b in page["boxes"].items() if i not in {x.id for x in before.boxes}}
    boxes |= {b.id: b for b in after.boxes}
    reviewed = page["reviewed"] if after.state is None else after.state == "reviewed"
    return {**pages, line["image"]: {"boxes": boxes, "reviewed": reviewed}}


def fits(pages: dict[int, dict[str, Any]], line: dict[str, Any]) -> bool:
    side = side_from_json(line["after"] if line["what"] == "undo" else line["before"])
    held = pages[line["image"]]["boxes"]
    return all(held.get(b.id) == b for b in side.boxes)


def row_as_line(row: EditRow, what: str) -> dict[str, Any]:
    return {"what": what, "image": row.image_id, "before": row.before, "after": row.after}
