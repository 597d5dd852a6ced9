"""The measures agree with pycocotools, and the counts at a score obey their own laws."""

import contextlib
import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeler.core.boxes import Detection, Rect, new_box
from labeler.core.matching import Page, match
from labeler.core.metrics import IOUS, SCORES, Metrics, evaluate


def truth(x: float, y: float, w: float, h: float, class_id: int) -> Any:
    return new_box(Rect(x, y, w, h), class_id)


def random_pages(seed: int, *, pages: int, classes: int, digits: int, step: float = 0.0) -> list[Page]:
    """Pages with jittered, missed, confused and imagined digits; `step` rounds scores, which makes ties."""
    rng = np.random.default_rng(seed)
    out = []
    for _ in range(pages):
        boxes, found = [], []
        for _ in range(int(rng.integers(0, digits + 1))):
            x, y, w, h = rng.uniform(0, 500), rng.uniform(0, 500), rng.uniform(8, 60), rng.uniform(8, 60)
            class_id = int(rng.integers(classes))
            boxes.append(truth(x, y, w, h, class_id))
            for _ in range(int(rng.choice([0, 1, 1, 1, 2]))):
                dx, dy = rng.normal(0, 0.1 * w), rng.normal(0, 0.1 * h)
                seen = class_id if rng.random() < 0.8 else int(rng.integers(classes))
                found.append(Detection(x + dx, y + dy, w * rng.uniform(0.8, 1.2), h, seen, float(rng.random())))
        for _ in range(int(rng.integers(0, 4))):
            found.append(Detection(*rng.uniform(5, 400, 4), int(rng.integers(classes)), float(rng.random())))
        if step:
            found = [Detection(d.x, d.y, d.w, d.h, d.class_id, round(d.score / step) * step) for d in found]
        out.append(Page(boxes, found))
    return out


def coco(pages: list[Page], *, classes: int, max_dets: int) -> tuple[float, float, Any]:
    """(map50, map50_95, precision[T, R, K]) by pycocotools itself."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    boxes = [(i, b) for i, page in enumerate(pages) for b in page.truth]
    gt = COCO()
    gt.dataset = {
        "images": [{"id": i} for i in range(len(pages))],
        "categories": [{"id": c} for c in range(classes)],
        "annotations": [
            {"id": n + 1, "image_id": i, "category_id": b.class_id, "bbox": [b.x, b.y, b.w, b.h],
             "area": b.w * b.h, "iscrowd": 0}
            for n, (i, b) in enumerate(boxes)
        ],
    }  # fmt: skip
    results = [
        {"image_id": i, "category_id": d.class_id, "bbox": [d.x, d.y, d.w, d.h], "score": d.score}
        for i, page in enumerate(pages)
        for d in page.found
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        gt.createIndex()
        judge = COCOeval(gt, gt.loadRes(results) if results else COCO(), "bbox")
        judge.params.maxDets = [max_dets]
        judge.params.areaRng = [[0, 1e10]]
        judge.params.areaRngLbl = ["all"]
        judge.evaluate()
        judge.accumulate()
    precision = judge.eval["precision"][:, :, :, 0, 0]
    known = precision[:, :, precision[0, 0] > -1]
    return float(known[0].mean()), float(known.mean()), precision


@pytest.mark.parametrize("step", [0.0, 0.1], ids=["distinct", "tied"])
@pytest.mark.parametrize("digits", [3, 40])
@pytest.mark.parametrize("max_dets", [2, 1000])
def test_average_precision_agrees_with_pycocotools(step: float, digits: int, max_dets: int) -> None:
    pages = random_pages(7, pages=25, classes=6, digits=digits, step=step)
    pages += [Page([], [Detection(1, 1, 9, 9, 2, 0.7)]), Page([truth(1, 1, 9, 9, 0)], []), Page([], [])]
    mine = evaluate(pages, classes=8, max_dets=max_dets)  # classes 6 and 7 never appear
    map50, map50_95, precision = coco(pages, classes=8, max_dets=max_dets)
    assert mine.map50 == pytest.approx(map50, abs=1e-6)
    assert mine.map50_95 == pytest.approx(map50_95, abs=1e-6)
    for c in mine.per_class:
        if c.support:
            assert c.ap50 == pytest.approx(precision[0, :, c.class_id].mean(), abs=1e-6)
            assert c.ap50_95 == pytest.approx(precision[:, :, c.class_id].mean(), abs=1e-6)
        else:
            assert c.ap50 is None
            assert (precision[:, :, c.class_id] == -1).all()


def test_more_than_a_hundred_digits_on_a_page_all_count() -> None:
    boxes = [truth(12 * (i % 30), 12 * (i // 30), 10, 10, 3) for i in range(300)]
    found = [Detection(b.x, b.y, b.w, b.h, 3, 0.9) for b in boxes]
    assert evaluate([Page(boxes, found)], classes=10).map50_95 == pytest.approx(1.0)
    assert evaluate([Page(boxes, found)], classes=10, max_dets=100).per_class[3].ap50 == pytest.approx(34 / 101)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_average_precision_agrees_with_pycocotools_on_anything(seed: int) -> None:
    pages = random_pages(seed, pages=4, classes=3, digits=8, step=0.25)
    if not any(page.truth for page in pages) or not any(page.found for page in pages):
        return
    map50, map50_95, _ = coco(pages, classes=3, max_dets=1000)
    mine = evaluate(pages, classes=3)
    assert (mine.map50, mine.map50_95) == (pytest.approx(map50, abs=1e-6), pytest.approx(map50_95, abs=1e-6))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.25, 0.5, 0.9]))
def test_the_counts_obey_their_laws(seed: int, min_score: float) -> None:
    pages = random_pages(seed, pages=5, classes=4, digits=10)
    m = evaluate(pages, classes=4, min_score=min_score)
    c = m.corrections
    shown = sum(d.score >= min_score for page in pages for d in page.found)
    assert c.digits == m.boxes == sum(len(page.truth) for page in pages)
    assert c.untouched + c.moved + c.relabelled + c.deleted == shown
    assert c.untouched + c.moved + c.relabelled + c.added == c.digits
    matrix = np.array(m.confusion)
    assert matrix[:4].sum() == c.digits
    assert matrix[:, :4].sum() == shown
    assert matrix[4, 4] == 0
    # The curve, read at the same score, tells the same as the confusion matrix.
    at = int(np.argmin(np.abs(SCORES - min_score)))
    assert m.curve.recall[at] == pytest.approx(np.trace(matrix[:4, :4]) / c.digits if c.digits else 0.0)
    assert m.curve.precision[at] == pytest.approx(np.trace(matrix[:4, :4]) / shown if shown else 1.0)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000))
def test_every_box_and_every_detection_is_told_of_once(seed: int) -> None:
    (page,) = random_pages(seed, pages=1, classes=4, digits=15)
    m = match(page, min_score=0.3)
    assert sorted([p.truth for p in m.pairs] + list(m.missed)) == list(range(len(page.truth)))
    shown = [i for i, d in enumerate(page.found) if d.score >= 0.3]
    assert sorted([p.found for p in m.pairs] + list(m.imagined)) == shown
    assert all(p.iou >= 0.5 for p in m.pairs)


def test_a_perfect_detector() -> None:
    boxes = [truth(10 * i, 5, 9, 20, i) for i in range(10)]
    page = Page(boxes, [Detection(b.x, b.y, b.w, b.h, b.class_id, 0.8) for b in boxes])
    m = evaluate([page], classes=10)
    assert (m.map50, m.map50_95, m.precision, m.recall) == (1.0, 1.0, 1.0, 1.0)
    assert m.corrections.per_100 == 0.0
    assert m.corrections.untouched_share == 1.0
    assert m.best_score <= 0.8


def test_each_kind_of_error_is_counted_as_itself() -> None:
    page = Page(
        [truth(0, 0, 10, 10, 1), truth(50, 0, 10, 10, 2), truth(100, 0, 10, 10, 3), truth(150, 0, 10, 10, 4)],
        [
            Detection(0, 0, 10, 10, 1, 0.9),  # right
            Detection(50, 0, 10, 6, 2, 0.9),  # right class, IoU 0.6
            Detection(100, 0, 10, 10, 8, 0.9),  # 3 read as 8; 4 is missed
            Detection(300, 300, 10, 10, 7, 0.9),  # imagined
            Detection(200, 300, 10, 10, 7, 0.1),  # not shown at 0.5
        ],
    )
    m = evaluate([page, Page([], [Detection(0, 0, 5, 5, 0, 0.6)]), Page([], [])], classes=10, min_score=0.5)
    c = m.corrections
    assert (c.digits, c.untouched, c.moved, c.relabelled, c.added, c.deleted) == (4, 1, 1, 1, 1, 2)
    assert c.per_100 == 125.0
    assert c.untouched_share == pytest.approx(1 / 6)
    assert m.confusion[3][8] == 1
    assert m.confusion[4][10] == 1
    assert m.confusion[10][7] == 1
    assert (m.blank.pages, m.blank.with_false_alarm, m.blank.false_alarms) == (2, 1, 1)
    assert m.per_class[2].recall == 1.0
    assert m.per_class[7].precision == 0.0
    assert m.per_class[7].recall is None


def test_the_right_class_is_preferred_to_a_higher_score() -> None:
    page = Page([truth(0, 0, 10, 10, 1)], [Detection(0, 0, 10, 10, 7, 0.9), Detection(0, 0, 10, 10, 1, 0.5)])
    m = match(page, min_score=0.25)
    assert [(p.found, p.same_class) for p in m.pairs] == [(1, True)]
    assert m.imagined == (0,)


@pytest.mark.parametrize("pages", [[], [Page([], [])], [Page([], [Detection(0, 0, 5, 5, 0, 0.5)])]])
def test_without_any_truth_there_is_no_average_precision(pages: list[Page]) -> None:
    m: Metrics = evaluate(pages, classes=10)
    assert (m.map50, m.map50_95, m.recall) == (None, None, None)
    assert m.corrections.per_100 is None


def test_the_thresholds_are_cocos() -> None:
    assert IOUS.tolist() == pytest.approx([0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95])
