"""Turns trained weights into what ships: weights, ONNX, manifest and model card.

Owns the export and the proof that both files agree. Figures come from `measure`; nobody types them.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeler.training.shipped import card, measure

OPSET = 17
BOX_TOLERANCE = 0.5
"""Pixels by which a box's sides may differ between the two files where the score is at least `CERTAIN`."""
SCORE_TOLERANCE = 0.005
CERTAIN = 0.05
INT8_PAGES = 160
INT8_LOSS = 0.002


def publish(data: Path, work: Path, out: Path, *, name: str, imgsz: int, int8: bool = False, note: str = "") -> None:
    """Writes the four files of a shipped detector into `out` from the work folder's `digits.pt`.

    They are called `name`, but for the manifest and the card of the plain one. With `int8` the ONNX file computes in integers, by
    ranges read off training pictures; raises ValueError where that costs more than `INT8_LOSS`. `note` goes into the model card
    as it is.
    """
    os.environ.setdefault("YOLO_OFFLINE", "1")
    os.environ.setdefault("YOLO_AUTOINSTALL", "false")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        weights = Path(temporary) / f"{name}.pt"
        shutil.copyfile(work / "digits.pt", weights)
        onnx = export(weights, imgsz=imgsz)
        differences = agreement(weights, onnx)
        print("PyTorch and ONNX differ by at most", differences)
        result = measure.evaluate(data, onnx, imgsz=imgsz)
        print(measure.as_table(result))
        if int8:
            result, plain = _in_integers(data, work, onnx, imgsz), result
            print(measure.as_table(result))
            differences["int8"] = _worth(plain, result)
        for path in (weights, onnx):
            shutil.copyfile(path, out / path.name)
    facts = _facts(out, name, imgsz, differences) | {"note": note}
    manifest, words = card.files(name)
    (out / manifest).write_text(card.manifest(facts, result), encoding="utf-8")
    (out / words).write_text(card.model_card(facts, result), encoding="utf-8")
    (work / "metrics.json").write_text(json.dumps(result, indent=2), encoding="utf-8")


def _in_integers(data: Path, work: Path, onnx: Path, imgsz: int) -> dict[str, Any]:
    """Has the file compute in integers from now on; returns its measures."""
    from labeler.training.quantising import quantise

    pictures = sorted((work / "data" / "images" / "train").glob("*.jpg"))
    chosen = np.random.default_rng(8).choice(len(pictures), INT8_PAGES, replace=False)
    quantise(onnx, (_network_input(pictures[i]) for i in chosen), onnx.with_suffix(".new"))
    onnx.with_suffix(".new").replace(onnx)
    _license(onnx)
    return measure.evaluate(data, onnx, imgsz=imgsz)


def _network_input(picture: Path) -> NDArray[np.float32]:
    """A training picture, sides rounded to multiples of 32."""
    import cv2

    page = np.asarray(cv2.imread(str(picture)), np.uint8)
    height, width = (max(1, round(side / 32)) * 32 for side in page.shape[:2])
    page = np.asarray(cv2.resize(page, (width, height)), np.uint8)[..., ::-1].transpose(2, 0, 1)[None]
    return np.ascontiguousarray(page / 255, np.float32)


def _worth(plain: dict[str, Any], other: dict[str, Any]) -> float:
    """By how much mAP50-95 changes on the mean of the sources. Raises ValueError where it falls by more than `INT8_LOSS`."""
    gains = [other["sources"][name]["map50_95"] - found["map50_95"] for name, found in plain["sources"].items()]
    gain = float(np.mean(gains))
    if gain < -INT8_LOSS:
        raise ValueError(f"integers cost {-gain:.4f} of mAP50-95")
    return gain


def export(weights: Path, *, imgsz: int) -> Path:
    """Writes the ONNX file beside the weights: any batch, any height and width in multiples of 32, no suppression."""
    from ultralytics import YOLO

    from labeler.training.worker_export import with_rows

    model = with_rows(YOLO(str(weights)))
    path = Path(
        model.export(format="onnx", dynamic=True, opset=OPSET, imgsz=imgsz, simplify=True, device="cpu", verbose=False)
    )
    _license(path)
    return path


def agreement(weights: Path, onnx: Path) -> dict[str, float]:
    """Largest differences of score and of sure boxes' sides (pixels) on noise and drawn pages of several sizes.

    Raises ValueError where they exceed the tolerances.
    """
    import onnxruntime
    import torch
    from ultralytics import YOLO

    network = YOLO(str(weights)).model.float().eval()
    session = onnxruntime.InferenceSession(str(onnx), providers=["CPUExecutionProvider"])
    worst = {"box": 0.0, "score": 0.0}
    for shape in ((1, 640, 640), (2, 320, 480), (3, 96, 640)):
        batch = _pages(*shape)
        with torch.no_grad():
            expected = network(torch.from_numpy(batch))
        expected = (expected[0] if isinstance(expected, tuple) else expected).numpy()
        found = session.run(None, {session.get_inputs()[0].name: batch})[0]
        sure = expected[:, 4:].max(axis=1) >= CERTAIN
        gap = np.abs(expected - found)
        worst["score"] = max(worst["score"], float(gap[:, 4:].max()))
        worst["box"] = max(worst["box"], float(gap[:, :4].max(axis=1)[sure].max(initial=0.0)))
    if worst["box"] > BOX_TOLERANCE or worst["score"] > SCORE_TOLERANCE:
        raise ValueError(f"PyTorch and ONNX disagree: {worst}")
    return worst


def _pages(count: int, height: int, width: int) -> NDArray[np.float32]:
    """Pages by our own drawer as network input, the last one noise if there are several."""
    import cv2

    from labeler.training.synth.page import Sources, make_page

    pages = [make_page(np.random.default_rng((5, i)), Sources(), size=width).image for i in range(count)]
    batch = np.stack([cv2.resize(page, (width, height)) for page in pages])[..., ::-1].transpose(0, 3, 1, 2) / 255
    if count > 1:
        batch[-1] = np.random.default_rng(5).random(batch[-1].shape)
    return np.ascontiguousarray(batch, np.float32)


def _license(path: Path) -> None:
    """States the project's licence in the file's metadata."""
    import onnx

    model = onnx.load(str(path))
    for entry in model.metadata_props:
        if entry.key == "license":
            entry.value = "AGPL-3.0-or-later"
    onnx.save(model, str(path))


def _facts(out: Path, name: str, imgsz: int, differences: dict[str, float]) -> dict[str, Any]:
    import torch

    files = {path.name: path for path in (out / f"{name}.pt", out / f"{name}.onnx")}
    content = torch.load(files[f"{name}.pt"], weights_only=False)
    return {
        "name": name,
        "arch": Path(content["train_args"]["model"]).stem,
        "imgsz": imgsz,
        "trained_at": content["date"],
        "steps": content["train_metrics"]["step"],
        "batch": content["train_args"]["batch"],
        "train_imgsz": content["train_args"]["imgsz"],
        "parameters": sum(p.numel() for p in content["model"].parameters()),
        "sha256": {file: hashlib.sha256(path.read_bytes()).hexdigest() for file, path in files.items()},
        "bytes": {file: path.stat().st_size for file, path in files.items()},
        "agreement": differences,
    }
