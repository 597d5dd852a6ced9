"""Bringing pictures, and data sets with boxes, into a project. Bad files are reported and never stop the good ones."""

import hashlib
import os
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from labeler.core.boxes import Box, Origin, clip, new_id
from labeler.core.changes import Changes
from labeler.core.errors import BadInput, NotFound, UserError
from labeler.core.i18n import ntr, tr
from labeler.core.progress import Progress, silent
from labeler.formats import pixels, scans
from labeler.formats.registry import READERS, detect_format
from labeler.formats.sample import Rejected, Sample
from labeler.services import _store, sheets
from labeler.services.project import Project

CHUNK = 32
"""Images per transaction: few enough that an edit never waits long for the write lock."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came of an import. `added` and `duplicates` count images; `rejected` says why something did not come in."""

    added: int
    duplicates: int
    boxes: int
    rejected: tuple[Rejected, ...]
    seconds: float
    image_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Options:
    writer: str | None
    pattern: re.Pattern[str] | None
    writer_is_folder: bool
    use_splits: bool

    def writer_of(self, path: Path) -> str | None:
        if self.writer_is_folder:
            return path.parent.name or None
        if self.pattern is not None:
            found = self.pattern.search(path.as_posix())
            return (found.group(1) if found.re.groups else found.group(0)) or None if found else None
        return self.writer


@dataclass(slots=True)
class _Tally:
    added: int = 0
    duplicates: int = 0
    boxes: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    image_ids: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Loaded:
    sample: Sample
    source: str
    data: bytes
    upright: pixels.Upright
    sheet: sheets.Incoming | None = None


def import_paths(
    project: Project,
    paths: Sequence[Path],
    *,
    format: str = "auto",
    writer: str | None = None,
    writer_from: str | None = None,
    use_splits: bool = False,
    progress: Progress = silent,
) -> ImportReport:
    """Import files, folders and data sets.

    `writer` names whose hand all of it is; `writer_from` is "folder" (each image's folder names its writer) or a regular expression
    searched in each path, whose first group is the writer; a printed sheet says itself whose it is. `use_splits` keeps the splits a
    data set comes with. An image that is here already (same bytes, or same pixels) counts as a duplicate; it gets the file's boxes
    only where it has none and nobody reviewed it. Raises `UserError` for options that make no sense, `Cancelled`; what was committed
    before stays.
    """
    started = time.monotonic()
    if format not in ("auto", "images", *READERS):
        raise BadInput(
            tr("There is no format called {name}.", name=format),
            tr("Formats: {names}", names=", ".join(["auto", "images", *sorted(READERS)])),
        )
    options = _options(writer, writer_from, use_splits)
    tally = _Tally()
    samples: list[tuple[Sample, str]] = []
    for path in paths:
        samples.extend(_collect(path, format, tally))
    total = len(samples)
    loaded = _load_all(samples, sheets.SheetReader(project), tally, progress)
    while chunk := list(islice(loaded, CHUNK)):
        _store_chunk(project, chunk, options, tally)
    progress(total, total, tr("Importing"))
    return ImportReport(
        tally.added,
        tally.duplicates,
        tally.boxes,
        tuple(tally.rejected),
        time.monotonic() - started,
        tuple(tally.image_ids),
    )


def _options(writer: str | None, writer_from: str | None, use_splits: bool) -> _Options:
    if writer is not None and writer_from is not None:
        raise BadInput(tr("Give either one writer for all images, or a rule that finds each image's writer, not both."))
    if writer_from in (None, "folder"):
        return _Options(writer, None, writer_from == "folder", use_splits)
    try:
        return _Options(None, re.compile(writer_from or ""), False, use_splits)
    except re.error as error:
        raise BadInput(
            tr("The pattern {pattern} is no valid regular expression: {reason}", pattern=writer_from, reason=error),
            tr("Use “folder”, or a pattern with one group, for example: (writer\\d+)_"),
        ) from error


def _collect(path: Path, format_: str, tally: _Tally) -> list[tuple[Sample, str]]:
    try:
        if not path.exists():
            raise NotFound(tr("There is no such file or folder."))
        found = detect_format(path) if format_ == "auto" else format_
        if found == "images":
            return list(_pictures(path))
        dataset = READERS[found](path, size_of=pixels.size_of)
    except UserError as error:
        tally.rejected.append(Rejected(str(path), " ".join(filter(None, (error.message, error.hint)))))
        return []
    except OSError as error:
        tally.rejected.append(Rejected(str(path), tr("It cannot be read: {reason}", reason=error.strerror or error)))
        return []
    tally.rejected.extend(dataset.rejected)
    source = path.name if path.is_dir() else path.parent.name
    return [(sample, source) for sample in dataset.samples]


def _pictures(path: Path) -> Iterator[tuple[Sample, str]]:
    if path.is_file():
        yield from ((sample, path.parent.name) for sample in scans.expand(path))
        return
    next(path.iterdir(), None)  # says why a folder may not be read, where os.walk would pass over it
    for folder, subfolders, names in os.walk(path):
        subfolders.sort()
        for name in sorted(names):
            if Path(name).suffix.lower() in pixels.IMAGE_SUFFIXES | scans.SUFFIXES and not name.startswith("."):
                yield from ((sample, path.name) for sample in scans.expand(Path(folder) / name))


def _load_all(
    samples: Sequence[tuple[Sample, str]], reader: sheets.SheetReader, tally: _Tally, progress: Progress
) -> Iterator[_Loaded]:
    """Read and normalise in threads, a bounded number ahead, in order."""
    total = len(samples)
    workers = max(1, os.cpu_count() or 1)
    waiting: list[tuple[Sample, Future[_Loaded]]] = []
    todo = iter(samples)
    with ThreadPoolExecutor(workers, thread_name_prefix="import") as pool:
        try:
            for done in range(total):
                for sample, source in islice(todo, 2 * workers - len(waiting)):
                    waiting.append((sample, pool.submit(_load, sample, source, reader)))
                progress(done, total, tr("Importing"))
                sample, future = waiting.pop(0)
                try:
                    yield future.result()
                except UserError as error:
                    tally.rejected.append(Rejected(str(sample.path), error.message))
                except OSError as error:
                    tally.rejected.append(
                        Rejected(str(sample.path), tr("It cannot be read: {reason}", reason=error.strerror or error))
                    )
        finally:
            for _, future in waiting:
                future.cancel()


def _load(sample: Sample, source: str, reader: sheets.SheetReader) -> _Loaded:
    data = sample.read()
    upright = pixels.normalise(data, name=sample.path.name)
    name, source = _legible(sample.path.name), _legible(source)
    sheet = reader.take(data, upright, name=name, source=source) if sample.boxes is None else None
    return _Loaded(sample, source, data, upright, sheet)


def _store_chunk(project: Project, chunk: list[_Loaded], options: _Options, tally: _Tally) -> None:
    changed: list[int] = []
    counts = _Tally()
    with project.write() as session:
        for item in chunk:
            writer = options.writer_of(item.sample.path)
            if item.sheet is not None:
                found = sheets.keep(session, item.sheet, writer=writer and _legible(writer))
                counts.added += found.added
                counts.duplicates += found.duplicates
                counts.boxes += found.boxes
                changed += found.image_ids
                continue
            boxes = _boxes(project, item, counts.rejected)
            split = item.sample.split if options.use_splits else None
            kept = _store.add_image(
                session,
                _store.NewImage(
                    sha256=hashlib.sha256(item.data).hexdigest(), data=item.data, upright=item.upright,
                    name=_legible(item.sample.path.name), source=item.source, writer=writer and _legible(writer),
                    split=split, boxes=boxes, is_complete=item.sample.is_complete,
                ),
            )  # fmt: skip
            if kept.split_refused:
                counts.rejected.append(
                    Rejected(
                        str(item.sample.path),
                        tr(
                            "Its split {split} was not kept: its writer or twin is in {other}.",
                            split=split,
                            other=kept.split_refused,
                        ),
                    )
                )
            counts.added += not kept.duplicate
            counts.duplicates += kept.duplicate
            counts.boxes += kept.boxes
            changed.append(kept.image_id)
    tally.added += counts.added
    tally.duplicates += counts.duplicates
    tally.boxes += counts.boxes
    tally.rejected += counts.rejected
    tally.image_ids += changed
    project.changes.publish(Changes(images=frozenset(changed), library=True))


def _legible(name: str) -> str:
    """A file name that is no text in this system's encoding, as archives from elsewhere leave behind, with marks for what is not."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _boxes(project: Project, item: _Loaded, rejected: list[Rejected]) -> tuple[Box, ...] | None:
    if item.sample.boxes is None:
        return None
    boxes: list[Box] = []
    unknown: Counter[str] = Counter()
    for labelled in item.sample.boxes:
        class_id = project.class_id(labelled.class_name)
        if class_id is None:
            unknown[labelled.class_name] += 1
            continue
        where = clip(labelled.rect, item.upright.width, item.upright.height)
        boxes.append(Box(where.x, where.y, where.w, where.h, class_id, new_id(), Origin.IMPORT))
    rejected += [
        Rejected(
            str(item.sample.path),
            ntr("{count} box of the class “{name}”, which this project does not have.",
                "{count} boxes of the class “{name}”, which this project does not have.", n, name=name),
        )
        for name, n in sorted(unknown.items())
    ]  # fmt: skip
    # Of a page with nothing but unknown classes nobody knows whether it holds digits under another name.
    return tuple(boxes) if boxes or not unknown else None
