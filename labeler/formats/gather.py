"""Turns the entries of a label file into the boxes of a sample, refusing what cannot be read and keeping the rest."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from labeler.core.errors import BadInput
from labeler.core.i18n import tr
from labeler.formats.sample import LabelledBox, Rejected, Sample

Entry = TypeVar("Entry")


def labelled(
    sample: Sample,
    file: Path,
    entries: Iterable[tuple[str, Entry]],
    parse: Callable[[Entry], LabelledBox],
    rejected: list[Rejected],
) -> Sample:
    """`sample` with the boxes that `parse` makes of `entries` (each with what to call it, such as “Line 3”).

    No entries make a blank page; entries of which none can be read make an unlabelled one.
    """
    boxes: list[LabelledBox] = []
    refused = 0
    for what, entry in entries:
        try:
            boxes.append(parse(entry))
        except BadInput as error:
            refused += 1
            rejected.append(Rejected(str(file), tr("{what}: {reason}", what=what, reason=error.message)))
    found = None if refused and not boxes else tuple(boxes)
    return Sample(sample.path, found, sample.split, refused == 0, sample.load)


def sorted_classes(listed: Iterable[str], samples: Iterable[Sample]) -> tuple[str, ...]:
    """The classes that a data set lists, then those its boxes have beyond, numbers by value before words by letter."""
    met = {box.class_name for sample in samples for box in sample.boxes or ()}
    first = dict.fromkeys(listed)
    return (
        *first,
        *sorted(met - first.keys(), key=lambda name: (not name.isdecimal(), len(name) * name.isdecimal(), name)),
    )
