"""Run as a script, in a process of its own: makes a small YOLO with lively random weights, exports it, and writes down what
ultralytics itself predicts with it.

Usage: python reference.py FOLDER ARCH [nms=false]. Reads FOLDER/*.png, writes FOLDER/random-ARCH.pt, .onnx and .json.
"""

import json
import os
import sys
from pathlib import Path

folder, arch = Path(sys.argv[1]), sys.argv[2]
end_to_end = "nms=false" in sys.argv
os.environ.update(YOLO_OFFLINE="1", YOLO_CONFIG_DIR=str(folder), YOLO_AUTOINSTALL="false", YOLO_VERBOSE="false")

# A file name with "yolov5n" in it would be taken for the hub weight of that name.
import cv2  # noqa: E402
import torch  # noqa: E402
from ultralytics import YOLO  # noqa: E402
from ultralytics.nn.tasks import DetectionModel  # noqa: E402

IMGSZ = 320
torch.manual_seed(4)
torch.set_num_threads(1)
model = DetectionModel(f"{arch}.yaml", nc=10, verbose=False)
model.names = {i: str(i) for i in range(10)}
model.train()
with torch.no_grad():  # batch norms that fit the pictures, so that what comes out depends on what goes in
    pictures = [cv2.resize(cv2.imread(str(p)), (IMGSZ, IMGSZ))[..., ::-1].copy() for p in sorted(folder.glob("*.png"))]
    batch = torch.stack([torch.from_numpy(p).permute(2, 0, 1) for p in pictures]).float() / 255
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None
    model(batch)
    head = model.model[-1]
    for name in ("cv3", "one2one_cv3"):
        for branch in getattr(head, name, None) or ():
            branch[-1].weight.normal_(0, 0.15)
            branch[-1].bias.uniform_(-4, -2)
    for name in ("cv2", "one2one_cv2"):
        for branch in getattr(head, name, None) or ():
            branch[-1].weight.normal_(0, 0.1)
model.eval()
torch.save({"model": model, "train_args": {}, "date": None, "version": "test"}, folder / f"random-{arch[4:]}.pt")
yolo = YOLO(folder / f"random-{arch[4:]}.pt")
yolo.export(
    format="onnx", dynamic=True, imgsz=IMGSZ, opset=17, simplify=False, **({"nms": False} if end_to_end else {})
)
predictions = {}
for path in sorted(folder.glob("*.png")):
    options = {"imgsz": IMGSZ, "conf": 0.25, "iou": 0.45, "max_det": 300 if end_to_end else 1000, "verbose": False}
    (result,) = yolo.predict(path, **options, **({"nms": False, "rect": False} if end_to_end else {}))
    predictions[path.name] = torch.cat(
        [result.boxes.xyxy, result.boxes.conf[:, None], result.boxes.cls[:, None]], 1
    ).tolist()
(folder / f"random-{arch[4:]}.json").write_text(json.dumps(predictions))
