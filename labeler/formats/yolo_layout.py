"""Finds what belongs together in a YOLO data set: class names, pictures with their splits, and the label file of each picture.

Knows the layouts people have: data.yaml with folders or lists, `images/` beside `labels/`, splits above or below those, and
pictures and labels side by side. Reads no labels.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labeler.core.errors import BadInput, UserError
from labeler.core.i18n import ntr, tr
from labeler.formats.outside import files_under, is_picture, read_bytes, split_named, text_of
from labeler.formats.sample import Rejected

_LABELS_BESIDE = {"images": "labels", "Images": "Labels", "IMAGES": "LABELS"}
_SPLIT_KEYS = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
_NAME_FILES = ("classes.txt", "obj.names", "predefined_classes.txt")
_NOT_LABELS = frozenset({*_NAME_FILES, "labels.txt", "train.txt", "val.txt", "valid.txt", "test.txt", "readme.txt"})
_NOTHING = ("", "~", "null", "Null", "NULL")
_LONGEST_YAML = 1 << 20


@dataclass(frozen=True, slots=True)
class Layout:
    """Class names by index (some may be absent) for each folder of labels, pictures with splits, label files without picture."""

    names: dict[Path, dict[int, str]]
    pictures: dict[Path, str | None]
    strays: tuple[Path, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """All names, in order of their index."""
        return tuple(dict.fromkeys(names[at] for names in self.names.values() for at in sorted(names)))


def find(path: Path, rejected: list[Rejected]) -> Layout:
    """The layout of the data set at a folder or a data.yaml. Raises UserError where there are no class names to be had."""
    home = path.parent if path.is_file() else path
    description = path if path.is_file() else data_file(path)
    data = _parsed(description) if description is not None else {}
    pictures = _listed(data, home, description, rejected) if description is not None else {}
    files: list[Path] = []
    if not pictures:
        files = files_under(home, rejected)
        pictures = {file: split_named(file.relative_to(home).parts[:-1]) for file in files if is_picture(file)}
    folders = _label_folders(pictures, [file.parent for file in files if is_below_labels(file.relative_to(home))])
    stated = _names_in(data, description) if description is not None else {}
    names = dict.fromkeys(folders or [home], stated) if stated else _names_beside(folders, home)
    if not any(names.values()):
        raise UserError(
            tr("No class names were found for the labels in {path}.", path=home),
            tr("Add “names” to data.yaml, or put a classes.txt with one name a line beside the labels."),
        )
    declared = _text(data, "nc")
    if stated and declared and declared != str(len(stated)):
        reason = tr("It says nc: {nc} but names {count} classes; the names count.", nc=declared, count=len(stated))
        rejected.append(Rejected(str(description), reason))
    return Layout(names, pictures, tuple(_strays(pictures, folders)))


def data_file(folder: Path) -> Path | None:
    """The YAML file that describes the data set in `folder`, by preference data.yaml."""
    try:
        found = sorted(p for p in folder.iterdir() if p.suffix.lower() in (".yaml", ".yml") and p.is_file())
    except OSError:
        return None
    found.sort(key=lambda p: p.stem.lower() not in ("data", "dataset"))
    return next((p for p in found if describes(p)), None)


def is_described(path: Path) -> bool:
    """Whether `path` is a data.yaml or a folder with one."""
    if path.is_file():
        return path.suffix.lower() in (".yaml", ".yml") and describes(path)
    return data_file(path) is not None


def describes(path: Path) -> bool:
    """Whether a YAML file looks like a data set's."""
    try:
        data = _parsed(path)
    except UserError:
        # It cannot be read; if it bears the name, reading it will say why.
        return path.stem.lower() in ("data", "dataset")
    return "names" in data or "train" in data


def label_folders(pictures: Path) -> list[Path]:
    """Where the label files of the pictures in a folder may be, most usual first."""
    places = [pictures, pictures / "labels"]
    parts = pictures.parts
    for at in range(len(parts) - 1, -1, -1):
        if parts[at] in _LABELS_BESIDE:
            places.insert(0, Path(*parts[:at], _LABELS_BESIDE[parts[at]], *parts[at + 1 :]))
            break
    return places


def looks_like_labels(data: bytes) -> bool:
    """Whether the first line that is not empty is five numbers or more; False where all are empty."""
    line = next((line.split() for line in data[:4096].splitlines() if line.strip()), [])
    try:
        return len(line) >= 5 and all(float(field) is not None for field in line)
    except ValueError:
        return False


def _parsed(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file with every value left as text, so that a class `no` or `007` keeps its name."""
    import yaml

    try:
        content = read_bytes(path)
        if len(content) > _LONGEST_YAML:
            raise BadInput(tr("It is far too long for what it should be."))
        data = yaml.load(text_of(content), Loader=yaml.BaseLoader)
    except BadInput as error:
        raise UserError(f"{path.name}: {error.message}", error.hint) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        if mark is None:
            raise UserError(tr("{file} is not valid YAML.", file=path.name)) from error
        raise UserError(tr("{file} is not valid YAML in line {line}.", file=path.name, line=mark.line + 1)) from error
    if not isinstance(data, dict):
        raise UserError(
            tr("{file} does not describe a data set.", file=path.name), tr("It needs train, val and names.")
        )
    return data


def _names_in(data: dict[str, Any], path: Path) -> dict[int, str]:
    names = data.get("names") or {}
    pairs = names.items() if isinstance(names, dict) else enumerate(names)
    try:
        found = {int(key): str.strip(name) for key, name in pairs if not isinstance(names, str)}
    except (ValueError, TypeError):
        found = {}
    if names and not found:
        raise UserError(
            tr("The class names in {file} cannot be understood.", file=path.name),
            tr("“names” must be a list of names, or a number with a name for each class."),
        )
    return {key: name for key, name in found.items() if name}


def _names_beside(folders: Iterable[Path], home: Path) -> dict[Path, dict[int, str]]:
    """For each folder of labels the names in the nearest classes.txt, upwards to the top of the data set."""
    top = home.parent if home.name in _LABELS_BESIDE else home
    found: dict[Path, dict[int, str]] = {}
    for folder in folders:
        above = [folder, *(parent for parent in folder.parents if parent.is_relative_to(top))]
        found[folder] = next((names for place in above if (names := _names_file(place))), {})
    different = {tuple(names.items()): names for names in found.values() if names}
    # Where one list is all there is, it goes for the folders that have none above them too.
    only = next(iter(different.values())) if len(different) == 1 else {}
    return {folder: names or only for folder, names in found.items()}


def _names_file(folder: Path) -> dict[int, str]:
    """Names from a classes.txt in `folder`: one a line, the first line is class 0, an empty line names nothing."""
    for file in _NAME_FILES:
        data = bytes_or_none(folder / file)
        if data is None:
            continue
        try:
            lines = text_of(data).splitlines()
        except BadInput as error:
            raise UserError(f"{folder / file}: {error.message}", error.hint) from error
        return {at: line.strip() for at, line in enumerate(lines) if line.strip()}
    return {}


def _listed(data: dict[str, Any], home: Path, path: Path, rejected: list[Rejected]) -> dict[Path, str | None]:
    """The pictures that train, val and test name. One in several splits stays in the first."""
    base = _resolved(_text(data, "path") or ".", [home]) or home
    pictures: dict[Path, str | None] = {}
    for key, split in _SPLIT_KEYS.items():
        doubled = 0
        for entry in _entries(data.get(key)):
            place = _resolved(entry, [base, home])
            if place is None:
                rejected.append(Rejected(str(path), tr("{key}: there is no {entry}.", key=key, entry=entry)))
                continue
            for picture in _pictures_at(place, rejected):
                doubled += pictures.setdefault(picture, split) != split
        if doubled:
            reason = ntr(
                "{count} picture of {key} is also in a split before it and stays there.",
                "{count} pictures of {key} are also in a split before it and stay there.",
                doubled,
                key=key,
            )
            rejected.append(Rejected(str(path), reason))
    return pictures


def _entries(value: object) -> list[str]:
    """What a split names, which may be one place or a list of them."""
    entries = value if isinstance(value, list) else [value]
    return [entry for entry in entries if isinstance(entry, str) and entry not in _NOTHING]


def _text(data: dict[str, Any], key: str) -> str:
    """A value that should be one text; "" for anything else."""
    value = data.get(key)
    return value if isinstance(value, str) and value not in _NOTHING else ""


def _resolved(entry: str, bases: list[Path]) -> Path | None:
    """Where `entry` of a data.yaml is: below one of `bases`, also where its beginning belongs to another machine."""
    entry = entry.replace("\\", "/")
    tries = [base / entry for base in bases]
    tries += [base / entry.removeprefix("../") for base in bases]
    parts = [part for part in entry.split("/") if part not in ("", ".", "..")]
    tries += [bases[-1].joinpath(*parts[at:]) for at in range(len(parts))]
    for place in tries:
        try:
            if place.exists():
                return place
        except (OSError, ValueError):
            continue
    return None


def _pictures_at(place: Path, rejected: list[Rejected]) -> Iterator[Path]:
    """The pictures in a folder or in a list file, one path a line, relative to the list."""
    if place.is_dir():
        yield from (file for file in files_under(place, rejected) if is_picture(file))
        return
    try:
        lines = text_of(read_bytes(place)).splitlines()
    except BadInput as error:
        rejected.append(Rejected(str(place), error.message))
        return
    for at, line in enumerate(lines, start=1):
        picture = _resolved(line.strip(), [place.parent]) if line.strip() else None
        if picture is not None and picture.is_file():
            yield picture
        elif line.strip():
            reason = tr("Line {line}: there is no picture {entry}.", line=at, entry=line.strip())
            rejected.append(Rejected(str(place), reason))


def _label_folders(pictures: Iterable[Path], more: Iterable[Path]) -> list[Path]:
    """The folders that labels may lie in, in a fixed order."""
    folders = dict.fromkeys(picture.parent for picture in pictures)
    found = dict.fromkeys(place for folder in folders for place in label_folders(folder))
    return list(found | dict.fromkeys(more))


def is_below_labels(path: Path) -> bool:
    """Whether `path`, seen from the top of the data set, lies in a folder of labels."""
    return any(part in _LABELS_BESIDE.values() for part in path.parts[:-1])


def _strays(pictures: Iterable[Path], folders: Iterable[Path]) -> Iterator[Path]:
    """Label files to which there is no picture: any text in a folder of labels, elsewhere what reads like labels."""
    names: dict[str, set[str]] = defaultdict(set)
    for picture in pictures:
        names[os.path.dirname(picture)].add(f"{picture.stem}.txt")  # noqa: PTH120 - no Path for each
    wanted: dict[Path, set[str]] = defaultdict(set)
    for parent, theirs in names.items():
        for place in label_folders(Path(parent)):
            wanted[place] |= theirs
    for folder in sorted(folders):
        is_for_labels = is_below_labels(Path(*folder.parts[-2:], "any"))
        try:
            files = sorted(name for name in os.listdir(folder) if name.endswith(".txt"))  # noqa: PTH208 - no Path for each
        except OSError:
            continue
        for name in files:
            if name in wanted[folder] or name.lower() in _NOT_LABELS:
                continue
            if is_for_labels or looks_like_labels(bytes_or_none(folder / name) or b""):
                yield folder / name


def bytes_or_none(path: Path) -> bytes | None:
    """The file's bytes, where it can be read."""
    try:
        return path.read_bytes()
    except OSError:
        return None
