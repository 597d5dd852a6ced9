"""Once around with the real worker: a tiny training ends with a candidate that is judged, promoted, suggests, and is taken back."""

from pathlib import Path

import pytest

from labeler.core.boxes import ClassRect
from labeler.services import evaluating, images, importing, models, splitting, suggesting, training
from labeler.services.project import Project
from labeler.training import launcher
from labeler.training.protocol import Epoch
from labeler_db.models import RunRow
from tests.helpers import handwriting
from tests.helpers.fake_detector import review_with_boxes


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_real_training_ends_with_a_candidate(project: Project, tmp_path: Path) -> None:
    for writer in range(6):
        folder = tmp_path / "in" / f"学生{writer}"
        folder.mkdir(parents=True)
        for n in range(2):
            made = handwriting.page(n, writer=writer, width=128, height=96, digits=3)
            (folder / f"{n}.png").write_bytes(made.png())
    importing.import_paths(project, [tmp_path / "in"], writer_from="folder")
    for image in images.images(project, images.image_ids(project)):
        made = handwriting.page(
            int(image.name[0]), writer=int((image.writer or "x")[-1]), width=128, height=96, digits=3
        )
        review_with_boxes(project, image.id, *(ClassRect(r.x, r.y, r.w, r.h, digit) for digit, r in made.boxes))
    splitting.assign(project)
    options = training.TrainOptions(
        arch="yolov5n", start="shipped", epochs=1, imgsz=64, batch=4, device="cpu", threads=1
    )
    run = training.start(project, options)
    with project.read() as session:
        row = session.get_one(RunRow, run.id)
        pid, started_at = (
            row.pid or 0,
            row.pid_started or 0.0,
        )  # later it names the process that takes the model in: this one
    epochs: list[int] = []
    run = training.follow(project, run.id, on_event=lambda e: epochs.append(e.epoch) if isinstance(e, Epoch) else None)
    assert launcher.wait(pid, started_at, timeout=120)
    assert run.state == "done", (run.reason, training.log_tail(project, run.id, lines=30))
    assert epochs == [1]
    made_model = models.find(project, run.model or "")
    assert models.weights_file(project, made_model) is not None
    assert made_model.metrics["test"]["images"] == images.stats(project).by_split["test"]
    assert run.answer[0].endswith("shipped.")
    assert made_model.name in run.answer[0]
    found = evaluating.evaluate(project, model=made_model.name)
    assert found.boxes == 3 * found.images
    assert models.promote(project, made_model.name).is_current
    report = suggesting.suggest(project, states=["reviewed"], min_score=0.01)
    assert report.model == made_model.name
    assert models.save_model(project, made_model.name, tmp_path / "模型" / "out.pt").stat().st_size > 100_000
    assert models.rollback(project).name == "shipped"
