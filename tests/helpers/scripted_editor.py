"""A person at work in a process of its own: edits forever and prints each edit once it is acknowledged. It is meant to be killed.

python -m tests.helpers.scripted_editor PROJECT SEED
"""

import json
import sys
from pathlib import Path

import numpy as np

from labeler.core import gestures
from labeler.core.boxes import Rect
from labeler.core.edits import Edit, side_to_json
from labeler.core.pages import Page
from labeler.services import images, labeling
from labeler.services.project import Project


def main(folder: str, seed: str) -> None:
    rng = np.random.default_rng(int(seed))
    project = Project.open(Path(folder))
    ids = images.image_ids(project)
    while True:
        if rng.random() < 0.15:
            say("undo", labeling.undo(project))
        elif rng.random() < 0.1:
            say("redo", labeling.redo(project))
        else:
            edit = gesture(labeling.page(project, int(rng.choice(ids))), rng)
            labeling.apply(project, edit)
            if not edit.is_empty:
                say("edit", edit)


def gesture(page: Page, rng: np.random.Generator) -> Edit:
    x, y, w, h = (float(v) for v in rng.uniform(0, 40, 4))
    kind = int(rng.integers(6))
    if kind < 2 or not page.boxes:
        return gestures.draw(page, Rect(x, y, w, h), int(rng.integers(10)))
    box = page.boxes[int(rng.integers(len(page.boxes)))]
    if kind == 2:
        return gestures.place(page, {box.id: Rect(x, y, w, h)})
    if kind == 3:
        return gestures.relabel(page, {box.id}, int(rng.integers(10)))
    if kind == 4:
        return gestures.delete(page, {box.id})
    return gestures.reopen(page) if page.image.state == "reviewed" else gestures.review(page)


def say(what: str, edit: Edit | None) -> None:
    """One line, on the screen before anything else happens."""
    if edit is not None:
        line = {
            "what": what,
            "image": edit.image_id,
            "before": side_to_json(edit.before),
            "after": side_to_json(edit.after),
        }
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
