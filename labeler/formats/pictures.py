"""Finds the pictures of a data set by what its label files call them, however far that is from where they lie.

Looks only among the files of the data set itself, so a label file cannot reach for pictures elsewhere on the machine.
"""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from labeler.core.errors import BadInput
from labeler.core.i18n import tr
from labeler.formats.outside import is_picture, split_named


class Pictures:
    """The pictures below a folder, by name. Does not change once made."""

    def __init__(self, home: Path, files: Iterable[Path]) -> None:
        self._home = home
        self._by_name: dict[str, list[Path]] = defaultdict(list)
        self._by_stem: dict[str, list[Path]] = defaultdict(list)
        self.all = [file for file in files if is_picture(file)]
        for file in self.all:
            self._by_name[file.name.lower()].append(file)
            self._by_stem[file.stem.lower()].append(file)

    def find(self, name: object, *, near: Path, split: str | None = None) -> Path:
        """The picture that a label file called `near` means by `name`: a path of any system, a URL, or a bare name.

        Of several of that name the one whose folders agree most; then one in the folder of `near`, then one of `split`.
        Raises BadInput where there is none, or no telling which.
        """
        parts = name_parts(name)
        if not parts:
            raise BadInput(tr("It names no picture."))
        found = self._called(parts[-1].lower())
        if not found:
            raise BadInput(tr("There is no picture {name}.", name=parts[-1]))

        def rank(file: Path) -> tuple[int, bool, bool]:
            return _common_tail(parts, file.parts), file.parent == near.parent, self.split_of(file) == split

        best = max(map(rank, found))
        chosen = [file for file in found if rank(file) == best]
        if len(chosen) > 1:
            raise BadInput(tr("There are several pictures {name}.", name=parts[-1]))
        return chosen[0]

    def has(self, name: str) -> bool:
        """Whether there is a picture of that name."""
        return bool(self._called(name.lower()))

    def _called(self, name: str) -> list[Path]:
        """By file name, by file name without its ending, or with another ending: pictures get converted."""
        found = self._by_name.get(name) or self._by_stem.get(name)
        return found or (self._by_stem.get(Path(name).stem, []) if is_picture(Path(name)) else [])

    def split_of(self, file: Path) -> str | None:
        """The split that the folders above `file` name."""
        return split_named(file.relative_to(self._home).parts[:-1]) if file.is_relative_to(self._home) else None


def name_parts(name: object) -> list[str]:
    """The folders and the file name in a path or URL, without drive, dots and what a server put around it."""
    if not isinstance(name, str):
        return []
    if "://" in name or name.startswith("/data/"):
        url = urlsplit(name)
        # Label Studio serves local files as /data/local-files/?d=folder/file.
        name = parse_qs(url.query).get("d", [unquote(url.path)])[0]
    name = name.replace("\\", "/")
    parts = [part for part in name.split("/") if part not in ("", ".", "..")]
    return parts[1:] if len(parts) > 1 and parts[0].endswith(":") else parts


def _common_tail(a: Iterable[str], b: Iterable[str]) -> int:
    count = 0
    for x, y in zip(reversed(list(a)), reversed(list(b)), strict=False):
        if x.lower() != y.lower():
            break
        count += 1
    return count
