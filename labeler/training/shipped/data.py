"""Builds the training set: made pages and tiles of real ones, as JPEG files with YOLO labels.

Owns the mixture and its seeds. Each picture depends on the seed and its own number only, so any number of processes
make the same files.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from labeler.training.shipped import holdout, tiles
from labeler.training.synth.hands import mnist_hands, unipen_hands, unipen_marks
from labeler.training.synth.page import Page, Sources, make_page, make_writing
from labeler.training.synth.writings import unipen_writings

SYNTHETIC_SIZE = 416
HAND_SHARES = (0.3, 0.45, 0.25)
"""How often a made page is written by our own drawer, by recorded pens, by scanned glyphs."""

REAL_TILES = {
    "hme_vas": {"whole": 6, "window": 30, "near": 10},
    "ink_pages": {"whole": 2, "window": 6, "near": 1, "anywhere": 8},
    "car_a": {"whole": 2, "near": 3},
}
"""For each page of a source, how many tiles of a kind: all of it, a piece, a piece with large digits, a piece from anywhere."""

LOOSE_KINDS = {"photo": (0.05, 0.035)}
"""Kinds of made page that are labelled as people label them, with some air: by this share of a box's width and height a side.

People's boxes on photographs are far from tight: in hme_vas the ink takes up some 60 % of a box.
"""

NOTES_SHARE = 0.25
"""As many made pages again have letters among their digits."""
WRITINGS_SHARE = 0.4
"""And as many again show a piece of a recorded page on another paper."""

CAR_A_STACKS = 1300


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one picture is made of. `kind` names the maker; the rest is its material."""

    name: str
    kind: str
    number: int
    paths: tuple[tuple[str, str], ...] = ()


def build(data: Path, out: Path, *, pages: int, seed: int, processes: int = 2) -> int:
    """Writes `pages` made pages and all tiles of real training pages below `out`; returns the number of pictures."""
    for folder in ("images/train", "labels/train"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    recipes = [Recipe(f"made_{i:06d}", "made", i) for i in range(pages)]
    recipes += [Recipe(f"notes_{i:06d}", "notes", i) for i in range(round(pages * NOTES_SHARE))]
    if training_sources(data).writings:
        recipes += [Recipe(f"writing_{i:06d}", "writing", i) for i in range(round(pages * WRITINGS_SHARE))]
    recipes += list(_real_recipes(data, np.random.default_rng((seed, 1))))
    jobs = [(str(data), str(out), seed, recipe) for recipe in recipes]
    if processes == 1:
        _report(map(_make, jobs), len(jobs))
    else:
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            _report(pool.imap_unordered(_make, jobs, chunksize=16), len(jobs))
    return len(recipes)


def _report(made: Iterable[None], total: int) -> None:
    for done, _ in enumerate(made, start=1):
        if done % 1000 == 0:
            print(f"{done} of {total} pictures", flush=True)


@cache
def training_sources(data: Path) -> Sources:
    """Hands and marks of the writers that may be trained on. Without recorded data: our own drawer alone."""
    strokes, glyphs = data / "strokes", data / "glyphs" / "mnist_train_20k.npz"
    if not (strokes / "unipen_digits.jsonl").exists() or not glyphs.exists():
        return Sources()
    pens = holdout.pen_writers(strokes)
    with np.load(glyphs) as archive:
        scanned = holdout.mnist_writers(np.unique(archive["writer"]))
    hands = (
        (),
        unipen_hands(strokes / "unipen_digits.jsonl", without=pens),
        mnist_hands(glyphs, without=scanned),
    )
    pages = strokes / "unipen_ink_pages.jsonl"
    return Sources(hands, HAND_SHARES, unipen_marks(pages, without=pens), unipen_writings(pages, without=pens))


@cache
def held_out_sources(data: Path) -> Sources:
    """Hands of the held-out writers only."""
    strokes, glyphs = data / "strokes", data / "glyphs" / "mnist_train_20k.npz"
    pens = holdout.pen_writers(strokes)
    with np.load(glyphs) as archive:
        writers = {int(w) for w in np.unique(archive["writer"])}
    trained = writers - holdout.mnist_writers(writers)
    everyone = _stroke_writers(strokes)
    hands = (
        unipen_hands(strokes / "unipen_digits.jsonl", without=everyone - pens),
        mnist_hands(glyphs, without=trained),
    )
    return Sources(hands, (0.6, 0.4), unipen_marks(strokes / "unipen_ink_pages.jsonl", without=everyone - pens))


def _stroke_writers(strokes: Path) -> frozenset[str]:
    names = ("unipen_digits.jsonl", "unipen_ink_pages.jsonl")
    return frozenset(
        json.loads(line)["writer"]
        for name in names
        for line in (strokes / name).read_text(encoding="utf-8").splitlines()
    )


def _real_recipes(data: Path, rng: np.random.Generator) -> Iterable[Recipe]:
    detection = data / "detection"
    if not detection.is_dir():
        return
    sources = {
        "hme_vas": ("hme_vas", holdout.hme_vas(detection)),
        "ink_pages": ("ink_pages_rendered", holdout.ink_pages(data / "strokes")),
        "car_a": ("car_a", holdout.car_a(detection)),
    }
    for source, (folder, held) in sources.items():
        for path in sorted((detection / folder / "images").iterdir()):
            if held.get(path.stem, True):
                continue
            for kind, count in REAL_TILES[source].items():
                for i in range(count):
                    yield Recipe(f"{source}_{path.stem}_{kind}{i:02d}", kind, i, (_pair(path),))
    strips = [p for p in sorted((detection / "car_a" / "images").iterdir()) if not sources["car_a"][1][p.stem]]
    for i in range(CAR_A_STACKS):
        chosen = rng.choice(len(strips), 6, replace=False)
        yield Recipe(f"car_a_stack_{i:04d}", "stack", i, tuple(_pair(strips[c]) for c in chosen))


def _pair(image: Path) -> tuple[str, str]:
    return str(image), str(image.parent.parent / "labels" / f"{image.stem}.txt")


def _make(job: tuple[str, str, int, Recipe]) -> None:
    data, out, seed, recipe = job
    import zlib

    import cv2

    cv2.setNumThreads(1)
    rng = np.random.default_rng((seed, zlib.crc32(recipe.name.encode())))
    page = _page(recipe, Path(data), rng)
    write_page(page, Path(out) / "images" / "train" / f"{recipe.name}.jpg", Path(out) / "labels" / "train")


def as_people_label(page: Page) -> Page:
    """The page with its boxes as loose as `LOOSE_KINDS` says, cut to the picture."""
    across, down = LOOSE_KINDS.get(page.kind, (0.0, 0.0))
    height, width = page.image.shape[:2]
    x1, y1, x2, y2 = page.boxes[:, 1:].T
    air_x, air_y = across * (x2 - x1), down * (y2 - y1)
    left, right = np.maximum(x1 - air_x, 0), np.minimum(x2 + air_x, width)
    top, bottom = np.maximum(y1 - air_y, 0), np.minimum(y2 + air_y, height)
    return replace(page, boxes=np.stack([page.boxes[:, 0], left, top, right, bottom], axis=1))


def _page(recipe: Recipe, data: Path, rng: np.random.Generator) -> Page:
    if recipe.kind == "made":
        return as_people_label(make_page(rng, training_sources(data), size=SYNTHETIC_SIZE))
    if recipe.kind == "notes":
        letters = float(rng.uniform(0.25, 1.0))
        return as_people_label(make_page(rng, training_sources(data), size=SYNTHETIC_SIZE, letters=letters))
    if recipe.kind == "writing":
        return as_people_label(make_writing(rng, training_sources(data), size=SYNTHETIC_SIZE))
    pages = [tiles.read_page(Path(image), Path(label)) for image, label in recipe.paths]
    if recipe.kind == "stack":
        return tiles.stacked(pages, rng)
    if recipe.kind == "whole":
        return tiles.whole(pages[0])
    near = {"low": 80.0, "high": 280.0} if recipe.kind == "near" else {}
    return tiles.window(pages[0], rng, anywhere=1.0 if recipe.kind == "anywhere" else 0.1, **near)


def write_page(page: Page, image: Path, labels: Path, *, quality: int = 94) -> None:
    """A picture and its YOLO label file of the same stem."""
    import cv2

    height, width = page.image.shape[:2]
    image.write_bytes(cv2.imencode(".jpg", page.image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes())
    b, size = page.boxes, np.array([width, height])
    middle, extent = (b[:, 1:3] + b[:, 3:5]) / 2 / size, (b[:, 3:5] - b[:, 1:3]) / size
    rows = [
        f"{int(c)} {x:.6f} {y:.6f} {w:.6f} {h:.6f}\n" for c, (x, y), (w, h) in zip(b[:, 0], middle, extent, strict=True)
    ]
    (labels / f"{image.stem}.txt").write_text("".join(rows), encoding="utf-8")
