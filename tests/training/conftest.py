"""Tiny data sets with drawn digits, in folders with difficult names."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from labeler.detect.opencv import load
from labeler.training import launcher
from labeler.training.launcher import Started
from labeler.training.protocol import AnyEvent, Request, read_events, write_request

SIDE = 96


def draw_page(path: Path, seed: int, *, side: int = SIDE) -> list[str]:
    """A page with four drawn digits at `path`; returns its label lines."""
    cv2 = load()
    rng = np.random.default_rng(seed)
    image = np.full((side, side, 3), 235, np.uint8)
    lines = []
    for i in range(4):
        digit = int(rng.integers(10))
        x, y = int(8 + side // 2 * (i % 2)), int(side // 2 * (1 + i // 2) - 10)
        scale = side / 80
        (w, h), _ = cv2.getTextSize(str(digit), cv2.FONT_HERSHEY_SIMPLEX, scale, 2)
        cv2.putText(image, str(digit), (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, (20, 20, 60), 2)
        lines.append(f"{digit} {(x + w / 2) / side:.6f} {(y - h / 2) / side:.6f} {w / side:.6f} {h / side:.6f}")
    path.write_bytes(cv2.imencode(path.suffix, image)[1].tobytes())
    return lines


def make_data(folder: Path, *, train: int = 8, val: int = 3) -> Path:
    """A YOLO data set; returns its data.yaml. Each split has one blank page."""
    for split, count in (("train", train), ("val", val)):
        images, labels = folder / "images" / split, folder / "labels" / split
        images.mkdir(parents=True)
        labels.mkdir(parents=True)
        for i in range(count):
            lines = draw_page(images / f"第{i} é.png", seed=1000 * (split == "val") + i)
            (labels / f"第{i} é.txt").write_text("\n".join(lines if i else []), encoding="utf-8")
    names = "\n".join(f"  {i}: '{i}'" for i in range(10))
    path = folder / "data.yaml"
    path.write_text(f"train: images/train\nval: images/val\nnames:\n{names}\n", encoding="utf-8")
    return path


@pytest.fixture
def data_yaml(tmp_path: Path) -> Path:
    return make_data(tmp_path / "数据集" / "学生甲 é")


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    return tmp_path / "runs é" / "第一"


@pytest.fixture
def launch() -> Iterator[Callable[[Path, Request], Started]]:
    """Writes an order and starts a worker on it; whatever still runs at the end is killed."""
    begun: list[Started] = []

    def start(run_dir: Path, request: Request) -> Started:
        write_request(run_dir, request)
        begun.append(launcher.launch(run_dir))
        return begun[-1]

    yield start
    for worker in begun:
        launcher.kill(worker.pid, worker.started_at)


def events_of(run_dir: Path) -> list[AnyEvent]:
    return read_events(run_dir / "events.jsonl")[0]


def tiny(data_yaml: Path, **changes: object) -> Request:
    """An order that takes seconds."""
    base: dict[str, object] = {"arch": "yolov5n", "epochs": 1, "imgsz": 64, "batch": 4, "device": "cpu", "threads": 1}
    return Request(str(data_yaml), **{**base, **changes})  # type: ignore[arg-type]
