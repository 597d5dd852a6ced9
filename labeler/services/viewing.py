"""Pages as a person judges a model by them: what is true there beside what the model finds. Reads and detects; writes nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from labeler.core.boxes import ClassRect, Detection
from labeler.core.corrections import GOOD_IOU
from labeler.core.matching import Page as Judged
from labeler.core.matching import match
from labeler.core.pages import Image
from labeler.formats import pixels
from labeler.services import evaluating, images, models, versions
from labeler.services.project import Project


class Mark(StrEnum):
    """What a find is worth."""

    RIGHT = "right"
    MOVED = "moved"
    """The right class, but not well enough placed to be left alone."""
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class PageView:
    """One page. `marks` says of each of `found` what it is; `missed` are those of `truth` that nothing stands for."""

    image: Image
    truth: tuple[ClassRect, ...]
    found: tuple[Detection, ...]
    marks: tuple["Mark", ...]
    missed: tuple[ClassRect, ...]

    @property
    def corrections(self) -> int:
        """What there is to correct."""
        return len(self.missed) + sum(mark is not Mark.RIGHT for mark in self.marks)


def viewer(
    project: Project, model: str, *, min_score: float = evaluating.OPERATING_SCORE
) -> Callable[[Sequence[int]], list[PageView]]:
    """A function from image ids to their views, by this model at this score; the model is loaded once. Ids that are gone are left out.

    The function may be called on any thread, as often as one likes.
    """
    chosen = models.find(project, model)
    detector = models.detector(project, chosen.name)
    class_of = models.class_map(project, chosen)
    truth = {i.image_id: i.boxes for i in versions.labelled(project)}

    def view(ids: Sequence[int]) -> list[PageView]:
        shown = []
        for image in images.images(project, ids):
            picture = pixels.decode(images.picture(project, image.id))
            raw = detector.detect([picture], min_score=min_score)[0]
            found = tuple(d for d in map(class_of, raw) if d is not None)
            shown.append(_view(image, truth.get(image.id, ()), found))
        return shown

    return view


def _view(image: Image, truth: tuple[ClassRect, ...], found: tuple[Detection, ...]) -> PageView:
    matching = match(Judged(truth, found), min_score=0.0)
    same = {pair.found: pair.iou for pair in matching.pairs if pair.same_class}

    def mark(n: int) -> Mark:
        return Mark.WRONG if n not in same else Mark.RIGHT if same[n] >= GOOD_IOU else Mark.MOVED

    marks = tuple(mark(n) for n in range(len(found)))
    return PageView(image, truth, found, marks, tuple(truth[n] for n in matching.missed))
