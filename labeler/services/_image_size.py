"""Which image size a training takes where the person leaves it open.

A detector that is trained further should see pages as it reads them best: at other sizes it has to learn anew what digits look like.
Which size that is depends on what it has learnt and on these pages, so it is measured.
"""

import hashlib
import statistics
from collections.abc import Sequence

from labeler.core import matching, metrics, sizing
from labeler.core.versions import FrozenImage
from labeler.detect import looking
from labeler.formats import pixels
from labeler.services import images, models
from labeler.services.models import Model
from labeler.services.project import Project

SAMPLE = 16
"""Pages to train on that are looked at."""
SCORE = 0.25
WORTH = 0.95
"""A larger size costs more time with every page: it counts where it leaves less than this share of what a smaller one leaves to correct."""
_KEY = "training.image_size"


def image_size(project: Project, pages: Sequence[FrozenImage], parent: Model | None) -> int:
    """The image size for a training on `pages` that goes on from `parent`; where that is None, the least that keeps digits legible.

    Kept with the project until the model or the pages that it was measured on are others.
    """
    sizes = sizes_for(pages)
    sample = sorted((p for p in pages if p.split == "train" and p.boxes), key=lambda p: p.sha256)[:SAMPLE]
    if parent is None or len(sizes) == 1 or not sample:
        return sizes[0]
    of = hashlib.sha256(repr((parent.sha256, sizes, sample)).encode()).hexdigest()
    kept = project.setting(_KEY, {})
    if kept.get("of") != of:
        kept = {"of": of, "size": _best(project, sample, parent, sizes)}
        project.set_setting(_KEY, kept)
    return int(kept["size"])


def sizes_for(pages: Sequence[FrozenImage]) -> list[int]:
    """The sizes in question, smallest first: digits are legible, and a page is not enlarged beyond what a detector would do."""
    pairs = [(max(p.width, p.height), max(b.w, b.h)) for p in pages for b in p.boxes]
    least = sizing.image_size([page for page, _ in pairs], [digit for _, digit in pairs])
    if not pairs:
        return [least]
    usual = statistics.median(max(p.width, p.height) for p in pages)
    most = sizing.nearest(looking.first_size(int(usual), own=sizing.SIZES[-1]))
    return [size for size in sizing.SIZES if least <= size <= max(least, most)]


def _best(project: Project, sample: Sequence[FrozenImage], parent: Model, sizes: Sequence[int]) -> int:
    best, least = sizes[0], float("inf")
    for size, pages in _seen(project, sample, parent, sizes).items():
        left = metrics.evaluate(pages, classes=len(project.classes), min_score=SCORE).corrections.per_100 or 0.0
        if left < WORTH * least:
            best, least = size, left
    return best


def _seen(
    project: Project, sample: Sequence[FrozenImage], parent: Model, sizes: Sequence[int]
) -> dict[int, list[matching.Page]]:
    """What the model finds on the pages, each decoded once, at each size and no other."""
    detectors = {size: models.detector(project, parent.name, imgsz=size) for size in sizes}
    class_of = models.class_map(project, parent)
    seen: dict[int, list[matching.Page]] = {size: [] for size in sizes}
    for page in sample:
        picture = pixels.decode(images.picture(project, page.image_id or 0))
        for size, detector in detectors.items():
            found = map(class_of, detector.detect([picture], min_score=SCORE)[0])
            seen[size].append(matching.Page(page.boxes, [d for d in found if d is not None]))
    return seen
