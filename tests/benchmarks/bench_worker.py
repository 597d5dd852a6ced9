"""Training through the app beside the bare ultralytics call: `python tests/benchmarks/bench_worker.py ../shared/data [--epochs 2]`.

The same pages, start weights, settings and seed, in turns, twice, on one thread: `YOLO(weights).train(...)` in a process of its own, and
`training.start` and `follow`. Prints wall and CPU seconds of the training loop, seconds of the whole (in the app with freezing, backup,
proven export, ONNX, comparing the two and judging), mAP on the validation pages after the last epoch, and by how much the app's process
grew. The worker runs at normal priority here, as the bare call does.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from labeler.core import assets
from labeler.services import _waiting, exporting, importing, splitting, training
from labeler.services.project import Project
from labeler.training import launcher, protocol
from labeler.training.tuning import fine_tuning

PAGES, SIDE, BATCH = 48, 320, 8

BARE = """
import json, os, sys, time
began = time.perf_counter()
told = json.loads(sys.argv[1])
os.environ.update(YOLO_OFFLINE="1", YOLO_CONFIG_DIR=told["scratch"], OMP_NUM_THREADS="1")
import torch
torch.set_num_threads(1)
from ultralytics import YOLO
model = YOLO(told["weights"])
loop = {}
model.add_callback("on_train_start", lambda _: loop.update(began=time.perf_counter(), cpu=time.process_time()))
def over(trainer):
    if len(loop.setdefault("maps", [])) < told["settings"]["epochs"]:  # the evaluation in the end is told of as one more
        loop["maps"].append(trainer.metrics["metrics/mAP50-95(B)"])
        loop.update(ended=time.perf_counter(), cpu_ended=time.process_time())
model.add_callback("on_fit_epoch_end", over)
model.add_callback("on_train_start", lambda _: torch.set_num_threads(1))
model.train(**told["settings"])
print("FOUND", json.dumps({"loop": loop["ended"] - loop["began"], "cpu": loop["cpu_ended"] - loop["cpu"],
      "map": loop["maps"][-1], "whole": time.perf_counter() - began}))
"""
OURS = """
import sys, time
from pathlib import Path
from labeler.training import worker
def as_the_others():  # it is a session of its own, and would not have the priority that this benchmark was given
    Path("/proc/self/autogroup").write_text(Path(sys.argv[1]).joinpath("../../priority").read_text())
worker._step_back = as_the_others
take, noted = worker.take_stdout, {}
def taken():
    say = take()
    def saying(event):
        noted[event.kind] = time.process_time()
        if event.kind == "exporting":
            (Path(sys.argv[1]) / "cpu").write_text(str(noted["exporting"] - noted["started"]))
        say(event)
    return saying
worker.take_stdout = taken
sys.exit(worker.main(sys.argv[1:]))
"""


def main() -> None:
    """Both, twice, in turns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--epochs", type=int, default=2)
    args = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        _prepare(args.data, place)
        rows: dict[str, list[dict[str, float]]] = {"bare": [], "app": []}
        for turn in range(2):
            rows["bare"].append(_bare(place, turn, args.epochs))
            rows["app"].append(_app(place, turn, args.epochs))
            for name, found in rows.items():
                print(
                    f"turn {turn + 1}, {name}: " + ", ".join(f"{k} {v:.3f}" for k, v in found[-1].items()), flush=True
                )
        for what in ("loop", "cpu"):
            bare, app = (min(row[what] for row in found) for found in rows.values())
            print(f"{what}: app {app:.1f} s, bare {bare:.1f} s, ratio {app / bare:.3f}")
        print(f"load {os.getloadavg()[0]:.1f}")


def _prepare(data: Path, place: Path) -> None:
    with Project.create(place / "project") as project:
        pages = sorted((data / "detection" / "hme_vas" / "images").iterdir())[:PAGES]
        chosen = place / "sums"
        for kind in ("images", "labels"):
            (chosen / kind).mkdir(parents=True)
        (chosen / "classes.txt").write_text("\n".join("0123456789"), encoding="ascii")
        for page in pages:
            (chosen / "images" / page.name).write_bytes(page.read_bytes())
            label = page.parent.parent / "labels" / f"{page.stem}.txt"
            (chosen / "labels" / label.name).write_bytes(label.read_bytes())
        importing.import_paths(project, [chosen])
        splitting.assign(project, val=0.25, test=0.05)
        exporting.export(project, place / "exported")


def _bare(place: Path, turn: int, epochs: int) -> dict[str, float]:
    settings: dict[str, Any] = {
        **fine_tuning(BATCH), "data": str(place / "exported" / "data.yaml"), "epochs": epochs, "imgsz": SIDE, "batch": BATCH,
        "device": "cpu", "seed": 0, "workers": 0, "plots": False, "amp": False, "fliplr": 0.0, "flipud": 0.0,
        "close_mosaic": 1, "patience": 20, "project": str(place / f"bare-{turn}"), "exist_ok": True, "verbose": False,
    }  # fmt: skip
    told = {"weights": str(assets.weights() / "digits.pt"), "settings": settings, "scratch": str(place)}
    done = subprocess.run(
        [sys.executable, "-c", BARE, json.dumps(told)], capture_output=True, text=True, check=True, cwd=place
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("FOUND"))
    return dict(json.loads(line.removeprefix("FOUND")))


def _app(place: Path, turn: int, epochs: int) -> dict[str, float]:
    script = place / "worker.py"
    script.write_text(OURS, encoding="utf-8")
    launcher.WORKER = (str(script),)
    _waiting.TURN = ()
    me = psutil.Process()
    before, began = me.memory_info().rss, time.perf_counter()
    options = training.TrainOptions(
        start="shipped", epochs=epochs, imgsz=SIDE, batch=BATCH, device="cpu", threads=1, seed=0
    )
    (place / "project" / "priority").write_text(Path("/proc/self/autogroup").read_text().split()[-1])
    with Project.open(place / "project") as project:
        run = training.start(project, options)
        run = training.follow(project, run.id, on_event=lambda _: None)
        if run.model is None:
            raise SystemExit(f"{run.state}: {run.reason}\n{training.log_tail(project, run.id)}")
        events, _ = training.events(project, run.id)
    loop = next(e.t for e in events if isinstance(e, protocol.Exporting)) - next(
        e.t for e in events if isinstance(e, protocol.Started)
    )
    grown = (me.memory_info().rss - before) / 2**20
    last = [e.map50_95 for e in events if isinstance(e, protocol.Epoch)][-1]
    cpu = float((run.folder / "cpu").read_text(encoding="ascii"))
    return {"loop": loop, "cpu": cpu, "map": last, "whole": time.perf_counter() - began, "app_grew_mib": grown}


if __name__ == "__main__":
    main()
