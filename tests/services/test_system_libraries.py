"""Missing system libraries are named exactly, with the command that brings them."""

import os
import sys
from pathlib import Path

import pytest

from labeler.cli import system_libraries as command
from labeler.services import system_libraries

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux' loader")


@pytest.fixture
def loader_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An `ldd` that misses libEGL and libxcb-cursor, and an apt-get that only notes what it was asked."""
    folder = tmp_path / "bin"
    folder.mkdir()
    told = (
        r"printf '\tlibEGL.so.1 => not found\n\tlibc.so.6 => /lib/libc.so.6 (0x1)\n\tlibxcb-cursor.so.0 => not found\n'"
    )
    program(folder / "ldd", f"[ -e {tmp_path}/installed ] || {told}")
    program(
        folder / "apt-get", f'echo "$@" >> {tmp_path}/asked; case "$1" in install) touch {tmp_path}/installed;; esac'
    )
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return tmp_path


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def test_what_qt_and_opencv_link_against_is_asked_of_the_loader() -> None:
    assert system_libraries.missing() == [], "tests that draw need them all"


def test_missing_libraries_are_named_with_their_packages(loader_lacks: Path) -> None:
    assert system_libraries.missing() == ["libEGL.so.1", "libxcb-cursor.so.0"]
    assert system_libraries.install_command(system_libraries.missing())[-2:] == ["libegl1", "libxcb-cursor0"]
    assert "sudo apt-get install --yes --no-install-recommends libegl1 libxcb-cursor0" in system_libraries.advice(
        system_libraries.missing()
    )


def test_a_library_that_we_know_no_package_for_is_named_itself() -> None:
    assert system_libraries.install_command(["libodd.so.7"]) == []
    assert "libodd.so.7" in system_libraries.advice(["libodd.so.7"])


def test_they_are_installed_where_we_may(
    loader_lacks: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert command.main(["--install"]) == 0
    asked = (loader_lacks / "asked").read_text(encoding="utf-8").splitlines()
    assert asked[0].startswith("update")
    assert asked[1].startswith("install")
    assert asked[1].endswith("libegl1 libxcb-cursor0")
    assert "+ apt-get update && apt-get install" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["--install"]])
def test_they_are_only_named_where_we_may_not(
    loader_lacks: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert command.main(arguments) == 2
    assert not (loader_lacks / "asked").exists()
    told = capsys.readouterr().err
    assert "libEGL.so.1, libxcb-cursor.so.0" in told
    assert "sudo apt-get install" in told
