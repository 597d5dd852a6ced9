"""Looks at every labelled page once and keeps what checking asks for: features of its boxes, of ink without one, and of known mistakes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from labeler.core.boxes import Box, Rect, as_array, intersection, iou
from labeler.core.errors import UserError
from labeler.core.i18n import tr
from labeler.core.neighbours import Known, Looks, joined, sampled
from labeler.core.progress import Progress
from labeler.detect import glyphs
from labeler.detect.drawn_digits import drawn_digits
from labeler.formats import pixels
from labeler.services import images
from labeler.services.project import Project

MOST_KNOWN = 30_000
ENOUGH = 2_000
"""Boxes from which a project needs no examples of our drawing."""
COVERED = 0.25
"""Ink of which this share lies in boxes has its label."""


@dataclass(frozen=True, slots=True)
class PageLook:
    """One page: its boxes with their features and how faint each is (0…1), ink without a box, and mistakes made on purpose.

    The first `whole` of `spare` stand by themselves, the others touch ink that has a box.

    `off` are the same boxes moved away from their digits, `empty` places without any.
    """

    image_id: int
    boxes: tuple[Box, ...]
    looks: Looks
    faint: tuple[float, ...]
    spare: tuple[Rect, ...]
    whole: int
    spare_looks: Looks
    off: Looks
    empty: Looks


def look_at_all(
    project: Project, boxes: Mapping[int, Sequence[Box]], found: Mapping[int, Sequence[Rect]], progress: Progress
) -> Iterator[PageLook]:
    """The pages that have boxes, by image id; `found` are places where a model saw digits. A picture that cannot be read is passed
    over."""
    for done, (image_id, held) in enumerate(boxes.items()):
        progress(done, len(boxes), tr("Looking at pages"))
        if not held:
            continue
        try:
            picture = pixels.decode(images.picture(project, image_id))
        except UserError:
            continue
        yield look_at(image_id, picture, tuple(held), found.get(image_id, ()))


def look_at(image_id: int, picture: glyphs.Bytes, boxes: tuple[Box, ...], found: Sequence[Rect] = ()) -> PageLook:
    """One page. The same page gives the same look."""
    rng = np.random.default_rng(image_id)
    sheet = glyphs.sheet(picture, boxes)
    height, width = picture.shape[:2]
    spare = [r for r in (*found, *_others(glyphs.blobs(sheet), found)) if not is_covered(r, boxes)]
    cut = _others(glyphs.blobs(sheet, without=boxes), [*found, *spare])
    empty = [r for _ in range(max(2, len(boxes) // 3)) if (r := _elsewhere(rng, boxes, width, height)) is not None]
    return PageLook(
        image_id, boxes, glyphs.looks(sheet, boxes), tuple(glyphs.faintness(sheet, b) for b in boxes),
        (*spare, *cut), len(spare), glyphs.looks(sheet, [*spare, *cut]),
        glyphs.looks(sheet, [_moved_off(rng, b) for b in boxes]), glyphs.looks(sheet, empty),
    )  # fmt: skip


def _others(rects: Sequence[Rect], known: Sequence[Rect]) -> list[Rect]:
    return [r for r in rects if not any(iou(r, k) >= 0.3 for k in known)]


def is_covered(rect: Rect, boxes: Sequence[Rect]) -> bool:
    """Whether ink in a rectangle belongs to a box already."""
    return any(intersection(rect, b) >= COVERED * rect.area for b in boxes)


def known_from(pages: Sequence[PageLook], class_ids: Mapping[str, int], *, off: int, none: int) -> Known:
    """All that is known of what things look like: boxes by their class, boxes `off` their digit, ink and paper that is `none`.

    `class_ids` are the project's classes by name; where the project has few boxes of its own, digits of our drawing come in.
    """
    parts = [_known(np.zeros((0, glyphs.FEATURES), dtype=np.float32), [], -1)]
    for page in pages:
        fold = page.image_id
        parts += [
            _known(page.looks, [b.class_id for b in page.boxes], fold),
            _known(page.off, [off] * len(page.off), fold),
            _known(
                np.concatenate([page.spare_looks[: page.whole], page.empty]),
                [none] * (page.whole + len(page.empty)),
                fold,
            ),
        ]
    if sum(len(page.boxes) for page in pages) < ENOUGH:
        drawn = [(class_ids[str(d)], look) for d, look in drawn_digits() if str(d) in class_ids]
        if drawn:
            parts.append(_known(np.stack([look for _, look in drawn]), [c for c, _ in drawn], -1))
    return sampled(joined(*parts), MOST_KNOWN, np.random.default_rng(0))


def _known(looks: Looks, answers: Sequence[int], fold: int) -> Known:
    return Known(looks, np.array(answers, dtype=np.int64), np.full(len(answers), fold, dtype=np.int64))


def _moved_off(rng: np.random.Generator, box: Rect) -> Rect:
    """A rectangle that misses its digit as people miss it: shifted, too large or too small, overlapping by a third to a half."""
    while True:
        w, h = (side * float(np.exp(rng.normal(0, 0.25))) for side in (box.w, box.h))
        x = box.x + box.w / 2 + float(rng.normal(0, 0.28)) * box.w - w / 2
        y = box.y + box.h / 2 + float(rng.normal(0, 0.28)) * box.h - h / 2
        moved = Rect(x, y, w, h)
        if 0.3 <= iou(box, moved) <= 0.6:
            return moved


def _elsewhere(rng: np.random.Generator, boxes: Sequence[Box], width: int, height: int) -> Rect | None:
    """A place of a box's size that overlaps no box, or None where the page is full."""
    sides = as_array(boxes)
    for _ in range(20):
        _, _, w, h = sides[rng.integers(len(sides))]
        x, y = rng.uniform(0, max(1.0, width - w)), rng.uniform(0, max(1.0, height - h))
        rect = Rect(float(x), float(y), float(w), float(h))
        if not any(intersection(rect, b) > 0.1 * rect.area for b in boxes):
            return rect
    return None
