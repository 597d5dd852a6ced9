"""Proof of an export: what was written is read back from the files and compared with the version, number by number."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from labeler.core.boxes import ClassRect, Rect
from labeler.core.errors import UserError
from labeler.core.i18n import tr
from labeler.core.versions import FrozenImage
from labeler.formats import pixels
from labeler.formats.registry import READERS
from labeler.formats.sample import Dataset, LabelledBox, Sample, in_order
from labeler.services._files import sha256_of
from labeler.services._kept import KeptPictures
from labeler.services.versions import Version

PROOF_FILE = "proof.json"
NOT_THERE = ("who wrote a page", "ink", "prompts", "suggestions", "review states", "history")
"""What a project knows and no format holds."""
TOLERANCE = 0.5
"""Pixels that a format's own rounding may cost a coordinate."""


class ProofFailed(UserError):
    """What was written is not what the version holds; the export is thrown away."""


def prove(
    folder: Path, format_: str, version: Version, images: Sequence[FrozenImage], *, kept: KeptPictures | None = None
) -> None:
    """Read the export in `folder` back; write `proof.json` when it equals the version, raise `ProofFailed` when not.

    What `kept` knows of a picture is not read again.
    """
    dataset = READERS[format_](folder, size_of=kept.size_of if kept else pixels.size_of)
    hash_of = kept.sha256_of if kept else sha256_of
    problems = [*_rejected(dataset), *compare(dataset, version.classes, images, hash_of=hash_of), *_leaks(images)]
    if problems:
        raise ProofFailed(
            tr(
                "The export was thrown away: read back, it differs from the version. First difference: {text}",
                text=problems[0],
            ),
            tr("Nothing was changed in the project. Please report this."),
        )
    (folder / PROOF_FILE).write_text(
        json.dumps(_summary(format_, version, images), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def compare(
    dataset: Dataset, classes: Sequence[str], images: Sequence[FrozenImage], *, hash_of: Callable[[Path], str]
) -> list[str]:
    """Differences between a data set read from files and the images it should hold, in words; empty when there are none."""
    problems: list[str] = []
    if tuple(dataset.classes) != tuple(classes):
        problems.append(f"classes {list(dataset.classes)} instead of {list(classes)}")
    by_hash: dict[str, Sample] = {}
    for sample in dataset.samples:
        sha256 = hash_of(sample.path)
        if sha256 in by_hash:
            problems.append(f"{sample.path.name} has the bytes of {by_hash[sha256].path.name}")
        by_hash[sha256] = sample
    for image in images:
        found = by_hash.pop(image.sha256, None)
        problems += [f"image {image.sha256[:20]} is missing"] if found is None else _page(image, found, classes)
    problems += [f"{sample.path.name} is not in the version" for sample in by_hash.values()]
    return problems


def _page(image: FrozenImage, found: Sample, classes: Sequence[str]) -> list[str]:
    name = found.path.name  # its bytes are the version's, so its pixels and its size are too
    if found.split is not None and found.split != image.split:
        return [f"{name} is in {found.split} instead of {image.split}"]
    if found.boxes is None:
        return [f"{name} has no labels"]
    if _equal(in_order(image.boxes), found.boxes, classes):
        return []
    want = Counter(classes[b.class_id] for b in image.boxes)
    have = Counter(b.class_name for b in found.boxes)
    if want != have:
        return [f"{name} holds {dict(sorted(have.items()))} instead of {dict(sorted(want.items()))}"]
    left = list(found.boxes)
    for box in image.boxes:
        match = next((b for b in left if b.class_name == classes[box.class_id] and _close(b.rect, box)), None)
        if match is None:
            return [f"{name} lacks the {classes[box.class_id]} at {box.x:.1f}, {box.y:.1f}"]
        left.remove(match)
    return []


def _equal(boxes: Sequence[ClassRect], found: Sequence[LabelledBox], classes: Sequence[str]) -> bool:
    """Whether the boxes are all there and in the same order, as is usual; where they are not, it takes longer to say what differs."""
    pairs = zip(boxes, found, strict=False)
    return len(boxes) == len(found) and all(classes[a.class_id] == b.class_name and _close(a, b.rect) for a, b in pairs)


def _close(a: Rect, b: Rect) -> bool:
    return (
        abs(a.x - b.x) <= TOLERANCE
        and abs(a.y - b.y) <= TOLERANCE
        and abs(a.x + a.w - b.x - b.w) <= TOLERANCE
        and abs(a.y + a.h - b.y - b.h) <= TOLERANCE
    )


def _rejected(dataset: Dataset) -> list[str]:
    return [f"{r.path}: {r.reason}" for r in dataset.rejected]


def _leaks(images: Sequence[FrozenImage]) -> list[str]:
    splits: dict[str, set[str]] = {}
    for image in images:
        if image.writer is not None:
            splits.setdefault(image.writer, set()).add(image.split)
    strays = [f"{i.variant} is in {i.split}" for i in images if i.variant and i.split != "train"]
    return strays + [
        f"writer {code} is in {' and '.join(sorted(s))}" for code, s in sorted(splits.items()) if len(s) > 1
    ]


def _summary(format_: str, version: Version, images: Sequence[FrozenImage]) -> dict[str, Any]:
    def count(split: str) -> dict[str, Any]:
        mine = [i for i in images if i.split == split]
        classes = Counter(version.classes[b.class_id] for i in mine for b in i.boxes)
        return {
            "images": len(mine),
            "blank": sum(not i.boxes for i in mine),
            "writers": len({i.writer for i in mine if i.writer is not None}),
            "boxes": sum(classes.values()),
            "by_class": {name: classes[name] for name in version.classes},
        }

    variants = sum(bool(i.variant) for i in images)
    added = {"variants": {"images": variants, "split": "train", "files": "*-variant<number>.png"}} if variants else {}
    return {
        "what": "This export was read back and equals the frozen version.",
        "version": version.name,
        "hash": version.hash,
        "format": format_,
        "checked": [
            "classes and their order",
            "every image by its SHA-256, once (an untouched link to a kept picture by what was read when it was kept)",
            "sizes", "split of every image", "class and place of every box",
            "label files of blank pages", "no writer in two splits",
        ],
        "not in these files": list(NOT_THERE),
        "splits": {split: count(split) for split in ("train", "val", "test")},
        **added,
    }  # fmt: skip
