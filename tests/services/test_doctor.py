"""The doctor finds what is broken, says what it costs, and never breaks itself."""

import shutil
from pathlib import Path

import pytest

from labeler.core import assets
from labeler.services import doctor, system_libraries


def check(name: str) -> doctor.Check:
    return next(check for check in doctor.examine() if check.name == name)


@pytest.fixture(autouse=True)
def without_slow_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Qt and torch are not really started here; the command line's contract test does that."""
    monkeypatch.setattr(doctor, "_try", lambda _code, _environment: (["1", "2", 4], ""))


def test_damaged_weights_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = Path(shutil.copytree(assets.weights(), tmp_path / "weights"))
    monkeypatch.setattr(assets, "weights", lambda: copy)
    assert check("detector").ok
    content = bytearray((copy / "digits.pt").read_bytes())
    content[1000] ^= 1
    (copy / "digits.pt").write_bytes(content)
    found = check("detector")
    assert (found.ok, found.required) == (False, True)
    assert "digits.pt" in found.detail
    shutil.rmtree(copy)
    assert not check("detector").ok


def test_missing_packages_cost_what_they_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    real = doctor._version
    monkeypatch.setattr(doctor, "_version", lambda name: None if name in ("torch", "rich") else real(name))
    torch, packages = check("torch"), check("packages")
    assert (torch.ok, torch.required) == (False, False)
    assert "pip install torch" in torch.hint
    assert (packages.ok, packages.required) == (False, True)
    assert "rich" in packages.detail


def test_a_torch_that_does_not_fit_its_torchvision_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "RuntimeError: operator torchvision::nms does not exist"
    monkeypatch.setattr(doctor, "_try", lambda _code, _environment: ([], said))
    found = check("torch")
    assert (found.ok, found.detail) == (False, said)
    assert "same place" in found.hint


def test_missing_system_libraries_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_libraries, "missing", lambda: ["libEGL.so.1"])
    found = check("qt")
    assert (found.ok, found.required) == (False, False)
    assert "libEGL.so.1" in found.detail
    assert found.hint


def test_a_check_that_fails_itself_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_path: object) -> None:
        raise RuntimeError("no disk at all")

    monkeypatch.setattr(shutil, "disk_usage", broken)
    assert check("disk").detail == "RuntimeError: no disk at all"


def test_a_broken_program_is_asked_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert doctor._try("print('noise'); print('[1, 2]')", {}) == ([1, 2], "")
    assert doctor._try("import sys; sys.exit('it is broken')", {}) == ([], "it is broken")
    assert doctor._try("import os; os.abort()", {})[0] == []
