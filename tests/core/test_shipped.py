"""What ships is read from the manifests that are there."""

from pathlib import Path

import pytest

from labeler.core import assets, shipped
from labeler.core.errors import NotFound
from tests.helpers import two_detectors


def test_the_first_comes_first_and_its_files_are_there() -> None:
    first, *others = shipped.detectors()
    assert first.name == shipped.FIRST
    assert first == shipped.detector()
    assert first.name not in [one.name for one in others]
    for one in (first, *others):
        assert set(one.sha256) == {one.onnx.name, one.weights.name}
        assert one.onnx.is_file()
        assert one.weights.is_file()


def test_a_second_manifest_is_a_second_detector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = two_detectors.make(tmp_path / "weights")
    monkeypatch.setattr(assets, "weights", lambda: folder)
    assert [one.name for one in shipped.detectors()] == ["shipped", "shipped-large"]
    large = shipped.detector("shipped-large")
    assert (large.arch, large.imgsz, large.onnx) == ("yolov5s", 512, folder / "digits-large.onnx")
    assert large.onnx_sha256 != shipped.detector().onnx_sha256


def test_what_does_not_ship_is_not_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFound):
        shipped.detector("shipped-huge")
    monkeypatch.setattr(assets, "weights", lambda: tmp_path)
    assert shipped.detectors() == []
    with pytest.raises(NotFound, match="missing"):
        shipped.detector()
