"""What suggestions that take the size of a person's boxes are worth: `python -m tests.benchmarks.bench_habit ../shared/data`.

Pages that the shipped detector has not learnt from, source by source, are corrected one after the other as somebody would who leaves a box
that overlaps their own by 0.7 (IoU) as it is: once with the suggestions as the detector made them, once with each page fitted as it is
opened. Prints corrections per 100 digits, the first page that was fitted, and the margin at the end. With `--grown 0.08` everybody draws
boxes that much larger on each side, as a share of the longer one.
"""

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

from labeler.core.boxes import ClassRect, clip, grown
from labeler.core.correcting import correct_page
from labeler.core.pages import Image
from labeler.services import fitting, images, importing, labeling, ledger, models, suggesting
from labeler.services.project import Project
from labeler.training.shipped import holdout
from labeler_db.models import ImageRow
from tests.benchmarks.recorded.__main__ import read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", type=Path, help="an ONNX file instead of the shipped detector")
    parser.add_argument("--grown", type=float, default=0.0)
    args = parser.parse_args()
    detection = args.data / "detection"
    held = {
        "hme_vas": holdout.hme_vas(detection),
        "car_a": holdout.car_a(detection),
        "ink_pages_rendered": holdout.ink_pages(args.data / "strokes"),
    }
    print(f"{'source':<20}{'pages':>6}{'as made':>10}{'fitted':>9}{'from page':>11}{'margin':>9}")
    for source in (*held, "webcam_numbers", "worksheet_scans"):
        every = sorted((detection / source / "images").iterdir())
        files = [file for file in every if held.get(source, {}).get(file.stem, True)]
        made, fitted = (corrected(files, args.model, grown_by=args.grown, fit=fit) for fit in (False, True))
        first = fitted.first or "-"
        print(
            f"{source:<20}{len(files):>6}{made.per_100:>10.1f}{fitted.per_100:>9.1f}{first:>11}{fitted.margin:>9.3f}",
            flush=True,
        )


@dataclass(frozen=True, slots=True)
class Corrected:
    """Corrections per 100 digits over all pages; the first page, from 1, whose suggestions were fitted; the margin at the end."""

    per_100: float
    first: int | None
    margin: float


def corrected(files: list[Path], model: Path | None, *, grown_by: float, fit: bool) -> Corrected:
    """Corrects all pages in their order."""
    first = None
    with tempfile.TemporaryDirectory() as scratch, Project.create(Path(scratch) / "project") as project:
        if model is not None:
            models.promote(project, models.import_model(project, model).name)
        importing.import_paths(project, files)
        suggesting.suggest(project)
        truth = {file.name: read(file).truth for file in files}
        for number, image in enumerate(images.images(project, images.image_ids(project)), start=1):
            page = labeling.page(project, image.id)
            if fit:
                fitting.fit(project, image.id)
                before, page = page.suggestions, labeling.page(project, image.id)
                first = first or (number if page.suggestions != before else None)
            labeling.apply(project, correct_page(page, [larger(box, grown_by, image) for box in truth[image.name]]))
        current = models.current(project)
        effort = next(line.effort for line in ledger.ledger(project) if line.model == current.name)
        with project.read() as session:
            margin = fitting.habit_of(session, session.get_one(ImageRow, image.id), current.id)
    return Corrected(effort.corrections_per_100 or 0.0, first, margin)


def larger(box: ClassRect, by: float, page: Image) -> ClassRect:
    place = clip(grown(box, by * max(box.w, box.h)), page.width, page.height)
    return ClassRect(place.x, place.y, place.w, place.h, box.class_id)


if __name__ == "__main__":
    main()
