"""The ONNX detector says what ultralytics says with the same weights, whatever the batch, and refuses what it cannot run."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from labeler.core.boxes import Detection, iou
from labeler.core.errors import BadInput, NotFound
from labeler.detect.load import load
from labeler.detect.onnx import OnnxDetector

Networks = Callable[..., Path]
Pages = dict[str, np.ndarray]

ARCHS = [("yolov5n",), ("yolo26n", "nms=false"), pytest.param(("yolo11n",), marks=pytest.mark.slow)]


def closest(detection: Detection, rows: list[list[float]]) -> tuple[float, float]:
    """(largest corner difference, score difference) to the nearest row of the same class."""
    mine = np.array([detection.x, detection.y, detection.right, detection.bottom])
    others = np.array([r for r in rows if int(r[5]) == detection.class_id])
    away = np.abs(others[:, :4] - mine).max(axis=1) + np.abs(others[:, 4] - detection.score)
    best = int(away.argmin())
    return float(np.abs(others[best, :4] - mine).max()), abs(float(others[best, 4]) - detection.score)


@pytest.mark.parametrize("arch", ARCHS, ids=lambda a: a[0])
def test_it_agrees_with_ultralytics(networks: Networks, pages: Pages, arch: tuple[str, ...]) -> None:
    path = networks(*arch)
    expected = json.loads(path.with_suffix(".json").read_text())
    detector = OnnxDetector(path, threads=1, duplicate_iou=1.0, look_again=False)
    suppress = 1.0 if detector.end_to_end else 0.45
    assert detector.classes == tuple("0123456789")
    seen = 0
    for name, image in pages.items():
        (found,) = detector.detect([image], min_score=0.25, iou=suppress)
        rows = [r for r in expected[f"{name}.png"] if r[2] - r[0] >= 1 and r[3] - r[1] >= 1]
        # A score within rounding of the threshold, or an IoU of it, may fall on either side.
        assert abs(len(found) - len(rows)) <= max(1, 0.02 * len(rows))
        away = np.array([closest(d, rows) for d in found])
        assert (np.sum((away[:, 0] > 1.0) | (away[:, 1] > 0.01))) <= max(1, 0.02 * len(rows)) if len(found) else True
        assert np.median(away, axis=0).max() < 0.01 if len(found) else True
        seen += len(found)
    assert seen > 50


def test_a_page_means_the_same_alone_and_in_any_batch(networks: Networks, pages: Pages) -> None:
    detector = OnnxDetector(networks("yolov5n"), threads=1, max_batch=3)
    images = list(pages.values()) * 2
    together = detector.detect(images)
    assert [len(t) for t in together[:5]] == [len(t) for t in together[5:]]
    for image, found in zip(images, together, strict=True):
        (alone,) = detector.detect([image])
        assert len(alone) == len(found)
        for a, b in zip(alone, found, strict=True):
            assert (a.x, a.y, a.w, a.h, a.score) == pytest.approx((b.x, b.y, b.w, b.h, b.score), abs=1e-3)


def test_what_it_finds_is_sorted_inside_the_page_and_one_box_a_digit(networks: Networks, pages: Pages) -> None:
    detector = OnnxDetector(networks("yolov5n"), threads=1, duplicate_iou=0.7)
    for image, found in zip(pages.values(), detector.detect(list(pages.values()), min_score=0.05), strict=True):
        assert [d.score for d in found] == sorted((d.score for d in found), reverse=True)
        for d in found:
            assert d.x >= 0
            assert d.y >= 0
            assert d.right <= image.shape[1] + 1e-6
            assert d.bottom <= image.shape[0] + 1e-6
            assert min(d.w, d.h) >= 1
        pairs = [(a, b) for i, a in enumerate(found[:60]) for b in found[:i]]
        assert all(iou(a, b) <= 0.72 for a, b in pairs)


def test_the_score_asked_for_bounds_what_comes(networks: Networks, pages: Pages) -> None:
    detector = OnnxDetector(networks("yolov5n"), threads=1)
    (few,) = detector.detect([pages["b"]], min_score=0.5)
    (many,) = detector.detect([pages["b"]], min_score=0.1)
    assert len(few) < len(many)
    assert all(d.score >= 0.5 for d in few)


def test_the_image_size_comes_from_the_model_unless_asked_otherwise(networks: Networks, pages: Pages) -> None:
    path = networks("yolov5n")
    assert OnnxDetector(path, threads=1).imgsz == (320, 320)
    other = OnnxDetector(path, threads=1, imgsz=150)
    assert other.imgsz == (160, 160)
    assert other.prepare(pages["c"]).where.shape == (64, 160)
    assert isinstance(other.detect([pages["c"]])[0], list)


def test_no_images_are_no_work(networks: Networks) -> None:
    assert OnnxDetector(networks("yolov5n"), threads=1).detect([]) == []


def test_an_end_to_end_model_takes_very_thin_pages(networks: Networks) -> None:
    detector = OnnxDetector(networks("yolo26n", "nms=false"), threads=1)
    for shape in [(8, 300, 3), (300, 5, 3), (1, 1, 3)]:
        assert isinstance(detector.detect([np.zeros(shape, np.uint8)])[0], list)


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x08\x07\x12\x00", b"\x80\x02}q\x00."])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "模型.onnx"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="模型"):
        OnnxDetector(path)


def test_a_truncated_model_is_refused(networks: Networks, tmp_path: Path) -> None:
    path = tmp_path / "half.onnx"
    whole = networks("yolov5n").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadInput):
        OnnxDetector(path)


def test_another_kind_of_onnx_model_is_refused(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    value = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, 4])
    node = onnx.helper.make_node("Identity", ["x"], ["y"])
    result = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1, 4])
    graph = onnx.helper.make_graph([node], "g", [value], [result])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8)
    (tmp_path / "other.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(BadInput, match="not a YOLO detector"):
        OnnxDetector(tmp_path / "other.onnx")


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"nowhere\.onnx"):
        load(tmp_path / "nowhere.onnx")


def test_torch_weights_are_not_opened(networks: Networks, tmp_path: Path) -> None:
    (tmp_path / "evil.pt").write_bytes(b"cos\nsystem\n(S'touch pwned'\ntR.")
    with pytest.raises(BadInput, match="PyTorch"):
        load(tmp_path / "evil.pt")
    (tmp_path / "evil.onnx").write_bytes(networks("yolov5n").read_bytes())
    assert load(tmp_path / "evil.pt").path.suffix == ".onnx"


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, labeler.detect.load, labeler.detect.stream, labeler.detect.draw;"
        "print(sorted({'cv2', 'onnxruntime', 'torch', 'PIL'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_opencv_leaves_qts_environment_alone() -> None:
    code = (
        "import os; from labeler.detect.opencv import load; load();"
        "print([n for n in ('QT_QPA_PLATFORM_PLUGIN_PATH', 'QT_QPA_FONTDIR') if n in os.environ])"
    )
    clean = {k: v for k, v in os.environ.items() if not k.startswith("QT_QPA")}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=clean)
    assert run.stdout.strip() == "[]"
    own = {**clean, "QT_QPA_FONTDIR": "/my/fonts"}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=own)
    assert run.stdout.strip() == "['QT_QPA_FONTDIR']"


def drawn_network(path: Path, *, shape: list[int | str], rows: np.ndarray, half: bool = False, **meta: str) -> Path:
    """An ONNX file that answers every input with `rows`, whatever is on it."""
    onnx = pytest.importorskip("onnx")
    kind = onnx.TensorProto.FLOAT16 if half else onnx.TensorProto.FLOAT
    answer = onnx.numpy_helper.from_array(rows.astype(np.float16 if half else np.float32)[None], "y")
    node = onnx.helper.make_node("Constant", [], ["y"], value=answer)
    graph = onnx.helper.make_graph(
        [node],
        "g",
        [onnx.helper.make_tensor_value_info("images", kind, shape)],
        [onnx.helper.make_tensor_value_info("y", kind, [1, *rows.shape])],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8)
    onnx.helper.set_model_props(model, meta)
    path.write_bytes(model.SerializeToString())
    return path


RAW = np.array([[32, 32, 16, 16, 0.0, 0.75]]).T
"""One candidate in the middle of 64 by 64: class 1 of two."""


@pytest.mark.parametrize("half", [False, True])
def test_a_model_of_fixed_size_gets_pages_of_that_size_one_at_a_time(tmp_path: Path, half: bool) -> None:
    path = drawn_network(tmp_path / "m.onnx", shape=[1, 3, 64, 64], rows=RAW, half=half, names="{0: 'a', 1: '零'}")
    detector = OnnxDetector(path, threads=1, imgsz=320)
    assert (detector.imgsz, detector.max_batch, detector.classes) == ((64, 64), 1, ("a", "零"))
    first, second = detector.detect([np.zeros((128, 128, 3), np.uint8), np.zeros((32, 64, 3), np.uint8)])
    assert first == [Detection(48, 48, 32, 32, 1, pytest.approx(0.75))]
    assert second == [Detection(24, 8, 16, 16, 1, pytest.approx(0.75))]


def test_classes_without_names_are_numbers(tmp_path: Path) -> None:
    path = drawn_network(tmp_path / "m.onnx", shape=[1, 3, 64, 64], rows=RAW)
    assert OnnxDetector(path, threads=1).classes == ("0", "1")
    path = drawn_network(tmp_path / "m.onnx", shape=[1, 3, 64, 64], rows=RAW, names="{0: 'only one'}")
    assert OnnxDetector(path, threads=1).classes == ("0", "1")
    path = drawn_network(
        tmp_path / "m.onnx", shape=[1, 3, 64, 64], rows=RAW, names="__import__('os').abort()", stride="x"
    )
    assert OnnxDetector(path, threads=1).classes == ("0", "1")


def test_an_end_to_end_model_must_name_its_classes(tmp_path: Path) -> None:
    rows = np.array([[10, 20, 30, 40, 0.9, 1.0]])
    path = drawn_network(tmp_path / "m.onnx", shape=[1, 3, 64, 64], rows=rows, end2end="True", names="{0: 'a', 1: 'b'}")
    assert OnnxDetector(path, threads=1).detect([np.zeros((64, 64, 3), np.uint8)]) == [
        [Detection(10, 20, 20, 20, 1, pytest.approx(0.9))]
    ]
    with pytest.raises(BadInput, match="classes"):
        OnnxDetector(drawn_network(tmp_path / "m.onnx", shape=[1, 3, 64, 64], rows=rows, end2end="True"))
