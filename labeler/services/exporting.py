"""Writes a version as files, reads them back, and keeps the result only when it equals the version."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.core.errors import UserError
from labeler.core.i18n import tr
from labeler.core.progress import Progress, silent
from labeler.core.versions import NAMED, FrozenImage
from labeler.formats.registry import WRITERS
from labeler.formats.sample import Page
from labeler.services import _variants, versions
from labeler.services._files import sha256_of
from labeler.services._proof import PROOF_FILE, ProofFailed, prove
from labeler.services.project import Project
from labeler.services.versions import Version
from labeler_db.models import BlobRow

CACHE = "cache"


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
    progress: Progress = silent,
) -> ExportReport:
    """Freeze (or reuse) a version and write it to the folder `out`, proved by reading it back.

    Each page of ink in the split train is drawn `variants` more times, with other pens and papers. `out` must be new, empty, or an
    earlier export, which is replaced as a whole. Raises `UserError` where `out` holds anything else, cannot be written, or the proof
    fails; then nothing is left behind.
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
    frozen = versions.find(project, version) if version else versions.freeze(project)
    pages = versions.images_of(project, frozen.id)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    except OSError as error:
        raise _unwritable(out, error) from error
    try:
        part.chmod(0o755)
        drawn = _write_proved(project, part, format, frozen, pages, variants, progress)
        _put_in_place(part, out)
    except OSError as error:
        raise _unwritable(out, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return ExportReport(
        frozen.name, frozen.hash, out, format, frozen.by_split, frozen.boxes, time.monotonic() - started, drawn
    )


def _write_proved(
    project: Project,
    part: Path,
    format_: str,
    frozen: Version,
    pages: list[FrozenImage],
    variants: int,
    progress: Progress,
) -> _variants.Variants:
    def keep(image: FrozenImage, data: bytes) -> None:
        kept = _kept(project, page_of(image))
        if not kept.exists():
            _put(data, kept)

    drawn = _variants.draw(project, pages, variants, keep=keep, progress=progress)
    pages = [*pages, *drawn.images]
    _write(project, part, format_, frozen, pages, progress)
    try:
        prove(part, format_, frozen, pages)
    except ProofFailed:
        if not _heal_cache(project, pages):
            raise
        _empty(part)
        _variants.draw(project, pages, variants, keep=keep, progress=progress)
        _write(project, part, format_, frozen, pages, progress)
        prove(part, format_, frozen, pages)
    return drawn


def _heal_cache(project: Project, pages: list[FrozenImage]) -> bool:
    """Drop kept pictures whose bytes have changed: somebody edited one in an export, which is a link to the same file."""
    kept = (_kept(project, page_of(page)) for page in pages)
    spoilt = [file for page, file in zip(pages, kept, strict=True) if file.exists() and sha256_of(file) != page.sha256]
    for file in spoilt:
        file.unlink()
    return bool(spoilt)


def _empty(folder: Path) -> None:
    for child in folder.iterdir():
        if child.is_dir():
            shutil.rmtree(child)
        else:
            child.unlink()


def page_of(image: FrozenImage) -> Page:
    """What a format writes of a frozen image."""
    suffix = ".jpg" if image.format == "jpeg" else ".png"
    return Page(
        name=image.name, suffix=suffix, width=image.width, height=image.height, split=image.split, boxes=image.boxes,
        sha256=image.sha256,
    )  # fmt: skip


def _write(
    project: Project, part: Path, format_: str, frozen: Version, images: list[FrozenImage], progress: Progress
) -> None:
    done = 0
    with project.read() as session:
        link = _linker(project, session)

        def counted(page: Page, target: Path) -> None:
            nonlocal done
            progress(done, len(images), tr("Exporting"))
            link(page, target)
            done += 1

        WRITERS[format_](part, [page_of(i) for i in images], frozen.classes, link=counted)
    progress(len(images), len(images), tr("Exporting"))


def _linker(project: Project, session: Session) -> Callable[[Page, Path], None]:
    """Puts an image's bytes at a path: written once into the cache, hard-linked from there, copied where links cannot go."""

    def link(page: Page, target: Path) -> None:
        kept = _kept(project, page)
        if not kept.exists():
            _fill(session, page.sha256, kept)
        try:
            target.hardlink_to(kept)
        except OSError:
            shutil.copyfile(kept, target)

    return link


def _kept(project: Project, page: Page) -> Path:
    """Where the bytes lie: named after the image that they are of, so that whose writer withdraws is found."""
    name = page.sha256 if page.name == page.sha256[:NAMED] else f"{page.name}-{page.sha256}"
    return project.folder / "exports" / CACHE / name[:2] / f"{name}{page.suffix}"


def _fill(session: Session, sha256: str, kept: Path) -> None:
    data = session.scalar(select(BlobRow.data).where(BlobRow.sha256 == sha256))
    if data is None:
        raise UserError(
            tr("The version holds an image that is no longer in the project."),
            tr("Freeze a new version and export that."),
        )
    _put(data, kept)


def _put(data: bytes, kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_name(f"{kept.name}.{os.getpid()}.part")
    part.write_bytes(data)
    part.replace(kept)


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
