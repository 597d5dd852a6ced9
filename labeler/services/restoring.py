"""Looking into frozen versions: what differs between two, their pictures, and giving images their boxes of then again."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from labeler.core import restoring, version_diff
from labeler.core.boxes import ClassRect
from labeler.core.changes import Changes
from labeler.core.errors import Conflict, NotFound
from labeler.core.i18n import tr
from labeler.core.progress import Progress, silent, track
from labeler.core.version_diff import VersionDiff
from labeler.core.versions import FrozenImage
from labeler.services import labeling, versions
from labeler.services._rows import chunks
from labeler.services.project import Project
from labeler_db.models import BlobRow, EditRow, ImageRow, ThumbnailRow


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: images whose boxes changed, boxes that came and went, and frozen images that the project has no more.

    `edits` are the ids of the steps in the edit log, one an image; `take_back` undoes them together.
    """

    version: str
    images: int
    added: int
    removed: int
    missing: int
    edits: tuple[int, ...]


def diff(project: Project, before: str, after: str | None) -> VersionDiff:
    """What is other in version `after` (as the data are now, when None) than in version `before`. Raises `NotFound`."""
    old = versions.find(project, before)
    if after is None:
        new_images, new_classes = versions.labelled(project), project.classes
    else:
        new = versions.find(project, after)
        new_images, new_classes = versions.images_of(project, new.id), new.classes
    return version_diff.diff(versions.images_of(project, old.id), new_images, classes=(old.classes, new_classes))


def picture(project: Project, sha256: str) -> bytes:
    """The upright bytes of a frozen image, whether the project still has the image or not. Raises `NotFound`."""
    with project.read() as session:
        data = session.scalar(select(BlobRow.data).where(BlobRow.sha256 == sha256))
    if data is None:
        raise NotFound(tr("The picture of this version is gone."))
    return data


def names(project: Project, images: Sequence[FrozenImage]) -> dict[str, str]:
    """The names of frozen images by hash, where the project still has them."""
    found: dict[str, str] = {}
    with project.read() as session:
        for part in chunks([i.sha256 for i in images]):
            query = select(ImageRow.upright_sha256, ImageRow.name).where(ImageRow.upright_sha256.in_(part))
            found.update((sha, name) for sha, name in session.execute(query))
    return found


def thumbnail(project: Project, sha256: str) -> bytes:
    """A small picture of a frozen image; the whole one where the project no longer has the image. Raises `NotFound`."""
    with project.read() as session:
        data = session.scalar(
            select(ThumbnailRow.data)
            .join(ImageRow, ImageRow.id == ThumbnailRow.image_id)
            .where(ImageRow.upright_sha256 == sha256)
        )
    return picture(project, sha256) if data is None else data


def restore(
    project: Project,
    name: str,
    *,
    hashes: Sequence[str] | None = None,
    annotator: str = "",
    progress: Progress = silent,
) -> Restored:
    """Give images the boxes again that version `name` froze: all of its images, or those with these `hashes`.

    One transaction, one undoable step an image; images that the version does not know stay as they are, and so does every split.
    Raises `NotFound`, `Cancelled`.
    """
    version = versions.find(project, name)
    text = tr("Restore the boxes of {version}", version=name)
    frozen = versions.images_of(project, version.id)
    chosen = None if hashes is None else set(hashes)
    wanted = [i for i in frozen if chosen is None or i.sha256 in chosen]
    added = removed = missing = 0
    touched: set[int] = set()
    with project.write() as session:
        first = session.scalar(select(EditRow.id).order_by(EditRow.id.desc()).limit(1)) or 0
        here = _here(project, wanted)
        for image in track(wanted, progress, text):
            image_id = here.get(image.sha256)
            if image_id is None:
                missing += 1
                continue
            edit = restoring.restore(
                labeling.load_page(session, image_id), _named(project, version.classes, image), text
            )
            if not edit.is_empty:
                labeling.apply_in(session, edit, annotator=annotator)
                touched.add(image_id)
                added, removed = added + len(edit.after.boxes), removed + len(edit.before.boxes)
        session.flush()
        steps = tuple(session.scalars(select(EditRow.id).where(EditRow.id > first).order_by(EditRow.id)))
    project.changes.publish(Changes(images=frozenset(touched), library=True))
    return Restored(name, len(touched), added, removed, missing, steps)


def take_back(project: Project, restored: Restored) -> None:
    """Undo every step of a restoring. Raises `Conflict` where something was done since."""
    with project.read() as session:
        newest = session.scalars(
            select(EditRow.id).where(EditRow.state == "applied").order_by(EditRow.id.desc()).limit(len(restored.edits))
        ).all()
    if tuple(reversed(newest)) != restored.edits:
        raise Conflict(
            tr("Something else was done since, so this cannot be taken back as one."),
            tr("The history on the desk takes it back step by step."),
        )
    for _ in restored.edits:
        labeling.undo(project)


def _here(project: Project, images: Sequence[FrozenImage]) -> dict[str, int]:
    found: dict[str, int] = {}
    with project.read() as session:
        for part in chunks([i.sha256 for i in images]):
            query = select(ImageRow.upright_sha256, ImageRow.id).where(ImageRow.upright_sha256.in_(part))
            found.update((sha, image_id) for sha, image_id in session.execute(query))
    return found


def _named(project: Project, classes: Sequence[str], image: FrozenImage) -> list[ClassRect]:
    """The frozen boxes with the project's class ids, told by name. Raises `NotFound` for a class that is gone."""
    boxes = []
    for b in image.boxes:
        class_id = project.class_id(classes[b.class_id])
        if class_id is None:
            raise NotFound(tr("The project has no class {name} any more.", name=classes[b.class_id]))
        boxes.append(ClassRect(b.x, b.y, b.w, b.h, class_id))
    return boxes
