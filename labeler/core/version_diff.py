"""What differs between two frozen data sets, image by image and box by box. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from labeler.core.boxes import ClassRect, iou
from labeler.core.versions import FrozenImage

SAME_DIGIT = 0.3
"""IoU from which a box that is gone and one that is new are taken for the same digit, moved or relabelled."""


@dataclass(frozen=True, slots=True)
class BoxChange:
    """A digit's box before and after: None before where it was added, None after where it was removed."""

    before: ClassRect | None
    after: ClassRect | None


@dataclass(frozen=True, slots=True)
class ImageChange:
    """An image that differs. `kept` are the boxes that both versions have; None on a side: the image is not in that version."""

    before: FrozenImage | None
    after: FrozenImage | None
    boxes: tuple[BoxChange, ...]
    kept: tuple[ClassRect, ...]

    @property
    def image(self) -> FrozenImage:
        """The image as it is after, or as it was where it is gone."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def is_moved(self) -> bool:
        """Whether it is in another split."""
        return self.before is not None and self.after is not None and self.before.split != self.after.split


@dataclass(frozen=True, slots=True)
class VersionDiff:
    """Class ids index `classes`, which holds the names of both versions, each once."""

    classes: tuple[str, ...]
    classes_added: tuple[str, ...]
    classes_removed: tuple[str, ...]
    images: tuple[ImageChange, ...]
    same: int

    def counts(self) -> Counter[str]:
        """How many images were added, removed, moved to another split, or have other boxes; and boxes added, removed, changed."""
        found: Counter[str] = Counter()
        for change in self.images:
            found["images added"] += change.before is None
            found["images removed"] += change.after is None
            found["images moved"] += change.is_moved
            for box in change.boxes if change.before is not None and change.after is not None else ():
                kind = "added" if box.before is None else "removed" if box.after is None else "changed"
                found[f"boxes {kind}"] += 1
        return found


def diff(
    before: Iterable[FrozenImage], after: Iterable[FrozenImage], *, classes: tuple[Sequence[str], Sequence[str]]
) -> VersionDiff:
    """What is other in `after` than in `before`; `classes` are the names of each. Images are told by their upright bytes."""
    names = tuple(dict.fromkeys((*classes[0], *classes[1])))
    old = {i.sha256: _renamed(i, classes[0], names) for i in before}
    new = {i.sha256: _renamed(i, classes[1], names) for i in after}
    changes = [_change(old.get(sha), new.get(sha)) for sha in sorted({*old, *new})]
    different = tuple(c for c in changes if c.boxes or c.is_moved or c.before is None or c.after is None)
    return VersionDiff(
        names,
        tuple(n for n in classes[1] if n not in classes[0]),
        tuple(n for n in classes[0] if n not in classes[1]),
        different,
        len(changes) - len(different),
    )


def _renamed(image: FrozenImage, names: Sequence[str], joint: Sequence[str]) -> FrozenImage:
    return replace(image, boxes=tuple(replace(b, class_id=joint.index(names[b.class_id])) for b in image.boxes))


def _change(before: FrozenImage | None, after: FrozenImage | None) -> ImageChange:
    old = Counter(before.boxes if before is not None else ())
    new = Counter(after.boxes if after is not None else ())
    kept = old & new
    return ImageChange(
        before,
        after,
        tuple(_pairs(list((old - kept).elements()), list((new - kept).elements()))),
        tuple(kept.elements()),
    )


def _pairs(gone: list[ClassRect], fresh: list[ClassRect]) -> Iterable[BoxChange]:
    """Boxes that overlap are one digit, those that overlap most first; what is left over was removed or added."""
    overlaps = sorted(
        ((iou(a, b), i, j) for i, a in enumerate(gone) for j, b in enumerate(fresh)), key=lambda o: (-o[0], o[1], o[2])
    )
    old, new = set(range(len(gone))), set(range(len(fresh)))
    for overlap, i, j in overlaps:
        if overlap >= SAME_DIGIT and i in old and j in new:
            old.remove(i)
            new.remove(j)
            yield BoxChange(gone[i], fresh[j])
    yield from (BoxChange(gone[i], None) for i in sorted(old))
    yield from (BoxChange(None, fresh[j]) for j in sorted(new))


def as_one_sided(image: FrozenImage) -> ImageChange:
    """An image of a version by itself, with nothing to compare it with."""
    return ImageChange(image, image, (), image.boxes)
