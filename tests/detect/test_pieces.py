"""Letterbox, suppression, reading of outputs and drawing, each by its own law."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeler.core.boxes import Detection
from labeler.detect.draw import draw
from labeler.detect.letterbox import PAD, fit, place, restore
from labeler.detect.nms import nms, nms_by_class
from labeler.detect.outputs import read_end_to_end, read_raw
from labeler.detect.pipeline import Pipeline

sides = st.integers(1, 5000)


@given(sides, sides, st.sampled_from([320, 640]), st.booleans())
def test_a_fitted_page_lies_inside_its_input(width: int, height: int, imgsz: int, rect: bool) -> None:
    f = fit(width, height, imgsz=(imgsz, imgsz), stride=32, rect=rect)
    assert f.input_width <= imgsz
    assert f.input_height <= imgsz
    assert f.input_width % 32 == f.input_height % 32 == 0
    assert max(f.inner_width, f.inner_height) == imgsz
    assert 0 <= f.left <= f.input_width - f.inner_width
    assert 0 <= f.top <= f.input_height - f.inner_height
    if not rect:
        assert f.shape == (imgsz, imgsz)


@given(sides, sides, st.booleans())
def test_the_page_corners_come_back(width: int, height: int, rect: bool) -> None:
    f = fit(width, height, imgsz=(640, 640), stride=32, rect=rect)
    inner = np.array([[f.left, f.top, f.left + f.inner_width, f.top + f.inner_height]], dtype=float)
    assert restore(inner, f)[0] == pytest.approx([0, 0, width, height])


def test_a_page_of_the_right_size_is_not_touched() -> None:
    image = np.random.default_rng(0).integers(0, 255, (96, 320, 3), dtype=np.uint8)
    f = fit(320, 96, imgsz=(320, 320), stride=32, rect=True)
    assert np.array_equal(place(image, f), image)
    square = place(image, fit(320, 96, imgsz=(320, 320), stride=32, rect=False))
    assert np.array_equal(square[112:208], image)
    assert (square[:112] == PAD).all()


def slow_nms(corners: np.ndarray, scores: np.ndarray, iou: float) -> list[int]:
    """The textbook loop, one pair at a time."""
    keep: list[int] = []
    for i in sorted(range(len(scores)), key=lambda i: -scores[i]):
        for j in keep:
            w = min(corners[i, 2], corners[j, 2]) - max(corners[i, 0], corners[j, 0])
            h = min(corners[i, 3], corners[j, 3]) - max(corners[i, 1], corners[j, 1])
            shared = max(w, 0) * max(h, 0)
            areas = [(corners[k, 2] - corners[k, 0]) * (corners[k, 3] - corners[k, 1]) for k in (i, j)]
            if shared > iou * (sum(areas) - shared):
                break
        else:
            keep.append(i)
    return keep


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.2, 0.45, 0.7]))
def test_suppression_is_the_textbooks(seed: int, iou: float) -> None:
    rng = np.random.default_rng(seed)
    start = rng.uniform(0, 60, (40, 2))
    corners = np.concatenate([start, start + rng.uniform(2, 40, (40, 2))], axis=1)
    scores = np.round(rng.random(40), 1)
    assert nms(corners, scores, iou=iou).tolist() == slow_nms(corners, scores, iou)
    classes = rng.integers(0, 3, 40)
    apart = sorted(
        (
            int(rows[k])
            for c in range(3)
            for rows in [np.flatnonzero(classes == c)]
            for k in slow_nms(corners[rows], scores[rows], iou)
        ),
    )
    assert sorted(nms_by_class(corners, scores, classes, iou=iou).tolist()) == apart


def test_nothing_to_suppress() -> None:
    assert nms_by_class(np.empty((0, 4)), np.empty(0), np.empty(0, np.int64), iou=0.5).tolist() == []


def test_both_kinds_of_output_are_read() -> None:
    raw = np.array([[10, 20, 4, 6, 0.1, 0.9], [5, 5, 2, 2, 0.2, 0.1]], dtype=np.float32).T
    found = read_raw(raw, min_score=0.5)
    assert found.corners.tolist() == [[8, 17, 12, 23]]
    assert (found.classes.tolist(), found.scores.tolist()) == ([1], [pytest.approx(0.9)])
    rows = np.array([[8, 17, 12, 23, 0.9, 1], [0, 0, 1, 1, 0.3, 0]], dtype=np.float32)
    ended = read_end_to_end(rows, min_score=0.5)
    assert ended.corners.tolist() == found.corners.tolist()
    assert ended.classes.tolist() == [1]


def test_one_digit_read_as_two_classes_is_one_box() -> None:
    def network(batch: np.ndarray) -> np.ndarray:
        boxes = [[50, 50, 20, 40, 0.9, 0.0], [51, 50, 20, 40, 0.0, 0.6], [60, 50, 20, 40, 0.0, 0.7]]
        return np.repeat(np.array(boxes, dtype=np.float32).T[None], len(batch), axis=0)

    image = np.zeros((96, 96, 3), np.uint8)
    one = Pipeline(network, ("1", "7"), imgsz=(96, 96))
    assert [(d.class_id, round(d.score, 2)) for d in one.detect([image])[0]] == [(0, 0.9), (1, 0.7)]
    assert one.detect([image])[0][0] == Detection(40, 30, 20, 40, 0, pytest.approx(0.9))
    both = Pipeline(network, ("1", "7"), imgsz=(96, 96), duplicate_iou=1.0)
    assert len(both.detect([image], iou=0.95)[0]) == 3


def test_pictures_of_one_size_share_a_run_and_no_batch_is_too_big() -> None:
    shapes: list[tuple[int, ...]] = []

    def network(batch: np.ndarray) -> np.ndarray:
        shapes.append(batch.shape)
        return np.zeros((len(batch), 14, 1), dtype=np.float32)

    wide, tall = np.zeros((50, 100, 3), np.uint8), np.zeros((100, 50, 3), np.uint8)
    Pipeline(network, tuple("0123456789"), imgsz=(64, 64), max_batch=2).detect([wide, tall, wide, wide, tall])
    assert sorted(shapes) == sorted([(2, 3, 32, 64), (1, 3, 32, 64), (2, 3, 64, 32)])


def test_drawing_changes_a_copy_only_around_the_boxes() -> None:
    image = np.full((200, 300, 3), 255, np.uint8)
    out = draw(image, [Detection(100, 80, 40, 60, 7, 0.93), Detection(250, 0, 50, 20, 12, 0.5)], tuple("0123456789"))
    assert (image == 255).all()
    assert out.shape == image.shape
    assert (out[110, 100] != 255).any()  # the left edge
    assert (out[110, 120] == 255).all()  # inside
    assert (out[66:79, 100:140] != 255).any()  # the label above
    assert (out[150:, :90] == 255).all()
