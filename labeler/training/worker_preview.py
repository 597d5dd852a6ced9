"""Shows what a training will see: `python -m labeler.training.worker_preview FOLDER` reads the order there and writes two pictures.

`mosaic.png` is a batch as most epochs have it, `plain.png` one as the last epochs have it, both through ultralytics' own loader
with the settings of the order, boxes drawn on. `preview.json` says how it went. Trains nothing.
"""

import json
import sys
import traceback
from pathlib import Path
from typing import Any

from labeler.training.previewing import MOSAIC, OUTCOME, PLAIN
from labeler.training.protocol import Request, read_request
from labeler.training.worker import set_environment
from labeler.training.worker_data import Data, look_at
from labeler.training.worker_failures import describe

ACROSS, DOWN = 4, 2
GAP = 6
MOST = 400
"""Longest side of one tile in pixels."""


def main(args: list[str]) -> int:
    """Draw; returns 0 when done, 1 when not."""
    folder = Path(args[0]).resolve()
    set_environment(folder, threads=1)
    try:
        request = read_request(folder)
        _draw(folder, request, look_at(Path(request.data_yaml)))
        outcome: dict[str, Any] = {"files": [MOSAIC, PLAIN]}
    except BaseException as error:  # noqa: BLE001 - whatever happened, the app must be told
        traceback.print_exc()
        end = describe(error, resumable=False)
        outcome = {"failed": {"text": end.text, "hint": end.hint}}
    (folder / OUTCOME).write_text(json.dumps(outcome, ensure_ascii=False), encoding="utf-8")
    return 1 if "failed" in outcome else 0


def _draw(folder: Path, request: Request, data: Data) -> None:
    import random

    import numpy as np
    import torch
    from ultralytics.cfg import get_cfg
    from ultralytics.data.build import build_yolo_dataset
    from ultralytics.data.utils import check_det_dataset

    from labeler.training.worker_readonly import leave_data_alone
    from labeler.training.worker_run import settings
    from labeler.training.worker_train import stay_offline

    stay_offline()
    leave_data_alone()
    args = get_cfg(overrides=settings(request, run_dir=folder, resume=False))
    described = check_det_dataset(request.data_yaml, autodownload=False)
    random.seed(request.seed)
    np.random.seed(request.seed)
    torch.manual_seed(request.seed)
    dataset = build_yolo_dataset(args, described["train"], ACROSS * DOWN, described, mode="train", rect=False)
    _write(folder / MOSAIC, dataset, data.classes)
    dataset.close_mosaic(args)
    _write(folder / PLAIN, dataset, data.classes)


def _write(file: Path, dataset: Any, classes: tuple[str, ...]) -> None:
    from labeler.formats.rasters import png

    tiles = [_tile(dataset[n % len(dataset)], classes) for n in range(ACROSS * DOWN)]
    file.write_bytes(png(_grid(tiles)))


def _tile(sample: dict[str, Any], classes: tuple[str, ...]) -> Any:
    """One augmented picture with its boxes, as an array of RGB."""
    import numpy as np

    from labeler.core.boxes import Detection
    from labeler.detect.draw import draw
    from labeler.detect.opencv import load

    picture = np.ascontiguousarray(sample["img"].numpy().transpose(1, 2, 0))
    height, width = picture.shape[:2]
    scale = min(1.0, MOST / max(height, width))
    small = load().resize(picture, (round(width * scale), round(height * scale)))
    across, down = small.shape[1], small.shape[0]
    boxes = [
        Detection((x - w / 2) * across, (y - h / 2) * down, w * across, h * down, int(c), 1.0)
        for (x, y, w, h), c in zip(sample["bboxes"].tolist(), sample["cls"].flatten().tolist(), strict=True)
    ]
    return draw(small, boxes, classes, scores=False)


def _grid(tiles: list[Any]) -> Any:
    import numpy as np

    height, width = max(t.shape[0] for t in tiles), max(t.shape[1] for t in tiles)
    sheet = np.full((DOWN * (height + GAP) + GAP, ACROSS * (width + GAP) + GAP, 3), 128, dtype=np.uint8)
    for n, tile in enumerate(tiles):
        y, x = GAP + n // ACROSS * (height + GAP), GAP + n % ACROSS * (width + GAP)
        sheet[y : y + tile.shape[0], x : x + tile.shape[1]] = tile
    return sheet


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
