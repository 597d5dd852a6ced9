"""Says which writers and pages the shipped detector never trains on.

Owns the rule, and nothing else: who is held out depends on names alone, so it is the same on every machine for ever.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

UNSEEN_SOURCES = ("sudoku_phone", "worksheet_scans", "webcam_numbers")
"""Folders of which no page is trained on."""

HELD_OUT_HANDS = frozenset({"B"})
"""The hands of `hme_vas/writers.csv` that are held out; the other hand trains."""

SHARE = 0.2


def is_held_out(name: str, *, share: float = SHARE) -> bool:
    """Whether a writer or page of this name belongs to the held-out share: its SHA-256 as a fraction of 1 decides."""
    digest = hashlib.sha256(f"labeler held out: {name}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48 < share


def held_out(names: Iterable[str]) -> frozenset[str]:
    """Those of the names that are held out."""
    return frozenset(name for name in names if is_held_out(name))


def hme_vas(detection: Path) -> dict[str, bool]:
    """Image stem → held out, by the hand that wrote it."""
    with (detection / "hme_vas" / "writers.csv").open(encoding="utf-8", newline="") as rows:
        return {row["image"]: row["apparent_writer"] in HELD_OUT_HANDS for row in csv.DictReader(rows)}


def ink_pages(strokes: Path) -> dict[str, bool]:
    """Page id → held out, by its writer."""
    with (strokes / "unipen_ink_pages.jsonl").open(encoding="utf-8") as lines:
        pages = [json.loads(line) for line in lines]
    return {page["id"]: is_held_out(page["writer"]) for page in pages}


def car_a(detection: Path) -> dict[str, bool]:
    """Image stem → held out. The writers are unknown, so each cheque counts for itself."""
    return {path.stem: is_held_out(path.stem) for path in sorted((detection / "car_a" / "images").iterdir())}


def pen_writers(strokes: Path) -> frozenset[str]:
    """The held-out writers of the recorded pen strokes: all files of strokes taken together."""
    writers: set[str] = set()
    for name in ("unipen_digits.jsonl", "unipen_ink_pages.jsonl"):
        with (strokes / name).open(encoding="utf-8") as lines:
            writers.update(json.loads(line)["writer"] for line in lines)
    return held_out(writers)


def mnist_writers(writers: Iterable[int]) -> frozenset[int]:
    """The held-out writers of the scanned glyphs."""
    return frozenset(int(w) for w in writers if is_held_out(f"mnist {int(w)}"))
