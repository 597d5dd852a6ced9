"""Pages of ink drawn again for an export: with other pens and papers, of training writers only, and never where a box is not clear.

Nothing here is kept in the database: a variant is its page, its number and the recipe.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from labeler.core.errors import BadInput
from labeler.core.i18n import tr
from labeler.core.ink_pages import picture
from labeler.core.ink_variants import MOST, Groups, Variant, owners, seed_of, variant
from labeler.core.progress import Progress, silent
from labeler.core.versions import NAMED, FrozenImage, freeze_boxes
from labeler.formats import rasters
from labeler.services import collecting
from labeler.services._rows import chunks
from labeler.services.project import Project
from labeler_db.models import InkRow

SPLIT = "train"


@dataclass(frozen=True, slots=True)
class Variants:
    """What was drawn. `pages` are the pages of ink it was drawn from, `left_out` those whose boxes do not say which strokes are theirs."""

    images: tuple[FrozenImage, ...] = ()
    pages: int = 0
    left_out: int = 0


def draw(
    project: Project,
    images: Sequence[FrozenImage],
    times: int,
    *,
    keep: Callable[[FrozenImage, bytes], None],
    progress: Progress = silent,
) -> Variants:
    """Every page of ink among `images` that is in the split train, drawn `times` more times; `keep` gets each with its PNG bytes.

    The same images and `times` give the same bytes. Raises `BadInput` where `times` is not 0…`MOST`, `Cancelled`.
    """
    check(times)
    pages = ink_images(project, images) if times else []
    drawn: list[FrozenImage] = []
    left_out = 0
    for done, image in enumerate(pages):
        progress(done, len(pages), tr("Drawing pages of ink again"))
        found = _variants(project, image, times)
        left_out += not found
        for number, one in enumerate(found, start=1):
            data = rasters.png(picture(one.page))
            drawn.append(_frozen(image, number, one, data))
            keep(drawn[-1], data)
    return Variants(tuple(drawn), len(pages), left_out)


def check(times: int) -> None:
    """Raises `BadInput` for a number of variants that cannot be drawn."""
    if not 0 <= times <= MOST:
        raise BadInput(tr("A page of ink can be drawn again 0 to {most} times, not {times}.", most=MOST, times=times))


def ink_images(project: Project, images: Iterable[FrozenImage]) -> list[FrozenImage]:
    """Those of the images that are pages of ink in the split train."""
    mine = {i.image_id: i for i in images if i.split == SPLIT and i.image_id is not None and not i.variant}
    with project.read() as session:
        found = [
            image_id
            for part in chunks(sorted(i for i in mine if i is not None))
            for image_id in session.scalars(select(InkRow.image_id).where(InkRow.image_id.in_(part)))
        ]
    return sorted((mine[i] for i in found), key=lambda image: image.sha256)


def _variants(project: Project, image: FrozenImage, times: int) -> list[Variant]:
    """None where the boxes of the page are not clear."""
    assert image.image_id is not None, "a page of ink is in the project"
    page = collecting.ink_page(project, image.image_id)
    groups = owners(page, image.boxes, _known(project, image.image_id))
    if groups is None:
        return []
    return [variant(page, image.boxes, groups, seed=seed_of(image.sha256, n)) for n in range(1, times + 1)]


def _known(project: Project, image_id: int) -> Groups:
    """The groups of strokes that boxes of this page were made of when it was written."""
    with project.read() as session:
        settings = session.get_one(InkRow, image_id).settings
    return tuple(tuple(run) for run in settings.get("groups", ()))


def _frozen(image: FrozenImage, number: int, one: Variant, data: bytes) -> FrozenImage:
    width, height = one.page.picture_size
    return FrozenImage(
        hashlib.sha256(data).hexdigest(), "png", width, height, image.split, freeze_boxes((b.class_id, b) for b in one.boxes),
        image.writer, image.image_id, f"{image.sha256[:NAMED]}-variant{number}",
    )  # fmt: skip
