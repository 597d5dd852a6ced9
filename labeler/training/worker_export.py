"""Turns the best weights into the model that leaves the run: `result/model.pt` and `result/model.onnx`, proven to agree."""

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from ultralytics import YOLO
from ultralytics.nn.modules.block import DFL
from ultralytics.nn.tasks import load_checkpoint, torch_safe_load

from labeler.core.i18n import tr
from labeler.detect.detector import Picture
from labeler.detect.onnx import OnnxDetector
from labeler.detect.opencv import load
from labeler.detect.pipeline import Batch, Network, as_input
from labeler.training.worker_failures import Failure

OPSET = 17
JUDGED = 0.25
"""Boxes of candidates of at least this score must agree."""
MOST_AWAY = 1.0
"""Pixels by which an exported box may differ."""
MOST_SCORE = 0.01


class RowDFL(nn.Module):  # type: ignore[misc]
    """ultralytics' `DFL`, which reads a box's sides from what the network says of each distance, with the distances of a side in a row.

    The same numbers; ONNX Runtime takes 9 % less time for a page, since it brings what its softmax runs over into rows and back otherwise.
    """

    def __init__(self, dfl: DFL) -> None:
        super().__init__()
        self.count = dfl.c1
        self.register_buffer("distances", dfl.conv.weight.detach().float().view(-1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, 4 × count, anchors) to (batch, 4, anchors)."""
        batch, _, anchors = x.shape
        rows = x.view(batch, 4, self.count, anchors).transpose(2, 3).softmax(3)
        return (rows @ self.distances).view(batch, 4, anchors)


def with_rows(network: YOLO) -> YOLO:
    """The same network, its distances read in rows where it has any."""
    head = network.model.model[-1]
    if isinstance(getattr(head, "dfl", None), DFL):
        head.dfl = RowDFL(head.dfl)
    return network


def export(best: Path, folder: Path, *, imgsz: int, pictures: Sequence[Path]) -> dict[str, float]:
    """Write both files into `folder` and compare them on `pictures`; returns the figures. Raises `Failure`."""
    folder.mkdir(exist_ok=True)
    weights, onnx = folder / "model.pt", folder / "model.onnx"
    _write_weights(best, weights)
    network = with_rows(YOLO(weights))
    network.export(format="onnx", dynamic=True, opset=OPSET, simplify=False, imgsz=imgsz, device="cpu")
    figures = compare(weights, onnx, [p for path in pictures if (p := _picture(path)) is not None])
    if figures["max_box_difference"] > MOST_AWAY or figures["max_score_difference"] > MOST_SCORE:
        raise Failure(
            "bug",
            tr(
                "The exported model differs from the trained one by {away} px.",
                away=round(figures["max_box_difference"], 2),
            ),
            tr("The trained weights are kept as result/model.pt."),
        )
    return figures


def compare(weights: Path, onnx: Path, pictures: Sequence[Picture]) -> dict[str, float]:
    """How far ONNX Runtime and PyTorch are apart with the same weights on the same inputs.

    Boxes (pixels of the input) over the candidates with a score of at least `JUDGED`, scores over all candidates.
    """
    exported = OnnxDetector(onnx, providers=["CPUExecutionProvider"], threads=torch.get_num_threads())
    trained = _torch_network(weights)
    away, score, judged = 0.0, 0.0, 0
    for picture in pictures:
        batch = as_input([exported.prepare(picture).pixels])
        ours, theirs = exported.run(batch)[0], trained(batch)[0]
        sure = theirs[4:].max(axis=0) >= JUDGED
        judged += int(sure.sum())
        away = max(away, float(np.abs(ours - theirs)[:4, sure].max(initial=0.0)))
        score = max(score, float(np.abs(ours - theirs)[4:].max()))
    return {
        "images": float(len(pictures)),
        "candidates": float(judged),
        "max_box_difference": away,
        "max_score_difference": score,
    }


def _torch_network(weights: Path) -> Network:
    model, _ = load_checkpoint(weights)
    model = model.float().fuse(verbose=False).eval()

    def network(batch: Batch) -> Batch:
        with torch.inference_mode():
            output = model(torch.from_numpy(batch))
        raw: Batch = (output[0] if isinstance(output, (list, tuple)) else output).numpy()
        return raw

    return network


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_weights(best: Path, target: Path) -> None:
    """Copy the weights without what tells of this computer: folders, user names, the repository around."""
    neutral = best.parent / "final.pt"
    shutil.copyfile(best, neutral)
    checkpoint, _ = torch_safe_load(neutral)
    neutral.unlink()
    model: nn.Module = (checkpoint.get("ema") or checkpoint["model"]).half()
    args = _without_paths(dict(checkpoint.get("train_args") or {}))
    model.args = args
    keep = ("epoch", "train_metrics", "train_results", "date", "version", "license", "docs")
    torch.save(
        {
            **{k: checkpoint.get(k) for k in keep},
            "epoch": -1,
            "model": model,
            "ema": None,
            "optimizer": None,
            "train_args": args,
        },
        target,
    )


def _without_paths(args: dict[str, Any]) -> dict[str, Any]:
    gone = {"project", "name", "save_dir", "resume", "model", "pretrained"}
    out = {k: v for k, v in args.items() if k not in gone}
    return {**out, "data": Path(str(args.get("data") or "data.yaml")).name}


def _picture(path: Path) -> Picture | None:
    cv2 = load()
    data = cv2.imdecode(np.fromfile(path, dtype=np.uint8), cv2.IMREAD_COLOR)
    return None if data is None else np.ascontiguousarray(data[..., ::-1])
