"""Seeds errors into real, reviewed pages and counts which of them `labeler check` finds: precision at 50 and recall, by kind.

    python -m tests.benchmarks.bench_check [--data ../shared/data] [--share 0.05] [--sources hme_vas,car_a,ink_pages_rendered]
                                           [--held-out]

Without `--held-out` all pages are used and no model is asked, because the shipped detector has learnt from most of them. With it,
only pages that the shipped detector never saw are used, and it is a witness.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import delete, select

from labeler.core.boxes import Box, Rect, iou, new_box
from labeler.core.findings import Finding, Kind
from labeler.services import checking, images, importing
from labeler.services._looking import _elsewhere, _moved_off
from labeler.services._rows import from_box, to_box
from labeler.services.project import Project
from labeler.training.shipped import holdout
from labeler_db.models import BoxRow, ImageRow

KINDS = (Kind.CLASS, Kind.PLACE, Kind.MISSED, Kind.NOTHING, Kind.DOUBLED)


@dataclass(frozen=True, slots=True)
class Error:
    """One seeded error: a box of an image, or where one was taken away."""

    kind: Kind
    image: int
    box: str | None
    rect: Rect
    source: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--sources", default="hme_vas,car_a,ink_pages_rendered")
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    sources = args.sources.split(",")
    with tempfile.TemporaryDirectory() as scratch, Project.create(Path(scratch) / "p") as project:
        importing.import_paths(project, [args.data / "detection" / s for s in sources])
        if args.held_out:
            keep_only(project, held_out_stems(args.data, sources))
        errors = seed_errors(project, args.share, np.random.default_rng(args.seed))
        started = time.monotonic()
        report = checking.check(project, min_score=0.0, ask_models=args.held_out)
        seconds = time.monotonic() - started
        asked = ", ".join(report.witnesses) or "look-alikes only"
        print(f"{report.images} images, {report.boxes} boxes, witnesses: {asked}; {seconds:.0f} s")
        tell("all sources", errors, report.findings)
        source_of = {i.id: i.source for i in images.images(project, images.image_ids(project))}
        for source in sources if len(sources) > 1 else ():
            mine = [e for e in errors if e.source == source]
            tell(source, mine, tuple(f for f in report.findings if source_of[f.image] == source))


def tell(title: str, errors: list[Error], findings: tuple[Finding, ...]) -> None:
    print(title)
    for kind in KINDS:
        seeded = [e for e in errors if e.kind is kind]
        mine = [f for f in findings if f.kind is kind]
        right = [hits(f, seeded) for f in mine[:50]]
        likely = [f for f in findings if f.score >= checking.LIKELY]
        as_kind = sum(any(hits(f, [e]) for f in likely if f.kind is kind) for e in seeded)
        as_any = sum(any(hits(f, [e]) for f in likely) for e in seeded)
        asked = sum(f.kind is kind for f in likely)
        at_50 = f"{sum(right)}/{len(right)}"
        print(
            f"  {kind:8} seeded {len(seeded):4}  precision at 50: {at_50:>6}  recall {as_kind / max(len(seeded), 1):.2f}"
            f" (as any kind {as_any / max(len(seeded), 1):.2f})  asked {asked}"
        )


def hits(finding: Finding, errors: list[Error]) -> bool:
    """Whether a finding points at one of the errors."""
    for e in errors:
        if e.image == finding.image:
            if e.box is not None and e.box == finding.box:
                return True
            if e.box is None and finding.box is None and finding.rect is not None and iou(e.rect, finding.rect) >= 0.3:
                return True
    return False


def seed_errors(project: Project, share: float, rng: np.random.Generator) -> list[Error]:
    """In each page, of each kind for `share` of the boxes, at most one error a box."""
    errors: list[Error] = []
    with project.write() as session:
        for image in session.scalars(select(ImageRow)):
            boxes = [to_box(b) for b in session.scalars(select(BoxRow).where(BoxRow.image_id == image.id))]
            for box in boxes:
                kind = KINDS[int(rng.integers(len(KINDS)))] if rng.random() < share * len(KINDS) else None
                made = SEED[kind](box, boxes, image, rng) if kind is not None else None
                if kind is None or made is None:
                    continue
                gone, new = made
                if gone:
                    session.execute(delete(BoxRow).where(BoxRow.id == box.id))
                if new is not None:
                    session.add(from_box(image.id, new))
                errors.append(Error(kind, image.id, new.id if new else None, new or box, image.source))
    return errors


Made = tuple[bool, Box | None]


def swap_class(box: Box, boxes: list[Box], image: ImageRow, rng: np.random.Generator) -> Made:
    return True, new_box(box, (box.class_id + int(rng.integers(1, 10))) % 10)


def misplace(box: Box, boxes: list[Box], image: ImageRow, rng: np.random.Generator) -> Made:
    return True, new_box(_moved_off(rng, box), box.class_id)


def miss(box: Box, boxes: list[Box], image: ImageRow, rng: np.random.Generator) -> Made:
    return True, None


def invent(box: Box, boxes: list[Box], image: ImageRow, rng: np.random.Generator) -> Made | None:
    place = _elsewhere(rng, boxes, image.width, image.height)
    return (False, new_box(place, int(rng.integers(10)))) if place is not None else None


def double(box: Box, boxes: list[Box], image: ImageRow, rng: np.random.Generator) -> Made:
    dx, dy = rng.uniform(-0.06, 0.06, 2)
    return False, new_box(Rect(box.x + dx * box.w, box.y + dy * box.h, box.w, box.h), box.class_id)


SEED: dict[Kind, Callable[[Box, list[Box], ImageRow, np.random.Generator], Made | None]] = {
    Kind.CLASS: swap_class, Kind.PLACE: misplace, Kind.MISSED: miss, Kind.NOTHING: invent, Kind.DOUBLED: double,
}  # fmt: skip


def held_out_stems(data: Path, sources: list[str]) -> set[str]:
    """Pages that the shipped detector never learnt from."""
    stems: set[str] = set()
    for source in sources:
        if source in holdout.UNSEEN_SOURCES:
            stems |= {f.stem for f in (data / "detection" / source / "images").iterdir()}
        elif source == "hme_vas":
            stems |= {s for s, out in holdout.hme_vas(data / "detection").items() if out}
        elif source == "car_a":
            stems |= {s for s, out in holdout.car_a(data / "detection").items() if out}
        else:
            stems |= {s for s, out in holdout.ink_pages(data / "strokes").items() if out}
    return stems


def keep_only(project: Project, stems: set[str]) -> None:
    with project.write() as session:
        for image in session.scalars(select(ImageRow)):
            if Path(image.name).stem not in stems:
                session.delete(image)
    left = Counter(i.source for i in images.images(project, images.image_ids(project)))
    print(f"held-out pages: {dict(left)}")


if __name__ == "__main__":
    main()
