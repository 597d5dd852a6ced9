"""A watched folder gives each new file once, when it is written to its end."""

import os
from pathlib import Path

from labeler.services.watching import Watch


def write(path: Path, data: bytes, *, at: int) -> Path:
    path.write_bytes(data)
    os.utime(path, ns=(at, at))
    return path


def test_a_new_file_is_given_once_when_it_no_longer_grows(tmp_path: Path) -> None:
    write(tmp_path / "old.jpg", b"old", at=1)
    watch = Watch(tmp_path)
    assert watch.fresh() == []
    file = write(tmp_path / "扫描 1.PDF", b"ha", at=2)
    assert watch.fresh() == []
    write(file, b"half", at=3)
    assert watch.fresh() == []
    assert watch.fresh() == [file]
    assert watch.fresh() == []


def test_empty_hidden_and_other_files_are_left_alone(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    for name, data in (("empty.jpg", b""), (".hidden.png", b"x"), ("notes.txt", b"x"), ("scan.jpg.part", b"x")):
        write(tmp_path / name, data, at=5)
    (tmp_path / "folder.png").mkdir()
    assert [watch.fresh() for _ in range(3)] == [[], [], []]


def test_a_folder_that_goes_and_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "stick"
    watch = Watch(folder)
    assert watch.fresh() == []
    folder.mkdir()
    file = write(folder / "a.png", b"x", at=7)
    assert watch.fresh() == []
    assert watch.fresh() == [file]


def test_several_files_come_by_name(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    files = [write(tmp_path / name, b"x", at=9) for name in ("b.png", "a.png")]
    watch.fresh()
    assert watch.fresh() == sorted(files)
