"""Nobody is on both sides of the hold-out."""

import json
from pathlib import Path

import numpy as np
import pytest

from labeler.training.shipped import data, holdout

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the real handwriting in ../shared/data is not here")


def test_the_rule_depends_on_the_name_alone_and_takes_its_share() -> None:
    names = [f"writer {i}" for i in range(4000)]
    held = holdout.held_out(names)
    assert held == holdout.held_out(reversed(names))
    assert len(held) / len(names) == pytest.approx(holdout.SHARE, abs=0.03)
    assert holdout.held_out(names[:10]) == held & set(names[:10])


@needs_shared
@pytest.mark.shared
def test_held_out_pens_write_neither_digits_nor_marks_for_training() -> None:
    strokes = SHARED / "strokes"
    held = holdout.pen_writers(strokes)
    lines = (strokes / "unipen_digits.jsonl").read_text(encoding="utf-8").splitlines()
    writers = {json.loads(line)["writer"] for line in lines}
    assert held & writers
    assert writers - held
    trained, judged = data.training_sources(SHARED), data.held_out_sources(SHARED)
    assert len(trained.hands[1]) == len(writers - held)
    assert len(judged.hands[0]) == len(writers & held)
    pages = holdout.ink_pages(strokes)
    for line in (strokes / "unipen_ink_pages.jsonl").read_text(encoding="utf-8").splitlines():
        page = json.loads(line)
        assert pages[page["id"]] == (page["writer"] in held)


@needs_shared
@pytest.mark.shared
def test_every_real_source_has_pages_on_both_sides() -> None:
    detection = SHARED / "detection"
    for held in (
        holdout.hme_vas(detection),
        holdout.car_a(detection),
        holdout.ink_pages(SHARED / "strokes"),
    ):
        assert 0.05 < np.mean(list(held.values())) < 0.35
