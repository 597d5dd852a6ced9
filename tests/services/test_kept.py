"""Kept pictures: what was checked once is trusted for as long as nobody wrote to it, and not a moment longer."""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from labeler.core.errors import UserError
from labeler.formats.sample import Page
from labeler.services import _kept
from labeler.services._kept import KeptPictures
from tests.helpers import handwriting

DATA = handwriting.page(3, width=160, height=120).png()
SHA = hashlib.sha256(DATA).hexdigest()
PAGE = Page(SHA[:20], ".png", 160, 120, "train", (), SHA)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that are read for their hash."""
    found: list[Path] = []
    honest = _kept.sha256_of
    monkeypatch.setattr(_kept, "sha256_of", lambda file: found.append(file) or honest(file))
    return found


def test_a_link_to_a_checked_picture_is_not_read_again_and_a_copy_is(tmp_path: Path, reads: list[Path]) -> None:
    KeptPictures(tmp_path / "kept").put(PAGE, DATA)
    kept = KeptPictures(tmp_path / "kept")
    assert kept.has(PAGE)
    kept.link(PAGE, tmp_path / "link.png")
    shutil.copy2(tmp_path / "link.png", tmp_path / "copy.png")
    assert {kept.sha256_of(tmp_path / n) for n in ("link.png", "copy.png")} == {SHA}
    assert kept.size_of(tmp_path / "link.png") == kept.size_of(tmp_path / "copy.png") == (160, 120)
    assert reads == [tmp_path / "copy.png"]


def test_with_thorough_every_byte_is_read(tmp_path: Path, reads: list[Path]) -> None:
    KeptPictures(tmp_path / "kept").put(PAGE, DATA)
    spoil_keeping_the_time(KeptPictures(tmp_path / "kept").place(PAGE))
    kept = KeptPictures(tmp_path / "kept", thorough=True)
    assert not kept.has(PAGE)
    kept.put(PAGE, DATA)
    kept.link(PAGE, tmp_path / "link.png")
    spoil_keeping_the_time(tmp_path / "link.png")
    assert kept.sha256_of(tmp_path / "link.png") != SHA
    assert reads == [tmp_path / "link.png"]


def append(file: Path) -> None:
    with file.open("ab") as stream:
        stream.write(b"x")


def overwrite_one_byte(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.seek(100)
        stream.write(b"\xff")


def cut_off(file: Path) -> None:
    os.truncate(file, 50)


def swap_for_another(file: Path) -> None:
    file.unlink()
    file.write_bytes(handwriting.page(4, width=160, height=120).png())


def spoil_keeping_the_time(file: Path) -> None:
    """What no program does by accident; only reading every byte finds it."""
    status = file.stat()
    overwrite_one_byte(file)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


SPOILERS = [append, overwrite_one_byte, cut_off, swap_for_another]


@pytest.mark.parametrize("spoil", SPOILERS, ids=lambda s: s.__name__)
def test_a_picture_spoilt_since_is_not_trusted(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    first = KeptPictures(tmp_path / "kept")
    first.put(PAGE, DATA)
    first.link(PAGE, tmp_path / "link.png")
    spoil(tmp_path / "link.png")
    assert first.sha256_of(tmp_path / "link.png") != SHA
    if spoil is not swap_for_another:
        later = KeptPictures(tmp_path / "kept")
        assert not later.has(PAGE)
        assert not later.place(PAGE).exists()


def test_a_file_that_only_lost_its_mark_is_read_once_and_trusted_again(tmp_path: Path) -> None:
    kept = KeptPictures(tmp_path / "kept")
    kept.put(PAGE, DATA)
    os.utime(kept.place(PAGE))
    assert KeptPictures(tmp_path / "kept").has(PAGE)
    assert kept.place(PAGE).stat().st_mtime < 1_500_000_000


def test_bytes_of_another_page_or_size_are_refused(tmp_path: Path) -> None:
    kept = KeptPictures(tmp_path / "kept")
    lying = Page(SHA[:20], ".png", 120, 160, "train", (), SHA)
    for page, data in ((PAGE, DATA[:-1]), (lying, DATA)):
        with pytest.raises(UserError, match="not what it was"):
            kept.put(page, data)
        assert not kept.has(page)
