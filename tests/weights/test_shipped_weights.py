"""What ships is what the manifest says, and it reads our own handwriting."""

import hashlib
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labeler.core import assets, metrics
from labeler.core.boxes import Rect, new_box
from labeler.core.digits import draw_digit, writer_style
from labeler.core.matching import Page as Judged
from labeler.detect.load import shipped
from labeler.detect.onnx import OnnxDetector

WEIGHTS = assets.weights()
MANIFEST = tomllib.loads((WEIGHTS / "manifest.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def detector() -> OnnxDetector:
    return shipped(threads=1)


def page_of_drawn_digits(seed: int, *, height: int = 56) -> Judged:
    """A white pad with twelve digits of one drawn writer, and what the shipped detector finds on it."""
    import cv2

    rng, style = np.random.default_rng((77, seed)), writer_style(5000 + seed)
    pad = np.full((480, 640, 3), 255, np.uint8)
    pen = max(2, round(style.pen_width * height))
    truth = []
    for slot in range(12):
        digit = int(rng.integers(10))
        corner = np.array([60 + slot % 4 * 140, 50 + slot // 4 * 140]) + rng.integers(0, 30, 2)
        strokes = [stroke * height + corner for stroke in draw_digit(digit, rng, style)]
        for stroke in strokes:
            cv2.polylines(pad, [np.round(stroke * 16).astype(np.int32)], False, (0, 0, 0), pen, cv2.LINE_AA, 4)
        points = np.concatenate(strokes)
        (x1, y1), (x2, y2) = points.min(axis=0) - pen / 2, points.max(axis=0) + pen / 2
        truth.append(new_box(Rect(float(x1), float(y1), float(x2 - x1), float(y2 - y1)), digit))
    return Judged(truth, shipped(threads=1).detect([pad], min_score=0.25)[0])


@pytest.mark.parametrize("name", ["digits.pt", "digits.onnx"])
def test_the_manifest_names_these_very_files(name: str) -> None:
    content = (WEIGHTS / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == MANIFEST["sha256"][name]
    assert len(content) == MANIFEST["bytes"][name]


def test_the_manifest_describes_a_digit_detector() -> None:
    assert MANIFEST["classes"] == [str(digit) for digit in range(10)]
    assert MANIFEST["license"] == "AGPL-3.0-or-later"
    assert MANIFEST["imgsz"] % 32 == 0


def test_the_model_card_quotes_the_manifest() -> None:
    card = (WEIGHTS / "README.md").read_text(encoding="utf-8")
    assert len(MANIFEST["metrics"]) >= 7
    for name, figures in MANIFEST["metrics"].items():
        row = next(line for line in card.splitlines() if line.startswith(f"| {name} |"))
        quoted = [cell.strip() for cell in row.split("|")][4:6]
        assert [float(cell) for cell in quoted] == pytest.approx([figures["map50"], figures["map50_95"]], abs=6e-4)


def test_the_network_takes_any_batch_and_any_size() -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(WEIGHTS / "digits.onnx"), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    for batch, height, width in ((1, 640, 640), (3, 96, 352)):
        out: Any = session.run(None, {name: np.zeros((batch, 3, height, width), np.float32)})[0]
        anchors = sum((height // s) * (width // s) for s in (8, 16, 32))
        assert out.shape == (batch, 14, anchors)


def test_it_reads_handwriting_of_drawn_writers() -> None:
    pages = [page_of_drawn_digits(seed) for seed in range(8)]
    result = metrics.evaluate(pages, classes=10, min_score=0.25)
    assert result.recall is not None
    assert result.precision is not None
    assert result.recall > 0.9
    assert result.precision > 0.9


def test_it_finds_nothing_on_blank_paper(detector: OnnxDetector) -> None:
    blank = [np.full((480, 640, 3), tone, np.uint8) for tone in (255, 200, 20)]
    assert detector.detect(blank, min_score=0.25) == [[], [], []]


@pytest.mark.slow
def test_both_files_hold_one_network(tmp_path: Path) -> None:
    import shutil

    from labeler.training.shipped.publish import BOX_TOLERANCE, SCORE_TOLERANCE, agreement

    for name in ("digits.pt", "digits.onnx"):
        shutil.copyfile(WEIGHTS / name, tmp_path / name)
    worst = agreement(tmp_path / "digits.pt", tmp_path / "digits.onnx")
    assert worst["score"] <= SCORE_TOLERANCE
    assert worst["box"] <= BOX_TOLERANCE
