"""Command line of the shipped detector: build-data, train, evaluate, publish."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path


def main(argv: list[str] | None = None) -> int:
    """Runs one command; see `--help`."""
    args = _parser().parse_args(argv)
    work: Path = args.work or _default_work()
    work.mkdir(parents=True, exist_ok=True)
    if args.command == "build-data":
        from labeler.training.shipped import data

        count = data.build(args.data, work / "data", pages=args.pages, seed=args.seed, processes=args.processes)
        print(f"{count} pictures in {work / 'data'}")
    elif args.command == "train":
        from labeler.training.shipped import train

        sizes = {
            "batch": args.batch,
            "imgsz": args.imgsz,
            "seed": args.seed,
            "threads": args.threads,
            "arch": args.arch,
        }
        plan = train.Plan(args.samples, args.minutes, **sizes)
        train.train(work, plan, resume=args.resume, start=args.start)
    elif args.command == "evaluate":
        from labeler.training.shipped import measure

        result = measure.evaluate(args.data, args.weights or work / "digits.pt", imgsz=args.imgsz, only=args.source)
        print(json.dumps(result, indent=2) if args.json else measure.as_table(result))
    else:
        from labeler.training.shipped import publish

        publish.publish(args.data, work, args.out, name=args.name, imgsz=args.imgsz, int8=args.int8, note=args.note)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m labeler.training.shipped", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of real handwriting")
    common.add_argument("--work", type=Path, help="folder for the training set, checkpoints and log")
    common.add_argument("--seed", type=int, default=0)
    build = commands.add_parser("build-data", parents=[common], help="make the training set")
    build.add_argument("--pages", type=int, default=16_000, help="made pages")
    build.add_argument("--processes", type=int, default=2)
    train = commands.add_parser("train", parents=[common], help="train from scratch, or go on with --resume")
    train.add_argument("--resume", action="store_true")
    train.add_argument("--start", type=Path, help="the checkpoint of an earlier training, to begin with its weights")
    train.add_argument("--arch", default="yolov5n", choices=["yolov5n", "yolov5s"], help="how wide the network is")
    train.add_argument("--samples", type=int, default=192_000, help="pictures shown in all")
    train.add_argument(
        "--minutes", type=float, default=float("inf"), help="end after this long even with fewer pictures"
    )
    train.add_argument("--batch", type=int, default=16)
    train.add_argument("--imgsz", type=int, default=320)
    train.add_argument("--threads", type=int, default=2)
    evaluate = commands.add_parser("evaluate", parents=[common], help="measure on held-out pages")
    evaluate.add_argument("--weights", type=Path, help="a .pt or .onnx file (default: the work folder's digits.pt)")
    evaluate.add_argument("--imgsz", type=int, default=512)
    evaluate.add_argument("--source", action="append", help="measure these sources only")
    evaluate.add_argument("--json", action="store_true")
    publish = commands.add_parser("publish", parents=[common], help="write weights, ONNX, manifest and model card")
    publish.add_argument("--out", type=Path, default=Path("weights"))
    publish.add_argument("--name", default="digits", help="what the files are called")
    publish.add_argument("--imgsz", type=int, default=512)
    publish.add_argument("--int8", action="store_true", help="let the ONNX file compute in integers")
    publish.add_argument("--note", default="", help="a remark on this training for the model card")
    return parser


def _default_work() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("labeler") / "shipped"


if __name__ == "__main__":
    sys.exit(main())
