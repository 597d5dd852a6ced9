"""Gathers the samples of a data set while its label files are read: finds each picture, refuses what does not fit, keeps the rest.

Shared by the readers; knows none of their formats.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from labeler.core.errors import BadInput
from labeler.core.i18n import tr
from labeler.formats.outside import files_under, same_size
from labeler.formats.pictures import Pictures
from labeler.formats.sample import Dataset, LabelledBox, Rejected, Sample, SizeOf

Entry = TypeVar("Entry")
Size = tuple[int, int]
Parse = Callable[[Entry, Size], LabelledBox]
"""Makes a box of one entry for a page of so many pixels (width, height); raises BadInput."""


class Album:
    """The pictures below a folder and the samples made of them. With a label file as `path` only what it labels is a sample;
    with a folder every picture is. `home` is where pictures are looked for."""

    def __init__(self, path: Path, *, size_of: SizeOf, home: Path | None = None) -> None:
        self.rejected: list[Rejected] = []
        self.home = home or (path if path.is_dir() else path.parent)
        self.files = files_under(self.home, self.rejected)
        self.pictures = Pictures(self.home, self.files)
        self._is_whole = path.is_dir()
        self._size_of = size_of
        self._samples: dict[Path, Sample] = {}

    def reject(self, file: Path, reason: str, *, what: str = "") -> None:
        """Notes that `file`, or `what` in it, did not come in."""
        self.rejected.append(Rejected(str(file), tr("{what}: {reason}", what=what, reason=reason) if what else reason))

    def label(
        self,
        file: Path,
        name: object,
        entries: Iterable[tuple[str, Entry]] | None,
        parse: Parse[Entry],
        *,
        declared: tuple[float, float] = (0, 0),
        split: str | None = None,
        what: str = "",
    ) -> None:
        """Adds the picture that `file` calls `name` with the boxes of `entries` (each with what to call it), or unlabelled
        where that is None. `declared` is the size that the labels were made for."""
        try:
            picture, size = self.resolve(name, near=file, declared=declared, split=split)
            self.add(Sample(picture, None, split or self.pictures.split_of(picture)), file, entries, parse, size=size)
        except BadInput as error:
            self.reject(file, error.message, what=what)

    def resolve(
        self, name: object, *, near: Path, declared: tuple[float, float], split: str | None = None
    ) -> tuple[Path, Size]:
        """A picture by its name in a label file, with its size. Raises BadInput where it is missing, broken or of another size."""
        picture = self.pictures.find(name, near=near, split=split)
        size = self._size_of(picture)
        same_size(declared, size)
        return picture, size

    def add(
        self,
        sample: Sample,
        file: Path,
        entries: Iterable[tuple[str, Entry]] | None,
        parse: Parse[Entry],
        *,
        size: Size,
    ) -> None:
        """Adds `sample` with the boxes of `entries`. Raises BadInput where its picture is labelled already."""
        if sample.path in self._samples:
            raise BadInput(tr("The picture {name} is labelled twice.", name=sample.path.name))
        if entries is not None:
            sample = labelled(sample, file, entries, lambda entry: parse(entry, size), self.rejected)
        self._samples[sample.path] = sample

    def dataset(self, classes: Iterable[str]) -> Dataset:
        """What was gathered; of a folder also the pictures without labels. `classes` are those the data set lists, in order."""
        if self._is_whole:
            for picture in self.pictures.all:
                self._samples.setdefault(picture, Sample(picture, None, self.pictures.split_of(picture)))
        samples = list(self._samples.values())
        return Dataset(_with_those_met(classes, samples), samples, self.rejected)


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


def _with_those_met(listed: Iterable[str], samples: Iterable[Sample]) -> tuple[str, ...]:
    """The listed classes, then those that only boxes have: numbers by value before words by letter."""
    met = {box.class_name for sample in samples for box in sample.boxes or ()}
    first = dict.fromkeys(listed)

    def rank(name: str) -> tuple[bool, int, str]:
        return not name.isdecimal(), len(name) if name.isdecimal() else 0, name

    return (*first, *sorted(met - first.keys(), key=rank))
