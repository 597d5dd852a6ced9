"""Has a worker process draw the pictures that a training would see. Knows files; knows nothing of torch."""

from dataclasses import dataclass
from pathlib import Path

from labeler.core.errors import UserError
from labeler.core.i18n import tr
from labeler.core.progress import Progress, silent
from labeler.training.protocol import Request, write_request
from labeler.training.subprocesses import ask

MODULE = "labeler.training.worker_preview"
OUTCOME = "preview.json"
MOSAIC, PLAIN = "mosaic.png", "plain.png"


@dataclass(frozen=True, slots=True)
class Preview:
    """Two pictures as PNG bytes: a batch as most epochs see it, and one as the last epochs do."""

    mosaic: bytes
    plain: bytes


def preview(folder: Path, request: Request, *, progress: Progress = silent) -> Preview:
    """Draw batches of the data set that `request` names, within the empty `folder`. Raises `UserError`, `Cancelled`."""
    write_request(folder, request)
    told = ask(MODULE, str(folder), folder=folder, answer=OUTCOME, progress=progress, text=tr("Preparing a batch"))
    if told is None:
        raise UserError(tr("No batch could be prepared."), tr("Is there enough memory? Try a smaller image size."))
    if failed := told.get("failed"):
        raise UserError(failed["text"], failed["hint"])
    return Preview((folder / MOSAIC).read_bytes(), (folder / PLAIN).read_bytes())
