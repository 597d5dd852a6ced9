"""What a person gets from `pip install`: built from the source archive, installed in a clean environment, used from elsewhere.

The environment sees Labeler's light dependencies (links to the ones installed here, so no network is needed) and neither torch nor
Qt: labelling, suggesting and predicting must need neither.
"""

import importlib.metadata
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from tests.conftest import ROOT
from tests.helpers import handwriting
from tests.helpers.command import Outcome

LEFT_OUT = {"torch", "torchvision", "ultralytics", "onnx", "onnxslim", "pyside6"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source archive, as an index would."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, ROOT)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `labeler` command of a clean environment."""
    place = tmp_path_factory.mktemp("clean") / "环境"
    run(sys.executable, "-m", "venv", "--without-pip", place)
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel)
    links = place / "light"
    links.mkdir()
    for entry in light_dependencies():
        target = links / entry.name
        if not target.exists():
            target.symlink_to(entry)
    (site_packages(place) / "light.pth").write_text(f"{links}\n", encoding="utf-8")
    return python.parent / "labeler"


def test_the_wheel_holds_all_that_labeler_needs_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"labeler", "labeler_db"}
    for needed in (
        "labeler/py.typed",
        "labeler/_data/resources/translations/zh_CN/LC_MESSAGES/labeler.mo",
        "labeler_db/migrations/env.py",
        "labeler_db/migrations/script.py.mako",
        "labeler_db/migrations/versions/0001_initial_schema.py",
    ):
        assert needed in names
    for folder, suffix in (("resources/icons", "svg"), ("weights", "onnx"), ("weights", "pt"), ("weights", "toml")):
        ours = {f"labeler/_data/{folder}/{file.name}" for file in (ROOT / folder).glob(f"*.{suffix}")}
        assert ours
        assert ours <= names
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name]


def test_installing_adds_no_module_that_could_collide(installed: Path) -> None:
    added = {path.name for path in site_packages(installed.parents[1]).iterdir()} - {"light.pth", "__pycache__"}
    assert {name.partition("-")[0] for name in added} == {"labeler", "labeler_db"}


def test_doctor_says_what_works_without_torch_and_qt(installed: Path, tmp_path: Path) -> None:
    checks = {
        check["name"]: check for check in labeler(installed, "doctor", "--json", cwd=tmp_path).ok().json["checks"]
    }
    assert all(check["ok"] for check in checks.values() if check["required"])
    for absent in ("torch", "qt"):
        assert not checks[absent]["ok"]
        assert "pip install" in checks[absent]["hint"]


def test_digits_are_found_and_labelled_from_any_folder(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "页.png").write_bytes(handwriting.page(1).png())
    (image,) = labeler(installed, "predict", "页.png", "--json", cwd=tmp_path).ok().json["images"]
    assert (image["path"], image["width"], image["height"]) == ("页.png", 400, 300)
    for words in (["init", "p"], ["import", "p", "页.png"], ["suggest", "p"]):
        labeler(installed, *words, cwd=tmp_path).ok()
    assert labeler(installed, "stats", "p", "--json", cwd=tmp_path).ok().json["images"] == 1
    assert "图像" in labeler(installed, "--language", "zh_CN", "stats", "p", cwd=tmp_path).ok().out


def test_training_and_the_window_say_what_they_miss(installed: Path, tmp_path: Path) -> None:
    labeler(installed, "init", "p", cwd=tmp_path).ok()
    window = labeler(installed, "p", cwd=tmp_path)
    assert window.code == 2
    assert "PySide6" in window.err


def labeler(command: Path, *arguments: str, cwd: Path) -> Outcome:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [command, *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def light_dependencies() -> Iterator[Path]:
    """What lies in site-packages of the distributions that Labeler needs, directly or not, apart from those left out."""
    todo, seen = ["labeler"], set(LEFT_OUT)
    while todo:
        name = todo.pop()
        distribution = importlib.metadata.distribution(name)
        for line in distribution.requires or ():
            requirement = Requirement(line)
            key = requirement.name.lower().replace("_", "-")
            if key not in seen and (requirement.marker is None or requirement.marker.evaluate({"extra": ""})):
                seen.add(key)
                todo.append(requirement.name)
        if name != "labeler":
            tops = {file.parts[0] for file in distribution.files or () if file.parts[0] not in ("..", "__pycache__")}
            yield from (Path(str(distribution.locate_file(top))) for top in sorted(tops))


def site_packages(environment: Path) -> Path:
    """Where an environment keeps what is installed."""
    (found,) = environment.glob("Lib/site-packages" if os.name == "nt" else "lib/python*/site-packages")
    return found


def run(*command: Any) -> None:
    """Run a command that must succeed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
