"""Pages with drawn digits and small networks with random weights, made once a test run by ultralytics in its own process."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from labeler.detect.opencv import load

SIZES = {"a": (240, 320), "b": (333, 517), "c": (64, 300), "d": (900, 611), "e": (50, 40)}
"""Heights and widths, less than three times the networks' 320 pixels: larger pictures are averaged down, which ultralytics does not do."""


def page(seed: int, *, height: int, width: int) -> np.ndarray:
    """A light page with twelve printed digits, RGB."""
    cv2 = load()
    rng = np.random.default_rng(seed)
    image = np.full((height, width, 3), 240, np.uint8)
    for _ in range(12):
        at = int(rng.integers(0, max(int(width * 0.8), 1))), int(rng.integers(height // 5, height))
        colour = tuple(int(v) for v in rng.integers(0, 200, 3))
        text, thick = str(rng.integers(10)), max(height // 150, 1)
        cv2.putText(image, text, at, cv2.FONT_HERSHEY_SIMPLEX, height / 150, colour, thick)
    return image


@pytest.fixture(scope="session")
def pages() -> dict[str, np.ndarray]:
    return {name: page(i, height=h, width=w) for i, (name, (h, w)) in enumerate(SIZES.items())}


@pytest.fixture(scope="session")
def networks(tmp_path_factory: pytest.TempPathFactory, pages: dict[str, np.ndarray]) -> Callable[..., Path]:
    """Makes (once) the random network of an architecture; returns the path of its .onnx, the .json of what ultralytics
    predicts with it lies beside."""
    cv2 = load()
    folder = tmp_path_factory.mktemp("数据集 é")
    for name, image in pages.items():
        (folder / f"{name}.png").write_bytes(cv2.imencode(".png", image[..., ::-1])[1].tobytes())

    def make(arch: str, *options: str) -> Path:
        path = folder / f"random-{arch[4:]}.onnx"
        if not path.exists():
            script = Path(__file__).with_name("reference.py")
            env = {**os.environ, "PYTHONUTF8": "1"}
            run = subprocess.run(
                [sys.executable, script, folder, arch, *options], env=env, capture_output=True, text=True, check=False
            )
            assert run.returncode == 0, run.stderr
        return path

    return make
