"""Many pictures: every one gets its answer, in order, a bad one stops nothing, stopping stops."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from labeler.core.boxes import Detection
from labeler.core.errors import BadInput, Cancelled
from labeler.detect.onnx import OnnxDetector
from labeler.detect.stream import AHEAD, detect_many


class Echo:
    """A detector that answers with the first pixel's value."""

    classes = ("0",)

    def detect(
        self, images: Sequence[np.ndarray], *, min_score: float = 0.25, iou: float = 0.45
    ) -> list[list[Detection]]:
        return [[Detection(float(image[0, 0, 0]), 0, 1, 1, 0, 0.5)] for image in images]


def picture(value: int) -> np.ndarray:
    return np.full((4, 4, 3), value, np.uint8)


@pytest.mark.parametrize("count", [0, 1, 7, 8, 40])
def test_answers_come_in_order(count: int) -> None:
    seen = list(detect_many(Echo(), picture, range(count), batch=4))
    assert [s.id for s in seen] == list(range(count))
    assert [s.detections[0].x for s in seen] == list(range(count))


def test_a_bad_picture_stops_nothing() -> None:
    def load(value: int) -> np.ndarray:
        if value % 3 == 0:
            raise BadInput(f"{value} is no picture")
        return picture(value)

    seen = list(detect_many(Echo(), load, range(10), batch=4))
    assert [s.id for s in seen if s.error] == [0, 3, 6, 9]
    assert all(s.detections[0].x == s.id for s in seen if not s.error)


def test_a_bug_in_loading_is_raised() -> None:
    def load(value: int) -> np.ndarray:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(detect_many(Echo(), load, range(10)))


def test_progress_counts_and_cancels() -> None:
    reports: list[tuple[int, int]] = []

    def watch(done: int, total: int, text: str = "") -> None:
        reports.append((done, total))

    list(detect_many(Echo(), picture, range(10), batch=4, progress=watch))
    assert reports == [(0, 10), (4, 10), (8, 10), (10, 10)]
    loaded: list[int] = []

    def load(value: int) -> np.ndarray:
        loaded.append(value)
        return picture(value)

    def stop(done: int, total: int, text: str = "") -> None:
        if done >= 4:
            raise Cancelled

    with pytest.raises(Cancelled):
        list(detect_many(Echo(), load, range(1000), batch=4, threads=2, progress=stop))
    assert 4 <= len(loaded) <= 4 * (2 * AHEAD + 1 + 2)
    assert not [t for t in threading.enumerate() if t.name.startswith("detect")]


def test_leaving_the_loop_ends_the_threads() -> None:
    for _ in detect_many(Echo(), picture, range(1000), batch=4):
        break
    assert not [t for t in threading.enumerate() if t.name.startswith("detect")]


def test_it_never_runs_far_ahead_of_what_is_taken() -> None:
    loaded: list[int] = []

    def load(value: int) -> np.ndarray:
        loaded.append(value)
        return picture(value % 200)

    for taken, seen in enumerate(detect_many(Echo(), load, range(200), threads=2)):
        assert seen.id == taken
        assert len(loaded) <= taken + 2 * AHEAD + 2


def test_with_the_real_detector_it_says_what_detect_says(
    networks: Callable[..., Path], pages: dict[str, np.ndarray]
) -> None:
    detector = OnnxDetector(networks("yolov5n"), threads=1)
    seen = list(detect_many(detector, pages.__getitem__, list(pages), batch=3))
    for s in seen:
        (alone,) = detector.detect([pages[s.id]])
        assert [d.class_id for d in s.detections] == [d.class_id for d in alone]
        assert [d.x for d in s.detections] == pytest.approx([d.x for d in alone], abs=1e-2)
    assert sum(len(s.detections) for s in seen) > 10
