"""Looks at a data set before ultralytics does, so that what is wrong with it is said at once and in plain words.

Reads `data.yaml` and lists pictures; opens no picture and writes nothing.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from labeler.core.i18n import tr
from labeler.training.worker_failures import Failure

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})


@dataclass(frozen=True, slots=True)
class Data:
    """What a `data.yaml` names: classes in order of their ids, pictures to train and to validate on."""

    classes: tuple[str, ...]
    train: tuple[Path, ...]
    val: tuple[Path, ...]


def look_at(path: Path) -> Data:
    """Read the data set described at `path`. Raises `Failure` with what is missing or wrong."""
    spec = _spec(path)
    root = path.parent / str(spec.get("path") or "")
    return Data(_classes(spec, path), _pictures(spec, "train", root), _pictures(spec, "val", root))


def _spec(path: Path) -> dict[str, Any]:
    try:
        spec = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Failure(
            "missing_file", tr("There is no data set at {path}.", path=path), tr("Export it again.")
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Failure("bad_data", tr("{path} cannot be read: {error}", path=path, error=error)) from error
    if not isinstance(spec, dict):
        raise Failure("bad_data", tr("{path} does not describe a data set.", path=path))
    if spec.get("download"):  # ultralytics would run it as a program
        raise Failure("bad_data", tr("{path} asks for a download, which is not done here.", path=path))
    return spec


def _classes(spec: dict[str, Any], path: Path) -> tuple[str, ...]:
    names = spec.get("names")
    if isinstance(names, dict):
        names = [names[key] for key in sorted(names)]
    if not isinstance(names, list) or not names:
        raise Failure("bad_data", tr("{path} does not name its classes.", path=path))
    return tuple(str(name) for name in names)


def _pictures(spec: dict[str, Any], split: str, root: Path) -> tuple[Path, ...]:
    value = spec.get(split)
    if not value:
        raise Failure(
            "bad_data",
            tr("The data set has no pictures to {use}.", use=_use(split)),
            tr("Give some writers the split {split}.", split=split),
        )
    found = [
        picture for name in (value if isinstance(value, list) else [value]) for picture in _listed(root / str(name))
    ]
    if not found:
        raise Failure(
            "bad_data",
            tr("There are no pictures to {use} in {place}.", use=_use(split), place=value),
            tr("Give some writers the split {split}, and review their pages.", split=split),
        )
    return tuple(found)


def _listed(place: Path) -> list[Path]:
    if place.is_dir():
        return sorted(p for p in place.rglob("*") if p.suffix.lower() in SUFFIXES)
    if place.is_file() and place.suffix == ".txt":
        lines = place.read_text(encoding="utf-8").split("\n")
        return [place.parent / line.strip() for line in lines if line.strip()]
    raise Failure(
        "missing_file",
        tr("The pictures are missing: {place}", place=place),
        tr("Resume it, or start it anew: its pictures are written again first."),
    )


def _use(split: str) -> str:
    return tr("train on") if split == "train" else tr("validate on")
