"""YOLO detection data sets as ultralytics has them: one text file a picture, a line `class cx cy w h` a box, shares of the page.

Classes go by name in both directions. Segmentation polygons are refused, not turned into boxes.
"""

import os
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from labeler.core.boxes import ClassRect, Rect
from labeler.core.errors import BadInput
from labeler.core.i18n import tr
from labeler.formats import yolo_layout
from labeler.formats.album import labelled
from labeler.formats.outside import files_under, is_picture, numbers, page_rect, text_of, unreadable
from labeler.formats.sample import SPLITS, Dataset, LabelledBox, Link, Page, Rejected, Sample, SizeOf, in_order


def detect(path: Path) -> bool:
    """Whether `path` is a data.yaml, or a folder with one or with pictures and YOLO labels."""
    if path.is_file() or yolo_layout.is_described(path):
        return yolo_layout.is_described(path)
    files = files_under(path, [])
    if any(file.suffix == ".txt" and yolo_layout.is_below_labels(file.relative_to(path)) for file in files):
        return any(is_picture(file) for file in files)
    known = set(files)
    beside = [file.with_suffix(".txt") for file in files if is_picture(file) and file.with_suffix(".txt") in known]
    return any(yolo_layout.looks_like_labels(yolo_layout.bytes_or_none(file) or b"") for file in beside)


def read(path: Path, *, size_of: SizeOf) -> Dataset:
    """The data set at a folder or data.yaml.

    A picture without label file is unlabelled; an empty label file means blank. Of a label file with bad lines the good ones
    stay; where every line is bad, the picture counts as unlabelled. Raises UserError where the classes have no names.
    """
    rejected: list[Rejected] = []
    layout = yolo_layout.find(path, rejected)
    reader = _LabelReader(layout.names, size_of, rejected)
    samples = [sample for picture, split in layout.pictures.items() if (sample := reader.sample(picture, split))]
    rejected += [Rejected(str(stray), tr("There is no picture to this label file.")) for stray in layout.strays]
    return Dataset(layout.classes, samples, rejected)


class _LabelReader:
    """Reads label files one after the other, with the names, sizes and list of refusals they share."""

    def __init__(self, names: dict[Path, dict[int, str]], size_of: SizeOf, rejected: list[Rejected]) -> None:
        self._names = names
        self._size_of = size_of
        self._rejected = rejected
        self._places = cache(self._label_places)
        self._closed = {Path(refused.path) for refused in rejected}

    def sample(self, picture: Path, split: str | None) -> Sample | None:
        """None where the picture itself cannot be used."""
        for folder, names in self._places(os.path.dirname(picture)):  # noqa: PTH120 - Paths cost more than reading the file
            place = f"{folder}{picture.stem}.txt"
            try:
                with open(place, "rb", buffering=0) as file:  # noqa: PTH123
                    data = file.read()
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                self._reject_unreadable(Path(place), error)
                return Sample(picture, None, split)
            return self._labelled(Sample(picture, None, split), names, place, data)
        return Sample(picture, None, split)

    def _label_places(self, pictures: str) -> list[tuple[str, dict[int, str]]]:
        """Where the label files of the pictures in a folder may be, as beginnings of their paths, and the names of the classes there."""
        folders = yolo_layout.label_folders(Path(pictures))
        return [(f"{folder}{os.sep}", self._names.get(folder, {})) for folder in folders]

    def _labelled(self, sample: Sample, names: dict[int, str], place: str, data: bytes) -> Sample | None:
        try:
            lines = [(at, line) for at, line in enumerate(text_of(data).splitlines(), start=1) if line.strip()]
        except BadInput as error:
            self._reject(Path(place), error.message)
            return sample
        if not lines:
            return Sample(sample.path, (), sample.split)
        try:
            size = self._size_of(sample.path)
        except BadInput as error:
            self._reject(sample.path, error.message)
            return None
        try:
            boxes = tuple([parse_line(line, names=names, size=size) for _, line in lines])
            return Sample(sample.path, boxes, sample.split)
        except BadInput:
            pass  # and now line by line, to say which
        return labelled(
            sample,
            Path(place),
            ((tr("Line {line}", line=at), line) for at, line in lines),
            lambda line: parse_line(line, names=names, size=size),
            self._rejected,
        )

    def _reject_unreadable(self, place: Path, error: OSError) -> None:
        """Says it of the file, or once of its folder where that cannot be entered."""
        try:
            place.stat()
        except OSError:
            place = place.parent
        if place not in self._closed:
            self._closed.add(place)
            self._reject(place, unreadable(error))

    def _reject(self, path: Path, reason: str) -> None:
        self._rejected.append(Rejected(str(path), reason))


def parse_line(line: str, *, names: dict[int, str], size: tuple[int, int]) -> LabelledBox:
    """The box that one line states, on a page of `size` (width, height) pixels. Raises BadInput with the reason."""
    fields = line.split()
    if len(fields) > 6 and len(fields) % 2 == 1:
        raise BadInput(tr("A polygon, not a box; only boxes can be read."))
    if len(fields) != 5:
        raise BadInput(
            tr("{count} values where 5 are needed: class, centre x, centre y, width, height.", count=len(fields))
        )
    index, cx, cy, w, h = numbers(fields)
    if index not in names:
        raise BadInput(tr("Class {index} has no name; there are {count} classes.", index=fields[0], count=len(names)))
    width, height = size
    rect = Rect((cx - w / 2) * width, (cy - h / 2) * height, w * width, h * height)
    return LabelledBox(page_rect(rect, width=width, height=height), names[int(index)])


def write(folder: Path, pages: Iterable[Page], classes: Sequence[str], *, link: Link) -> None:
    """`images/<split>/`, `labels/<split>/` with a file for each page (empty for a blank one), and `data.yaml`.

    data.yaml has no `path`, so that ultralytics looks beside it, from whatever folder it is started.
    """
    used: dict[str, tuple[Path, Path]] = {}
    for page in pages:
        if page.split not in used:
            used[page.split] = folder / "images" / page.split, folder / "labels" / page.split
            for place in used[page.split]:
                place.mkdir(parents=True, exist_ok=True)
        images, labels = used[page.split]
        link(page, images / page.file_name)
        text = "".join([_line(box, page) for box in in_order(page.boxes)])
        with open(f"{labels}{os.sep}{page.name}.txt", "wb", buffering=0) as file:  # noqa: PTH123 - a Path for each takes as long
            file.write(text.encode("ascii"))
    for split in ("train", "val"):
        (folder / "images" / split).mkdir(parents=True, exist_ok=True)
    (folder / "data.yaml").write_bytes(_data_yaml(classes, set(used)).encode())


def _line(box: ClassRect, page: Page) -> str:
    """Shares with eight decimals: a ten-thousandth of a pixel on a page of 20,000."""
    cx, cy = (box.x + box.w / 2) / page.width, (box.y + box.h / 2) / page.height
    return f"{box.class_id} {cx:.8f} {cy:.8f} {box.w / page.width:.8f} {box.h / page.height:.8f}\n"


def _data_yaml(classes: Sequence[str], used: set[str]) -> str:
    """The description. train and val must be there for ultralytics to load it, so an empty one is named too, and said to be empty."""
    import yaml

    lines = ["# A data set by Labeler. Folders are relative to this file."]
    lines += [f"# No page is in {split}, so that folder is empty." for split in ("train", "val") if split not in used]
    lines += [f"{split}: images/{split}" for split in SPLITS if split in used or split != "test"]
    names = yaml.safe_dump({"names": dict(enumerate(classes))}, allow_unicode=True, sort_keys=False, width=10_000)
    return "\n".join(lines) + "\n" + names
