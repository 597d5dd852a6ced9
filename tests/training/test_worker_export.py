"""What leaves a training says the same in ONNX Runtime as in PyTorch, with the quicker reading of the distances too."""

from pathlib import Path

import pytest
import torch
from ultralytics.nn.modules.block import DFL

from labeler.core import shipped
from labeler.training import worker_export
from tests.helpers import handwriting


def test_distances_in_rows_are_the_same_numbers() -> None:
    torch.manual_seed(1)
    plain = DFL(16)
    said = torch.randn(2, 64, 37) * 8
    torch.testing.assert_close(worker_export.RowDFL(plain)(said), plain(said), rtol=1e-6, atol=1e-5)


@pytest.mark.filterwarnings("ignore")  # PyTorch's own, about its exporter
def test_an_export_agrees_with_its_weights(tmp_path: Path) -> None:
    made = handwriting.page(3)
    page = tmp_path / "页.png"
    page.write_bytes(made.png())
    found = worker_export.export(shipped.detector().weights, tmp_path / "结果", imgsz=320, pictures=[page])
    assert found["candidates"] > 0
    assert found["max_score_difference"] < 1e-4
    assert found["max_box_difference"] < 1e-2
