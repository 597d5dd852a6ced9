"""What a training would see, as pictures: some labelled pages of the training writers, augmented as the options say. Freezes nothing."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from labeler.core.errors import UserError
from labeler.core.i18n import tr
from labeler.core.progress import Progress, silent
from labeler.core.versions import FrozenImage
from labeler.services import _variants, images, training, versions
from labeler.services.project import Project
from labeler.training.previewing import Preview, preview
from labeler.training.protocol import Request

MOST = 24
"""Pages that the pictures are made of."""


def show(project: Project, options: training.TrainOptions, *, progress: Progress = silent) -> Preview:
    """Two augmented batches. `options.seed` says which. Raises `UserError` where nothing is labelled, `Cancelled`."""
    labelled = [i for i in versions.labelled(project) if i.split == "train" and i.boxes and i.image_id is not None]
    if not labelled:
        raise UserError(tr("No labelled page is in the split train."), tr("Label pages, then assign splits."))
    start = options.seed * MOST % len(labelled)
    chosen = [*labelled[start:], *labelled[:start]][:MOST]
    settled = training.settled(project, options, labelled)
    with tempfile.TemporaryDirectory(prefix="labeler-", ignore_cleanup_errors=True) as place:
        data = _write(project, Path(place) / "data", chosen, options.variants)
        request = Request(
            str(data), settled.arch, epochs=settled.epochs, imgsz=settled.imgsz, batch=settled.batch, device="cpu", seed=options.seed,
            overrides=settled.overrides,
        )  # fmt: skip
        folder = Path(place) / "run"
        folder.mkdir()
        return preview(folder, request, progress=progress)


def _write(project: Project, folder: Path, chosen: Sequence[FrozenImage], variants: int) -> Path:
    """A small YOLO data set for this once; returns its data.yaml."""
    for kind in ("images", "labels"):
        (folder / kind).mkdir(parents=True)

    def put(image: FrozenImage, data: bytes) -> None:
        suffix = ".jpg" if image.format == "jpeg" else ".png"
        (folder / "images" / f"{image.sha256}{suffix}").write_bytes(data)
        lines = [
            f"{b.class_id} {(b.x + b.w / 2) / image.width} {(b.y + b.h / 2) / image.height} {b.w / image.width} {b.h / image.height}"
            for b in image.boxes
        ]
        (folder / "labels" / f"{image.sha256}.txt").write_text("\n".join(lines), encoding="ascii")

    for image in chosen:
        put(image, images.picture(project, image.image_id or 0))
    _variants.draw(project, chosen, variants, keep=put)
    names = "".join(f"  {n}: {name!r}\n" for n, name in enumerate(project.classes))
    file = folder / "data.yaml"
    file.write_text(f"train: images\nval: images\nnames:\n{names}", encoding="utf-8")
    return file
