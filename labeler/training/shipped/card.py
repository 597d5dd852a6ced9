"""Words the manifest and the model card from facts and figures. Owns text only; measures nothing."""

from __future__ import annotations

from typing import Any

from labeler.core.shipped import STEM

_WHAT = {
    "hme_vas": "phone photos of column sums (Rosa et al. 2023), one hand held out",
    "car_a": "amounts on bank cheques (ORAND-CAR-A, ICFHR 2014), a fifth of the cheques held out; their writers are unknown, "
    "so a writer may be on both sides",
    "ink_pages": "pad windows rendered from recorded ink (UniPen), a fifth of the writers held out",
    "made_pages": "made pages, written by held-out UniPen and MNIST writers, judged by the exact bounds of the ink",
    "webcam_numbers": "webcam pictures, marker on paper; no page of this source was trained on",
    "worksheet_scans": "A4 scans at 400–600 dpi, digits very small on the page; no page of this source was trained on",
    "sudoku_phone": "phone photos of part-printed sudokus, judged inside the grid, print left out; never trained on",
    "sudoku_phone_strict": "the same, and each printed digit that is reported is a false alarm",
}


def files(name: str) -> tuple[str, str]:
    """What the manifest and the card of the detector `name` are called: the folder's own README.md is about the plain one."""
    return ("manifest.toml", "README.md") if name == STEM else (f"{name}.toml", f"{name}.md")


def manifest(facts: dict[str, Any], result: dict[str, Any]) -> str:
    """`manifest.toml`."""
    lines = [
        f'name = "{facts["name"]}"',
        f'arch = "{facts["arch"]}"',
        f"classes = [{', '.join(repr(str(d)).replace(chr(39), chr(34)) for d in range(10))}]",
        f"imgsz = {facts['imgsz']}",
        'license = "AGPL-3.0-or-later"',
        f'trained_at = "{facts["trained_at"]}"',
        f"parameters = {facts['parameters']}",
        "",
        "[sha256]",
        *(f'"{name}" = "{digest}"' for name, digest in facts["sha256"].items()),
        "",
        "[bytes]",
        *(f'"{name}" = {size}' for name, size in facts["bytes"].items()),
    ]
    for name, source in result["sources"].items():
        lines += ["", f"[metrics.{name}]", f"pages = {source['pages']}", f"digits = {source['digits']}"]
        lines += [f"{key} = {round(source[key], 4)}" for key in ("map50", "map50_95") if source[key] is not None]
        for score in ("0.25", "0.5"):
            share = source[f"at_{score}"]["no_correction"]
            if share is not None:
                lines.append(f'"no_correction_at_{score}" = {round(share, 4)}')
    return "\n".join(lines) + "\n"


def model_card(facts: dict[str, Any], result: dict[str, Any]) -> str:
    """`README.md` beside the weights."""
    rows = "\n".join(_row(name, source) for name, source in result["sources"].items())
    about = "\n".join(f"* `{name}`: {_WHAT[name]}." for name in result["sources"])
    weights, network = (f"`{file}` ({count / 1e6:.1f} MB" for file, count in facts["bytes"].items())
    arch = facts["arch"].replace("yolo", "YOLO")
    note = f"* {facts['note']}\n" if facts["note"] else ""
    side = facts["train_imgsz"]
    taught = f"{facts['steps']:,} steps of {facts['batch']} pictures, {side} × {side} px, on a CPU"
    return f"""# The shipped digit detector{"" if facts["name"] == STEM else f", {facts['name']}"}

Finds handwritten digits 0–9 on photographs, scans and drawing windows, and says which digit each is.

| | |
|---|---|
| architecture | {arch}, anchor-free head, {facts["parameters"]:,} parameters, trained from scratch |
| files | {weights}, half precision, for further training), {network}) |
| input | float32, RGB, 0…1, batch × 3 × height × width, sides a multiple of 32, padded with grey 114; best at {facts["imgsz"]} px |
| output | batch × 14 × anchors: centre x, centre y, width, height in input pixels, then ten scores; no suppression inside |
| agreement | {_agreement(facts["agreement"])} |
| trained | {facts["trained_at"][:10]}; {taught} |
| licence | AGPL-3.0-or-later |

## How good it is

Written by `python -m labeler.training.shipped publish`, with the ONNX file as the app runs it: {result["imgsz"]} px, pages whose
digits are tiny or huge there looked at again at a size that suits them (`labeler/detect/looking.py`), suppression at
IoU {result["suppression_iou"]} within a class, one box a digit. *ok* is the share of digits that need no correcting hand: right
class, IoU of at least 0.7; a false alarm counts as one more digit that does. *class* is the share found with the right class at
IoU 0.5.

| source | pages | digits | mAP50 | mAP50-95 | ok at 0.25 | ok at 0.5 | class at 0.25 | false alarms at 0.5 | blank pages with one |
|---|---|---|---|---|---|---|---|---|---|
{rows}

{about}

## What it learnt from

* Made pages (`labeler.training.synth`): digits from our own pen paths, from recorded pen strokes (UniPen) and from scanned glyphs (MNIST,
  writers as QMNIST names them), and pieces of recorded pages with their words, on plain, ruled, squared and security paper, drawing
  windows and boards, with print, letters, operators and scribbles beside them that are no digit.
* Tiles of real pages: `hme_vas`, `car_a` and `ink_pages`, without what is held out.
{note}
## What it never saw

Held out by writer wherever the writer is known (`labeler/training/shipped/holdout.py` is the rule):

* `hme_vas`: hand B of its `writers.csv`. Hands were told apart by eye.
* UniPen, pages and digits alike: a fifth of the writers, by a hash of their name.
* MNIST: a fifth of the writers, by the same hash.
* `car_a`: a fifth of the cheques by the same hash, since writers are unknown.
* `sudoku_phone`, `worksheet_scans`, `webcam_numbers`: everything.

## Where it is weak

* Print against handwriting: neat handwriting and printed digits look alike, see `sudoku_phone_strict`.
* Digits under about 10 px at the input size, wherever this file is run without the app's second look: raise the input size there.
* Digits that lie on their side or upside down: it learnt turns of up to some 30°.
* Letters that are drawn as digits are (O, l, S, Z) can only be told by their context, which it has little of.
* Its training writers are mostly adults, in Europe and the Americas; children's hands are further away.

## Making it again

```
python -m labeler.training.shipped build-data --data ../shared/data
python -m labeler.training.shipped train
python -m labeler.training.shipped train --work further --start checkpoint.pt
python -m labeler.training.shipped publish --data ../shared/data --out weights
```
"""


def _agreement(gap: dict[str, float]) -> str:
    said = f"ONNX and PyTorch differ by at most {gap['score']:.1e} in score, {gap['box']:.1e} px in a box"
    if "int8" not in gap:
        return said
    return f"{said}; then the ONNX file was made to compute in integers: mAP50-95 {gap['int8']:+.4f} on the mean of the sources"


def _row(name: str, source: dict[str, Any]) -> str:
    low, high = source["at_0.25"], source["at_0.5"]
    shares = (source["map50"], source["map50_95"], low["no_correction"], high["no_correction"], low["right_class"])
    figures = " | ".join("–" if value is None else f"{value:.3f}" for value in shares)
    blank = f"{high['blank_pages_with_false_alarm']} of {high['blank_pages']}" if high["blank_pages"] else "–"
    return f"| {name} | {source['pages']} | {source['digits']:,} | {figures} | {high['false_alarms']} | {blank} |"
