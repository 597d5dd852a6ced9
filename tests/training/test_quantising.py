"""The detector in integers is a smaller file that says nearly the same."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from labeler.core.shipped import detector
from labeler.detect.onnx import OnnxDetector
from labeler.training.quantising import quantise
from labeler.training.synth.page import Sources, make_page


def pages(seed: int, count: int) -> list[NDArray[np.uint8]]:
    return [make_page(np.random.default_rng((seed, n)), Sources(), size=320, kind="pad").image for n in range(count)]


def network_input(count: int) -> Iterator[NDArray[np.float32]]:
    for page in pages(1, count):
        height, width = (side // 32 * 32 for side in page.shape[:2])
        yield np.ascontiguousarray(page[:height, :width, ::-1].transpose(2, 0, 1)[None], np.float32) / 255


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("int8") / "small.onnx"
    quantise(detector().onnx, network_input(12), out)
    return out


def test_it_is_a_third_of_the_size(small: Path) -> None:
    assert small.stat().st_size < detector().onnx.stat().st_size / 3


def test_it_finds_the_same_digits(small: Path) -> None:
    shown = [np.ascontiguousarray(page[..., ::-1]) for page in pages(2, 10)]
    plain, whole = OnnxDetector(small, threads=1), OnnxDetector(detector().onnx, threads=1)
    assert plain.classes == whole.classes
    expected = [sorted((d.class_id, round(d.x / 8)) for d in found) for found in whole.detect(shown, min_score=0.5)]
    found = [sorted((d.class_id, round(d.x / 8)) for d in one) for one in plain.detect(shown, min_score=0.5)]
    total = sum(map(len, expected))
    same = sum(len(set(a) & set(b)) for a, b in zip(expected, found, strict=True))
    assert total > 20
    assert same > 0.8 * total


def test_what_decides_stays_in_float(small: Path) -> None:
    graph = onnx.load(str(small)).graph
    makers = {name: node.op_type for node in graph.node for name in node.output}
    (output,) = graph.output
    last = next(node for node in graph.node if output.name in node.output)
    assert all(makers[name] != "DequantizeLinear" for name in last.input)
    assert sum(node.op_type == "QuantizeLinear" for node in graph.node) > 50
