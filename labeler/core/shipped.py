"""The detectors that ship with the app, as the manifests beside their files describe them. Opens no model."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labeler.core import assets
from labeler.core.errors import NotFound
from labeler.core.i18n import tr

FIRST = "shipped"
"""The one that is current in a new project, and that looks where there is no project."""
STEM = "digits"
"""What the files of the plain one are called; those of another are called after their name, as in `digits-large`."""


@dataclass(frozen=True, slots=True)
class Shipped:
    """One detector. `sha256` holds the hexadecimal hashes of its files, by file name."""

    name: str
    arch: str
    imgsz: int
    classes: tuple[str, ...]
    onnx: Path
    weights: Path
    sha256: Mapping[str, str]
    metrics: Mapping[str, Any]

    @property
    def onnx_sha256(self) -> str:
        """The hash of the file that detects."""
        return self.sha256[self.onnx.name]


def detectors() -> list[Shipped]:
    """All of them, `FIRST` before the others."""
    found = [_read(manifest) for manifest in assets.weights().glob("*.toml")]
    return sorted(found, key=lambda one: (one.name != FIRST, one.name))


def detector(name: str = FIRST) -> Shipped:
    """The one called `name`. Raises NotFound where an installation lacks it."""
    for one in detectors():
        if one.name == name:
            return one
    raise NotFound(
        tr("The detector that comes with Labeler is missing at {path}.", path=assets.weights()),
        tr("Install Labeler again."),
    )


def _read(manifest: Path) -> Shipped:
    told = tomllib.loads(manifest.read_text(encoding="utf-8"))
    stem = told["name"]
    return Shipped(
        name=FIRST + stem.removeprefix(STEM), arch=told["arch"], imgsz=int(told["imgsz"]), classes=tuple(told["classes"]),
        onnx=manifest.with_name(f"{stem}.onnx"), weights=manifest.with_name(f"{stem}.pt"), sha256=told["sha256"],
        metrics=told.get("metrics", {}),
    )  # fmt: skip
