"""A writer withdraws: their pages, ink, boxes and name leave the project's folder; models that learnt from them are marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from labeler.core.boxes import ClassRect
from labeler.core.changes import Changes
from labeler.core.errors import Conflict, NotFound, UserError
from labeler.core.i18n import tr
from labeler.core.progress import Progress, silent
from labeler.core.scrubbing import without_writer
from labeler.core.versions import FrozenImage, content_hash
from labeler.services import _leftovers, _removal, _writer_steps
from labeler.services._rows import chunks
from labeler.services.project import Project
from labeler_db.models import (
    BlobRow,
    BoxRow,
    EditRow,
    ImageRow,
    ModelRow,
    RunRow,
    SettingRow,
    SuggestionRow,
    VersionImageRow,
    VersionRow,
    WriterRow,
)

MARK = "withdrawn"
"""Key in a model's settings: when writers it learnt from withdrew."""
UNFINISHED = "forget"
"""Setting: the writer whose pages are deleted but may still be in the database's free pages."""
BUSY = ("preparing", "running", "judging", "queued")


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What is gone, in numbers; `models` are the names of those marked, `backups` the old databases that were deleted."""

    writer: str
    images: int
    boxes: int
    suggestions: int
    edits: int
    versions: int
    models: tuple[str, ...]
    files: int
    backups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Traces:
    """Where a writer is found in the database. `learnt` are the versions that gave them to a training."""

    writer_id: int
    image_ids: tuple[int, ...]
    hashes: frozenset[str]
    versions: tuple[int, ...]
    learnt: frozenset[int]


def forget(project: Project, code: str, *, progress: Progress = silent) -> Forgotten:
    """Remove everything of a writer from the project's folder. It cannot be undone; copies outside the folder are not reached.

    Raises `NotFound` for an unknown writer, `Conflict` while a training waits or runs, or another program holds the database.
    Files go first: should it be broken off, the writer is still listed and it can be asked for again.
    """
    if project.setting(UNFINISHED) == code and not _is_listed(project, code):  # it was broken off in between
        _shrink(project, code)
        return Forgotten(code, 0, 0, 0, 0, 0, (), 0, ())
    with project.read() as session:
        traces = _find(session, code)
        folders = [
            project.folder / run.folder
            for run in session.scalars(select(RunRow))
            if run.version_id in traces.versions and run.folder
        ]
        busy = session.scalar(select(func.count(RunRow.id)).where(RunRow.state.in_(BUSY))) or 0
    if busy:
        raise Conflict(
            tr("A training is waiting or running, and may be reading these pages."),
            tr("Wait for it, or cancel it, then try again."),
        )
    progress(0, 3, tr("Deleting files"))
    old = _leftovers.old_databases(project, code, traces.hashes)
    files = [*_leftovers.files_with(project, traces.hashes), *_leftovers.training_pictures(folders)]
    _delete(project, [*files, *old])
    progress(1, 3, tr("Deleting pages"))
    with project.write(
        Changes(library=True, models=True, versions=True, images=frozenset(traces.image_ids))
    ) as session:
        gone = _erase(session, code, traces)
    progress(2, 3, tr("Rewriting the database"))
    _shrink(project, code)
    progress(3, 3)
    names = tuple(str(path.relative_to(project.folder)) for path in old)
    return Forgotten(code, len(traces.image_ids), *gone, files=len(files), backups=names)


def _is_listed(project: Project, code: str) -> bool:
    with project.read() as session:
        return session.scalar(select(WriterRow.id).where(WriterRow.code == code)) is not None


def _find(session: Session, code: str) -> _Traces:
    writer = session.scalars(select(WriterRow).where(WriterRow.code == code)).one_or_none()
    if writer is None:
        raise NotFound(tr("There is no writer {code}.", code=code))
    images = session.execute(
        select(ImageRow.id, ImageRow.sha256, ImageRow.upright_sha256).where(ImageRow.writer_id == writer.id)
    ).all()
    hashes = frozenset(sha for _, first, second in images for sha in (first, second))
    frozen = session.scalars(select(VersionImageRow).where(_theirs(code, tuple(i for i, _, _ in images)))).all()
    by_hash = [
        r
        for part in chunks(sorted(hashes))
        for r in session.scalars(select(VersionImageRow).where(VersionImageRow.upright_sha256.in_(part)))
    ]
    every = [*frozen, *by_hash]
    return _Traces(
        writer.id, tuple(i for i, _, _ in images), hashes | {r.upright_sha256 for r in every},
        tuple(sorted({r.version_id for r in every})), frozenset(r.version_id for r in every if r.split != "test"),
    )  # fmt: skip


def _theirs(code: str, image_ids: Sequence[int]) -> ColumnElement[bool]:
    return or_(VersionImageRow.writer == code, VersionImageRow.image_id.in_(image_ids))


def _erase(session: Session, code: str, traces: _Traces) -> tuple[int, int, int, int, tuple[str, ...]]:
    """All rows. Returns the numbers of boxes, suggestions, edits and versions, and the models marked."""
    counts = [_count(session, table, traces.image_ids) for table in (BoxRow, SuggestionRow, EditRow)]
    for part in chunks(sorted(traces.hashes)):
        session.execute(delete(VersionImageRow).where(VersionImageRow.upright_sha256.in_(part)))
    session.execute(delete(VersionImageRow).where(VersionImageRow.writer == code))
    _removal.remove_images(session, traces.image_ids)
    for part in chunks(sorted(traces.hashes)):  # frozen pages whose image was deleted before
        used = select(ImageRow.sha256).union(select(ImageRow.upright_sha256))
        session.execute(delete(BlobRow).where(BlobRow.sha256.in_(part), BlobRow.sha256.not_in(used)))
    session.execute(delete(WriterRow).where(WriterRow.id == traces.writer_id))
    session.flush()
    for version_id in traces.versions:
        _rehash(session, version_id)
    marked = _mark(session, traces.learnt)
    _scrub(session, code)
    session.merge(SettingRow(key=UNFINISHED, value=code))
    return counts[0], counts[1], counts[2], len(traces.versions), marked


def _count(session: Session, table: type[BoxRow | SuggestionRow | EditRow], image_ids: Sequence[int]) -> int:
    return sum(
        session.scalar(select(func.count()).select_from(table).where(table.image_id.in_(part))) or 0
        for part in chunks(image_ids)
    )


def _rehash(session: Session, version_id: int) -> None:
    """A version holds less now, so its hash is another: two versions of one hash must hold the same."""
    row = session.get_one(VersionRow, version_id)
    kept = session.scalars(select(VersionImageRow).where(VersionImageRow.version_id == version_id)).all()
    row.hash = content_hash(
        row.classes,
        [
            FrozenImage(
                r.upright_sha256,
                r.format,
                r.width,
                r.height,
                r.split,
                tuple(ClassRect(x, y, w, h, c) for c, x, y, w, h in r.boxes),
            )
            for r in kept
        ],
    )
    row.note = " ".join(filter(None, (row.note, tr("A writer has withdrawn; their pages are gone."))))


def _mark(session: Session, learnt: frozenset[int]) -> tuple[str, ...]:
    """Mark the models trained on these versions, and those trained from such models."""
    models = session.scalars(select(ModelRow).order_by(ModelRow.id)).all()
    tainted: set[int] = set()
    for model in models:
        if model.version_id in learnt or model.parent_id in tainted:
            tainted.add(model.id)
            before = model.settings.get(MARK, [])
            model.settings = {**model.settings, MARK: [*before, datetime.now(UTC).date().isoformat()]}
    return tuple(m.name for m in models if m.id in tainted)


def _scrub(session: Session, code: str) -> None:
    """Take the code out of settings, figures and runs."""
    _writer_steps.drop_all(session)
    for setting in session.scalars(select(SettingRow)):
        setting.value = without_writer(setting.value, code)
    for model in session.scalars(select(ModelRow)):
        model.metrics, model.settings = without_writer(model.metrics, code), without_writer(model.settings, code)
    for run in session.scalars(select(RunRow)):
        run.request, run.result = without_writer(run.request, code), without_writer(run.result, code)


def _delete(project: Project, paths: Sequence[Path]) -> None:
    try:
        _leftovers.delete(paths)
    except OSError as error:
        raise UserError(
            tr(
                "{path} cannot be deleted: {reason}",
                path=error.filename or project.folder,
                reason=error.strerror or error,
            ),
            tr("Nothing of the database was changed. Close what has it open, then try again."),
        ) from error


def _shrink(project: Project, code: str) -> None:
    """Write the database anew, so that what was deleted is not left in its free pages or its log.

    Where it cannot be done the writer is listed once more, without pages, so that it can be asked for again.
    """
    project.set_setting(UNFINISHED, None)  # before, since it names the writer
    if not project.shrink():
        with project.write(Changes(library=True)) as session:
            session.add(WriterRow(code=code))
            session.merge(SettingRow(key=UNFINISHED, value=code))
        raise Conflict(
            tr(
                "The pages are deleted, but the database cannot be rewritten while another program has the project open."
            ),
            tr("Close the other window, then do it once more."),
        )
