"""What suggestions that take the size of a person's boxes are worth: `python -m tests.benchmarks.bench_habit ../shared/data`.

Pages that the shipped detector has not learnt from, source by source, are corrected one after the other as somebody would who leaves a box
that overlaps their own by 0.7 (IoU) as it is: once with the suggestions as the detector made them, once with each page fitted as it is
opened. Prints corrections per 100 digits, and the margin at the end.
"""

import argparse
import tempfile
from pathlib import Path

from labeler.core.correcting import correct_page
from labeler.services import fitting, images, importing, labeling, ledger, models, suggesting
from labeler.services.project import Project
from labeler.training.shipped import holdout
from labeler_db.models import ImageRow
from tests.benchmarks.recorded.__main__ import read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", type=Path, help="an ONNX file instead of the shipped detector")
    args = parser.parse_args()
    detection = args.data / "detection"
    held = {
        "hme_vas": holdout.hme_vas(detection),
        "car_a": holdout.car_a(detection),
        "ink_pages_rendered": holdout.ink_pages(args.data / "strokes"),
    }
    print(f"{'source':<20}{'pages':>6}{'as made':>10}{'fitted':>9}{'margin':>9}")
    for source in (*held, "webcam_numbers", "worksheet_scans"):
        every = sorted((detection / source / "images").iterdir())
        files = [file for file in every if held.get(source, {}).get(file.stem, True)]
        (made, _), (fitted, margin) = (corrected(files, args.model, fit=fit) for fit in (False, True))
        print(f"{source:<20}{len(files):>6}{made:>10.1f}{fitted:>9.1f}{margin:>9.3f}", flush=True)


def corrected(files: list[Path], model: Path | None, *, fit: bool) -> tuple[float, float]:
    """Corrections per 100 digits over all pages, in their order, and the margin that was learnt."""
    with tempfile.TemporaryDirectory() as scratch, Project.create(Path(scratch) / "project") as project:
        if model is not None:
            models.promote(project, models.import_model(project, model).name)
        importing.import_paths(project, files)
        suggesting.suggest(project)
        truth = {file.name: read(file).truth for file in files}
        for image in images.images(project, images.image_ids(project)):
            if fit:
                fitting.fit(project, image.id)
            labeling.apply(project, correct_page(labeling.page(project, image.id), truth[image.name]))
        current = models.current(project)
        effort = next(line.effort for line in ledger.ledger(project) if line.model == current.name)
        with project.read() as session:
            margin = fitting.habit_of(session, session.get_one(ImageRow, image.id), current.id)
    return effort.corrections_per_100 or 0.0, margin


if __name__ == "__main__":
    main()
