"""Writes a version as files, reads them back, and keeps the result only when it equals the version."""

import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.core.errors import UserError
from labeler.core.i18n import tr
from labeler.core.progress import Progress, silent
from labeler.core.versions import FrozenImage
from labeler.formats.registry import WRITERS
from labeler.formats.sample import Page
from labeler.services import _proved, _variants, versions
from labeler.services._kept import KeptPictures
from labeler.services._proof import PROOF_FILE, prove
from labeler.services._proved import Proved
from labeler.services._rows import chunks
from labeler.services.project import Project
from labeler.services.versions import Version
from labeler_db.models import BlobRow

CACHE = "cache"
BATCH = 64
"""Pictures taken out of the database at a time."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written. `by_split` and `boxes` are the version's; `variants` come on top."""

    version: str
    hash: str
    path: Path
    format: str
    by_split: dict[str, int]
    boxes: int
    seconds: float
    variants: _variants.Variants


def export(
    project: Project,
    out: Path,
    *,
    format: str = "yolo",
    version: str | None = None,
    variants: int = 0,
    thorough: bool = False,
    alone: bool = False,
    progress: Progress = silent,
) -> ExportReport:
    """Freeze (or reuse) a version and write it to the folder `out`, proved by reading it back.

    Each page of ink in the split train is drawn `variants` more times, with other pens and papers. `out` must be new, empty, or an
    earlier export, which is replaced as a whole. Raises `UserError` where `out` holds anything else, cannot be written, or the proof
    fails; then nothing is left behind.

    Label files are read back when they are written, a picture when it is kept for the first time; from then on a link to such a file
    that nobody wrote to counts as read. With `thorough` every byte of every file is read again. `alone` gives the export label files
    that are no other export's.
    """
    started = time.monotonic()
    if format not in WRITERS:
        raise UserError(
            tr("There is no export format called {name}.", name=format),
            tr("Formats: {names}", names=", ".join(sorted(WRITERS))),
        )
    _variants.check(variants)
    out = out.resolve()
    _check_target(out)
    frozen = versions.find(project, version) if version else versions.freeze(project, progress=progress)
    kept = KeptPictures(project.folder / "exports" / CACHE, thorough=thorough)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    except OSError as error:
        raise _unwritable(out, error) from error
    may_share = not (variants or thorough or alone)
    record = _proved.record_of(kept.folder, frozen, format)
    drawn = _variants.Variants()
    try:
        proved = _proved.lend(record, part, progress) if may_share else None
        if proved is None:
            drawn, proved = _write_proved(project, kept, part, format, frozen, variants, progress, may_share=may_share)
        part.chmod(0o755)
        _put_in_place(part, out)
        if proved is not None:
            _proved.remember(record, proved, out)
    except OSError as error:
        raise _unwritable(out, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return ExportReport(
        frozen.name, frozen.hash, out, format, frozen.by_split, frozen.boxes, time.monotonic() - started, drawn
    )


def _write_proved(
    project: Project, kept: KeptPictures, part: Path, format_: str, frozen: Version, variants: int, progress: Progress,
    *, may_share: bool,
) -> tuple[_variants.Variants, Proved | None]:  # fmt: skip
    def keep(image: FrozenImage, data: bytes) -> None:
        page = page_of(image)
        if not kept.has(page):
            kept.put(page, data)

    images = versions.images_of(project, frozen.id)
    drawn = _variants.draw(project, images, variants, keep=keep, progress=progress)
    images = [*images, *drawn.images]
    pages = [page_of(image) for image in images]
    with project.read() as session:
        _fill(session, kept, pages, progress)
    _write(kept, part, format_, frozen.classes, pages, progress)
    seen = _proved.look(part, {page.name for page in pages}) if may_share else None
    prove(part, format_, frozen, images, kept=kept)
    return drawn, seen


def page_of(image: FrozenImage) -> Page:
    """What a format writes of a frozen image."""
    suffix = ".jpg" if image.format == "jpeg" else ".png"
    return Page(
        name=image.name, suffix=suffix, width=image.width, height=image.height, split=image.split, boxes=image.boxes,
        sha256=image.sha256,
    )  # fmt: skip


def _write(
    kept: KeptPictures, part: Path, format_: str, classes: Sequence[str], pages: Sequence[Page], progress: Progress
) -> None:
    done = 0

    def counted(page: Page, target: Path) -> None:
        nonlocal done
        progress(done, len(pages), tr("Exporting"))
        kept.link(page, target)
        done += 1

    WRITERS[format_](part, pages, classes, link=counted)
    progress(len(pages), len(pages), tr("Exporting"))


def _fill(session: Session, kept: KeptPictures, pages: Sequence[Page], progress: Progress) -> None:
    """Take the pictures that are not kept yet out of the database, one by one: tried on two cores, two threads and four were no faster."""
    missing = [page for page in pages if not kept.has(page)]
    for done, batch in enumerate(chunks(missing, BATCH)):
        progress(done * BATCH, len(missing), tr("Taking pictures out of the project"))
        found = session.execute(
            select(BlobRow.sha256, BlobRow.data).where(BlobRow.sha256.in_([page.sha256 for page in batch]))
        )
        data = {row.sha256: row.data for row in found}
        for page in batch:
            if page.sha256 not in data:
                raise UserError(
                    tr("The version holds an image that is no longer in the project."),
                    tr("Freeze a new version and export that."),
                )
            kept.put(page, data[page.sha256])


def _check_target(out: Path) -> None:
    if out.is_file():
        raise UserError(tr("{path} is a file.", path=out), tr("Choose a new folder."))
    if out.is_dir() and any(out.iterdir()) and not (out / PROOF_FILE).exists():
        raise UserError(
            tr("The folder {path} is not empty.", path=out),
            tr("Choose a new folder; only an earlier export is replaced."),
        )


def _put_in_place(part: Path, out: Path) -> None:
    old = None
    if out.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{out.name}.old.", dir=out.parent))
        out.replace(old / out.name)
    part.replace(out)
    if old is not None:
        shutil.rmtree(old, ignore_errors=True)


def _unwritable(out: Path, error: OSError) -> UserError:
    return UserError(
        tr("The export to {path} failed: {reason}", path=out, reason=error.strerror or error),
        tr("Check that the folder can be written and the disk has room."),
    )
